/**
 * The whole study, walked by two participants at once, one at a desk and one with a phone, who reload the page in the middle
 * of every scene; then what the files say, compared with what was entered.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { BINARY, DESKTOP, PHONE, Participant, ROOT, Service, launch, rows, serious } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

/** A round is long enough for a reload in its middle. */
const SECONDS = 8;

/** What each answers, by scene; a list is handed in one after the other. A slider's answer is a part of its length. */
const ANSWERS = {
  ann: {
    consent: [{ consent: true }],
    background: [{ age: "34", devices: ["pc", "phone"], beach: "often", mood: 0.9, hopes: 'Zoë says: "be <b>kind</b>",\nand play on; 100%' }],
    rules: [{ point: "mine" }, { point: "theirs" }],
    partner: [{ partner: { fair: 3, skilled: 4 }, again: "yes" }],
    guess: [{ guess: "=SUM(A1), <script>alert(1)</script>" }],
    fun: [{ fun: 5 }],
  },
  bob: {
    consent: [{ consent: true }],
    background: [{ age: "61", devices: ["none"], beach: "never", mood: 0.1 }],
    rules: [{ point: "theirs" }],
    partner: [{ partner: { fair: 0, skilled: 1 }, again: "no" }],
    guess: [{}],
    fun: [{ fun: 0 }],
  },
};

/** One of the two. */
class Walker {
  /** Scenes in the order in which they were seen. @type {string[]} */
  seen = [];

  constructor(name, participant, answers) {
    this.name = name;
    this.participant = participant;
    this.page = participant.page;
    this.answers = answers;
  }

  async now() {
    return await this.page.evaluate(() => ({ ...document.documentElement.dataset }));
  }

  question(id) {
    return this.page.locator(`[data-question="${id}"].ask`);
  }

  /** Answers a question as a person does. */
  async answer(id, value) {
    const asked = this.question(id);
    await asked.scrollIntoViewIfNeeded();
    const kind = await asked.evaluate((element) => [...element.classList].find((name) => name.startsWith("ask-")));
    if (kind === "ask-consent") await asked.locator("input").check();
    else if (kind === "ask-number" || kind === "ask-text") await asked.locator("input, textarea").fill(value);
    else if (kind === "ask-choice") {
      for (const option of [value].flat()) await asked.locator(`label:has(input[value="${option}"])`).click();
    } else if (kind === "ask-grid") {
      for (const [row, column] of Object.entries(value)) {
        const words = { fair: "My partner played fairly.", skilled: "My partner played well." }[row];
        await asked.locator(`.grid-row:has-text("${words}") label`).nth(column).click();
      }
    } else if ((await asked.locator("input[type=range]").count()) > 0) {
      const box = await asked.locator("input[type=range]").boundingBox();
      await this.page.mouse.click(box.x + box.width * value, box.y + box.height / 2);
    } else await asked.locator("label.point").nth(value).click();
  }

  /** What the page shows as answered. */
  async shown(ids) {
    const all = {};
    for (const id of ids) {
      all[id] = await this.question(id).evaluate((element) => {
        const fields = [...element.querySelectorAll("input, textarea, select")];
        return fields.map((field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value));
      });
    }
    return all;
  }

  /** Fills in a page of questions, with a reload when half of it is done. */
  async form(scene) {
    const tries = this.answers[scene] ?? [{}];
    const ids = await this.page.$$eval(".ask", (asked) => asked.map((element) => element.dataset.question));
    const half = Math.ceil(ids.length / 2);
    const [first] = tries;
    for (const id of ids.slice(0, half)) if (id in first) await this.answer(id, first[id]);
    if (ids.slice(0, half).some((id) => id in first)) await this.page.waitForSelector('#saved[data-state="saved"]');
    const before = await this.shown(ids);
    await this.page.reload();
    await this.participant.phase("form", scene);
    assert.deepEqual(await this.page.$$eval(".ask", (asked) => asked.map((one) => one.dataset.question)), ids, "the same order");
    assert.deepEqual(await this.shown(ids), before, `${this.name}: ${scene} is as it was before the reload`);
    for (const id of ids.slice(half)) if (id in first) await this.answer(id, first[id]);
    await this.picture(scene);
    assert.deepEqual(await serious(this.page), [], `${this.name}: ${scene} is accessible`);
    for (const [index, next] of tries.entries()) {
      if (index > 0) {
        await this.page.waitForSelector("#summary, .complaint:not([hidden])");
        await this.picture(`${scene}-again`);
        for (const [id, value] of Object.entries(next)) await this.answer(id, value);
      }
      await this.page.click("#continue");
    }
  }

  async picture(name) {
    await this.participant.screenshot(`full-study-${this.name}-${String(this.seen.length).padStart(2, "0")}-${name}`);
    const beyond = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(beyond <= 0, `${this.name}: ${name} sticks out by ${beyond} pixels`);
  }

  /** Plays a game to its end, with a reload in the middle. */
  async game(scene) {
    let reloaded = false;
    let held = 0;
    let playing = 0;
    for (;;) {
      const { phase, scene: here } = await this.now();
      // A page that is being loaded is in no scene yet.
      if (here && here !== scene) return;
      assert.notEqual(phase, "trouble", `${this.name}: ${scene}`);
      if (phase === "ready") {
        if (!reloaded) await this.picture(`${scene}-ready`);
        await this.page.click("#start").catch(() => {});
      } else if (phase === "playing") {
        if ((playing += 1) === 4) await this.picture(`${scene}-playing`);
        const key = ["ArrowLeft", "ArrowUp", "ArrowRight"][held++ % 3];
        await this.press(key);
        if (!reloaded && playing === 9) {
          reloaded = true;
          await this.page.reload();
        }
      } else await this.page.waitForTimeout(100);
    }
  }

  async press(key) {
    await this.page.keyboard.down(key);
    await this.page.waitForTimeout(250);
    await this.page.keyboard.up(key).catch(() => {});
  }

  /** Leaves the last page, which shows the same after a reload; the code. */
  async leave() {
    await this.picture("end");
    const code = await this.page.innerText("#code code");
    await this.page.reload();
    await this.participant.phase("end");
    assert.equal(await this.page.innerText("#code code"), code, "a return shows the same code");
    await this.page.route("https://panel.example/**", (route) => route.fulfill({ body: "the panel" }));
    await this.page.click("#redirect");
    await this.page.waitForURL(`https://panel.example/complete?cc=${code}&who=${this.name}`);
    return code;
  }

  /** Goes on until the last page. */
  async walk() {
    for (;;) {
      await this.page.waitForFunction((before) => {
        const { phase, visit, scene } = document.documentElement.dataset;
        return phase && `${scene}` !== before;
      }, this.seen.at(-1) ?? "");
      const { scene, phase } = await this.now();
      this.seen.push(scene);
      if (phase === "end") return;
      assert.notEqual(phase, "trouble", `${this.name}: ${scene}`);
      if (phase === "form") await this.form(scene);
      else if (phase === "page") {
        await this.picture(scene);
        await this.page.reload();
        await this.participant.phase("page", scene);
        await this.page.click("#continue");
      } else await this.game(scene);
      await this.page.waitForFunction((before) => document.documentElement.dataset.scene !== before, scene);
    }
  }
}

test("two people go through a whole study, reload everywhere, and every answer and row is in the files", { timeout: 400_000 }, async (t) => {
  process.env.ROUND_SECONDS = String(SECONDS);
  const service = await Service.start(t, "experiments/full_study.py");
  const people = await Promise.all([["ann", DESKTOP], ["bob", PHONE]].map(async ([name, device]) => {
    const participant = await Participant.arrive(t, browser, `${service.url}${name}?PANEL=p1`, undefined, device);
    return new Walker(name, participant, ANSWERS[name]);
  }));
  await Promise.all(people.map((person) => person.walk()));
  const [ann, bob] = people;
  const common = ["welcome", "consent", "background", "rules", "tutorial", "match", "partner"];
  assert.deepEqual(ann.seen.slice(0, 7), common);
  assert.deepEqual(bob.seen.slice(0, 7), common);
  const framed = [ann, bob].map(({ seen }) => seen[7]).sort();
  assert.deepEqual(framed, ["told_person", "told_program"], "one each");
  assert.equal(ann.seen.includes("streamed"), true);
  assert.equal(bob.seen.includes("streamed"), false);
  for (const { name, participant } of people) {
    assert.deepEqual(participant.complaints, [], name);
    assert.deepEqual(participant.foreign, [], `${name}: everything comes from the service itself`);
  }
  const left = await Promise.all(people.map((person) => person.leave()));
  assert.notEqual(left[0], left[1], "each has a code of its own");
  assert.equal(await service.stop(), 0, service.log);

  const study = service.file("full_study");
  for (const person of people) checkAnswers(study, person);
  checkMatch(study);
  checkTables(study, people, left);
});

/** What is in the files is what was entered. */
function checkAnswers(study, { name, answers }) {
  for (const [scene, tries] of Object.entries(answers)) {
    const entered = Object.assign({}, ...tries);
    const stored = new Map(rows(path.join(study, scene, `${name}.csv`)).map((row) =>
      [row.item ? `${row.question_id}.${row.item}` : row.question_id, row]));
    const expected = Object.entries(entered).flatMap(([id, value]) =>
      (value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.entries(value).map(([item, answer]) => [`${id}.${item}`, answer]) : [[id, value]]));
    for (const [id, value] of expected) {
      const { answer } = stored.get(id);
      if (id === "mood") assert.ok(Math.abs(Number(answer) / 20 - value) < 0.1, `${name}: ${answer}`);
      else assert.equal(answer, told(value), `${name}: ${scene}: ${id}`);
    }
    const unanswered = [...stored.values()].filter(({ answer }) => answer === "");
    assert.equal(stored.size - unanswered.length, expected.length, `${name}: ${scene}: nothing else is answered`);
  }
}

/** An answer as the files have it. */
function told(value) {
  if (value === true) return "True";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Both players have the same rows, and native Python makes them again of the seed and the inputs. */
function checkMatch(study) {
  const [ann, bob] = ["ann", "bob"].map((name) => rows(path.join(study, "match", `${name}.csv`)));
  assert.equal(ann.length, SECONDS * 30);
  const game = (row) => Object.fromEntries(Object.entries(row).filter(([column]) => !column.startsWith("own.") && column !== "timestamp"));
  assert.deepEqual(ann.map(game), bob.map(game));
  const [record] = readdirSync(path.join(study, "match/games"));
  const replayed = execFileSync(BINARY, ["replay", study, record.replace(".json", "")], { encoding: "utf8", cwd: ROOT });
  assert.match(replayed, /equal/);
}

/** The tables of the whole study tell the same. */
function checkTables(study, people, codes) {
  const out = path.join(study, "tables");
  execFileSync(BINARY, ["export", study, "--out", out], { cwd: ROOT });
  const participants = new Map(rows(path.join(out, "participants.csv")).map((row) => [row.subject_id, row]));
  people.forEach(({ name }, index) => {
    const { completed, codes: given, bonus } = participants.get(name);
    assert.equal(completed, "True", name);
    assert.deepEqual(JSON.parse(given).map(({ code }) => code), [codes[index]]);
    assert.ok(Number(bonus) >= 2, `${name}: ${bonus}`);
  });
  const cells = rows(path.join(out, "conditions.csv"));
  assert.deepEqual(cells.map(({ level, assigned, completed }) => [level, assigned, completed]),
    [["person", "1", "1"], ["program", "1", "1"]]);
  assert.ok(rows(path.join(out, "assignments.csv")).every(({ replay_agrees }) => replay_agrees === "True"));
}
