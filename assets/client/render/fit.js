/**
 * How large the game is drawn. Pure.
 */

/** @typedef {{width: number, height: number}} Size */

/**
 * The largest scale at which the surface fits, keeping its proportions.
 * @param {Size} surface
 * @param {Size} room in CSS pixels
 */
export function fit(surface, room) {
  return Math.min(room.width / surface.width, room.height / surface.height);
}

/**
 * The same for a surface that shows a picture made of pixels: each of them should cover a whole number of device
 * pixels, or some columns would look wider than others. Only from twice the size on, as below that too much would be
 * lost.
 * @param {Size} surface
 * @param {Size} picture
 * @param {Size} room
 * @param {number} ratio device pixels for one CSS pixel
 */
export function frameFit(surface, picture, room, ratio) {
  const scale = fit(surface, room);
  const perPixel = (surface.width * scale * ratio) / picture.width;
  return perPixel >= 2 ? (scale * Math.floor(perPixel)) / perPixel : scale;
}
