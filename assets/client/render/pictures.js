/**
 * The pictures of a scene: loaded once, cut into textures.
 *
 * Loaded with plain image elements rather than PixiJS's loader, which starts workers from blob: addresses and so would
 * need a looser content security policy.
 */
import { ImageSource, Rectangle, Texture } from "pixi.js";
import { atlasFrames, atlasParts, sheetFrames } from "./atlas.js";
import { persistently } from "./persistently.js";

/** @typedef {import("./packet").PictureSpec} PictureSpec */
/** @typedef {import("./atlas.js").Frame} Frame */

export class Pictures {
  /** @type {Map<string, Map<number | string | null, Texture>>} textures by picture and frame */
  #textures = new Map();
  /** @type {Set<string>} */
  #missing = new Set();

  /** @type {Map<string, import("./animation.js").Animation>} */
  #animations = new Map();

  /** @param {PictureSpec} spec @param {string} base address of the scene's files, ending in `/` */
  async load(spec, base) {
    this.#textures.set(spec.name, await cut(spec, base));
  }

  /** @param {import("./animation.js").Animation & {name: string}} spec */
  animate(spec) {
    this.#animations.set(spec.name, spec);
  }

  /** @param {string} name */
  animation(name) {
    return this.#animations.get(name);
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

/** @param {PictureSpec} spec @param {string} base */
async function cut(spec, base) {
  /** @type {Map<number | string | null, Texture>} */
  const textures = new Map();
  switch (spec.kind) {
    case "image":
      textures.set(null, new Texture({ source: await picture(base + spec.path) }));
      break;
    case "spritesheet": {
      const source = await picture(base + spec.path);
      const frames = sheetFrames(source.pixelWidth, source.pixelHeight, spec.frame_width, spec.frame_height);
      for (const [index, frame] of frames.entries()) textures.set(index, texture(source, frame));
      break;
    }
    case "atlas": {
      const [source, description] = await Promise.all([picture(base + spec.path), json(base + spec.json_path)]);
      for (const [name, frame] of atlasFrames(description)) textures.set(name, texture(source, frame));
      break;
    }
    case "multi_atlas": {
      const folder = spec.json_path.slice(0, spec.json_path.lastIndexOf("/") + 1);
      const parts = atlasParts(await json(base + spec.json_path));
      await Promise.all(parts.map(async ({ image, frames }) => {
        const source = await picture(base + folder + image);
        for (const [name, frame] of frames) textures.set(name, texture(source, frame));
      }));
      break;
    }
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
