/**
 * The sounds of a scene: loaded once, played when a draw packet asks for them.
 *
 * Browsers let a page be heard only after somebody has pressed something on it. Before, and while it is muted, a sound is
 * dropped, not kept: late it would tell of something else.
 */
import { persistently } from "./persistently.js";

/** More at a time would be noise. */
const VOICES = 16;

/** Where the browser keeps that somebody wants silence. */
const MUTED = "greenroom.muted";

/** Any rate will do: a context resamples what it plays. */
const RATE = 44_100;

export class Sounds {
  /** @type {Map<string, AudioBuffer>} */
  #buffers = new Map();
  /** @type {AudioContext | null} */
  #context = null;
  #voices = 0;
  #muted = read();

  /** How many can be played. */
  get size() {
    return this.#buffers.size;
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    try {
      localStorage.setItem(MUTED, muted ? "1" : "");
    } catch {
      // Then it holds for this page.
    }
  }

  /** @param {{name: string, path: string}} spec @param {string} base */
  async load({ name, path }, base) {
    const url = base + path;
    const bytes = await persistently(async () => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`the sound ${url} could not be loaded: ${response.status}`);
      return response.arrayBuffer();
    });
    try {
      // Without a page to be heard on: that would have to wait for the first press.
      this.#buffers.set(name, await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes));
    } catch (error) {
      // Not every browser plays every format, and a game without a sound is still a game.
      console.warn(`the sound ${url} cannot be played here`, error);
    }
  }

  /** @param {string} name @param {number} volume */
  play(name, volume) {
    const buffer = this.#buffers.get(name);
    if (!buffer || this.#muted || this.#voices >= VOICES) return;
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state !== "running") {
      this.#context.resume().catch(() => {});
      if (this.#context.state === "suspended" && this.#context.currentTime > 0) return;
    }
    const [source, gain] = [this.#context.createBufferSource(), this.#context.createGain()];
    source.buffer = buffer;
    gain.gain.value = Math.min(1, Math.max(0, volume));
    source.connect(gain).connect(this.#context.destination);
    this.#voices += 1;
    source.onended = () => {
      this.#voices -= 1;
      gain.disconnect();
    };
    source.start();
    const page = /** @type {any} */ (globalThis);
    page.greenroomSounds = (page.greenroomSounds ?? 0) + 1; // for tests, and whoever looks at the browser's console
  }

  close() {
    this.#context?.close().catch(() => {});
    this.#context = null;
  }
}

function read() {
  try {
    return localStorage.getItem(MUTED) === "1";
  } catch {
    return false;
  }
}
