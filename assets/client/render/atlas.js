/**
 * Cutting pictures into frames: sprite sheets by size, atlases by the JSON of the usual texture packers.
 *
 * Pure: rectangles in, rectangles out.
 */

/**
 * @typedef {object} Frame a part of a picture
 * @property {number} x
 * @property {number} y
 * @property {number} w on the picture; of a rotated frame: after turning it back
 * @property {number} h
 * @property {boolean} rotated whether it lies on its side, turned clockwise
 * @property {{x: number, y: number, w: number, h: number} | null} trim where it lies in its whole size, w x h
 */

/**
 * @param {number} width of the picture
 * @param {number} height
 * @param {number} w of a frame
 * @param {number} h
 * @returns {Frame[]} in rows from the top left
 */
export function sheetFrames(width, height, w, h) {
  const frames = [];
  for (let y = 0; y + h <= height; y += h) {
    for (let x = 0; x + w <= width; x += w) frames.push({ x, y, w, h, rotated: false, trim: null });
  }
  return frames;
}

/**
 * @param {any} json with `frames`, a map by name or a list with `filename`; or `textures` with such lists
 * @returns {Map<string, Frame>}
 */
export function atlasFrames(json) {
  return new Map(groupsOf(json).flatMap(({ frames }) => [...framesOf(frames)]));
}

/**
 * The pictures of an atlas that is spread over several.
 * @param {any} json with `textures`: each an `image` and its `frames`
 * @returns {{image: string, frames: Map<string, Frame>}[]}
 */
export function atlasParts(json) {
  return groupsOf(json).map(({ image, frames }) => ({ image: String(image ?? json.meta?.image), frames: framesOf(frames) }));
}

/** @param {any} json @returns {any[]} */
function groupsOf(json) {
  return Array.isArray(json.textures) ? json.textures : [json];
}

/** @param {any} group @returns {Map<string, Frame>} */
function framesOf(group) {
  const frames = new Map();
  const entries = Array.isArray(group) ? group.map((entry) => [entry.filename, entry]) : Object.entries(group ?? {});
  for (const [name, entry] of entries) {
    const { x, y, w, h } = entry.frame;
    const { spriteSourceSize: inside, sourceSize: whole } = entry;
    const trim = entry.trimmed && inside && whole ? { x: inside.x, y: inside.y, w: whole.w, h: whole.h } : null;
    frames.set(name, { x, y, w, h, rotated: Boolean(entry.rotated), trim });
  }
  return frames;
}
