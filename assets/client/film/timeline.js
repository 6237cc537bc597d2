/**
 * The time line: a lane for each seat with what the player did and what befell it. Clicked and dragged to go there.
 */
import { element } from "../scenes/dom.js";
import { text } from "../operator/text.js";
import { absences, colourOf, frameAt, LOOKS, marksNear, ticks, xOf } from "./lanes.js";
import { clock } from "./transport.js";

/** @typedef {import("../wire").FilmMark} FilmMark */
/** @typedef {import("../wire").FilmSeat} FilmSeat */
/** @typedef {import("./inputs.js").Inputs} Inputs */

/**
 * @typedef {object} Shown
 * @property {number} episode
 * @property {number} last
 * @property {FilmMark[]} marks
 * @property {number | null} difference the frame at which the replay and the record part
 */

/** Heights in CSS pixels; film.css has the same for the names of the lanes. */
const RULER = 26;
const LANE = 50;
const COMMON = 24;

/** Actions that are named in the legend. */
const NAMED = 12;

export class Timeline {
  #inputs;
  #fps;
  #seats;
  #canvas = element("canvas");
  #head = element("div", { className: "playhead" });
  #tip = element("div", { className: "tip", hidden: true });
  #legend = element("div", { className: "film-legend" });
  #rows;
  #common = element("div", { className: "lane common" }, text.film.game);
  /** @type {Shown} */
  #shown = { episode: 0, last: 0, marks: [], difference: null };
  #frame = 0;
  #request = 0;
  #observer;
  #told = -1;

  /**
   * @param {FilmSeat[]} seats @param {Inputs} inputs @param {number} fps
   * @param {(frame: number) => void} seek
   */
  constructor(seats, inputs, fps, seek) {
    this.#seats = seats;
    this.#inputs = inputs;
    this.#fps = fps;
    this.#rows = seats.map(({ agent, subject }) => {
      const action = element("span", { className: "now-action" });
      const reward = element("span", { className: "now-reward" });
      const who = element("div", { className: "who" }, element("b", {}, agent), " ", element("span", {}, subject ?? text.bot));
      who.title = `${agent}: ${subject ?? text.bot}`;
      const now = element("div", { className: "now" }, action, reward);
      return { action, reward, element: element("div", { className: "lane" }, who, now) };
    });
    this.slider = element("div", { className: "tracks", tabIndex: 0 }, this.#canvas, this.#head, this.#tip);
    this.slider.setAttribute("role", "slider");
    this.slider.setAttribute("aria-label", text.film.position);
    this.slider.setAttribute("aria-valuemin", "0");
    const names = element("div", { className: "names" }, element("div", { className: "lane ruler" }), this.#common,
      ...this.#rows.map((row) => row.element));
    this.element = element(
      "section", { className: "timeline" }, element("div", { className: "lanes" }, names, this.slider), this.#legend,
    );
    this.#listen(seek);
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(this.slider);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    this.#common.hidden = !this.#hasCommon;
    this.redraw();
    this.at(this.#frame, this.#told < 0);
  }

  /** What is known has changed. */
  redraw() {
    if (this.#request !== 0) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      this.#draw();
      this.#fillLegend();
    });
  }

  /** @param {number} frame @param {boolean} tell whether to tell assistive technology too, which is not to be flooded */
  at(frame, tell) {
    this.#frame = frame;
    const { last } = this.#shown;
    this.#head.style.left = `${(xOf(frame, last, 1) * 100).toFixed(3)}%`;
    if (!tell) return;
    this.#told = frame;
    this.slider.setAttribute("aria-valuemax", `${last}`);
    this.slider.setAttribute("aria-valuenow", `${frame}`);
    this.slider.setAttribute("aria-valuetext", text.film.positionText(frame, last, clock(frame, this.#fps)));
  }

  /** What the players do and have now. @param {string[]} actions @param {number[]} rewards */
  now(actions, rewards) {
    for (const [seat, { action, reward }] of this.#rows.entries()) {
      const done = actions[seat] || null;
      set(action, done ?? text.film.noAction);
      action.style.setProperty("--chip", done === null ? "transparent" : this.#colour(done));
      const sum = rewards[seat];
      set(reward, sum === undefined ? "" : `${text.film.reward} ${numbers.format(sum)}`);
    }
  }

  /** @param {(frame: number) => void} seek */
  #listen(seek) {
    let dragging = false;
    const there = (/** @type {PointerEvent} */ { clientX }) => {
      const { left, width } = this.slider.getBoundingClientRect();
      return frameAt(clientX - left, this.#shown.last, width);
    };
    this.slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      dragging = true;
      this.slider.setPointerCapture(event.pointerId);
      seek(there(event));
    });
    this.slider.addEventListener("pointermove", (event) => {
      if (dragging) seek(there(event));
      this.#explain(event, there(event));
    });
    for (const over of ["pointerup", "pointercancel"]) this.slider.addEventListener(over, () => (dragging = false));
    this.slider.addEventListener("pointerleave", () => (this.#tip.hidden = true));
  }

  get #hasCommon() {
    return this.#shown.marks.some(({ seat }) => seat === null) || this.#shown.difference !== null;
  }

  /** What is under the pointer. @param {PointerEvent} event @param {number} frame */
  #explain(event, frame) {
    const box = this.slider.getBoundingClientRect();
    const { episode, last, marks, difference } = this.#shown;
    const near = Math.max(0.5, (7 * (last + 1)) / box.width);
    const top = RULER + (this.#hasCommon ? COMMON : 0);
    const y = event.clientY - box.top;
    const seat = y < top ? null : Math.min(this.#seats.length - 1, Math.floor((y - top) / LANE));
    const lines = [`${clock(frame, this.#fps)} · ${text.film.frame.toLowerCase()} ${frame}`];
    if (seat !== null) {
      const action = this.#inputs.at(episode, seat, frame);
      if (action !== null) lines.push(`${this.#seats[seat].agent}: ${text.film.action} ${action}`);
    }
    for (const mark of marksNear(marks, seat, frame, near).slice(0, 4)) lines.push(`${mark.frame}: ${mark.text}`);
    if (difference !== null && Math.abs(difference - frame) <= near) lines.push(`${difference}: ${text.film.difference}`);
    this.#tip.replaceChildren(...lines.map((line) => element("div", {}, line)));
    this.#tip.hidden = false;
    const x = Math.max(0, Math.min(event.clientX - box.left - this.#tip.offsetWidth / 2, box.width - this.#tip.offsetWidth));
    this.#tip.style.transform = `translate(${x}px, calc(-100% - 6px))`;
  }

  #draw() {
    const width = this.slider.clientWidth;
    const { episode, last, marks, difference } = this.#shown;
    const top = RULER + (this.#hasCommon ? COMMON : 0);
    const height = top + this.#seats.length * LANE;
    if (width === 0) return;
    const ratio = devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.slider);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const [line, quiet, ground] = ["--line", "--quiet", "--ground"].map(colour);
    const left = (/** @type {number} */ frame) => (frame / (last + 1)) * width;
    context.font = `12px ${style.fontFamily}`;
    context.textBaseline = "middle";

    context.fillStyle = quiet;
    for (const { frame, label } of ticks(last, this.#fps, width)) {
      const x = xOf(frame, last, width);
      context.fillRect(Math.round(x), 14, 1, 6);
      const half = context.measureText(label).width / 2;
      context.fillText(label, Math.max(0, Math.min(x - half, width - 2 * half)), 7);
    }
    context.fillStyle = line;
    context.fillRect(0, RULER - 5, width, 3);
    context.fillStyle = quiet;
    for (const { from, to } of this.#inputs.loaded(episode, last)) {
      context.fillRect(left(from), RULER - 5, left(to + 1) - left(from), 3);
    }

    for (const [seat] of this.#seats.entries()) {
      const y = top + seat * LANE;
      context.fillStyle = ground;
      context.fillRect(0, y + 19, width, LANE - 25);
      this.#drawRuns(context, episode, seat, last, width, y + 19, LANE - 25);
      for (const { from, to } of absences(marks, seat, last)) {
        hatch(context, left(from), y + 19, left(to) - left(from), LANE - 25, quiet);
      }
    }
    if (difference !== null) {
      context.fillStyle = LOOKS.desync.colour;
      context.fillRect(Math.round(xOf(difference, last, width)) - 1, RULER, 2, height - RULER);
      glyph(context, "flag", LOOKS.desync.colour, xOf(difference, last, width), RULER + COMMON / 2);
    }
    for (const { frame, seat, kind } of marks) {
      const { shape, colour } = LOOKS[kind] ?? LOOKS.pause;
      const y = seat === null ? RULER + COMMON / 2 : top + seat * LANE + 10;
      glyph(context, shape, colour, xOf(frame, last, width), y);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number} episode @param {number} seat @param {number} last
   * @param {number} width @param {number} y @param {number} height
   */
  #drawRuns(context, episode, seat, last, width, y, height) {
    const scale = width / (last + 1);
    for (const { from, to, action } of this.#inputs.runs(episode, seat, last)) {
      const [x, length] = [from * scale, (to + 1 - from) * scale];
      context.fillStyle = this.#colour(action);
      context.fillRect(x, y, Math.max(0.5, length - (length > 3 ? 0.75 : 0)), height);
      if (length < 16) continue;
      const name = brief(action);
      if (context.measureText(name).width > length - 8) continue;
      context.fillStyle = "#12161b"; // darker than every colour of a bar
      context.fillText(name, x + 5, y + height / 2 + 0.5);
    }
  }

  #fillLegend() {
    const { marks, difference } = this.#shown;
    const { actions } = this.#inputs;
    const named = [...actions].sort((a, b) => a.localeCompare(b, "en", { numeric: true })).slice(0, NAMED);
    const kinds = [...new Set(marks.map(({ kind }) => kind))].sort();
    const key = JSON.stringify([actions.length, named, kinds, difference !== null]);
    if (this.#legend.dataset.key === key) return;
    this.#legend.dataset.key = key;
    const inputs = named.map((action) => {
      const chip = element("i", { className: "chip" });
      chip.style.background = this.#colour(action);
      return element("span", {}, chip, brief(action));
    });
    if (actions.length > named.length) inputs.push(element("span", {}, text.film.moreActions(actions.length - named.length)));
    const signs = kinds.map((kind) => {
      const { shape, colour } = LOOKS[kind] ?? LOOKS.pause;
      return element("span", {}, sign(shape, colour), text.film.kinds[kind] ?? kind);
    });
    if (difference !== null) signs.push(element("span", {}, sign("flag", LOOKS.desync.colour), text.film.difference));
    this.#legend.replaceChildren(
      ...(inputs.length > 0 ? [element("div", {}, element("b", {}, text.film.inputs), ...inputs)] : []),
      ...(signs.length > 0 ? [element("div", {}, element("b", {}, text.film.marks), ...signs)] : []),
    );
  }

  /** @param {string} action */
  #colour(action) {
    return colourOf(action, this.#inputs.indexOf(action));
  }
}

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** @param {string} action */
function brief(action) {
  return action.length > 24 ? `${action.slice(0, 22)}…` : action;
}

/** Writes only what differs. @param {Node} node @param {string} words */
function set(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** @param {import("./lanes.js").Shape} shape @param {string} colour @returns {HTMLCanvasElement} for the legend */
export function sign(shape, colour) {
  const canvas = element("canvas", { className: "sign", width: 28, height: 28 });
  const context = canvas.getContext("2d");
  context?.scale(2, 2);
  if (context) glyph(context, shape, colour, 7, 7);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context @param {import("./lanes.js").Shape} shape @param {string} colour
 * @param {number} x @param {number} y
 */
function glyph(context, shape, colour, x, y) {
  const path = new Path2D();
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = 2.25;
  if (shape === "left") path.addPath(new Path2D(`M${x - 5} ${y}L${x + 4} ${y - 5}V${y + 5}Z`));
  else if (shape === "down") path.addPath(new Path2D(`M${x} ${y + 5}L${x - 5} ${y - 4}H${x + 5}Z`));
  else if (shape === "diamond") path.addPath(new Path2D(`M${x} ${y - 6}L${x + 5} ${y}L${x} ${y + 6}L${x - 5} ${y}Z`));
  else if (shape === "flag") path.addPath(new Path2D(`M${x - 1} ${y - 6}h1.5l6 3.5l-6 3.5v5.5h-1.5z`));
  else if (shape === "square") path.rect(x - 4, y - 4, 8, 8);
  else if (shape === "bars") path.addPath(new Path2D(`M${x - 4} ${y - 5}h3v10h-3zM${x + 1} ${y - 5}h3v10h-3z`));
  else if (shape === "circle" || shape === "ring") path.arc(x, y, 4, 0, 2 * Math.PI);
  else if (shape === "cross") path.addPath(new Path2D(`M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}`));
  else path.addPath(new Path2D(`M${x - 5} ${y}H${x + 5}M${x} ${y - 5}V${y + 5}`));
  if (shape === "ring" || shape === "cross" || shape === "plus") context.stroke(path);
  else context.fill(path);
}

/**
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width
 * @param {number} height @param {string} colour
 */
function hatch(context, x, y, width, height, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 6) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}
