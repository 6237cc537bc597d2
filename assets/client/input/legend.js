/**
 * Names of keys for people, and the legend of a game's keys.
 *
 * Bindings carry the browser's key names ("ArrowLeft", " "), which no participant should have to read.
 */
import { keyNames, text } from "../text.js";

/** @param {string} key */
export function keyName(key) {
  return keyNames[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/**
 * The legend: each combination once, letters without regard to case. A combination of keys that are all in the legend by
 * themselves says nothing new (up and right together go up and right) and is left out.
 * @param {string[][]} bindings
 * @returns {string[][]} key names of each combination, the shortest first
 */
export function legend(bindings) {
  /** @type {Map<string, string[]>} */
  const combinations = new Map();
  for (const binding of bindings) {
    const names = binding.map(keyName);
    const same = [...names].sort().join("+");
    if (names.length > 0 && !combinations.has(same)) combinations.set(same, names);
  }
  const single = (/** @type {string} */ name) => combinations.has(name);
  const telling = [...combinations.values()].filter((names) => names.length === 1 || !names.every(single));
  return telling.sort((a, b) => a.length - b.length);
}

/**
 * @param {string[][]} bindings
 * @returns {HTMLElement}
 */
export function legendElement(bindings) {
  const element = document.createElement("div");
  element.className = "legend";
  const label = document.createElement("span");
  label.textContent = text.keys;
  element.append(label);
  for (const names of legend(bindings)) {
    const combination = document.createElement("span");
    combination.className = "combination";
    for (const [index, name] of names.entries()) {
      if (index > 0) combination.append("+");
      const key = document.createElement("kbd");
      key.textContent = name;
      combination.append(key);
    }
    element.append(combination);
  }
  return element;
}
