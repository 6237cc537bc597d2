/**
 * A stand-in for the operator's side of the service: a list of games, and films that are made up on the spot.
 *
 * `node tests/client/stand_in_film.mjs [port]` serves it for a browser. It speaks the film's protocol as the client
 * reads it, so it proves the client, not the service.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "@msgpack/msgpack";
import { CSP } from "./stand_in.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BASE = "/study1/";
const CLIENT = `${BASE}assets/client-dev/`;
const VENDOR = `${BASE}assets/vendor-dev/`;
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".json": "application/json", ".png": "image/png", ".svg": "image/svg+xml",
};

/** Pictures that show everything come so often, as in films. */
const KEY = 30;

/** What two players of a ball game do: left, stay, right, in turns of different lengths. */
export function actionOf(seat, frame) {
  const turn = Math.floor(frame / (seat === 0 ? 17 : 23));
  return [1, 2, 1, 0, 3][(turn * (seat + 2)) % 5];
}

/** Where things are after so many frames. */
export function stateOf(episode, frame) {
  let [left, right] = [150, 450];
  for (let at = 1; at <= frame; at += 1) {
    left = Math.max(30, Math.min(270, left + 4 * (actionOf(0, at) - 1)));
    right = Math.max(330, Math.min(570, right + 4 * (actionOf(1, at) - 1)));
  }
  const beat = (frame % 60) / 60;
  const over = Math.floor(frame / 60) % 2 === 0;
  const x = 130 + 340 * (over ? beat : 1 - beat);
  return { left, right, ball: { x, y: 330 - 720 * beat * (1 - beat) }, score: [Math.floor(frame / 120), Math.floor(frame / 90)], episode };
}

const COMMON = { persistent: false, depth: 0, tween: null, alpha: 1, stroke_color: null, stroke_width: 0 };

/** The picture of one player: everything when complete, else what moves. */
function drawing(episode, frame, view, complete) {
  const { left, right, ball } = stateOf(episode, frame);
  const fixed = { ...COMMON, persistent: true };
  const scenery = [
    { ...fixed, id: "sky", kind: "rect", depth: -3, x: 0, y: 0, w: 600, h: 400, color: view === 0 ? "#bfe0f5" : "#f6d9b8", border_radius: 0 },
    { ...fixed, id: "sand", kind: "rect", depth: -2, x: 0, y: 350, w: 600, h: 50, color: "#d9c08a", border_radius: 0 },
    { ...fixed, id: "net", kind: "rect", depth: -1, x: 296, y: 240, w: 8, h: 110, color: "#5b4636", border_radius: 3 },
  ];
  const moving = [
    { ...COMMON, id: "left", kind: "circle", x: left, y: 330, radius: 26, color: "#2f6fd0" },
    { ...COMMON, id: "right", kind: "circle", x: right, y: 330, radius: 26, color: "#c2413a" },
    { ...COMMON, id: "ball", kind: "circle", x: ball.x, y: ball.y, radius: 15, color: "#f2b705", tween: 30 },
  ];
  return JSON.stringify({ width: 600, height: 400, full: complete, objects: complete ? [...scenery, ...moving] : moving, removed: [] });
}

/** A PNG of one colour with a square where the ball is. */
function png(episode, frame) {
  const { ball } = stateOf(episode, frame);
  const [width, height] = [150, 100];
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = Math.abs(x - ball.x / 4) < 5 && Math.abs(y - ball.y / 4) < 5;
      rows.set(inside ? [250, 200, 60] : [30, 44, 66], y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body) >>> 0);
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const MARKS = [
  { frame: 41, seat: 1, kind: "rollback", text: "rolled back by 3 frames" },
  { frame: 44, seat: 1, kind: "rollback", text: "rolled back by 2 frames" },
  { frame: 72, seat: 0, kind: "stood_in", text: "the input came too late; the one before stood in" },
  { frame: 110, seat: 1, kind: "away", text: "away: the connection was lost" },
  { frame: 110, seat: null, kind: "pause", text: "paused for 2.1 s" },
  { frame: 131, seat: 1, kind: "back", text: "back after 2.1 s" },
  { frame: 170, seat: null, kind: "host", text: "left's copy became the reference" },
  { frame: 200, seat: 1, kind: "desync", text: "the state differed from the reference" },
  { frame: 206, seat: 1, kind: "healed", text: "took over the reference's state" },
  { frame: 240, seat: null, kind: "stretch", text: "waited 4 frames for the service's copy" },
];

/**
 * A film of two episodes.
 * @param {{frames?: number, images?: boolean, liveFrom?: number | null, difference?: any, begun?: number}} [options]
 *   with `liveFrom`, it is being played since that time
 */
export function film(options = {}) {
  const { frames = 300, images = false, liveFrom = null, difference = null } = options;
  const fps = 30;
  /** How many frames there are by now, by episode. */
  const now = () => {
    if (liveFrom === null) return [frames, frames];
    const played = Math.floor(((Date.now() - liveFrom) * fps) / 1000);
    return played <= frames ? [played] : [frames, Math.min(frames, played - frames)];
  };
  return {
    view(game) {
      const known = now();
      const over = known.length === 2 && known[1] === frames;
      const rows = known.reduce((sum, of) => sum + of, 0);
      return {
        experiment: "volley-study", game, scene: "volley", mode: images ? "streamed" : "browser", fps, width: 600,
        height: 400, background: "#ffffff", background_image: null, seats: [{ agent: "left", subject: "ann" }, { agent: "right", subject: "bob" }],
        views: images ? [[0, 1]] : [[0], [1]], begun_at: liveFrom ?? Date.now() - 3_600_000,
        ended: over ? "complete" : null,
        episodes: known.map((of, episode) => ({
          episode, seed: 7 + episode, frames: of, complete: of === frames,
          marks: MARKS.filter(({ frame }) => frame <= of && episode === 0),
        })),
        verdict: { rows: difference ? 119 : rows, hashes: Math.floor(rows / 60), difference, done: over || difference !== null },
      };
    },
    /** @returns {any[] | null} null when there is no such frame yet */
    frames(episode, from, count) {
      const last = now()[episode] ?? -1;
      if (from > last) return null;
      const first = from - (from % KEY);
      return Array.from({ length: Math.min(last, from + count) - first + 1 }, (_, index) => {
        const frame = first + index;
        const complete = frame % KEY === 0;
        const assets = complete ? "[]" : null;
        const { score } = stateOf(episode, frame);
        const hud = `Points ${score[0]} : ${score[1]}`;
        const pictures = images
          ? [{ view: 0, complete, draw: null, image: { mime: "image/png", data: png(episode, frame) }, hud, assets }]
          : [0, 1].map((view) => ({ view, complete, draw: drawing(episode, frame, view, complete), image: null, hud, assets }));
        return { episode, frame, actions: [0, 1].map((seat) => (frame === 0 ? "" : `${actionOf(seat, frame)}`)), rewards: score, pictures };
      });
    },
  };
}

/** @param {{films?: Record<string, ReturnType<typeof film>>, games?: () => any[], files?: string, port?: number}} study */
export async function start({ films = {}, games = () => [], files = "", port = 0 }) {
  /** Faults: what `film.json` is answered with; how long frames take, in milliseconds; whether anything is answered. */
  const control = { status: 200, said: "", slow: 0, mute: false, cookie: true };
  const requests = [];
  const pages = { "operator.html": "", "film.html": "" };
  for (const name of Object.keys(pages)) pages[name] = readFileSync(join(ROOT, "assets/client", name), "utf8");

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const path = url.pathname;
    requests.push(path + url.search);
    if (control.mute) return void request.socket.destroy();
    const nonce = randomBytes(12).toString("base64");
    response.setHeader("content-security-policy", CSP(nonce));
    const answer = (status, data, type = "text/plain; charset=utf-8") =>
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(data);
    const json = (data) => answer(200, JSON.stringify(data), "application/json");
    for (const [prefix, folder] of [[CLIENT, "assets/client"], [VENDOR, "assets/vendor"]]) {
      if (!path.startsWith(prefix)) continue;
      const name = normalize(path.slice(prefix.length));
      const file = join(ROOT, folder, name);
      if (name.startsWith("..") || !existsSync(file)) return void answer(404, "");
      return void answer(200, readFileSync(file), TYPES[extname(file)] ?? "application/octet-stream");
    }
    const page = (name, more = {}) => {
      const config = { base: BASE, client: CLIENT, vendor: VENDOR, ...more };
      const values = { title: "volley-study", config: JSON.stringify(config), nonce, base: BASE, client: CLIENT, vendor: VENDOR };
      answer(200, pages[name].replace(/\{\{(\w+)\}\}/g, (_, hole) => values[hole]), TYPES[".html"]);
    };
    if (!control.cookie) return void answer(401, "<h1>Operators only</h1>", TYPES[".html"]);
    if (path === `${BASE}admin/`) return void page("operator.html");
    if (path === `${BASE}admin/games.json`) return void json({ experiment: "volley-study", games: games(), more: false });
    const [, game, rest] = path.match(/^\/study1\/admin\/games\/([^/]+)\/(.*)$/) ?? [];
    const shown = films[game];
    if (!shown) return void answer(404, "there is no such game");
    if (rest === "") return void page("film.html", { game });
    if (rest === "film.json") {
      return void (control.status === 200 ? json(shown.view(game)) : answer(control.status, control.said));
    }
    if (rest.startsWith("files/") && files && existsSync(join(files, normalize(rest.slice(6))))) {
      return void answer(200, readFileSync(join(files, normalize(rest.slice(6)))), TYPES[extname(rest)] ?? "application/octet-stream");
    }
    if (rest !== "frames") return void answer(404, "there is no such file");
    const [episode, from, count, wait] = ["episode", "from", "count", "wait"].map((name) => Number(url.searchParams.get(name) ?? 0));
    await new Promise((resolve) => setTimeout(resolve, control.slow));
    const until = Date.now() + wait;
    let frames = shown.frames(episode, from, Math.min(count, 300));
    while (frames === null && Date.now() < until && !request.socket.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      frames = shown.frames(episode, from, Math.min(count, 300));
    }
    answer(200, encode(frames ?? []), "application/msgpack");
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}${BASE}admin/`, control, requests,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A game as the list has it. */
export function listed(game, more = {}) {
  return {
    game, scene: "volley", mode: "browser", players: [{ agent: "left", subject: "ann" }, { agent: "right", subject: "bob" }],
    begun_at: Date.now() - 90_000, ended: "complete", frames: 600, episodes: 2, ...more,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const since = Date.now();
  const games = () => [
    listed("live", { ended: null, begun_at: since, frames: Math.floor(((Date.now() - since) * 30) / 1000) }),
    listed("whole"), listed("images", { mode: "streamed", begun_at: since - 8e6 }),
    listed("parted", { ended: "desync", begun_at: since - 9e7 }),
  ];
  const difference = { episode: 0, frame: 119, field: "rewards.left", recorded: "1", replayed: "0" };
  const films = {
    live: film({ liveFrom: since, frames: 3000 }), whole: film(), images: film({ images: true }), parted: film({ difference }),
  };
  const { url } = await start({ films, games, port: Number(process.argv[2] ?? 8000) });
  console.log(`the stand-in serves ${url}`);
}
