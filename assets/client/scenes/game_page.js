/**
 * What stands beside the running game: the researcher's title and HTML, for all or for this player.
 */
import { element, html } from "./dom.js";

export class GamePage {
  /** Not shown while there is nothing to read. */
  element = element("aside", { hidden: true });

  /** @param {string} header @param {string} body */
  constructor(header, body) {
    this.write(header, body);
  }

  /** @param {string} header @param {string} body */
  write(header, body) {
    this.element.hidden = !header && !body;
    this.element.replaceChildren(
      ...(header ? [element("h2", { textContent: header })] : []),
      ...(body ? [html(body)] : []),
    );
  }
}
