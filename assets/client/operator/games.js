/**
 * Which games the list shows, in which order. Pure.
 */

/**
 * @typedef {object} Game
 * @property {string} game
 * @property {string} scene
 * @property {import("../wire").Mode | null} mode absent for a scene that the study has no more
 * @property {Array<{agent: string, subject: string | null}>} players
 * @property {number} begun_at milliseconds since 1970
 * @property {string | null} ended
 * @property {number} frames
 * @property {number} episodes
 */

/** @typedef {{experiment: string, games: Game[], more: boolean}} Games what `games.json` holds */

/**
 * Running games first, each group newest first.
 * @param {Game[]} games @param {string} [words] all of which a game has to contain
 * @returns {{running: Game[], ended: Game[]}}
 */
export function arrange(games, words = "") {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = games.filter((game) => {
    const players = game.players.flatMap(({ agent, subject }) => [agent, subject ?? "bot"]);
    const all = [game.game, game.scene, game.ended ?? "playing", ...players].join(" ").toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
  fitting.sort((a, b) => b.begun_at - a.begun_at || (a.game < b.game ? 1 : -1));
  return { running: fitting.filter(({ ended }) => ended === null), ended: fitting.filter(({ ended }) => ended !== null) };
}

/**
 * When something began, as short as it can be understood.
 * @param {number} at milliseconds since 1970 @param {number} now @param {string} [locale] the reader's own if not given
 */
export function since(at, now, locale) {
  const day = (/** @type {number} */ time) => new Date(time).toDateString();
  const time = new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (day(at) === day(now)) return time;
  return `${new Date(at).toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" })}, ${time}`;
}
