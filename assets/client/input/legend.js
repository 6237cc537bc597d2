/**
 * Names of keys for people, and the legend of a game's keys.
 *
 * Bindings carry the browser's key names ("ArrowLeft", " "), which no participant should have to read.
 */
import { keyNames, text } from "../text.js";

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta"]);

/** @typedef {Pick<import("../wire").InputView, "bindings"> & Partial<import("../wire").InputView>} Keys */

/** @param {string} key */
export function keyName(key) {
  if (key.startsWith("Gamepad.")) return text.gamepad(key.slice("Gamepad.".length));
  return keyNames[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** The same where it is plain that no keyboard is meant. @param {string} key */
export function gamepadName(key) {
  return key.startsWith("Gamepad.") ? key.slice("Gamepad.".length) : keyName(key);
}

/**
 * What a key by itself is called: the study's own word for it, else its name.
 * @param {Keys} input @param {string} key @param {(key: string) => string} [name]
 */
export function labelOf({ bindings, labels }, key, name = keyName) {
  const index = bindings.findIndex((binding) => binding.length === 1 && binding[0] === key);
  return labels?.[index] || name(key);
}

/**
 * The legend: each combination once, letters without regard to case. A combination of keys that are all in the legend by
 * themselves says nothing new (up and right together go up and right) and is left out, unless the study has a word for it.
 * @param {string[][]} bindings
 * @param {string[]} [labels] for each binding the study's word for it, or nothing
 * @returns {{names: string[], label: string}[]} key names of each combination, the shortest first
 */
export function legend(bindings, labels = []) {
  /** @type {Map<string, {names: string[], label: string}>} */
  const combinations = new Map();
  for (const [index, binding] of bindings.entries()) {
    // As everybody says it: Shift and an arrow, not an arrow and Shift.
    const names = [...binding].sort((a, b) => Number(MODIFIERS.has(b)) - Number(MODIFIERS.has(a))).map(keyName);
    const same = [...names].sort().join("+");
    const known = combinations.get(same);
    if (known) known.label ||= labels[index] ?? "";
    else if (names.length > 0) combinations.set(same, { names, label: labels[index] ?? "" });
  }
  const single = (/** @type {string} */ name) => combinations.has(name);
  const telling = [...combinations.values()].filter(
    ({ names, label }) => names.length === 1 || label !== "" || !names.every(single),
  );
  return telling.sort((a, b) => a.names.length - b.names.length);
}

/**
 * Combinations with the same word stand together.
 * @param {{names: string[], label: string}[]} combinations
 * @returns {{label: string, ways: string[][]}[]}
 */
export function byLabel(combinations) {
  /** @type {{label: string, ways: string[][]}[]} */
  const groups = [];
  for (const { names, label } of combinations) {
    const known = label === "" ? undefined : groups.find((group) => group.label === label);
    if (known) known.ways.push(names);
    else groups.push({ label, ways: [names] });
  }
  return groups;
}

/**
 * @param {Keys} input
 * @returns {HTMLElement}
 */
export function legendElement({ bindings, labels, pointer }) {
  const element = document.createElement("div");
  element.className = "legend";
  const title = document.createElement("span");
  title.textContent = bindings.length > 0 ? text.keys : text.pointer[pointer ?? "click"];
  element.append(title);
  /** Keys without a word of their own, side by side as on the keyboard. @type {HTMLElement | null} */
  let row = null;
  for (const { label, ways } of byLabel(legend(bindings, labels))) {
    const combination = document.createElement("span");
    combination.className = "combination";
    combination.append(waysElement(ways));
    if (label) {
      row = null;
      combination.append(` ${label}`);
      element.append(combination);
      continue;
    }
    if (row === null) {
      row = document.createElement("span");
      row.className = "key-row";
      element.append(row);
    }
    row.append(combination);
  }
  if (bindings.length > 0 && pointer) {
    const also = document.createElement("span");
    also.textContent = text.pointer[pointer];
    element.append(also);
  }
  return element;
}

/** @param {string[][]} ways key names of each */
function waysElement(ways) {
  const made = document.createElement("span");
  made.className = "ways";
  for (const [way, names] of ways.entries()) {
    if (way > 0) made.append(" / ");
    for (const [index, name] of names.entries()) {
      if (index > 0) made.append("+");
      const key = document.createElement("kbd");
      key.textContent = name;
      made.append(key);
    }
  }
  return made;
}
