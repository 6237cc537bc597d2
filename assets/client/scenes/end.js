/**
 * The last page. When it comes, the service has everything on disk, and the page says so.
 */
import { text } from "../text.js";
import { codeElement } from "./code.js";
import { article, element, setPhase, show } from "./dom.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("../wire").IssuedCode} IssuedCode */

/** What lies in the drawer of somebody who has been led away: coming back, it is not led away again. */
const LEFT = "left";

/** @implements {Scene} */
export class EndScene {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {import("./scene.js").Context} context @param {number} visit @param {import("../wire").EndView} view */
  constructor({ root, drawer }, visit, view) {
    this.visit = visit;
    const made = article(view.page);
    made.id = "end";
    made.append(element("p", { className: "saved" }, text.end.saved, view.redirect ? "" : ` ${text.end.close}`));
    if (view.code) made.append(finalCode(view.code));
    for (const line of view.bonuses) made.append(element("p", { className: "bonus", textContent: line }));
    if (view.codes.length > 0) made.append(codes(view.codes));
    if (view.redirect) {
      const leave = () => drawer.write(LEFT);
      const link = element("a", { id: "redirect", className: "button primary", href: view.redirect }, text.end.leave);
      link.addEventListener("click", leave);
      const actions = element("div", { className: "actions" }, link);
      made.append(actions);
      if (typeof view.after_s === "number" && drawer.read() !== LEFT) {
        actions.append(this.#countdown(view.after_s, () => {
          leave();
          location.assign(link.href);
        }));
      }
    }
    setPhase("end");
    show(root, made);
  }

  leave() {
    clearInterval(this.#timer);
  }

  /** Leads away by itself, unless the participant wants to stay. @param {number} seconds @param {() => void} act */
  #countdown(seconds, act) {
    const due = performance.now() + seconds * 1000;
    const words = element("p", { id: "leaving", className: "hint" });
    // Told once: a screen reader that reads every second would not get to anything else.
    words.setAttribute("role", "status");
    const count = element("span", { ariaHidden: "true" });
    const stay = element("button", { id: "stay", type: "button" }, text.end.stay);
    words.append(text.end.leaving, " ", count);
    const say = () => {
      const left = Math.max(0, Math.ceil((due - performance.now()) / 1000));
      count.textContent = text.end.seconds(left);
      if (left > 0) return;
      this.leave();
      act();
    };
    stay.addEventListener("click", () => {
      this.leave();
      words.textContent = text.end.stays;
      stay.remove();
    });
    this.#timer = setInterval(say, 250);
    say();
    return element("div", { className: "leaving" }, words, stay);
  }
}

/** The code that the participant leaves with. @param {IssuedCode} issued */
function finalCode({ reason, code }) {
  return element(
    "section",
    { id: "code", className: "codes" },
    element("h2", { textContent: text.code.label }),
    element("p", { textContent: text.code.reasons[reason] }),
    codeElement(code),
    element("p", { className: "hint", textContent: text.code.hint }),
  );
}

/** @param {IssuedCode[]} issued */
function codes(issued) {
  const made = element("section", { className: "codes" }, element("h2", { textContent: text.code.list }));
  for (const { reason, code } of issued) {
    made.append(element("p", { textContent: text.code.reasons[reason] }), codeElement(code));
  }
  made.append(element("p", { className: "hint", textContent: text.code.hint }));
  return made;
}
