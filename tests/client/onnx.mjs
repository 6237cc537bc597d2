/** A tiny ONNX file, written by hand: logits = obs × weights. */

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

const number = (/** @type {number} */ field, /** @type {number} */ value) => Buffer.concat([varint(field * 8), varint(value)]);
const part = (/** @type {number} */ field, /** @type {Buffer | string} */ content) => {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
};

/** @param {string} name @param {number} columns */
function tensor(name, columns) {
  const shape = Buffer.concat([1, columns].map((size) => part(1, number(1, size))));
  const type = part(1, Buffer.concat([number(1, 1), part(2, shape)]));
  return Buffer.concat([part(1, name), part(2, type)]);
}

/** @param {number[][]} weights by input and output @returns {Buffer} */
export function linear(weights) {
  const [rows, columns] = [weights.length, weights[0].length];
  const node = Buffer.concat([part(1, "obs"), part(1, "weights"), part(2, "logits"), part(4, "MatMul")]);
  const data = Buffer.from(new Float32Array(weights.flat()).buffer);
  const values = Buffer.concat([number(1, rows), number(1, columns), number(2, 1), part(8, "weights"), part(9, data)]);
  const graph = Buffer.concat([
    part(1, node), part(2, "linear"), part(5, values), part(11, tensor("obs", rows)), part(12, tensor("logits", columns)),
  ]);
  return Buffer.concat([number(1, 8), part(7, graph), part(8, number(2, 13))]);
}
