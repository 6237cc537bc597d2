/**
 * Downloads the engine's files with a progress in bytes.
 *
 * Pyodide fetches its files itself and reports nothing. So each file is read once here, counted, and is then in the
 * browser's cache when Pyodide asks for it. Handing Pyodide our own bytes instead would cost the browser's compiled
 * WebAssembly, which it keeps only for responses that came from the network cache.
 */

/** Raw sizes, for files that arrive compressed and so do not tell theirs. Only the progress bar depends on them. */
const RAW_BYTES = /** @type {Record<string, number>} */ ({
  "pyodide.asm.mjs": 1_250_000,
  "pyodide.asm.wasm": 9_600_000,
  "python_stdlib.zip": 2_550_000,
  "ort-wasm-simd-threaded.wasm": 14_240_000,
});

/** For other files that do not tell their size. */
const UNKNOWN_BYTES = 500_000;

/**
 * @param {string[]} urls
 * @param {(loaded: number, total: number) => void} progress
 * @returns {Promise<Uint8Array[]>} the contents, in the order of `urls`
 */
export async function download(urls, progress) {
  const loaded = urls.map(() => 0);
  const total = urls.map((url) => RAW_BYTES[fileName(url)] ?? UNKNOWN_BYTES);
  let told = 0;
  const tell = (/** @type {boolean} */ always) => {
    const now = performance.now();
    if (!always && now - told < 60) return;
    told = now;
    progress(sum(loaded), sum(total));
  };
  return Promise.all(urls.map(async (url, index) => {
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    const length = Number(response.headers.get("content-length"));
    if (length > 0 && !response.headers.get("content-encoding")) total[index] = length;
    const chunks = [];
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      loaded[index] += part.value.length;
      total[index] = Math.max(total[index], loaded[index]);
      tell(false);
    }
    total[index] = loaded[index];
    tell(true);
    return joined(chunks, loaded[index]);
  }));
}

/** @param {Uint8Array[]} chunks @param {number} length */
function joined(chunks, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** @param {string} url */
function fileName(url) {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}
