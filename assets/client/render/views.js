/**
 * How each kind of shape is drawn with PixiJS.
 *
 * A view is made once and changed in place: making display objects anew in every frame is what makes drawing slow.
 */
import { Graphics, Sprite, Text } from "pixi.js";

/** @typedef {import("./normalise.js").Shape} Shape */
/** @typedef {import("./normalise.js").Paint} Paint */
/** @typedef {import("./pictures.js").Pictures} Pictures */
/** @typedef {Graphics | Sprite | Text} View */

/**
 * @param {Shape} shape
 * @param {Pictures} pictures
 * @param {number} sharpness device pixels for one surface pixel
 * @returns {View}
 */
export function makeView(shape, pictures, sharpness) {
  if (shape.kind === "text") {
    // On whole pixels: between two, the letters would be blurred.
    const text = new Text({ text: "", resolution: sharpness, roundPixels: true });
    reshape(text, shape, pictures);
    return text;
  }
  const view = shape.kind === "image" ? new Sprite({ anchor: 0.5 }) : new Graphics();
  reshape(view, shape, pictures);
  return view;
}

/** @param {View} view @param {Shape} shape @param {Pictures} pictures */
export function reshape(view, shape, pictures) {
  if (shape.kind === "text") setText(/** @type {Text} */ (view), shape);
  else if (shape.kind === "image") setImage(/** @type {Sprite} */ (view), shape, pictures);
  else draw(/** @type {Graphics} */ (view).clear(), shape);
}

/** @param {Text} view @param {Shape & {kind: "text"}} shape */
function setText(view, { text, size, color, font, align, anchor }) {
  view.text = text;
  view.style = { fontFamily: font, fontSize: size, fill: color, align, padding: Math.ceil(size / 8) };
  view.anchor.set(...anchor);
}

/** @param {Sprite} view @param {Shape & {kind: "image"}} shape @param {Pictures} pictures */
function setImage(view, { image, frame, w, h, angle, flipX, flipY }, pictures) {
  view.texture = pictures.get(image, frame);
  const { width, height } = view.texture.orig;
  view.scale.set((flipX ? -w : w) / width, (flipY ? -h : h) / height);
  view.angle = angle;
}

/** @param {Graphics} view @param {Exclude<Shape, {kind: "text"} | {kind: "image"}>} shape */
function draw(view, shape) {
  switch (shape.kind) {
    case "rect": {
      const radius = Math.min(shape.radius, shape.w / 2, shape.h / 2);
      if (radius > 0) view.roundRect(0, 0, shape.w, shape.h, radius);
      else view.rect(0, 0, shape.w, shape.h);
      fillAndStroke(view, shape);
      break;
    }
    case "ellipse":
      if (shape.rx === shape.ry) view.circle(0, 0, shape.rx);
      else view.ellipse(0, 0, shape.rx, shape.ry);
      fillAndStroke(view, shape);
      break;
    case "arc":
      drawArc(view, shape);
      break;
    case "polygon":
      view.poly(shape.points.flat(), true);
      fillAndStroke(view, shape);
      break;
    case "line":
      drawLine(view, shape);
      break;
  }
}

/** The sector is filled, but only the curve is stroked. @param {Graphics} view @param {Shape & {kind: "arc"}} shape */
function drawArc(view, { radius, from, to, color, stroke, strokeWidth }) {
  const whole = Math.abs(to - from) >= 2 * Math.PI;
  if (color !== null) {
    if (whole) view.circle(0, 0, radius);
    else view.moveTo(0, 0).arc(0, 0, radius, from, to).closePath();
    view.fill(color);
  }
  if (stroke !== null) {
    view.beginPath();
    if (whole) view.circle(0, 0, radius);
    else view.moveTo(radius * Math.cos(from), radius * Math.sin(from)).arc(0, 0, radius, from, to);
    view.stroke({ color: stroke, width: strokeWidth });
  }
}

/** @param {Graphics} view @param {Shape & {kind: "line"}} shape */
function drawLine(view, { points, color, width, below, above }) {
  if (points.length === 0) return;
  for (const area of [below, above]) {
    if (!area) continue;
    const corners = [...points, [points[points.length - 1][0], area.edge], [points[0][0], area.edge]];
    view.poly(corners.flat(), true).fill(area.color);
  }
  if (width <= 0) return;
  view.beginPath().moveTo(points[0][0], points[0][1]);
  for (const [x, y] of points.slice(1)) view.lineTo(x, y);
  view.stroke({ color, width, join: "round", cap: "round" });
}

/** @param {Graphics} view @param {Paint} paint */
function fillAndStroke(view, { color, stroke, strokeWidth }) {
  if (color !== null) view.fill(color);
  if (stroke !== null) view.stroke({ color: stroke, width: strokeWidth });
}
