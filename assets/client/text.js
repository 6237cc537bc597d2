/**
 * Every text of the client that a participant can see. In one table, so that it can be translated.
 */

export const text = {
  continue: "Continue",
  start: "Start the game",
  resume: "Continue where you left off",
  readyTogether: "Ready",
  keys: "Keys",
  gamepad: (/** @type {string} */ button) => `Gamepad ${gamepadButtons[button] ?? button}`,
  touch: "Play with the buttons on the screen.",
  controls: "Buttons of the game",
  pad: "Directions",
  pointer: {
    click: "Click or tap on the picture",
    hold: "Press on the picture with the mouse or a finger",
    move: "Move over the picture with the mouse or a finger",
  },
  sound: { on: "Sound is on", off: "Sound is off" },
  loading: {
    files: (/** @type {string} */ percent) => `Loading the game: ${percent}`,
    python: "Preparing the game: starting the engine",
    packages: "Preparing the game: installing packages",
    models: (/** @type {string} */ percent) => `Loading the computer players: ${percent}`,
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
  shared: {
    role: (/** @type {string} */ agent) => (/^\d+$/.test(agent) ? `You are player ${agent}` : `You are: ${agent}`),
    joining: "One moment, the game goes on…",
    preparing: "Waiting until everybody is ready…",
    waiting: "Waiting for the other player…",
    waitingFor: (/** @type {string} */ agents) => `Waiting for ${agents}…`,
    goesOn: "The game goes on by itself.",
    waitingHint: (/** @type {string} */ time) => `The game goes on by itself. It waits for ${time} at most.`,
    catchingUp: "The game goes on…",
    catchingUpHint: "Catching up with the other player.",
    away: (/** @type {string} */ agent, /** @type {string} */ time) => `${agent} has lost the connection (${time})`,
    slow: "Connection slow: waiting…",
    start: "The game starts",
    resume: "The game goes on",
  },
  over: {
    no_partner: "There is nobody to play with",
    left_waiting: "You have stopped waiting",
    partner_lost: "The other player has left",
    absent: "You were away for too long",
    desync: "The game cannot go on",
    failed: "The game cannot go on",
    failed_check: "The study ends here",
  },
  overHint: "This is not your fault. One moment…",
  waitingRoom: {
    header: "Waiting for other players",
    headerAlone: "One moment",
    position: "Your place in the queue",
    count: "Waiting at the moment",
    size: "Players needed",
    waited: "You have waited",
    left: "Waiting at most another",
    joining: "Joining the queue…",
    keepOpen: "Please keep this page open and in sight. The game starts by itself when enough players are there.",
    checking: "Looking whether everybody is there…",
    starting: "Your game starts in a moment.",
    full: "All places are taken at the moment. Yours comes up as soon as a game ends.",
    asleep: "Are you there?",
    asleepHint: "You will only be matched with others while this page is in sight.",
    asleepHintAlone: "Your game only starts while this page is in sight.",
    here: "I am here",
    leave: "Stop waiting",
    leaveQuestion: "Do you really want to stop waiting? You will not play this game then.",
    leaveYes: "Yes, stop waiting",
    leaveNo: "Keep waiting",
    leaving: "One moment…",
    attention: "▶ The game starts!",
  },
  code: {
    label: "Your code",
    hint: "Please keep this code. You may be asked for it.",
    copy: "Copy",
    copied: "Copied",
    select: "Press Ctrl+C to copy",
    list: "Codes that you were given",
    reasons: {
      no_partner: "for waiting",
      left_waiting: "for waiting",
      partner_lost: "for a game that another player left",
      absent: "for a game that was not finished",
      desync: "for a game that was not finished",
      failed: "for a game that was not finished",
      failed_check: "for the part of the study that you did",
    },
  },
  form: {
    required: "(required)",
    clear: "Clear this answer",
    choose: "Please choose…",
    answer: "Your answer",
    question: (/** @type {number} */ number) => `Question ${number}`,
    slide: "Tap or drag on the line to answer.",
    unanswered: "Not answered yet",
    point: (/** @type {number} */ point, /** @type {number} */ points) => `${point} of ${points}`,
    characters: (/** @type {number} */ count, /** @type {number} */ most) => `${count} of at most ${most} characters`,
    bounds: (/** @type {number} */ least, /** @type {number} */ most, /** @type {number} */ all) => {
      if (least <= 1) return most >= all ? "Choose all that apply." : `Choose up to ${most}.`;
      if (least === most) return `Choose ${least}.`;
      return most >= all ? `Choose at least ${least}.` : `Choose ${least} to ${most}.`;
    },
    /** Kind words at a question. */
    fault: (
      /** @type {import("./wire").Lack | "not_number" | "wrong"} */ fault, /** @type {import("./wire").Ask} */ ask,
    ) => {
      switch (fault) {
        case "missing": return missing[ask.kind];
        case "too_few": return `Please choose at least ${ask.kind === "choice" ? ask.at_least : 1}.`;
        case "too_many": return `Please choose at most ${ask.kind === "choice" ? ask.at_most : 1}.`;
        case "too_small": return `This should be at least ${ask.kind === "number" ? ask.min : 0}.`;
        case "too_large": return `This should be at most ${ask.kind === "number" ? ask.max : 0}.`;
        case "not_whole": return "Please write a whole number, without a fraction.";
        case "not_number": return "Please write a number in digits only, such as 25.";
        case "too_long":
          return `Please shorten this a little: at most ${ask.kind === "text" ? ask.max_length : 0} characters fit.`;
        case "wrong": return "This is not the right answer yet. Please have another look.";
      }
    },
    summary: (/** @type {number} */ count) =>
      (count === 1 ? "One question still needs you:" : `${count} questions still need you:`),
    wrongSummary: (/** @type {number | null} */ left) => {
      const again = left === null ? "" : left === 1 ? " You can try once more." : ` You can try ${left} more times.`;
      return `Not all of your answers are right yet. Please have another look.${again}`;
    },
    saved: {
      saving: "Saving…",
      saved: "Saved",
      offline: "Not saved yet: no connection",
    },
  },
  connecting: "Connecting…",
  reconnecting: "The connection is lost. Reconnecting by itself; your progress is kept.",
  stillReconnecting: "Still no connection. Please check your internet connection and keep this page open.",
  draining: "The study's server restarts. Please keep this page open; it goes on by itself.",
  unavailable: "The study's server cannot save anything at the moment. Please keep this page open.",
  tooMany: "The study is very busy at the moment. Please keep this page open; it will try again.",
  roundTrip: (/** @type {number} */ milliseconds) => `${milliseconds} ms`,
  roundTripTitle: "Time that a message takes to the study's server and back",
  response: (/** @type {number} */ milliseconds) => `Response ${milliseconds} ms`,
  responseTitle: "Time from a key press to the picture that shows it",
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

/** Where an answer is missing. @type {Record<import("./wire").Ask["kind"], string>} */
const missing = {
  text: "Please write something here.",
  number: "Please write a number here.",
  choice: "Please choose an answer.",
  scale: "Please choose a point on the scale.",
  grid: "Please choose an answer in every row.",
  consent: "Please tick this box if you agree. Without it the study cannot go on.",
};

/** What stands on a gamepad, by the names of the bindings. @type {Record<string, string>} */
const gamepadButtons = { Left: "←", Right: "→", Up: "↑", Down: "↓", LeftStick: "left stick", RightStick: "right stick" };

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
