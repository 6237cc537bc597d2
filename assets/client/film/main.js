/**
 * Boots the film player: reads what the service wrote into the page, waits for the film, shows it.
 */
import { element } from "../scenes/dom.js";
import { text } from "../operator/text.js";
import { troublePage } from "../operator/trouble.js";
import { Source } from "./fetch.js";
import { Player } from "./player.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
/** @type {{base: string, game: string}} */
const config = JSON.parse(document.getElementById("greenroom")?.textContent ?? "{}");
const back = `${config.base}admin/`;
const source = new Source(config.base, config.game);

const wait = element("p", { className: "preparing" }, text.film.preparing);
wait.setAttribute("role", "status");
root.replaceChildren(wait);
try {
  const film = await source.view(new AbortController().signal, (said) => {
    wait.textContent = said || text.film.preparing;
  });
  new Player(root, source, film, back);
} catch (error) {
  console.warn(error);
  root.replaceChildren(troublePage(error, back));
}
