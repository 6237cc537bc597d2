/**
 * The pictures of a scene: loaded once, cut into textures.
 *
 * Loaded with plain image elements rather than PixiJS's loader, which starts workers from blob: addresses and so would
 * need a looser content security policy.
 */
import { ImageSource, Rectangle, Texture } from "pixi.js";
import { atlasFrames, sheetFrames } from "./atlas.js";

/** @typedef {import("./packet").AssetSpec} AssetSpec */
/** @typedef {import("./atlas.js").Frame} Frame */

export class Pictures {
  /** @type {Map<string, Map<number | string | null, Texture>>} textures by picture and frame */
  #textures = new Map();
  /** @type {Set<string>} */
  #missing = new Set();

  /**
   * @param {AssetSpec[]} specs
   * @param {string} base address of the scene's files, ending in `/`
   * @param {(loaded: number, total: number) => void} progress
   */
  async load(specs, base, progress) {
    const fresh = specs.filter((spec) => !this.#textures.has(spec.name));
    let loaded = 0;
    await Promise.all(fresh.map(async (spec) => {
      this.#textures.set(spec.name, await cut(spec, base));
      progress(++loaded, fresh.length);
    }));
  }

  /**
   * @param {string} name
   * @param {number | string | null} frame
   * @returns {Texture} an empty one if there is no such picture
   */
  get(name, frame) {
    const frames = this.#textures.get(name);
    const texture = frames?.get(frame) ?? (frame === null ? frames?.values().next().value : undefined);
    if (texture) return texture;
    const asked = `${name} (frame ${frame})`;
    if (!this.#missing.has(asked)) console.warn(`there is no picture ${asked}`);
    this.#missing.add(asked);
    return Texture.EMPTY;
  }
}

/** @param {AssetSpec} spec @param {string} base */
async function cut(spec, base) {
  const [source, description] = await Promise.all([
    picture(base + spec.path),
    spec.kind === "atlas" ? json(base + spec.json_path) : null,
  ]);
  /** @type {Map<number | string | null, Texture>} */
  const textures = new Map();
  if (spec.kind === "image") {
    textures.set(null, new Texture({ source }));
  } else if (spec.kind === "spritesheet") {
    const frames = sheetFrames(source.pixelWidth, source.pixelHeight, spec.frame_width, spec.frame_height);
    for (const [index, frame] of frames.entries()) textures.set(index, texture(source, frame));
  } else {
    for (const [name, frame] of atlasFrames(description)) textures.set(name, texture(source, frame));
  }
  return textures;
}

/** @param {ImageSource} source @param {Frame} frame */
function texture(source, { x, y, w, h, rotated, trim }) {
  return new Texture({
    source,
    frame: rotated ? new Rectangle(x, y, h, w) : new Rectangle(x, y, w, h),
    orig: trim ? new Rectangle(0, 0, trim.w, trim.h) : new Rectangle(0, 0, w, h),
    trim: trim ? new Rectangle(trim.x, trim.y, w, h) : undefined,
    rotate: rotated ? 2 : 0, // PixiJS's number for a frame that lies on its side
  });
}

/** @param {string} url */
async function picture(url) {
  const image = await persistently(async () => {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
      throw new Error(`the picture ${url} could not be loaded`);
    }
    return image;
  });
  return new ImageSource({ resource: image, autoGenerateMipmaps: true });
}

/** @param {string} url */
async function json(url) {
  return persistently(async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the atlas ${url} could not be loaded: ${response.status}`);
    return response.json();
  });
}

/** Tries of one file before a game is given up for it. */
const TRIES = 4;

/**
 * Tries again after a pause: one lost request must not end anybody's game.
 * @template T
 * @param {() => Promise<T>} load
 */
async function persistently(load) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await load();
    } catch (error) {
      if (attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }
}
