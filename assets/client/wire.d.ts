// Generated from src/wire by `make types`; do not edit. A test fails when this file and the service part.

/**
 * Everything a browser may say.
 */
export type FromBrowser = { "type": "hello", "body": Hello } | { "type": "continue", "body": Continue } | { "type": "ready", "body": Ready } | { "type": "steps", "body": Steps } | { "type": "episode_ended", "body": EpisodeEnded } | { "type": "failed", "body": Failed } | { "type": "timing", "body": Timing };

/**
 * Opens a session: creates a participant, or resumes one.
 */
export type Hello = { 
/**
 * Protocol version of the client.
 */
version: number, 
/**
 * Who the page's address names; absent when the service shall choose a name.
 */
subject: SubjectId | null, 
/**
 * The secret: that of an earlier `welcome`, or for a newcomer one that the client made and keeps, so that a lost
 * `welcome` locks nobody out. When it is absent, the service makes one for a newcomer.
 */
token: ResumeToken | null, 
/**
 * The page's query parameters (`PROLIFIC_PID` and any other), kept with the data.
 */
parameters: { [key in string]: string }, 
/**
 * What the browser tells about itself, kept with the data.
 */
browser: Browser, };

/**
 * What the browser tells about itself. None of it is trusted.
 */
export type Browser = { 
/**
 * `navigator.userAgent`.
 */
user_agent: string, 
/**
 * `navigator.language`.
 */
language: string, 
/**
 * IANA name of the time zone.
 */
time_zone: string, 
/**
 * Width and height of the window, in CSS pixels.
 */
window: [number, number], 
/**
 * Width and height of the screen, in CSS pixels.
 */
screen: [number, number], 
/**
 * Device pixels for one CSS pixel.
 */
pixel_ratio: Finite, 
/**
 * The browser's clock, milliseconds since 1970, so that its time stamps can be compared with the service's.
 */
clock: Finite, };

/**
 * Leaves the page of a scene.
 */
export type Continue = { 
/**
 * The visit that is left, so that a button pressed twice does not skip a scene.
 */
visit: number, };

/**
 * Asks for the game of a scene to begin, or to go on after a reload.
 */
export type Ready = { 
/**
 * The visit whose game is meant.
 */
visit: number, };

/**
 * A run of consecutive steps of one episode.
 */
export type Steps = { 
/**
 * The game from `play`.
 */
game: GameId, 
/**
 * The episode from `play`, counted from 0.
 */
episode: number, 
/**
 * Number of the first of these steps in its episode, counted from 0.
 */
first: number, 
/**
 * The steps.
 */
steps: Array<Step>, };

/**
 * One step of the environment.
 */
export type Step = { 
/**
 * The row made by the environment's side: a MessagePack map, see `docs/protocol.md`. It is a blob of its own so
 * that the values reach the data exactly as Python wrote them (JavaScript knows no difference between 1 and 1.0).
 */
row: Uint8Array, 
/**
 * The browser's clock at the step, milliseconds since 1970.
 */
at: Finite, 
/**
 * Whether the page had the keyboard focus.
 */
focused: boolean, };

/**
 * Ends an episode.
 */
export type EpisodeEnded = { 
/**
 * The game from `play`.
 */
game: GameId, 
/**
 * The episode from `play`.
 */
episode: number, 
/**
 * How many steps the episode had.
 */
steps: number, };

/**
 * Tells that something of the scene failed in the browser.
 */
export type Failed = { 
/**
 * The visit in which it failed.
 */
visit: number, 
/**
 * What failed.
 */
stage: FailedStage, 
/**
 * One line.
 */
message: string, 
/**
 * The Python traceback, or the JavaScript stack.
 */
traceback: string, 
/**
 * Whether the participant gives the scene up: the next one follows at once.
 */
give_up: boolean, };

/**
 * What failed.
 */
export type FailedStage = "load" | "create" | "reset" | "step" | "render";

/**
 * How well the browser kept the frame rate in one episode.
 */
export type Timing = { 
/**
 * The game from `play`.
 */
game: GameId, 
/**
 * The episode from `play`.
 */
episode: number, 
/**
 * Steps made per second of play.
 */
fps: Finite, 
/**
 * Median time of one step, in milliseconds.
 */
step_p50: Finite, 
/**
 * 99th percentile of the time of one step, in milliseconds.
 */
step_p99: Finite, 
/**
 * Frames that began more than one frame late.
 */
late: number, 
/**
 * Milliseconds from opening the page to the first frame of the first episode; absent in later episodes.
 */
first_frame: Finite | null, };

/**
 * Everything the service may say.
 */
export type ToBrowser = { "type": "welcome", "body": Welcome } | { "type": "scene", "body": SceneShown } | { "type": "play", "body": Play } | { "type": "acknowledged", "body": Acknowledged } | { "type": "round_trip", "body": RoundTrip } | { "type": "refused", "body": Refused } | { "type": "draining" };

/**
 * The answer to `hello`.
 */
export type Welcome = { 
/**
 * Protocol version of the service.
 */
version: number, 
/**
 * The study.
 */
experiment: ExperimentId, 
/**
 * Who the browser now acts for.
 */
subject: SubjectId, 
/**
 * The secret that resumes this participant; keep it.
 */
token: ResumeToken, 
/**
 * Whether the participant was there before.
 */
resumed: boolean, 
/**
 * What the environments of this study need in the browser, so that loading can begin at once; absent when no
 * scene runs Python in the browser.
 */
engine: EngineNeeds | null, };

/**
 * What the environments of a study need in the browser.
 */
export type EngineNeeds = { 
/**
 * Addresses of the wheels to install, in this order.
 */
wheels: Array<string>, };

/**
 * A scene, as the participant sees it.
 */
export type SceneShown = { 
/**
 * Counts the scenes a participant has entered; messages about the scene name it.
 */
visit: number, 
/**
 * The scene's id.
 */
scene: SceneId, 
/**
 * Number of scenes the participant has entered, this one included, and number of all.
 */
progress: [number, number], 
/**
 * What to show.
 */
view: SceneView, };

/**
 * What to show of a scene.
 */
export type SceneView = { "kind": "page" } & Page | { "kind": "gym" } & GymView | { "kind": "end" } & EndView | { "kind": "trouble" } & Page;

/**
 * A page of text. `body` is the researcher's HTML.
 */
export type Page = { 
/**
 * Title.
 */
header: string, 
/**
 * Smaller title below it; may be empty.
 */
subheader: string, 
/**
 * HTML.
 */
body: string, };

/**
 * The last page.
 */
export type EndView = { 
/**
 * What to read.
 */
page: Page, 
/**
 * Where the button leads; everything has been stored when this message is sent.
 */
redirect: string | null, };

/**
 * A game scene.
 */
export type GymView = { 
/**
 * What to read before the game.
 */
page: Page, 
/**
 * HTML beside the running game; may be empty.
 */
in_game_body: string, 
/**
 * Whether the game has begun before (a reload): the start button then says so.
 */
begun: boolean, 
/**
 * Width of the game, in game pixels.
 */
width: number, 
/**
 * Height of the game, in game pixels.
 */
height: number, 
/**
 * CSS colour behind the drawing.
 */
background: string, 
/**
 * Frames per second.
 */
fps: number, 
/**
 * Number of episodes.
 */
episodes: number, 
/**
 * Most steps an episode may have.
 */
max_steps: number, 
/**
 * Seconds of stillness after a reset, before the first step of an episode.
 */
freeze_seconds: number, 
/**
 * Keys.
 */
input: InputView, 
/**
 * The environment.
 */
environment: EnvironmentView, 
/**
 * Address under which the scene's pictures are found, ending in `/`; absent when it has none.
 */
files: string | null, };

/**
 * How keys become actions.
 */
export type InputView = { 
/**
 * Held keys or single presses.
 */
mode: InputMode, 
/**
 * Key combinations, in the order of the environment's table of actions: binding *i* means action *i*.
 */
bindings: Array<Array<string>>, 
/**
 * Agent that the participant plays.
 */
agent: string, };

/**
 * What the environment's side needs to make the environment.
 */
export type EnvironmentView = { 
/**
 * Python source that leaves a variable `env`.
 */
code: string, 
/**
 * Its file name, for tracebacks.
 */
filename: string, 
/**
 * MessagePack map of settings for the environment's side, see `docs/protocol.md`.
 */
settings: Uint8Array, 
/**
 * Who acts for each agent.
 */
policies: { [key in string]: Policy }, };

/**
 * Play an episode.
 */
export type Play = { 
/**
 * The visit it belongs to.
 */
visit: number, 
/**
 * The game.
 */
game: GameId, 
/**
 * Episode, counted from 0.
 */
episode: number, 
/**
 * Seed for `reset`, below 2^31.
 */
seed: number, 
/**
 * Rows that are stored already, oldest first: replay their actions and go on after them.
 */
rows: Array<Uint8Array>, };

/**
 * Steps are stored for good.
 */
export type Acknowledged = { 
/**
 * The game.
 */
game: GameId, 
/**
 * The episode.
 */
episode: number, 
/**
 * How many steps of the episode are stored: steps 0 to this number, exclusive.
 */
steps: number, };

/**
 * The connection's round trip.
 */
export type RoundTrip = { 
/**
 * Median of the last measurements.
 */
milliseconds: number, };

/**
 * A message was refused.
 */
export type Refused = { 
/**
 * Why, for programs.
 */
code: RefusalCode, 
/**
 * Why, for people.
 */
message: string, };

/**
 * Why a message was refused.
 */
export type RefusalCode = "malformed" | "out_of_place" | "wrong_version" | "subject_taken" | "wrong_token" | "too_many" | "gap" | "unavailable";

/**
 * How key presses become actions.
 */
export type InputMode = "pressed_keys" | "single_keystroke";

/**
 * Who acts for an agent.
 */
export type Policy = "human" | "random";

/**
 * One study. Names the folder of its data.
 */
export type ExperimentId = string;

/**
 * One scene of the study. Names the folder of its data files.
 */
export type SceneId = string;

/**
 * One person in the study; outlives every connection. Names the person's data files.
 */
export type SubjectId = string;

/**
 * One match: its players, episodes and rows. Sortable by the time of its making.
 */
export type GameId = string;

/**
 * The secret that lets a browser act as its participant: 128 random bits, written as 32 hexadecimal digits.
 *
 * It is never stored: the journal keeps a [`TokenDigest`], so that reading the data files lets nobody act as a
 * participant. `Debug` does not show it, so that it cannot reach a log.
 */
export type ResumeToken = string;
