/**
 * Which frame of an animation is shown. Pure.
 */

/** @typedef {{image: string, frames: (number | string)[], fps: number, repeat: boolean}} Animation */

/**
 * @param {Animation} animation
 * @param {number} elapsed milliseconds since it began
 * @returns {number | string}
 */
export function frameAt({ frames, fps, repeat }, elapsed) {
  const index = Math.floor((Math.max(0, elapsed) * fps) / 1000);
  return frames[repeat ? index % frames.length : Math.min(index, frames.length - 1)];
}
