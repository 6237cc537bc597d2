/**
 * Makes the WebGL build "beacon", in the form that Unity's builds have: a loader, and data, framework and code, compressed.
 *
 *     node experiments/assets/make_beacon.mjs
 *
 * The code is a few lines of WebAssembly, written by hand below. Nothing of Unity's is in it: what it has in common with a
 * build of Unity's is the contract between page, loader and framework.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const build = path.join(here, "beacon/Build");

// (func (export "next") (param i32) (result i32))       the next of a sequence of numbers below 2^31
// (func (export "score") (param i32 i32) (result i32))  100 for the right place, 0 for one that is 100 or more away
const i32 = 0x7f;
const next = [
  0x00, // no locals
  0x20, 0x00, 0x41, 0xed, 0x9c, 0x99, 0x8e, 0x04, 0x6c, // local.get 0; i32.const 1103515245; i32.mul
  0x41, 0xb9, 0xe0, 0x00, 0x6a, // i32.const 12345; i32.add
  0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x71, // i32.const 0x7fffffff; i32.and
  0x0b,
];
const score = [
  0x01, 0x01, i32, // one local of i32
  0x20, 0x00, 0x20, 0x01, 0x6b, 0x22, 0x02, // local.get 0; local.get 1; i32.sub; local.tee 2
  0x41, 0x1f, 0x75, 0x20, 0x02, 0x73, // i32.const 31; i32.shr_s; local.get 2; i32.xor
  0x20, 0x02, 0x41, 0x1f, 0x75, 0x6b, 0x21, 0x02, // local.get 2; i32.const 31; i32.shr_s; i32.sub; local.set 2 (|a - b|)
  0x41, 0xe4, 0x00, 0x20, 0x02, 0x6b, // i32.const 100; local.get 2; i32.sub
  0x41, 0x00, // i32.const 0
  0x20, 0x02, 0x41, 0xe4, 0x00, 0x49, // local.get 2; i32.const 100; i32.lt_u
  0x1b, 0x0b, // select
];
const text = (/** @type {string} */ words) => [words.length, ...Buffer.from(words)];
const section = (/** @type {number} */ id, /** @type {number[]} */ bytes) => [id, bytes.length, ...bytes];
const body = (/** @type {number[]} */ code) => [code.length, ...code];
const wasm = Buffer.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  ...section(1, [2, 0x60, 1, i32, 1, i32, 0x60, 2, i32, i32, 1, i32]),
  ...section(3, [2, 0, 1]),
  ...section(7, [2, ...text("next"), 0, 0, ...text("score"), 0, 1]),
  ...section(10, [2, ...body(next), ...body(score)]),
]);
const data = Buffer.from(JSON.stringify({ sky: "#101a2b", sea: "#17324a", beam: "#ffe9a3", mark: "#ff8f6b" }));

const framework = String.raw`
// The game: a beam turns, and is to be stopped at the mark. Space, Enter or a touch stops it.
var unityFramework = function (Module) {
  const { canvas, code, data } = Module;
  const settings = { speed: 1, seed: 7 };
  const context = canvas.getContext("2d");
  const game = { state: "waiting", angle: 0, mark: 0, last: 0, round: 0, score: 0 };
  const targets = { Beacon: {
    OnMessage(text) { Object.assign(settings, JSON.parse(text)); },
  } };

  function begin() {
    game.round = greenroom.episodesDone + 1;
    for (let seed = settings.seed, round = 0; round < game.round; round++) {
      seed = code.next(seed);
      game.mark = 120 + (seed % 400);
    }
    Object.assign(game, { state: "turning", angle: 0 });
    greenroom.episodeStart({ round: game.round, mark: game.mark, speed: settings.speed });
  }

  async function act() {
    if (game.state === "waiting") begin();
    else if (game.state === "turning") {
      Object.assign(game, { state: "saving", score: code.score(game.mark, Math.round(game.angle)) });
      await greenroom.episodeEnd({ round: game.round, stopped: Math.round(game.angle), points: game.score, speed: settings.speed });
      game.state = "waiting";
    }
  }

  function draw(now) {
    const { width, height } = canvas;
    if (game.state === "turning") game.angle = (game.angle + settings.speed * Math.min(now - game.last, 100) / 5) % 720;
    game.last = now;
    const [x, y, reach] = [width / 2, height * 0.92, height * 0.85];
    const point = (angle, far) => [x - Math.cos(angle / 720 * Math.PI) * far, y - Math.sin(angle / 720 * Math.PI) * far];
    context.fillStyle = data.sky;
    context.fillRect(0, 0, width, height);
    context.fillStyle = data.sea;
    context.fillRect(0, y, width, height);
    context.fillStyle = data.beam;
    context.globalAlpha = 0.75;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...point(game.angle - 14, reach));
    context.lineTo(...point(game.angle + 14, reach));
    context.fill();
    context.globalAlpha = 1;
    if (game.state !== "waiting") {
      context.fillStyle = data.mark;
      context.beginPath();
      context.arc(...point(game.mark, reach), height / 40, 0, 7);
      context.fill();
    }
    context.fillStyle = "#fff";
    context.font = "600 " + Math.round(height / 18) + "px system-ui, sans-serif";
    context.textAlign = "center";
    const words = { waiting: "Press the space bar, or tap, to begin a round", turning: "Stop the beam at the mark", saving: "One moment" };
    context.fillText(words[game.state], x, height * 0.08);
    requestAnimationFrame(draw);
  }

  function fit() {
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
  }
  addEventListener("resize", fit);
  fit();
  addEventListener("keydown", (event) => {
    if (event.repeat || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    act();
  });
  canvas.addEventListener("pointerdown", act);
  requestAnimationFrame(draw);
  Object.assign(window, { beacon: game });
  return { SendMessage: (object, method, value) => targets[object][method](value) };
};
`;

const loader = String.raw`
// The contract of Unity's loaders: load framework, data and code, tell how far that is, and make an instance.
function createUnityInstance(canvas, config, onProgress) {
  const report = (fraction) => onProgress && onProgress(fraction);
  const file = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(url + " answers " + response.status);
    return response;
  };
  const framework = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = config.frameworkUrl;
    script.onload = () => resolve(window.unityFramework);
    script.onerror = () => reject(new Error("Unable to load " + config.frameworkUrl));
    document.body.appendChild(script);
  });
  return (async () => {
    report(0);
    const data = await (await file(config.dataUrl)).json();
    report(0.3);
    const make = await framework();
    if (!make) throw new Error("Unable to parse " + config.frameworkUrl + ": check that the server sends Content-Encoding");
    report(0.6);
    // Insists, as Unity's loader does where it can, on application/wasm.
    const { instance } = await WebAssembly.instantiateStreaming(file(config.codeUrl), {});
    report(0.9);
    const game = make({ canvas, code: instance.exports, data });
    report(1);
    return { SendMessage: game.SendMessage, SetFullscreen() {}, Quit: async () => {} };
  })();
}
`;

mkdirSync(build, { recursive: true });
writeFileSync(path.join(build, "beacon.loader.js"), loader.trimStart());
writeFileSync(path.join(build, "beacon.data.gz"), gzipSync(data, { level: 9 }));
writeFileSync(path.join(build, "beacon.framework.js.br"), brotliCompressSync(framework.trimStart()));
writeFileSync(path.join(build, "beacon.wasm.br"), brotliCompressSync(wasm));
const { instance } = await WebAssembly.instantiate(wasm, {});
const { next: after, score: points } = /** @type {any} */ (instance.exports);
console.log(`beacon: ${wasm.length} bytes of WebAssembly; next(7) = ${after(7)}, score(10, 15) = ${points(10, 15)}, ${points(0, 500)}`);
