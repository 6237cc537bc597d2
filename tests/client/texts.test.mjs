/** The table of texts: what the client says, and that it says nothing else. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { text } from "../../assets/client/text.js";
import { copyKeys } from "../../assets/client/scenes/code.js";
import { duration } from "../../assets/client/scenes/time.js";

const CLIENT = join(dirname(fileURLToPath(import.meta.url)), "../../assets/client");
/** The operator's pages are English, and what runs in a worker has no page. */
const OTHERS = ["film", "operator", "worker", "texts"];

/** @param {string} folder @returns {string[]} */
function modules(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return OTHERS.includes(entry.name) ? [] : modules(join(folder, entry.name));
    return entry.name.endsWith(".js") ? [join(folder, entry.name)] : [];
  });
}

/** The code without comments, imports, and what is thrown or logged for developers. @param {string} source */
function spoken(source) {
  return source
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "")
    .replace(/^(import|export)\b[^;]*from [^;]*;/gm, "")
    .replace(/(throw new \w+|new \w*(Error|Failure|Abandoned)|console\.\w+|Promise\.reject)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, "");
}

/** Literals that look like words for people. @param {string} source */
function sentences(source) {
  const found = [];
  for (const [literal, , inside] of spoken(source).matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g)) {
    const words = inside.replace(/\$\{[^}]*\}/g, "…");
    // Capital and small letters, then a blank and a word; or one capitalised word that is put on the page by itself.
    if (/^[▶✓]?\s*\p{Lu}\p{Ll}+([ ,:…].*)?[.!?…]?$/u.test(words)) found.push(literal);
  }
  return found;
}

/** Capitalised words that mean something to browsers, not to people. */
const NAMES = new Set(["Arrow", "Enter", "Escape", "Space", "Tab", "Shift", "Control", "Alt", "Meta", "Backspace", "Delete",
  "Gamepad."]);

/** Nothing but names of keys and buttons, as browsers and studies call them. */
const KEYS = ["keys.js", "gamepad.js", "layout.js"].map((name) => join("input", name));

/** Words for the researcher, in the technical details of a trouble. */
const FOR_RESEARCHERS = /record_observations/;

test("no module has words of its own for participants: they are in texts/", () => {
  const files = modules(CLIENT);
  assert.ok(files.length > 30, "the modules were found");
  for (const file of files.filter((file) => !KEYS.some((name) => file.endsWith(name)))) {
    const found = sentences(readFileSync(file, "utf8"))
      .filter((literal) => !NAMES.has(literal.slice(1, -1)) && !FOR_RESEARCHERS.test(literal));
    assert.deepEqual(found, [], `${file}: put these into assets/client/texts/*.json`);
  }
});

test("this test sees what it looks for", () => {
  assert.deepEqual(sentences('say("Please wait"); mark("Score"); say(`Round ${number} of ${all}`);').length, 3);
  assert.deepEqual(sentences('throw new Error("Nothing is there"); // Please "Do this" thing'), []);
  assert.deepEqual(sentences('element("div", { className: "page wide" }); key("ArrowLeft"); x = "no text: 3"'), []);
});

test("holes are filled, numbers decide between forms, times are those of the language", () => {
  assert.equal(text.episode(2, 3), "Episode 2 of 3");
  assert.equal(text.form.summary(1), "One question still needs you:");
  assert.equal(text.form.summary(4), "4 questions still need you:");
  assert.match(text.form.wrongSummary(1), /once more\.$/);
  assert.match(text.form.wrongSummary(null), /another look\.$/);
  assert.equal(text.shared.waitingFor(["red", "blue"]), "Waiting for red and blue…");
  assert.equal(text.shared.role("2"), "You are player 2");
  assert.equal(duration(65_000), "1:05");
});

test("a text with holes is a function that names them all", () => {
  const source = readFileSync(join(CLIENT, "text.js"), "utf8");
  /** @param {any} words @param {string} path @returns {Array<[string, string]>} */
  const all = (words, path) => Object.entries(words).flatMap(([name, value]) =>
    (typeof value === "string" ? [[path + name, value]] : /** @type {any} */ (all(value, `${path}${name}.`))));
  const english = JSON.parse(readFileSync(join(CLIENT, "texts/en.json"), "utf8"));
  delete english.page; // the service's own pages
  for (const [key, value] of all(english, "")) {
    const name = key.split(".").filter((part) => !["one", "other"].includes(part)).at(-1);
    const holes = [...value.matchAll(/\{(\w+)\}/g)].map(([, hole]) => hole);
    // `faults` get theirs by what is wrong.
    if (holes.length === 0 || key.startsWith("form.faults.")) continue;
    assert.match(source, new RegExp(`fill\\([\\w.]*\\b${name}, \\{[^}]*${holes.map((hole) => `\\b${hole}\\b`).join("[^}]*")}`), key);
  }
});

test("the keys that copy are those of the device, and a phone has none", () => {
  assert.equal(copyKeys({ platform: "Win32", touch: true }), "Ctrl+C");
  assert.equal(copyKeys({ platform: "Linux x86_64", touch: false }), "Ctrl+C");
  assert.equal(copyKeys({ platform: "MacIntel", touch: false }), "⌘C");
  for (const device of [{ platform: "MacIntel", touch: true }, { platform: "iPhone", touch: true }, { platform: "android", touch: true }]) {
    assert.equal(copyKeys(device), "");
  }
  assert.equal(text.code.select("⌘C"), "Press ⌘C to copy");
});
