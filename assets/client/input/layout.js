/**
 * Which buttons a touch screen needs for a game's keys. Pure.
 *
 * Of keys that do the same one is enough; directions become a pad, everything else a button of its own.
 */

/** @typedef {"up" | "down" | "left" | "right"} Direction */

/**
 * @typedef {object} Layout
 * @property {Partial<Record<Direction, string>> | null} pad the key of each direction; null where there are not two
 * @property {string[]} buttons keys
 */

/** Sets of keys for directions, the most usual first. @type {Record<Direction, string>[]} */
const PADS = [
  { up: "ArrowUp", down: "ArrowDown", left: "ArrowLeft", right: "ArrowRight" },
  { up: "w", down: "s", left: "a", right: "d" },
  { up: "W", down: "S", left: "A", right: "D" },
  { up: "Gamepad.Up", down: "Gamepad.Down", left: "Gamepad.Left", right: "Gamepad.Right" },
];

/**
 * @param {string[][]} bindings
 * @param {number[]} alike for each binding the first one that does the same
 * @returns {Layout}
 */
export function layout(bindings, alike) {
  /** Keys that act by themselves, by what they do. @type {Map<number, string[]>} */
  const groups = new Map();
  for (const [index, [key, ...others]] of bindings.entries()) {
    if (others.length > 0 || key === undefined) continue;
    const group = alike[index] ?? index;
    groups.set(group, [...(groups.get(group) ?? []), key]);
  }
  const singles = new Set([...groups.values()].flat());
  const found = PADS.map((pad) => directions(pad, singles)).find((pad) => Object.keys(pad).length > 1) ?? null;
  const onPad = new Set(Object.values(found ?? {}));
  const buttons = [...groups.values()]
    .filter((keys) => !keys.some((key) => onPad.has(key)))
    .map((keys) => keys.find((key) => !key.startsWith("Gamepad.")) ?? keys[0]);
  // Keys that act only together with others.
  const done = new Set(groups.keys());
  const there = () => new Set([...onPad, ...buttons]);
  for (const [index, binding] of bindings.entries()) {
    const group = alike[index] ?? index;
    if (binding.length < 2 || done.has(group)) continue;
    const able = bindings.some((other, at) => (alike[at] ?? at) === group && other.every((key) => there().has(key)));
    done.add(group);
    if (!able) buttons.push(...binding.filter((key) => !there().has(key)));
  }
  return { pad: found, buttons };
}

/** @param {Record<Direction, string>} pad @param {Set<string>} keys */
function directions(pad, keys) {
  const there = Object.entries(pad).filter(([, key]) => keys.has(key));
  return /** @type {Partial<Record<Direction, string>>} */ (Object.fromEntries(there));
}

/**
 * Which directions a finger on the pad means: the nearest one, or two where the game knows them together.
 * @param {Partial<Record<Direction, string>>} pad
 * @param {number} x from the middle, -1 to 1 at the pad's edge
 * @param {number} y the same, downward
 * @param {(keys: string[]) => boolean} together whether the game has a binding of these keys
 * @returns {string[]} keys
 */
export function pressedPad(pad, x, y, together) {
  const distance = Math.hypot(x, y);
  if (distance < 0.15) return [];
  const leaning = /** @type {[Direction, number][]} */ ([["left", -x], ["right", x], ["up", -y], ["down", y]])
    .filter(([direction, lean]) => pad[direction] !== undefined && lean > 0)
    .sort((a, b) => b[1] - a[1]);
  if (leaning.length === 0) return [];
  const [first, second] = leaning.map(([direction]) => /** @type {string} */ (pad[direction]));
  // Each of the eight directions has an eighth of the circle.
  const diagonal = second !== undefined && leaning[1][1] / distance > Math.sin(Math.PI / 8);
  return diagonal && together([first, second]) ? [first, second] : [first];
}
