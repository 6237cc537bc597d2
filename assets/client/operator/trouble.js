/**
 * What an operator reads when something cannot be shown.
 */
import { element } from "../scenes/dom.js";
import { Refusal } from "./ask.js";
import { text } from "./text.js";

/**
 * @param {unknown} error
 * @param {string | null} back address of the list of games
 * @returns {HTMLElement} a page about it
 */
export function troublePage(error, back) {
  const status = error instanceof Refusal ? error.status : 0;
  const known = status === 401 || status === 404 || status === 502 ? text.trouble[status] : null;
  const said = error instanceof Error ? error.message : String(error);
  const page = element(
    "article", { id: "trouble", className: "page" },
    element("h1", { textContent: known?.header ?? text.trouble.unknown, tabIndex: -1 }),
    element("p", { textContent: known?.body ?? (status === 0 && error instanceof Refusal ? text.trouble.unreachable : "") }),
  );
  page.setAttribute("role", "alert");
  if (said && status !== 401 && status !== 404) page.append(element("pre", { textContent: said }));
  const actions = element("div", { className: "actions" });
  if (status !== 401) {
    const again = element("button", { type: "button", className: "primary" }, text.trouble.again);
    again.addEventListener("click", () => location.reload());
    actions.append(again);
  }
  if (back !== null) actions.append(element("a", { className: "button", href: back }, text.trouble.back));
  page.append(actions);
  return page;
}
