/**
 * Brings the objects of a draw packet into one form: a place that may glide, and a shape that is redrawn only when it
 * changes.
 *
 * Pure. Objects may also be written by hand by a researcher, so what is missing gets the drawing surface's default.
 */

/** @typedef {import("./packet").DrawObject} DrawObject */

/**
 * A shape relative to its place.
 * @typedef {{kind: "rect", w: number, h: number, radius: number} & Paint
 *   | {kind: "ellipse", rx: number, ry: number} & Paint
 *   | {kind: "arc", radius: number, from: number, to: number} & Paint
 *   | {kind: "line", points: number[][], color: string, width: number, below: Area | null, above: Area | null}
 *   | {kind: "polygon", points: number[][]} & Paint
 *   | {kind: "text", text: string, size: number, color: string, font: string, align: "left" | "center" | "right",
 *      anchor: [number, number]}
 *   | {kind: "image", image: string, w: number, h: number, frame: number | string | null, animation: string | null, angle: number,
 *      flipX: boolean, flipY: boolean}} Shape
 * @typedef {{color: string | null, stroke: string | null, strokeWidth: number}} Paint
 * @typedef {{color: string, edge: number}} Area filled between a line and an edge, whose y is relative to the place
 */

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {boolean} persistent
 * @property {number} depth
 * @property {number} alpha
 * @property {number} tween milliseconds; 0 for none
 * @property {number} x
 * @property {number} y
 * @property {Shape} shape
 */

/**
 * @param {DrawObject} object
 * @param {number} height of the surface, for areas that reach to its edge
 * @returns {Item | null} null for a kind that this client does not know
 */
export function normalise(object, height) {
  const placed = place(object, height);
  if (!placed) return null;
  return {
    id: String(object.id),
    persistent: Boolean(object.persistent),
    depth: number(object.depth, 0),
    alpha: Math.min(1, Math.max(0, number(object.alpha, 1))),
    tween: Math.max(0, number(object.tween, 0)),
    ...placed,
  };
}

/**
 * @param {DrawObject} o
 * @param {number} height
 * @returns {{x: number, y: number, shape: Shape} | null}
 */
function place(o, height) {
  switch (o.kind) {
    case "rect": {
      const shape = { kind: o.kind, w: number(o.w, 0), h: number(o.h, 0), radius: number(o.border_radius, 0) };
      return at(o, { ...shape, ...paint(o) });
    }
    case "circle": {
      const radius = number(o.radius, 0);
      return at(o, { kind: "ellipse", rx: radius, ry: radius, ...paint(o) });
    }
    case "ellipse":
      return at(o, { kind: "ellipse", rx: number(o.rx, 0), ry: number(o.ry, 0), ...paint(o) });
    case "arc": {
      const [from, to] = [number(o.start_angle, 0), number(o.end_angle, 0)];
      return at(o, { kind: "arc", radius: number(o.radius, 0), from, to, ...paint(o) });
    }
    case "line": {
      const { x, y, points } = relative(o.points);
      const below = o.fill_below ? { color: o.fill_below, edge: round(height - y) } : null;
      const above = o.fill_above ? { color: o.fill_above, edge: round(-y) } : null;
      const color = o.color ?? "black";
      return { x, y, shape: { kind: "line", points, color, width: number(o.width, 1), below, above } };
    }
    case "polygon": {
      const { x, y, points } = relative(o.points);
      return { x, y, shape: { kind: "polygon", points, ...paint(o) } };
    }
    case "text":
      return at(o, {
        kind: "text",
        text: String(o.text ?? ""),
        size: number(o.size, 16),
        color: o.color ?? "black",
        font: o.font ?? "sans-serif",
        align: o.align ?? "left",
        anchor: o.anchor ?? [0, 0],
      });
    case "image": {
      const [w, h] = [number(o.w, 0), number(o.h, 0)];
      // Its middle, about which it turns.
      return at({ x: number(o.x, 0) + w / 2, y: number(o.y, 0) + h / 2 }, {
        kind: "image", image: String(o.image), w, h, frame: o.frame ?? null, animation: o.animation ?? null, angle: number(o.angle, 0),
        flipX: Boolean(o.flip_x), flipY: Boolean(o.flip_y),
      });
    }
    default:
      return null;
  }
}

/**
 * @param {{x: number, y: number}} o
 * @param {Shape} shape
 */
function at(o, shape) {
  return { x: number(o.x, 0), y: number(o.y, 0), shape };
}

/** @param {{color: string | null, stroke_color: string | null, stroke_width: number}} o @returns {Paint} */
function paint(o) {
  const stroke = o.stroke_color ?? null;
  const strokeWidth = stroke === null ? 0 : number(o.stroke_width, 1);
  return { color: o.color ?? null, stroke: strokeWidth > 0 ? stroke : null, strokeWidth };
}

/**
 * Points as a place (the first one) and the way from there: a shape that only moves keeps its form, and can glide.
 * @param {number[][]} points
 */
function relative(points) {
  const [x, y] = points?.[0] ?? [0, 0];
  return { x, y, points: (points ?? []).map((point) => [round(point[0] - x), round(point[1] - y)]) };
}

/** To a thousandth of a pixel, so that a mere move is not taken for a change by the last bit of a subtraction. */
const round = (/** @type {number} */ value) => Math.round(value * 1000) / 1000;

/** @param {unknown} value @param {number} otherwise */
function number(value, otherwise) {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
