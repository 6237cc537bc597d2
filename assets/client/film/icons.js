/**
 * The signs on the player's buttons, drawn here so that they look the same on every system.
 */

const PATHS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z",
  back: "M14.5 5v14L5 12zM16.5 5H19v14h-2.5z",
  forward: "M9.5 5v14L19 12zM5 5h2.5v14H5z",
  start: "M12.5 5v14L4.5 12zM20.5 5v14l-8-7zM2.5 5h2v14h-2z",
  end: "M11.5 5v14l8-7zM3.5 5v14l8-7zM19.5 5h2v14h-2z",
};

/** @param {keyof typeof PATHS} name @returns {SVGSVGElement} */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
