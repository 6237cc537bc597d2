/**
 * What the player's keys mean. Pure.
 */

/**
 * @typedef {{do: "toggle" | "live" | "view" | "start" | "end"} | {do: "step", frames: number}
 *   | {do: "second", direction: 1 | -1} | {do: "speed", direction: 1 | -1}} Command
 */

/** @type {Record<string, Command>} */
const COMMANDS = {
  " ": { do: "toggle" }, k: { do: "toggle" }, l: { do: "live" }, v: { do: "view" }, home: { do: "start" },
  end: { do: "end" }, "[": { do: "speed", direction: -1 }, "]": { do: "speed", direction: 1 },
  arrowleft: { do: "step", frames: -1 }, arrowright: { do: "step", frames: 1 },
  arrowdown: { do: "step", frames: -1 }, arrowup: { do: "step", frames: 1 },
  pageup: { do: "second", direction: 1 }, pagedown: { do: "second", direction: -1 },
};

/** Keys that move within a list of choices, where such a list has the focus. */
const MOVING = /^(arrow|home|end|page)/;

/**
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @param {string} focused what has the focus: its role, or else its element's name, in lower case
 * @returns {Command | null} null for keys that are the browser's or the focused element's own
 */
export function commandOf(event, focused) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (focused === "input" || focused === "textarea") return null;
  if (["button", "a", "summary", "select", "radio"].includes(focused) && key === " ") return null;
  if (["select", "radio"].includes(focused) && MOVING.test(key)) return null;
  // Up and down scroll the page, except on the time line.
  if (focused !== "slider" && ["arrowup", "arrowdown", "pageup", "pagedown"].includes(key)) return null;
  const command = COMMANDS[key] ?? null;
  if (command?.do === "step" && event.shiftKey) return { do: "second", direction: command.frames > 0 ? 1 : -1 };
  return command;
}
