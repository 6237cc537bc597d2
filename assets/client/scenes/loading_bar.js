/**
 * How far the engine has come, while the participant reads.
 */
import { language, text } from "../text.js";
import { element } from "./dom.js";

/** @typedef {import("../game/engine.js").Engine} Engine */

const percent = new Intl.NumberFormat(language, { style: "percent" });

/**
 * @param {Engine} engine
 * @param {boolean} discreet a thin line without words
 * @returns {{element: HTMLElement, say: (words: string) => void, close: () => void}}
 */
export function loadingBar(engine, discreet) {
  const bar = element("progress", { max: 1, value: 0 });
  bar.setAttribute("aria-label", text.loadingBar);
  const words = element("p", { className: "loading-words" });
  // Announced politely, and only when the words change; the percentage would be read out endlessly.
  words.setAttribute("role", "status");
  const made = element("div", { id: "loading", className: discreet ? "loading discreet" : "loading" }, bar);
  if (!discreet) made.append(words);
  const say = (/** @type {string} */ line) => {
    if (words.textContent !== line) words.textContent = line;
  };
  const close = engine.watch(({ stage, fraction }) => {
    bar.value = fraction;
    made.classList.toggle("complete", fraction >= 1 || (discreet && engine.loadedIn !== null));
    const tenth = percent.format(Math.floor(fraction * 10) / 10);
    say(stage === "files" || stage === "models" ? text.loading[stage](tenth) : text.loading[stage]);
  });
  return { element: made, say, close };
}
