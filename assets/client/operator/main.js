/**
 * The operator's page: every game of the study, the running ones first, always up to date.
 */
import { element } from "../scenes/dom.js";
import { ask, pause, Refusal } from "./ask.js";
import { arrange, since } from "./games.js";
import { ending, text } from "./text.js";
import { troublePage } from "./trouble.js";

/** @typedef {import("./games.js").Game} Game */

/** How often the list is fetched anew, in milliseconds. */
const REFRESH_MS = 2000;

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const config = JSON.parse(document.getElementById("greenroom")?.textContent ?? "{}");

const experiment = element("p", { className: "subheader" });
const search = element("input", { type: "search", id: "search", placeholder: text.searchHint, autocomplete: "off" });
const trouble = element("p", { className: "trouble", hidden: true });
trouble.setAttribute("role", "status");
const empty = element(
  "div", { className: "empty", hidden: true },
  element("p", {}, element("strong", {}, text.empty)), element("p", {}, text.emptyHint),
);
const none = element("p", { className: "empty", hidden: true }, text.noneFound);
const more = element("p", { className: "hint", hidden: true }, text.more);

/** One group of games. */
class Group {
  #title = element("h2");
  #body = element("tbody");

  /** @param {string} title */
  constructor(title) {
    this.title = title;
    const { watch, ...columns } = text.columns;
    const heads = [...Object.values(columns), watch].map((name) => element("th", { scope: "col" }, name));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), this.#body);
    this.element = element("section", { hidden: true }, this.#title, table);
  }

  /** @param {Game[]} games */
  show(games) {
    this.element.hidden = games.length === 0;
    set(this.#title, `${this.title} (${games.length})`);
    for (const [index, game] of games.entries()) {
      const row = rows.get(game.game) ?? new Row(game.game);
      rows.set(game.game, row);
      row.show(game);
      const there = this.#body.children[index] ?? null;
      if (there !== row.element) this.#body.insertBefore(row.element, there);
    }
    while (this.#body.children.length > games.length) this.#body.lastElementChild?.remove();
  }
}

class Row {
  #cells = Object.fromEntries(Object.entries(text.columns).map(([name, title]) => {
    const cell = element("td", { className: name });
    cell.dataset.title = title;
    return [name, cell];
  }));
  #link;

  /** @param {string} game */
  constructor(game) {
    this.#link = element("a", { className: "button", href: `${config.base}admin/games/${encodeURIComponent(game)}/` });
    this.#cells.watch.append(this.#link);
    this.element = element("tr", { id: `game-${game}` }, ...Object.values(this.#cells));
  }

  /** @param {Game} game */
  show({ game, scene, mode, players, begun_at, ended, frames, episodes }) {
    set(this.#cells.scene, scene);
    this.#cells.scene.title = game;
    const who = players.map(({ agent, subject }) => `${agent}: ${subject ?? text.bot}`).join("\n");
    if (this.#cells.players.dataset.who !== who) {
      this.#cells.players.dataset.who = who;
      this.#cells.players.replaceChildren(...players.map(({ agent, subject }) =>
        element("span", { className: subject === null ? "seat quiet" : "seat" },
          element("span", { className: "agent" }, agent), " ", subject ?? text.bot)));
    }
    set(this.#cells.begun, since(begun_at, Date.now()));
    set(this.#cells.frames, text.framesIn(frames, episodes));
    set(this.#cells.mode, mode === null ? "" : (text.modes[mode] ?? mode));
    const badge = this.#cells.state.firstElementChild ?? element("span");
    badge.className = `badge ${ended === null ? "on" : ended === "complete" ? "good" : "bad"}`;
    set(badge, ending(ended));
    if (!badge.isConnected) this.#cells.state.append(badge);
    set(this.#link, ended === null ? text.watchLive : text.replay);
    this.#link.classList.toggle("primary", ended === null);
    const names = players.map(({ subject }) => subject ?? text.bot).join(", ");
    this.#link.setAttribute("aria-label", `${this.#link.textContent}: ${scene}, ${names}`);
  }
}

/** Rows are kept as long as their games are, and may move from one group to the other. @type {Map<string, Row>} */
const rows = new Map();
const groups = { running: new Group(text.running), ended: new Group(text.ended) };
/** @type {Game[]} */
let games = [];

function show() {
  const { running, ended } = arrange(games, search.value);
  const focused = document.activeElement;
  groups.running.show(running);
  groups.ended.show(ended);
  // A row that moves loses the focus, which is the reader's place.
  const lost = focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused;
  if (lost) focused.focus({ preventScroll: true });
  const known = new Set(games.map(({ game }) => game));
  for (const game of rows.keys()) if (!known.has(game)) rows.delete(game);
  empty.hidden = games.length > 0;
  none.hidden = games.length === 0 || running.length + ended.length > 0;
  document.documentElement.dataset.games = String(running.length + ended.length);
}

/** Writes only what differs. @param {Node} node @param {string} words */
function set(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** @returns {Promise<void>} when the page may be asked for anew */
function seen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve(), { once: true }));
}

async function refresh() {
  const list = await (await ask(`${config.base}admin/games.json`)).json();
  games = list.games;
  set(experiment, list.experiment);
  more.hidden = !list.more;
  trouble.hidden = true;
  if (!groups.running.element.isConnected) {
    const label = element("label", { htmlFor: "search", className: "find" }, element("span", {}, text.search), search);
    const head = element("header", {}, element("div", {}, element("h1", {}, text.title), experiment), label);
    root.replaceChildren(element(
      "div", { className: "games" }, head, trouble, groups.running.element, groups.ended.element, empty, none, more,
    ));
  }
  show();
}

search.addEventListener("input", show);
for (;;) {
  try {
    await refresh();
  } catch (error) {
    const final = error instanceof Refusal && !error.passing;
    if (final || !groups.running.element.isConnected) root.replaceChildren(troublePage(error, null));
    if (final) break;
    set(trouble, error instanceof Refusal ? text.trouble.unreachable : String(error));
    trouble.hidden = false;
  }
  await pause(REFRESH_MS);
  await seen();
}
