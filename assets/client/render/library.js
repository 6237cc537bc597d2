/**
 * The pictures, animations and sounds of a scene: each loaded once, with one count for all.
 *
 * Outlives the game's page, so that what was loaded while the participant read is there when the game begins.
 */
import { Pictures } from "./pictures.js";
import { Sounds } from "./sounds.js";

/** @typedef {import("./packet").AssetSpec} AssetSpec */

export class Library {
  pictures = new Pictures();
  /** Null where nothing is to be heard. */
  sounds;
  /** What is loaded or being loaded, by name. @type {Map<string, Promise<void>>} */
  #known = new Map();

  /** @param {boolean} [audible] */
  constructor(audible = true) {
    this.sounds = audible ? new Sounds() : null;
  }

  /**
   * What was loaded before is not loaded again; what failed is.
   * @param {AssetSpec[]} specs
   * @param {string | null} base address of the scene's files, ending in `/`
   * @param {(loaded: number, total: number) => void} [progress]
   */
  async load(specs, base, progress = () => {}) {
    const files = specs.filter((spec) => spec.kind !== "animation" && (spec.kind !== "sound" || this.sounds));
    const fresh = files.filter(({ name }) => !this.#known.has(name));
    if (fresh.length > 0 && base === null) throw new Error("the environment names pictures, the scene has no folder");
    for (const spec of specs) if (spec.kind === "animation") this.pictures.animate(spec);
    let loaded = 0;
    if (fresh.length > 0) progress(0, fresh.length);
    for (const spec of fresh) {
      const loading = this.#one(spec, base ?? "");
      this.#known.set(spec.name, loading);
      loading.then(() => progress(++loaded, fresh.length), () => this.#known.delete(spec.name));
    }
    await Promise.all(files.map(({ name }) => this.#known.get(name)));
  }

  /** @param {AssetSpec} spec @param {string} base */
  async #one(spec, base) {
    if (spec.kind === "sound") await this.sounds?.load(spec, base);
    else if (spec.kind !== "animation") await this.pictures.load(spec, base);
  }
}
