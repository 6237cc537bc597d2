/**
 * A page with questions. Answers go to the service as they are given; the button asks to leave, and the page says kindly
 * what is missing.
 */
import { text } from "../text.js";
import { Answers, pack, unpack } from "./answers.js";
import { article, element, setPhase, show } from "./dom.js";
import { lack } from "./lacks.js";
import { loadingBar } from "./loading_bar.js";
import { ask } from "./questions/make.js";
import { plain } from "./questions/frame.js";
import { SavedSign } from "./saved_sign.js";
import { RETRY_MS } from "./scene.js";

/** @typedef {import("../wire").Answer} Answer */
/** @typedef {import("../wire").FormView} FormView */
/** @typedef {import("../wire").QuestionView} QuestionView */
/** @typedef {import("../wire").Wanting} Wanting */
/** @typedef {import("./questions/frame.js").Asked} Asked */
/** @typedef {import("./scene.js").Context} Context */
/** @typedef {import("./scene.js").Scene} Scene */
/** What can be said of an answer. @typedef {import("../wire").Lack | "not_number" | "wrong"} Fault */

/** Characters of a prompt in the list of what is missing. */
const SHORT_PROMPT = 90;

/** @implements {Scene} */
export class FormScene {
  #link;
  #drawer;
  #answers;
  /** By id, in their order. @type {Map<string, {question: QuestionView, asked: Asked, place: number}>} */
  #asked = new Map();
  /** What the page complains of. @type {Map<string, Fault>} */
  #faults = new Map();
  #shown = performance.now();
  /** The participant wants to go on. */
  #pressed = false;
  /** The service has been asked, on this connection. */
  #sent = false;
  /** @type {number | null} */
  #triesLeft;
  #button = element("button", { id: "continue", className: "primary", type: "button" }, text.continue);
  #summary = element("div", { id: "summary", className: "summary", tabIndex: -1 });
  #saved = new SavedSign();
  #bar;
  #life = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /** @param {Context} context @param {number} visit @param {FormView} view */
  constructor({ root, link, engine, drawer }, visit, view) {
    this.visit = visit;
    this.#link = link;
    this.#drawer = drawer;
    this.#triesLeft = view.tries_left;
    const ids = view.questions.map((question) => question.id);
    this.#answers = new Answers(visit, view.answers, unpack(drawer.read(), visit, ids));
    const form = element("form", { noValidate: true, autocomplete: "off" });
    // Neither a press on Enter in a box nor anything in the researcher's HTML sends the form by itself.
    form.addEventListener("submit", (event) => event.preventDefault());
    view.questions.forEach((question, place) => form.append(this.#make(question, place)));
    this.#summary.setAttribute("role", "alert");
    this.#button.addEventListener("click", () => this.#press());
    form.append(this.#summary, element("div", { className: "actions" }, this.#button, this.#saved.element));
    const made = article(view.page);
    made.classList.add("form");
    made.append(form);
    this.#bar = engine && loadingBar(engine, true);
    if (this.#bar) made.append(this.#bar.element);
    // On the way out, or out of sight, there may be no later.
    const hurry = () => this.#settle();
    document.addEventListener("visibilitychange", () => document.hidden && hurry(), { signal: this.#life.signal });
    addEventListener("pagehide", hurry, { signal: this.#life.signal });
    setPhase("form");
    show(root, made);
    this.#flush();
    if (view.wrong.length > 0) this.#complain(this.#wrong(view.wrong), text.form.wrongSummary(view.tries_left));
  }

  /**
   * The press may have been lost with the connection, and so may its answer.
   * @param {import("../wire").SceneView} [view]
   */
  reconnected(view) {
    if (view?.kind === "form" && this.#pressed && view.tries_left !== this.#triesLeft) {
      this.#wanting({ visit: this.visit, lacks: {}, wrong: view.wrong, tries_left: view.tries_left });
    }
    this.#flush();
  }

  /** @param {boolean} open */
  connection(open) {
    if (!open) {
      this.#sent = false;
      this.#answers.rewind();
    }
    this.#tell();
  }

  /** @param {import("../wire").ToBrowser} message */
  receive(message) {
    switch (message.type) {
      case "answer_stored":
        if (message.body.visit !== this.visit) return;
        this.#answers.acknowledge(message.body.number);
        this.#keep();
        break;
      case "wanting":
        if (message.body.visit === this.visit) this.#wanting(message.body);
        break;
      case "refused":
        if (!["unavailable", "too_many"].includes(message.body.code)) return;
        this.#sent = false;
        this.#answers.rewind();
        clearTimeout(this.#again);
        this.#again = setTimeout(() => this.#flush(), RETRY_MS);
        break;
    }
  }

  leave() {
    clearTimeout(this.#typing);
    clearTimeout(this.#again);
    this.#settle();
    this.#life.abort();
    this.#saved.close();
    this.#bar?.close();
  }

  /** @param {QuestionView} question @param {number} place */
  #make(question, place) {
    const { id } = question;
    const asked = ask(question, `q${place}`, {
      give: (answer) => {
        this.#answers.give(id, answer, this.#ms());
        this.#changed(id);
        this.#flush();
      },
      type: (answer) => {
        this.#answers.type(id, answer, this.#ms(), performance.now());
        this.#changed(id);
        this.#await();
      },
      settle: () => this.#settle(),
    });
    this.#asked.set(id, { question, asked, place });
    asked.show(this.#answers.get(id));
    return asked.element;
  }

  #ms() {
    return Math.round(performance.now() - this.#shown);
  }

  /** Waits for a pause in the typing. */
  #await() {
    clearTimeout(this.#typing);
    const wait = this.#answers.wait(performance.now());
    if (wait !== null) this.#typing = setTimeout(() => this.#settle(performance.now()), wait);
    this.#tell();
  }

  /** @param {number} [now] */
  #settle(now) {
    this.#answers.settle(now);
    this.#flush();
    this.#await();
  }

  #flush() {
    this.#keep();
    const out = this.#answers.flush((message) => this.#link.send(message));
    if (out && this.#pressed && !this.#sent) {
      this.#sent = this.#link.send({ type: "continue", body: { visit: this.visit } });
    }
    this.#tell();
  }

  #keep() {
    this.#drawer.write(pack(this.visit, this.#answers.kept));
    this.#tell();
  }

  #tell() {
    this.#saved.tell(this.#answers.settled && !this.#pressed, this.#link.connected());
  }

  #press() {
    this.#answers.settle();
    const faults = this.#lacks();
    if (faults.size > 0) {
      this.#flush();
      this.#complain(faults, text.form.summary(faults.size));
      this.#look();
      return;
    }
    this.#complain(faults, "");
    this.#pressed = true;
    this.#button.disabled = true;
    this.#flush();
  }

  /** @param {Wanting} wanting */
  #wanting({ lacks, wrong, tries_left }) {
    this.#pressed = this.#sent = false;
    this.#button.disabled = false;
    this.#triesLeft = tries_left;
    const lacking = new Map(Object.entries(lacks));
    if (lacking.size > 0) this.#complain(lacking, text.form.summary(lacking.size));
    else this.#complain(this.#wrong(wrong), text.form.wrongSummary(tries_left));
    this.#look();
    this.#tell();
  }

  /** @param {string[]} ids @returns {Map<string, Fault>} */
  #wrong(ids) {
    return new Map(ids.map((id) => [id, "wrong"]));
  }

  /** What the service would find missing. @returns {Map<string, Fault>} */
  #lacks() {
    /** @type {Map<string, Fault>} */
    const faults = new Map();
    for (const id of this.#asked.keys()) {
      const fault = this.#fault(id);
      if (fault) faults.set(id, fault);
    }
    return faults;
  }

  /** @param {string} id @returns {Fault | null} */
  #fault(id) {
    const { question, asked } = /** @type {{question: QuestionView, asked: Asked}} */ (this.#asked.get(id));
    return asked.fault?.() ?? lack(question, this.#answers.get(id));
  }

  /** An answer that was complained of may be good now. @param {string} id */
  #changed(id) {
    if (!this.#faults.has(id)) return;
    const fault = this.#fault(id);
    if (fault) this.#faults.set(id, fault);
    else this.#faults.delete(id);
    const entry = this.#asked.get(id);
    entry?.asked.complain(fault && text.form.fault(fault, entry.question.ask));
    const links = this.#summary.querySelectorAll("li");
    links.forEach((link) => link.dataset.question === id && !fault && link.remove());
    if (this.#faults.size === 0) this.#summary.replaceChildren();
  }

  /** @param {Map<string, Fault>} faults @param {string} headline */
  #complain(faults, headline) {
    this.#faults = faults;
    const list = element("ul");
    for (const [id, { question, asked, place }] of this.#asked) {
      const fault = faults.get(id);
      const words = fault ? text.form.fault(fault, question.ask) : null;
      asked.complain(words);
      if (words === null) continue;
      // What is consented to may be long; the words beside the box tell what is missing.
      const prompt = plain(question.ask.kind === "consent" ? question.ask.label : question.prompt);
      const short = prompt.length > SHORT_PROMPT ? `${prompt.slice(0, SHORT_PROMPT)}…` : prompt;
      const link = element("a", { href: `#q${place}`, textContent: short || text.form.question(place + 1) });
      // With a <base> address, the link by itself would lead away from the page.
      link.addEventListener("click", (event) => {
        event.preventDefault();
        goTo(asked);
      });
      const line = element("li", {}, link);
      line.dataset.question = id;
      list.append(line);
    }
    this.#summary.replaceChildren();
    if (headline) this.#summary.append(element("p", { textContent: headline }));
    if (list.children.length > 0) this.#summary.append(list);
  }

  /** To the first question that is complained of, or to what is said about all. */
  #look() {
    const first = [...this.#asked].find(([id]) => this.#faults.has(id));
    if (first) goTo(first[1].asked);
    else this.#summary.focus();
  }
}

/** The whole question is to be seen, not only what has the focus. @param {Asked} asked */
function goTo(asked) {
  asked.target().focus({ preventScroll: true });
  const tall = asked.element.getBoundingClientRect().height > innerHeight * 0.7;
  (tall ? asked.target() : asked.element).scrollIntoView({ block: "center" });
}
