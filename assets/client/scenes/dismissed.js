/**
 * A scene that ended in another way than planned: a kind page, the code if there is one, and the way onward.
 */
import { text } from "../text.js";
import { codeElement } from "./code.js";
import { element } from "./dom.js";
import { PageScene } from "./page.js";

/** @typedef {import("./scene.js").Context} Context */

export class DismissedScene extends PageScene {
  /** @param {Context} context @param {number} visit @param {import("../wire").TroubleView} view */
  constructor(context, visit, { page, code }) {
    const told = code === null ? [] : [
      element(
        "section",
        { className: "codes" },
        element("h2", { textContent: text.code.label }),
        codeElement(code),
        element("p", { className: "hint", textContent: text.code.hint }),
      ),
    ];
    super(context, visit, page, "trouble", ...told);
  }
}
