/**
 * Every text of the operator's pages: the list of games and the film player. In one table, like the participants'.
 */

/** @typedef {import("../wire").FilmMarkKind} FilmMarkKind */
/** @typedef {import("../wire").Mode} Mode */

const count = (/** @type {number} */ number, /** @type {string} */ one, more = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : more}`;

export const text = {
  title: "Games",
  running: "Being played",
  ended: "Over",
  search: "Find",
  searchHint: "participant, scene or game",
  empty: "No game has been played yet",
  emptyHint: "Games appear here by themselves as soon as they begin.",
  noneFound: "No game fits.",
  more: "There are more games; the newest are shown.",
  columns: {
    scene: "Scene", players: "Players", begun: "Begun", frames: "Frames", state: "State", mode: "Runs", watch: "Watch",
  },
  watchLive: "Watch live",
  replay: "Replay",
  bot: "bot",
  playing: "playing",
  frames: (/** @type {number} */ frames) => count(frames, "frame"),
  framesIn: (/** @type {number} */ frames, /** @type {number} */ episodes) =>
    episodes > 1 ? `${frames.toLocaleString("en")} in ${episodes} episodes` : frames.toLocaleString("en"),
  modes: /** @type {Record<Mode, string>} */ ({
    browser: "in the browsers", authoritative: "in browsers and on the service", streamed: "on the service",
  }),
  endings: /** @type {Record<string, string>} */ ({
    complete: "complete", failed: "failed", not_ready: "a player was not ready", lost: "a player was away too long",
    left: "a player left", desync: "copies differed",
  }),
  trouble: {
    unknown: "Something went wrong",
    unreachable: "The service does not answer. It is asked again by itself.",
    401: {
      header: "This page is for operators",
      body: "Open the address that the service printed when it started, the line that begins with “Operators:”. The "
        + "key in it is kept for this browser.",
    },
    404: { header: "There is no such game", body: "Its data may have been moved, or the address is not complete." },
    502: { header: "This game cannot be shown", body: "Its record could not be played again:" },
    back: "All games",
    again: "Try again",
  },

  film: {
    games: "Games",
    preparing: "The replay is being prepared…",
    loading: "Loading…",
    lost: "The service does not answer. The picture goes on by itself.",
    nothing: "Nothing has been played in this game.",
    undrawn: "This environment draws nothing.",
    view: "View",
    viewOf: (/** @type {string} */ agents) => `What ${agents} sees`,
    everybody: "What everybody sees",
    both: "Both",
    all: "All",
    play: "Play",
    pause: "Pause",
    back: "One frame back",
    forward: "One frame forward",
    start: "To the start",
    end: "To the end",
    episode: "Episode",
    episodeOf: (/** @type {number} */ number, /** @type {number} */ of) => `${number} of ${of}`,
    speed: "Speed",
    times: (/** @type {number} */ speed) => `${speed}×`,
    live: "Live",
    liveOn: "Live: this is what is being played now",
    liveGo: "Go to what is being played now",
    frame: "Frame",
    position: "Position in the episode",
    positionText: (/** @type {number} */ frame, /** @type {number} */ last, /** @type {string} */ time) =>
      `frame ${frame} of ${last}, ${time}`,
    reward: "reward",
    action: "action",
    noAction: "–",
    inputs: "Inputs",
    marks: "Marks",
    moreActions: (/** @type {number} */ number) => `and ${number} more`,
    difference: "differs from the record",
    game: "Game",
    events: (/** @type {number} */ number) => `What happened (${number})`,
    event: (/** @type {number} */ frame, /** @type {string} */ whose, /** @type {string} */ what) =>
      `Frame ${frame}${whose ? ` · ${whose}` : ""}: ${what}`,
    noEvents: "Nothing out of the ordinary.",
    keys: "Keys",
    keyHelp: [
      [["Space"], "play or pause"], [["←", "→"], "one frame"], [["Shift", "←", "→"], "one second"],
      [["Home", "End"], "start, end"], [["[", "]"], "slower, faster"], [["L"], "live"], [["V"], "next view"],
    ],
    kinds: /** @type {Record<FilmMarkKind, string>} */ ({
      rollback: "rolled back", stood_in: "stood in for", away: "away", back: "back", pause: "paused",
      host: "new reference", desync: "copy differed", healed: "healed", stretch: "waited for the service",
    }),
    verdict: {
      comparing: (/** @type {number} */ rows, /** @type {number} */ hashes) =>
        `${count(rows, "row")}${states(hashes)} equal to the record so far`,
      equal: (/** @type {number} */ frames, /** @type {number} */ rows, /** @type {number} */ hashes) =>
        `Replayed ${count(frames, "frame")}: ${count(rows, "row")}${states(hashes)} `
        + `${rows + hashes === 1 ? "is" : "are"} equal to the record`,
      none: "There is nothing recorded to compare with",
      value: (/** @type {string} */ field, /** @type {string} */ recorded, /** @type {string} */ replayed) =>
        `${field} is ${recorded} in the record, ${replayed} in the replay`,
      state: "the state is not the one that the players' copies agreed on",
      frames: (/** @type {string} */ recorded, /** @type {string} */ replayed) =>
        `the episode has ${recorded} frames in the record, ${replayed} in the replay`,
      differs: (/** @type {string} */ where, /** @type {string} */ what) => `Differs from the record ${where}: ${what}`,
      where: (/** @type {boolean} */ row, /** @type {number} */ frame, /** @type {number} */ episode, /** @type {number} */ episodes) =>
        `${row ? "in the row with t =" : "at frame"} ${frame}${episodes > 1 ? ` of episode ${episode}` : ""}`,
      others: (/** @type {number} */ rows) => `. ${count(rows, "row")} ${rows === 1 ? "is" : "are"} equal`,
      go: "Go there",
    },
  },
};

/** @param {number} hashes */
function states(hashes) {
  return hashes > 0 ? ` and ${count(hashes, "state")}` : "";
}

/** @param {string | null} ended how a game ended, in words; of kinds that are not known here, their own name */
export function ending(ended) {
  return ended === null ? text.playing : (text.endings[ended] ?? ended.replaceAll("_", " "));
}
