// Generated from src/wire by `make types`; do not edit. A test fails when this file and the service part.

/**
 * Everything a browser may say.
 */
export type FromBrowser = { "type": "hello", "body": Hello } | { "type": "continue", "body": Continue } | { "type": "answered", "body": Answered } | { "type": "saved", "body": Saved } | { "type": "ready", "body": Ready } | { "type": "steps", "body": Steps } | { "type": "episode_ended", "body": EpisodeEnded } | { "type": "failed", "body": Failed } | { "type": "timing", "body": Timing } | { "type": "present", "body": Present } | { "type": "leave", "body": Leave } | { "type": "sight", "body": Sight } | { "type": "prepared", "body": Prepared } | { "type": "inputs", "body": Inputs } | { "type": "hashes", "body": Hashes } | { "type": "witnessed", "body": Witnessed } | { "type": "caught_up", "body": CaughtUp } | { "type": "snapshot", "body": Snapshot } | { "type": "healed", "body": Healed } | { "type": "adopted", "body": Adopted } | { "type": "acts", "body": Acts } | { "type": "seen", "body": Seen };

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
 * `navigator.maxTouchPoints`: tells a tablet that calls itself a computer.
 */
touch_points: number, 
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
visit: number, 
/**
 * The running copy of a game for several players that this page still has; absent after a reload.
 */
has: Progress | null, };

/**
 * How far a copy of a game for several players has come.
 */
export type Progress = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * Number of confirmed frames that it knows: the first one that it lacks.
 */
confirmed: number, };

/**
 * An answer, or a change of it; sent as it is given.
 */
export type Answered = { 
/**
 * The visit of the scene.
 */
visit: number, 
/**
 * Counts the answers that the page has sent in this visit; the acknowledgement names it.
 */
number: number, 
/**
 * The question.
 */
question: QuestionId, 
/**
 * The answer; absent when it was taken back.
 */
answer: Answer | null, 
/**
 * Time from the page's being shown to this, in milliseconds, by the browser's word.
 */
ms: Finite, };

/**
 * An answer. Its form depends on the question's.
 */
export type Answer = boolean | Finite | string | Array<string> | { [key in string]: number };

/**
 * Something that a document gives to keep. It is sent again until `saved_stored` names its number or a later one.
 */
export type Saved = { 
/**
 * The visit of the scene.
 */
visit: number, 
/**
 * Counts what the document has saved in this visit, from 1, also across reloads.
 */
number: number, 
/**
 * What it is, in 1 to 64 bytes. `episode_start`, `episode_end`, `message`, `advance` and `globals` mean something to
 * the service.
 */
name: string, 
/**
 * The data, as JSON of at most 256 KiB.
 */
data: string, };

/**
 * Answers a `check`.
 */
export type Present = { 
/**
 * The visit that waits.
 */
visit: number, 
/**
 * The proposal from `check`; absent when a page, hidden before, comes into sight by itself.
 */
proposal: bigint | null, 
/**
 * Whether the page is visible.
 */
visible: boolean, };

/**
 * Ends the waiting.
 */
export type Leave = { 
/**
 * The visit that waits.
 */
visit: number, };

/**
 * Tells whether the page can be seen; sent when a scene that is `watched` is shown, and whenever it changes.
 */
export type Sight = { 
/**
 * The visit.
 */
visit: number, 
/**
 * Whether the page is visible.
 */
visible: boolean, };

/**
 * Tells that a copy stands at the beginning of an episode.
 */
export type Prepared = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, };

/**
 * A player's inputs for consecutive frames. What was sent before may come again: the first input for a frame counts.
 */
export type Inputs = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * The frame that the first of these inputs is for.
 */
first: number, 
/**
 * One action each, as MessagePack, of at most 1024 bytes.
 */
inputs: Array<Uint8Array>, };

/**
 * Hashes of a copy's states.
 */
export type Hashes = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * Number of confirmed frames that led to the state, and the state's hash.
 */
hashes: Array<[number, StateHash]>, };

/**
 * 64 bits, written as 16 lower-case hexadecimal digits (JavaScript has no whole numbers of that size).
 */
export type StateHash = string;

/**
 * How a player's copy came by consecutive frames.
 */
export type Witnessed = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * The first of the frames.
 */
first: number, 
/**
 * The frames.
 */
frames: Array<FrameSeen>, };

/**
 * How a player's copy came by a frame.
 */
export type FrameSeen = { 
/**
 * By seat, whether the input was a guess when the frame was first shown.
 */
predicted: Array<boolean>, 
/**
 * How many frames the copy had gone on when it learnt that it had guessed wrong; 0 when it had not.
 */
depth: number, 
/**
 * Whether the page had the keyboard focus.
 */
focused: boolean, 
/**
 * The browser's clock when the frame was first shown, milliseconds since 1970.
 */
at: Finite, };

/**
 * Tells that a copy has caught up.
 */
export type CaughtUp = { 
/**
 * The game from `catch_up`.
 */
game: GameId, 
/**
 * The episode from `catch_up`.
 */
episode: number, };

/**
 * A state of a copy.
 */
export type Snapshot = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * Number of confirmed frames that led to the state.
 */
frame: number, 
/**
 * The state, in the form that copies exchange.
 */
state: Uint8Array, };

/**
 * Tells that a copy has adopted another one's state.
 */
export type Healed = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * The frame from `heal`.
 */
frame: number, 
/**
 * In which fields the copy's own state had differed, each with both values.
 */
fields: Array<string>, };

/**
 * Tells how far a copy was from the state that the service had it adopt.
 */
export type Adopted = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * The frame from `adopt`.
 */
frame: number, 
/**
 * The largest difference between two numbers of the same place in the two states; 0 when they are equal, absent when the
 * copy does not have its own state of that frame any more.
 */
largest: Finite | null, 
/**
 * In which fields the copy's own state had differed by more than rounding explains, each with both values.
 */
fields: Array<string>, };

/**
 * What a player of a streamed game does.
 */
export type Acts = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * Counts these messages from 1 in each episode; `echo` names it.
 */
number: number, 
/**
 * Which of the scene's `bindings`; absent for no key. Held keys act until the next of these messages, a single press
 * acts once.
 */
binding: number | null, 
/**
 * Where the mouse or a finger acts, instead of a key. Like a held key or a single press, as the scene's `pointer` says.
 */
pointer: PointerAct | null, };

/**
 * A place on the game's picture.
 */
export type PointerAct = { 
/**
 * Game pixels from the left, less than the game's width.
 */
x: number, 
/**
 * Game pixels from the top, less than the game's height.
 */
y: number, 
/**
 * Whether it is pressed.
 */
pressed: boolean, };

/**
 * Tells that a picture is on the screen, so that the service may send further ones.
 */
export type Seen = { 
/**
 * The game from `prepare`.
 */
game: GameId, 
/**
 * The episode from `prepare`.
 */
episode: number, 
/**
 * The `number` of the newest `picture` that was drawn.
 */
number: number, };

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
first_frame: Finite | null, 
/**
 * Median time from a key event to the first picture that shows what followed, in milliseconds; absent where nothing
 * was measured.
 */
photon_p50: Finite | null, 
/**
 * 99th percentile of the same.
 */
photon_p99: Finite | null, };

/**
 * Everything the service may say.
 */
export type ToBrowser = { "type": "welcome", "body": Welcome } | { "type": "scene", "body": SceneShown } | { "type": "answer_stored", "body": AnswerStored } | { "type": "wanting", "body": Wanting } | { "type": "saved_stored", "body": PageState } | { "type": "told", "body": Told } | { "type": "warning", "body": Warning } | { "type": "game_page", "body": GamePage } | { "type": "play", "body": Play } | { "type": "acknowledged", "body": Acknowledged } | { "type": "round_trip", "body": RoundTrip } | { "type": "refused", "body": Refused } | { "type": "draining" } | { "type": "waiting", "body": Waiting } | { "type": "check", "body": Check } | { "type": "prepare", "body": Prepare } | { "type": "begin", "body": Begin } | { "type": "relayed", "body": Relayed } | { "type": "confirmed", "body": Confirmed } | { "type": "pace", "body": PaceAdvice } | { "type": "paused", "body": Paused } | { "type": "away", "body": Away } | { "type": "back", "body": Back } | { "type": "host", "body": HostRole } | { "type": "snapshot_wanted", "body": SnapshotWanted } | { "type": "heal", "body": Heal } | { "type": "adopt", "body": Heal } | { "type": "catch_up", "body": CatchUp } | { "type": "picture", "body": Picture } | { "type": "echo", "body": Echo } | { "type": "over", "body": Over };

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
engine: EngineNeeds | null, 
/**
 * Addresses of files that later scenes need, to be loaded while the participant reads.
 */
preload: Array<string>, };

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
 * Whether the page tells by `sight` when it goes out of sight.
 */
watched: boolean, 
/**
 * What to show.
 */
view: SceneView, };

/**
 * What to show of a scene.
 */
export type SceneView = { "kind": "page" } & Page | { "kind": "form" } & FormView | { "kind": "embedded" } & EmbedView | { "kind": "gym" } & GymView | { "kind": "end" } & EndView | { "kind": "trouble" } & TroubleView;

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
 * A document of the researcher's own.
 */
export type EmbedView = { 
/**
 * What stands above the frame.
 */
page: Page, 
/**
 * Address of the document.
 */
src: string, 
/**
 * The build that the document is to load, where it is the service's own.
 */
build: BuildView | null, 
/**
 * Width of the frame in CSS pixels; as wide as the page when absent.
 */
width: number | null, 
/**
 * Height of the frame in CSS pixels; as high as the document when absent.
 */
height: number | null, 
/**
 * What the researcher wants the document to be told, as JSON.
 */
settings: string, 
/**
 * Query parameters of the participant's link.
 */
parameters: { [key in string]: string }, 
/**
 * The values that scenes share, as JSON.
 */
globals: string, 
/**
 * What was saved last under each name in this visit, as JSON.
 */
saved: string, 
/**
 * What a function of the experiment module said last in this visit.
 */
told: Told | null, 
/**
 * How many episodes there are, where it is not up to the document.
 */
episodes: number | null, 
/**
 * Whether there is a button to leave the scene with.
 */
button: boolean, 
/**
 * How far it has come.
 */
state: PageState, };

/**
 * A WebGL build of Unity's.
 */
export type BuildView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Address of the loader.
 */
loader: string, 
/**
 * Address of the data.
 */
data: string, 
/**
 * Address of the framework.
 */
framework: string, 
/**
 * Address of the code.
 */
wasm: string, 
/**
 * Address of `StreamingAssets`.
 */
streaming: string, 
/**
 * Object and method of the build that messages are sent to.
 */
receiver: [string, string] | null, };

/**
 * How far a document has come. Everything up to a number is stored for good.
 */
export type PageState = { 
/**
 * The visit of the scene.
 */
visit: number, 
/**
 * The number of the last thing that was saved; 0 before the first.
 */
number: number, 
/**
 * How many episodes are over.
 */
ended: number, 
/**
 * The score of each of them, as far as they are known.
 */
scores: Array<Finite>, 
/**
 * Whether the scene may be left with `continue`.
 */
may_leave: boolean, 
/**
 * How much may still be saved in this visit, in bytes of JSON.
 */
room: number, };

/**
 * A function of the experiment module has said something to the document.
 */
export type Told = { 
/**
 * The visit of the scene.
 */
visit: number, 
/**
 * What it is about: the number from `saved`.
 */
number: number, 
/**
 * The function: `on_episode_start`, `on_episode_end` or `on_message`.
 */
hook: string, 
/**
 * What it said, as JSON.
 */
data: string, };

/**
 * A page with questions.
 */
export type FormView = { 
/**
 * What to read before the questions.
 */
page: Page, 
/**
 * The questions, in the participant's own order, and so are their options.
 */
questions: Array<QuestionView>, 
/**
 * What was answered so far.
 */
answers: { [key in QuestionId]: Answer }, 
/**
 * How often the answers may still be handed in, where there are right ones.
 */
tries_left: number | null, 
/**
 * Whether answers are being mended: they were handed in, and some were wrong.
 */
wrong: Array<QuestionId>, };

/**
 * A question.
 */
export type QuestionView = { 
/**
 * Its id.
 */
id: QuestionId, 
/**
 * What is asked, as HTML.
 */
prompt: string, 
/**
 * Whether the scene cannot be left without an answer.
 */
required: boolean, 
/**
 * In which form it is answered.
 */
ask: Ask, };

/**
 * The form in which a question is answered.
 */
export type Ask = { "kind": "text", 
/**
 * Lines of the box, at least 1.
 */
lines: number, 
/**
 * Most characters, at most [`LONGEST_TEXT`].
 */
max_length: number, 
/**
 * What stands in the empty box.
 */
placeholder: string, } | { "kind": "number", 
/**
 * The least that is allowed.
 */
min: Finite | null, 
/**
 * The most that is allowed.
 */
max: Finite | null, 
/**
 * Whether it must be whole.
 */
whole: boolean, 
/**
 * What stands behind the box, such as `years`.
 */
unit: string, } | { "kind": "choice", 
/**
 * The options, in the researcher's order. No id stands twice.
 */
options: Array<Alternative>, 
/**
 * Whether several may be chosen.
 */
several: boolean, 
/**
 * How many must be chosen at least, if it is answered.
 */
at_least: number, 
/**
 * How many may be chosen at most.
 */
at_most: number, 
/**
 * Whether each participant gets them in an order of its own.
 */
shuffle: boolean, 
/**
 * What they look like.
 */
look: Look, } | { "kind": "scale", 
/**
 * Number of points, at least 2; the answer is the point's number, counted from 0.
 */
points: number, 
/**
 * Words along the scale, spread evenly.
 */
labels: Array<string>, 
/**
 * Whether it is a slider instead of a row of buttons. Nothing is chosen before it is touched.
 */
slider: boolean, } | { "kind": "grid", 
/**
 * The rows. No id stands twice.
 */
rows: Array<Row>, 
/**
 * The words above the columns; the answer of a row is the column's number, counted from 0.
 */
columns: Array<string>, 
/**
 * Whether each participant gets the rows in an order of its own.
 */
shuffle: boolean, } | { "kind": "consent", 
/**
 * What stands beside the box.
 */
label: string, 
/**
 * Version of the text that is consented to; recorded with the answer.
 */
version: string, };

/**
 * An option of a question.
 */
export type Alternative = { 
/**
 * What the data say.
 */
id: string, 
/**
 * What participants read, as HTML.
 */
label: string, 
/**
 * Address of a picture, below the service's base path.
 */
image: string | null, };

/**
 * A row of a table.
 */
export type Row = { 
/**
 * What the data say.
 */
id: string, 
/**
 * What participants read, as HTML.
 */
label: string, };

/**
 * What options look like.
 */
export type Look = "list" | "boxes" | "dropdown";

/**
 * An answer is stored for good.
 */
export type AnswerStored = { 
/**
 * The visit from `answered`.
 */
visit: number, 
/**
 * The number from `answered`.
 */
number: number, };

/**
 * The scene cannot be left yet.
 */
export type Wanting = { 
/**
 * The visit from `continue`.
 */
visit: number, 
/**
 * By question, what is wrong with its answer.
 */
lacks: { [key in QuestionId]: Lack }, 
/**
 * Questions whose answers are not the right ones, where participants are told which.
 */
wrong: Array<QuestionId>, 
/**
 * How often the answers may still be handed in, where there are right ones.
 */
tries_left: number | null, };

/**
 * What keeps an answer from being taken.
 */
export type Lack = "missing" | "too_few" | "too_many" | "too_small" | "too_large" | "not_whole" | "too_long";

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
redirect: string | null, 
/**
 * Seconds after which the page leads there by itself; only the button does when absent.
 */
after_s: Finite | null, 
/**
 * The code that the participant leaves with, if any.
 */
code: IssuedCode | null, 
/**
 * Other codes that the participant was given on the way, oldest first.
 */
codes: Array<IssuedCode>, 
/**
 * What the study says of the participant's bonuses, a line each.
 */
bonuses: Array<string>, };

/**
 * A scene that ended in another way than planned.
 */
export type TroubleView = { 
/**
 * What to read.
 */
page: Page, 
/**
 * The code that the participant was given for it, if any.
 */
code: string | null, };

/**
 * A code that the service gave to a participant, who may have to show it to be paid.
 */
export type IssuedCode = { 
/**
 * For what.
 */
reason: Dismissal, 
/**
 * The code.
 */
code: string, };

/**
 * Why a scene ended in another way than planned, or for what else a code was issued.
 */
export type Dismissal = "complete" | "no_partner" | "left_waiting" | "partner_lost" | "absent" | "desync" | "failed" | "failed_check" | "screened_out" | "excluded" | "study_full";

/**
 * Something is wrong while a game is played, or is well again.
 */
export type Warning = { 
/**
 * The visit it belongs to.
 */
visit: number, 
/**
 * What is wrong; absent when all is well again.
 */
about: About | null, 
/**
 * What to tell the participant, as HTML; the page's own words when absent.
 */
message: string | null, };

/**
 * What was wrong with a player who is watched.
 */
export type About = "ping" | "tab" | "callback";

/**
 * A game scene.
 */
export type GymView = { 
/**
 * What to read before the game.
 */
page: Page, 
/**
 * Title beside the running game; may be empty.
 */
in_game_header: string, 
/**
 * HTML beside the running game; may be empty.
 */
in_game_body: string, 
/**
 * Where the environment runs.
 */
mode: Mode, 
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
 * Picture behind the drawing, relative to `files`; absent for none.
 */
background_image: string | null, 
/**
 * Pictures and sounds to load before the game begins, relative to `files`. The environment may name more.
 */
preload: Array<Asset>, 
/**
 * Frames per second.
 */
fps: number, 
/**
 * Number of episodes.
 */
episodes: number, 
/**
 * Of these the first so many are for practice.
 */
tutorial: number, 
/**
 * Whether the participant presses a button before each episode but the first.
 */
ready_check: boolean, 
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
 * The environment; absent in a streamed game, whose code stays on the service.
 */
environment: EnvironmentView | null, 
/**
 * Address under which the scene's pictures are found, ending in `/`; absent when it has none.
 */
files: string | null, 
/**
 * What is to know about playing together; absent when the participant plays alone.
 */
group: GroupView | null, };

/**
 * What a participant's page has to know about playing with others.
 */
export type GroupView = { 
/**
 * The agents whose inputs the service fixes, by seat: first those of people, then, where the service runs the
 * environment, its bots.
 */
agents: Array<string>, 
/**
 * How many of them people play.
 */
people: number, 
/**
 * Most frames that a copy runs ahead of the confirmed ones.
 */
max_prediction: number, 
/**
 * Time over which a correction of the picture is spread, in milliseconds; 0 for none.
 */
smoothing_ms: number, 
/**
 * Whether the number of waiting people is not shown.
 */
hide_lobby_count: boolean, };

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
 * For each binding the first one that does the same.
 */
alike: Array<number>, 
/**
 * For each binding what the page calls it; empty where it has no name but those of its keys.
 */
labels: Array<string>, 
/**
 * Where buttons for fingers are shown.
 */
on_screen: OnScreen, 
/**
 * When the mouse or a finger on the picture acts; absent where it does not.
 */
pointer: Pointer | null, 
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
 * Networks that play in the browser, by agent; those of other games play on the service.
 */
models: { [key in string]: ModelView }, };

/**
 * A network that plays in the browser.
 */
export type ModelView = { 
/**
 * Address of the ONNX file.
 */
url: string, 
/**
 * The input that takes the observation.
 */
obs_input: string, 
/**
 * The output that gives a logit for each action.
 */
logit_output: string, 
/**
 * Inputs that take what the outputs of the same place in `state_outputs` gave last.
 */
state_inputs: Array<string>, 
/**
 * See `state_inputs`.
 */
state_outputs: Array<string>, 
/**
 * Shape of each state.
 */
state_shape: Array<number>, 
/**
 * Inputs that always take the same number.
 */
fixed_inputs: { [key in string]: number }, 
/**
 * Frames from one choice to the next.
 */
frame_skip: number, 
/**
 * How logits become an action.
 */
choice: Choice, };

/**
 * What stands beside the game for one player.
 */
export type GamePage = { 
/**
 * The visit it belongs to.
 */
visit: number, 
/**
 * Title; may be empty.
 */
header: string, 
/**
 * HTML; may be empty.
 */
body: string, };

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
rows: Array<Uint8Array>, 
/**
 * Values that scenes share, by agent, as JSON; absent in a study without.
 */
globals: string | null, 
/**
 * The score of the episodes before that count, where the score that is shown goes on from episode to episode.
 */
score_before: Finite | null, };

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
 * How the waiting goes.
 */
export type Waiting = { 
/**
 * The visit that waits.
 */
visit: number, 
/**
 * What the participant is doing.
 */
state: WaitingState, 
/**
 * Place in the queue, from 1.
 */
position: number, 
/**
 * How many wait, this participant included.
 */
count: number, 
/**
 * How many play together.
 */
size: number, 
/**
 * How long the participant has waited, in milliseconds.
 */
waited_ms: number, 
/**
 * How long it waits at most from now on, in milliseconds.
 */
left_ms: number, };

/**
 * What a waiting participant is doing.
 */
export type WaitingState = "waiting" | "checking" | "asleep" | "full";

/**
 * Asks a waiting participant's page whether it is visible.
 */
export type Check = { 
/**
 * The visit that waits.
 */
visit: number, 
/**
 * To be named in the answer.
 */
proposal: bigint, 
/**
 * Time to answer, in milliseconds.
 */
milliseconds: number, };

/**
 * Make ready for an episode: reset the copy and say `prepared`.
 */
export type Prepare = { 
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
 * Seed for `reset`, the same for all players.
 */
seed: number, 
/**
 * The player's seat: an index into the agents of the scene's `group`.
 */
seat: number, 
/**
 * Frames between a key press and the frame it is for, for this player.
 */
input_delay: number, 
/**
 * Who is not ready after this time, in milliseconds, ends the game.
 */
milliseconds: number, 
/**
 * Values that scenes share, by agent, as JSON; absent in a study without, and in a streamed game.
 */
globals: string | null, 
/**
 * The player's score in the episodes before that count, where the score that is shown goes on from episode to episode.
 */
score_before: Finite | null, };

/**
 * The frame clock starts, or goes on.
 */
export type Begin = { 
/**
 * The episode.
 */
episode: number, 
/**
 * The frame with which it starts: 0, or after a pause the first one that is not confirmed.
 */
frame: number, 
/**
 * When, in milliseconds from now.
 */
in_ms: number, 
/**
 * Frames that the copy simulates at once when the clock starts, so that this player's inputs arrive in time.
 */
head_start: number, };

/**
 * Another player's inputs for consecutive frames.
 */
export type Relayed = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Whose.
 */
seat: number, 
/**
 * The frame that the first of them is for.
 */
first: number, 
/**
 * One action each, as MessagePack.
 */
inputs: Array<Uint8Array>, };

/**
 * Consecutive frames that are fixed for good.
 */
export type Confirmed = { 
/**
 * The episode.
 */
episode: number, 
/**
 * The first of the frames.
 */
first: number, 
/**
 * Of each frame the action of each seat, as MessagePack.
 */
frames: Array<Array<Uint8Array>>, };

/**
 * How fast a player's clock shall run.
 */
export type PaceAdvice = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Factor on the scene's frames per second, from 0.95 to 1.05.
 */
factor: number, 
/**
 * How early the player's inputs arrive, in milliseconds; absent when none came lately.
 */
margin_ms: number | null, 
/**
 * Inputs of this player in this episode that came after their frame was confirmed: they did not count for it.
 */
late: number, };

/**
 * The game waits.
 */
export type Paused = { 
/**
 * The episode.
 */
episode: number, 
/**
 * The seats it waits for.
 */
waiting_for: Array<number>, 
/**
 * The game ends after this time, in milliseconds.
 */
left_ms: number, };

/**
 * A player is away.
 */
export type Away = { 
/**
 * Which.
 */
seat: number, 
/**
 * The game ends if it is not back after this time, in milliseconds.
 */
left_ms: number, };

/**
 * A player is back.
 */
export type Back = { 
/**
 * Which.
 */
seat: number, };

/**
 * Whether a copy is the reference.
 */
export type HostRole = { 
/**
 * The episode.
 */
episode: number, 
/**
 * It is, and gives the rows from this frame on; absent when it is not, or no longer.
 */
rows_from: number | null, };

/**
 * Asks for a state of the player's copy.
 */
export type SnapshotWanted = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Number of confirmed frames that led to it; the newest older one will do if it is not kept.
 */
frame: number, };

/**
 * A state to adopt.
 */
export type Heal = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Number of confirmed frames that led to it.
 */
frame: number, 
/**
 * The state, from another copy's `snapshot`.
 */
state: Uint8Array, };

/**
 * What a copy lacks to play on.
 */
export type CatchUp = { 
/**
 * As for a new episode. A page that has this copy already keeps it.
 */
start: Prepare, 
/**
 * The state to begin with; absent when the copy is to begin at the episode's start, or to go on as it is.
 */
snapshot: Heal | null, 
/**
 * The confirmed frames that it lacks.
 */
confirmed: Confirmed, 
/**
 * Whether the frame clock runs: then the copy plays on by itself as soon as it has caught up; else `begin` comes.
 */
running: boolean, 
/**
 * As in `begin`.
 */
head_start: number, };

/**
 * A picture of a streamed game. It changes what the picture before it showed, unless it is complete.
 */
export type Picture = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Counts a player's pictures from 1 in each episode; `seen` names it.
 */
number: number, 
/**
 * Number of frames that led to the state shown.
 */
frame: number, 
/**
 * A draw packet, as JSON (see `docs/protocol.md`); a complete one has `full` set.
 */
draw: string | null, 
/**
 * The environment's own frame.
 */
image: Image | null, 
/**
 * Text above the game.
 */
hud: string | null, 
/**
 * The player's score so far in the episode.
 */
score: Finite | null, 
/**
 * Pictures to be loaded for drawing, as JSON; only when they have changed, and in complete pictures.
 */
assets: string | null, };

/**
 * A frame of an environment that draws its own.
 */
export type Image = { 
/**
 * Its MIME type, `image/jpeg` or `image/png`.
 */
mime: string, 
/**
 * The file.
 */
data: Uint8Array, };

/**
 * What a player did has been played.
 */
export type Echo = { 
/**
 * The episode.
 */
episode: number, 
/**
 * The `number` of the newest `acts` that has been played.
 */
number: number, 
/**
 * The first picture that shows what followed is that of this frame, or of a later one.
 */
frame: number, };

/**
 * The game is over.
 */
export type Over = { 
/**
 * Why, if it did not end as planned.
 */
reason: Dismissal | null, 
/**
 * The number of confirmed frames of the last episode.
 */
frames: number, };

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
export type RefusalCode = "malformed" | "out_of_place" | "wrong_version" | "subject_taken" | "wrong_token" | "finished" | "too_many" | "gap" | "unavailable";

/**
 * What is to be known of a game that is watched.
 */
export type FilmView = { 
/**
 * The study.
 */
experiment: ExperimentId, 
/**
 * The game.
 */
game: GameId, 
/**
 * Its scene.
 */
scene: SceneId, 
/**
 * Where its environment ran.
 */
mode: Mode, 
/**
 * Steps per second.
 */
fps: number, 
/**
 * Width in game pixels.
 */
width: number, 
/**
 * Height in game pixels.
 */
height: number, 
/**
 * CSS colour behind the drawing.
 */
background: string, 
/**
 * Picture behind the drawing, of the scene's pictures; absent for none.
 */
background_image: string | null, 
/**
 * Who plays, in the order of the seats.
 */
seats: Array<FilmSeat>, 
/**
 * The pictures of a frame: for each, the seats that see it. One where everybody sees the same.
 */
views: Array<Array<number>>, 
/**
 * When the game began, milliseconds since 1970.
 */
begun_at: Finite, 
/**
 * How the game ended; absent while it is played.
 */
ended: string | null, 
/**
 * The episodes so far.
 */
episodes: Array<FilmEpisode>, 
/**
 * How the replay compares with the record by now.
 */
verdict: FilmVerdict, };

/**
 * Who plays on a seat.
 */
export type FilmSeat = { 
/**
 * The agent.
 */
agent: string, 
/**
 * The participant; a bot when absent.
 */
subject: SubjectId | null, };

/**
 * An episode of a film.
 */
export type FilmEpisode = { 
/**
 * Its number, counted from 0.
 */
episode: number, 
/**
 * Its seed.
 */
seed: number, 
/**
 * How many frames are known.
 */
frames: number, 
/**
 * Whether it was played to its end.
 */
complete: boolean, 
/**
 * What befell it, in the order of frames.
 */
marks: Array<FilmMark>, };

/**
 * Something on the time line.
 */
export type FilmMark = { 
/**
 * At which frame.
 */
frame: number, 
/**
 * Whose; everybody's when absent.
 */
seat: number | null, 
/**
 * What.
 */
kind: FilmMarkKind, 
/**
 * One line for people, such as "rolled back by 3 frames".
 */
text: string, };

/**
 * Kinds of things on the time line.
 */
export type FilmMarkKind = "rollback" | "stood_in" | "away" | "back" | "pause" | "host" | "desync" | "healed" | "stretch";

/**
 * How a replay compares with the record.
 */
export type FilmVerdict = { 
/**
 * Rows that were compared and are equal.
 */
rows: number, 
/**
 * Hashes of states that were compared and are equal.
 */
hashes: number, 
/**
 * The first that is not equal.
 */
difference: FilmDifference | null, 
/**
 * Whether everything that is recorded has been compared.
 */
done: boolean, };

/**
 * Where a replay and the record part.
 */
export type FilmDifference = { 
/**
 * The episode.
 */
episode: number, 
/**
 * The row's frame, or the number of frames that led to the state.
 */
frame: number, 
/**
 * The column of the data file, such as `rewards.left`; `state` for a hash; `frames` for an episode of another length.
 */
field: string, 
/**
 * What is recorded.
 */
recorded: string, 
/**
 * What the replay has instead.
 */
replayed: string, };

/**
 * What a frame of a film shows.
 */
export type FilmFrame = { 
/**
 * The episode.
 */
episode: number, 
/**
 * Number of frames that led to it.
 */
frame: number, 
/**
 * By seat, the action that led to it, as JSON would write it; empty for the episode's start.
 */
actions: Array<string>, 
/**
 * By seat, the reward so far in the episode.
 */
rewards: Array<Finite>, 
/**
 * The pictures that are new; what is not here stays as it is.
 */
pictures: Array<FilmPicture>, };

/**
 * A picture of a film.
 */
export type FilmPicture = { 
/**
 * Place in [`FilmView::views`].
 */
view: number, 
/**
 * Whether it shows everything, whatever was on the screen before.
 */
complete: boolean, 
/**
 * A draw packet, as JSON.
 */
draw: string | null, 
/**
 * The environment's own frame.
 */
image: Image | null, 
/**
 * Text above the game.
 */
hud: string | null, 
/**
 * Pictures to be loaded for drawing, as JSON, if the picture is complete.
 */
assets: string | null, };

/**
 * Something that a game shows or plays; paths are relative to the scene's `assets_dir`. In the form that
 * `Surface.get_asset_specs()` gives.
 */
export type Asset = { "kind": "image", 
/**
 * What the environment calls it.
 */
name: string, 
/**
 * Its file.
 */
path: string, } | { "kind": "spritesheet", 
/**
 * What the environment calls it.
 */
name: string, 
/**
 * Its file.
 */
path: string, 
/**
 * Width of a frame, in pixels.
 */
frame_width: number, 
/**
 * Height of a frame, in pixels.
 */
frame_height: number, } | { "kind": "atlas", 
/**
 * What the environment calls it.
 */
name: string, 
/**
 * The picture.
 */
path: string, 
/**
 * Where its frames are: the JSON of the usual texture packers.
 */
json_path: string, } | { "kind": "multi_atlas", 
/**
 * What the environment calls them together.
 */
name: string, 
/**
 * Which pictures there are, and where their frames are.
 */
json_path: string, } | { "kind": "sound", 
/**
 * What the environment calls it.
 */
name: string, 
/**
 * Its file.
 */
path: string, } | { "kind": "animation", 
/**
 * What the environment calls it.
 */
name: string, 
/**
 * The picture with the frames.
 */
image: string, 
/**
 * The frames, at least one.
 */
frames: Array<FrameName>, 
/**
 * Frames per second, at least 1.
 */
fps: number, 
/**
 * Whether it begins again at its end; else its last frame stays.
 */
repeat: boolean, };

/**
 * A frame of a picture: its number in a sprite sheet, or its name in an atlas.
 */
export type FrameName = number | string;

/**
 * How key presses become actions.
 */
export type InputMode = "pressed_keys" | "single_keystroke";

/**
 * Where buttons for fingers are shown.
 */
export type OnScreen = "auto" | "always" | "never";

/**
 * When the mouse or a finger on the game's picture acts.
 */
export type Pointer = "click" | "hold" | "move";

/**
 * Where a scene's environment runs.
 */
export type Mode = "browser" | "authoritative" | "streamed";

/**
 * How logits become an action.
 */
export type Choice = { "kind": "argmax" } | { "kind": "softmax", 
/**
 * Greater than 0.
 */
temperature: number, };

/**
 * One study. Names the folder of its data.
 */
export type ExperimentId = string;

/**
 * One question of a scene. Names the columns of its answers.
 */
export type QuestionId = string;

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
