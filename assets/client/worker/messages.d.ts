/** What passes between the page and the engine's worker. Types only. */
import type { EngineNeeds, EnvironmentView, FailedStage, GroupView, InputView, Play } from "../wire";

/** Where the engine's files are. */
export interface EngineFiles {
  vendor: string;
  python: string;
  wheels: EngineNeeds["wheels"];
}

export type KeyEventMessage =
  /** `at` is the time of the event, by the page's clock. */
  | { type: "keys"; event: "down"; key: string; code: string; repeat: boolean; at: number }
  | { type: "keys"; event: "up"; key: string; code: string; at: number }
  | { type: "keys"; event: "release_all" };

/** Of the mouse or a finger on the picture, in whole game pixels. */
export type PointerEventMessage =
  | { type: "pointer"; event: "press" | "move" | "release"; x: number; y: number; at: number }
  /** The page no longer knows where it is. */
  | { type: "pointer"; event: "gone" };

export type InputEvent = KeyEventMessage | PointerEventMessage;

/** `run` counts the uses of the engine: answers to an earlier use are dropped. */
export type ToWorker =
  | { type: "load"; files: EngineFiles }
  | {
    type: "create"; run: number; environment: EnvironmentView; input: InputView; fps: number; group: GroupView | null;
  }
  | { type: "reset"; run: number; seed: number; episode: number; rows: Uint8Array[]; globals: Play["globals"] }
  | { type: "go"; run: number }
  | { type: "pause" }
  | ToCopy
  | InputEvent;

/** What a copy is told of the network, as `Rollback.tick` takes it; inputs are MessagePack, unread. */
export type CopyEvent =
  | ["confirmed", number, Uint8Array[][]]
  | ["input", number, number, Uint8Array]
  /** The service's state of a frame, to be adopted where the own one differs. */
  | ["adopt", number, Uint8Array]
  | ["rows", number | null];

/** Where an episode of a game for several players begins. `id` counts them; answers name it. */
export interface CopyStart {
  id: number;
  seed: number;
  episode: number;
  seat: number;
  input_delay: number;
  globals: Play["globals"];
}

/** What is said to a copy of a game for several players (see copy.js). */
export type ToCopy =
  | { type: "prepare"; run: number; start: CopyStart }
  | { type: "events"; run: number; events: CopyEvent[] }
  | { type: "begin"; run: number; in_ms: number; head_start: number }
  | { type: "pace"; run: number; factor: number }
  /** All that is missing was given: tell when it is caught up with, and then start the clock unless `head_start` is null. */
  | { type: "catch_up"; run: number; head_start: number | null }
  /** Adopt a state. `compare`: tell in what the own one differed; not where there is none worth the name. */
  | { type: "heal"; run: number; frame: number; state: Uint8Array; compare: boolean }
  | { type: "snapshot"; run: number; frame: number }
  | { type: "pending"; run: number }
  | { type: "visible"; visible: boolean };

/** What one call of the Python engine gave. */
export interface Output {
  row: Uint8Array | null;
  draw: string | null;
  frame: Uint8Array | null;
  frame_width: number;
  frame_height: number;
  hud: string | null;
  t: number;
  done: boolean;
  score: number;
  assets: string | null;
  diverged: number | null;
  /** What was wrong with the text above the game, as a traceback; told once. */
  trouble: string | null;
}

/** What a network is fed: for each input its values (32-bit floats) and their shape. */
export type NetworkFeeds = Map<string, [Uint8Array, number[]]> | Record<string, [Uint8Array, number[]]>;

/** What Python says beside that, and only the worker hears. */
export interface Wanted {
  /** The networks to run before the next step, by agent. */
  models: [string, NetworkFeeds][];
  /** Whether a replay waits for them. */
  replaying: boolean;
}

/** Inputs of this player for consecutive frames. */
export interface Sent {
  first: number;
  inputs: Uint8Array[];
}

/** What one call of the Python copy gave: see `rollback_output.py`. */
export interface CopyOutput extends Omit<Output, "row" | "diverged"> {
  confirmed: number;
  behind: number;
  waiting: boolean;
  ending: boolean;
  end: number | null;
  send: Uint8Array | null;
  rows: Uint8Array[];
  hashes: [number, string][];
  timing: [number, boolean[], number][];
  depth: number;
  replayed: number;
  healed: number | null;
  /** A state of the service that was adopted: its frame, the largest difference to the own state, and where it lay. */
  adopted: [number, number | null, string[]] | null;
}

/** How a copy fared in an episode. */
export interface CopyStats {
  /** Frames of the deepest rollback, and how many there were. */
  maxDepth: number;
  rollbacks: number;
  /** Rollbacks by their depth in frames. */
  depths: number[];
  /** Ticks at which the bound on prediction held the copy up, and how often that took long enough to be shown. */
  waitedFrames: number;
  stalls: number;
}

/** What a copy says; `id` is that of its `CopyStart`. */
export type FromCopy =
  | {
    type: "ticked"; run: number; id: number; output: CopyOutput; send: Sent | null; at: number;
    /** Number of the first of `output.rows`. */
    rows_from: number; stats: CopyStats;
  }
  /** The clock has started. */
  | { type: "started"; run: number; id: number }
  /** The bound on prediction holds the copy up for long, or no longer. */
  | { type: "stalled"; run: number; id: number; stalled: boolean }
  /** Nothing to tell, but all is well. */
  | { type: "alive"; run: number; id: number }
  | { type: "caught_up"; run: number; id: number }
  | { type: "healed"; run: number; id: number; frame: number; fields: string[] | null }
  | { type: "snapshot"; run: number; id: number; frame: number; state: Uint8Array }
  | { type: "pending"; run: number; id: number; sent: Sent | null };

export interface EpisodeTiming {
  fps: number;
  step_p50: number;
  step_p99: number;
  late: number;
}

export interface Problem {
  stage: FailedStage;
  message: string;
  traceback: string;
}

export type LoadingStage = "files" | "python" | "packages" | "models" | "environment";

export type FromWorker =
  /** `run` is null while Python itself is loaded, which goes on for the next user. */
  | { type: "progress"; run: number | null; stage: LoadingStage; loaded: number; total: number }
  | { type: "loaded"; milliseconds: number }
  /** `assets`: pictures and sounds that are known before the first episode, as JSON. */
  | { type: "created"; run: number; assets: string | null }
  /** `id` is that of the `CopyStart`; null in a single player's game. */
  | { type: "begun"; run: number; id: number | null; output: Output | CopyOutput }
  | { type: "stepped"; run: number; output: Output; at: number }
  | { type: "finished"; run: number; timing: EpisodeTiming }
  | { type: "failed"; run: number | null; problem: Problem }
  | FromCopy;
