/** What passes between the page and the engine's worker. Types only. */
import type { EngineNeeds, EnvironmentView, FailedStage, InputView } from "../wire";

/** Where the engine's files are. */
export interface EngineFiles {
  vendor: string;
  python: string;
  wheels: EngineNeeds["wheels"];
}

export type KeyEventMessage =
  | { type: "keys"; event: "down"; key: string; code: string; repeat: boolean }
  | { type: "keys"; event: "up"; key: string; code: string }
  | { type: "keys"; event: "release_all" };

/** `run` counts the uses of the engine: answers to an earlier use are dropped. */
export type ToWorker =
  | { type: "load"; files: EngineFiles }
  | { type: "create"; run: number; environment: EnvironmentView; input: InputView; fps: number }
  | { type: "reset"; run: number; seed: number; episode: number; rows: Uint8Array[] }
  | { type: "go"; run: number }
  | { type: "pause" }
  | KeyEventMessage;

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
}

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

export type LoadingStage = "files" | "python" | "packages" | "environment";

export type FromWorker =
  | { type: "progress"; stage: LoadingStage; loaded: number; total: number }
  | { type: "loaded"; milliseconds: number }
  | { type: "created"; run: number }
  | { type: "begun"; run: number; output: Output }
  | { type: "stepped"; run: number; output: Output; at: number }
  | { type: "finished"; run: number; timing: EpisodeTiming }
  | { type: "failed"; run: number | null; problem: Problem };
