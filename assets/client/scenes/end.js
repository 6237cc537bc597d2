/**
 * The last page. When it comes, the service has everything on disk, and the page says so.
 */
import { text } from "../text.js";
import { codeElement } from "./code.js";
import { article, element, setPhase, show } from "./dom.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @implements {Scene} */
export class EndScene {
  /** @param {import("./scene.js").Context} context @param {number} visit @param {import("../wire").EndView} view */
  constructor({ root }, visit, view) {
    this.visit = visit;
    const made = article(view.page);
    made.id = "end";
    made.append(element("p", { className: "saved" }, text.end.saved, view.redirect ? "" : ` ${text.end.close}`));
    for (const line of view.bonuses) made.append(element("p", { className: "bonus", textContent: line }));
    if (view.codes.length > 0) made.append(codes(view.codes));
    if (view.redirect) {
      const link = element("a", { id: "redirect", className: "button primary", href: view.redirect }, text.end.leave);
      made.append(element("div", { className: "actions" }, link));
    }
    setPhase("end");
    show(root, made);
  }

  leave() {}
}

/** @param {import("../wire").IssuedCode[]} issued */
function codes(issued) {
  const made = element("section", { className: "codes" }, element("h2", { textContent: text.code.list }));
  for (const { reason, code } of issued) {
    made.append(element("p", { textContent: text.code.reasons[reason] }), codeElement(code));
  }
  made.append(element("p", { className: "hint", textContent: text.code.hint }));
  return made;
}
