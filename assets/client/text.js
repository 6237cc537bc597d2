/**
 * Every text of the client that a participant can see. In one table, so that it can be translated.
 */

export const text = {
  continue: "Continue",
  start: "Start the game",
  resume: "Continue where you left off",
  keys: "Keys",
  loading: {
    files: (/** @type {string} */ percent) => `Loading the game: ${percent}`,
    python: "Preparing the game: starting the engine",
    packages: "Preparing the game: installing packages",
    environment: "Preparing the game: nearly ready",
  },
  ready: "The game is ready.",
  loadingBar: "Preparing the game",
  game: "Game",
  pictures: (/** @type {number} */ loaded, /** @type {number} */ total) => `Loading pictures: ${loaded} of ${total}`,
  moment: "One moment…",
  episode: (/** @type {number} */ number, /** @type {number} */ of) => `Episode ${number} of ${of}`,
  episodeFinished: (/** @type {number} */ number) => `Episode ${number} finished`,
  nextEpisode: "The next episode starts in a moment.",
  gameFinished: "Finished",
  saving: "Your answers are being saved…",
  score: "Score",
  finalScore: (/** @type {string} */ score) => `Score: ${score}`,
  timeLeft: "Time left",
  hudEpisode: "Episode",
  paused: {
    hidden: "Paused",
    saving: "Saving…",
    reconnecting: "Reconnecting…",
  },
  pausedHint: {
    hidden: "The game goes on when you come back to this tab.",
    saving: "Your connection is slow. The game goes on as soon as everything so far is saved.",
    reconnecting: "The connection is lost. Your progress is kept, and the game goes on by itself.",
  },
  connecting: "Connecting…",
  reconnecting: "The connection is lost. Reconnecting by itself; your progress is kept.",
  stillReconnecting: "Still no connection. Please check your internet connection and keep this page open.",
  draining: "The study's server restarts. Please keep this page open; it goes on by itself.",
  unavailable: "The study's server cannot save anything at the moment. Please keep this page open.",
  tooMany: "The study is very busy at the moment. Please keep this page open; it will try again.",
  roundTrip: (/** @type {number} */ milliseconds) => `${milliseconds} ms`,
  roundTripTitle: "Time that a message takes to the study's server and back",
  end: {
    saved: "Everything is saved.",
    leave: "Go on",
    close: "You may close this page now.",
  },
  tryAgain: "Try again",
  goOn: "Go on without the game",
  reload: "Reload the page",
  takeOver: "Continue here instead",
  details: "Technical details",
  trouble: {
    load: {
      header: "The game could not be loaded",
      body: "This is not your fault. Most often the internet connection was interrupted. Please try again.",
    },
    game: {
      header: "Something went wrong in the game",
      body: "This is not your fault. What you did so far is saved, and the researchers will be told. You can go on.",
    },
    replaced: {
      header: "The study is open in another tab or window",
      body: "It can only run in one place at a time. Please go on there, or continue here.",
    },
    taken: {
      header: "This study was already begun in another browser",
      body: "Please open the link again in the browser and on the device in which you began; there it goes on where "
        + "you stopped. If you cannot, please contact the researchers.",
    },
    token: {
      header: "This browser is not recognised",
      body: "The study was begun elsewhere, or this browser's stored data were deleted. Please go on in the browser "
        + "in which you began. If you cannot, please contact the researchers.",
    },
    version: {
      header: "The study was updated",
      body: "Please reload the page to go on. Your progress is saved.",
    },
    refused: {
      header: "The study's server does not answer as expected",
      body: "Your progress is saved. Please reload the page. If that does not help, please contact the researchers.",
    },
  },
};

/** Names of keys, by the browser's names. @type {Record<string, string>} */
export const keyNames = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
  Control: "Ctrl",
  Escape: "Esc",
};
