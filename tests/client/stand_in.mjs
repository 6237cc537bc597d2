/**
 * A stand-in for the service, for trying the client alone: one study in memory, no journal, no rules worth the name.
 *
 * `node tests/client/stand_in.mjs [port]` serves it for a browser; the browser tests start it with scenes and faults
 * of their own. It speaks the protocol as the client reads it, so it proves the client, not the service.
 */
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@msgpack/msgpack";
import { WebSocketServer } from "ws";
import { Stream } from "./stand_in_stream.mjs";
import { Table } from "./stand_in_table.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BASE = "/study1/";
const CLIENT = `${BASE}assets/client-dev/`;
const VENDOR = `${BASE}assets/vendor-dev/`;
const PYTHON = `${BASE}assets/python-dev/greenroom.tar`;

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".json": "application/json", ".wasm": "application/wasm", ".png": "image/png", ".svg": "image/svg+xml",
};

/** The tightest policy under which PixiJS and Pyodide work. It must be on every response: the worker has its own. */
export const CSP = (nonce) => [
  "default-src 'none'", `script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`, "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
  "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'",
].join("; ");

/** What a game with others hears. */
const TOGETHER = ["prepared", "inputs", "hashes", "steps", "episode_ended", "acts", "seen"];

/** The wheels in the order in which they must be installed. */
export function wheels() {
  const order = ["typing_extensions", "farama_notifications", "cloudpickle", "numpy", "gymnasium"];
  const files = readdirSync(join(ROOT, "assets/vendor/wheels"));
  return order.map((name) => `${VENDOR}wheels/${files.find((file) => file.startsWith(name) && file.endsWith(".whl"))}`);
}

/** The texts of a language that is built in. @param {string} tag */
export function language(tag) {
  return JSON.parse(readFileSync(join(ROOT, `assets/client/texts/${tag}.json`), "utf8"));
}

/** An uncompressed tar of the Python package. */
function pythonTar() {
  const folder = join(ROOT, "assets/python/greenroom");
  const blocks = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".py"))) {
    const data = readFileSync(join(folder, name));
    const head = Buffer.alloc(512);
    head.write(`greenroom/${name}`, 0);
    head.write("0000644\0", 100);
    head.write("0000000\0", 108);
    head.write("0000000\0", 116);
    head.write(`${data.length.toString(8).padStart(11, "0")}\0`, 124);
    head.write("00000000000\0", 136);
    head.write("        ", 148);
    head.write("0", 156);
    head.write("ustar\u000000", 257);
    head.write(`${[...head].reduce((a, b) => a + b, 0).toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(head, data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A game scene's view around an environment's code; in a streamed one that is left out. */
export function gym(code, options = {}) {
  const {
    actions = [0, 1, 2], default_action = 1, policies = { human: "human" }, max_steps = 90, group = null, hud_text_fn = null, input: given, ...view
  } = options;
  const { width = 600, height = 400 } = view;
  const input = { mode: "pressed_keys", bindings: [["ArrowLeft"], [], ["ArrowRight"]], agent: "human", ...given };
  const pointer = input.pointer ?? null;
  const together = group ? { agents: group.agents, max_prediction: group.max_prediction, hash_interval: 10 } : {};
  const settings = {
    actions, default_action, fallback: "default_action", policies, max_steps, record_observations: true,
    step_code: null, ...(hud_text_fn ? { hud_text_fn } : {}), ...together,
    step_code: null, pointer: pointer && { mode: pointer, width, height }, ...together,
  };
  return {
    kind: "gym",
    page: { header: "A short game", subheader: "Two rounds", body: "<p>Use the arrow keys to move.</p>" },
    mode: "browser", in_game_header: "", in_game_body: "", tutorial: 0, ready_check: false, begun: false, width: 600, height: 400, background: "#ffffff", fps: 30, episodes: 2, max_steps,
    freeze_seconds: 0, input: { mode: "pressed_keys", bindings: [["ArrowLeft"], [], ["ArrowRight"]], agent: "human" },
    mode: "browser", in_game_body: "", begun: false, width: 600, height: 400, background: "#ffffff", background_image: null,
    preload: [], fps: 30, episodes: 2, max_steps, freeze_seconds: 0,
    input: { alike: input.bindings.map((_, index) => index), labels: input.bindings.map(() => ""), on_screen: "auto", ...input, pointer },
    files: null, group: group && { people: group.agents.length, ...group },
    ...view,
    environment: view.mode === "streamed"
      ? null : { code, filename: "environment.py", settings: encode(settings), models: {} },
  };
}

export const page = (header, body = "") => ({ kind: "page", header, subheader: "", body });

/**
 * @param {{scenes: Array<{id: string, view: any}>, files?: string, port?: number, lang?: string, texts?: any}} study its language,
 *   and its texts or the language whose texts they are
 */
export async function start({ scenes, files, port = 0, lang = "en", texts = "en" }) {
  const people = new Map();
  /** Of a scene for several players, or one on the service, by visit. @type {Map<number, any>} */
  const tables = new Map();
  const log = [];
  const sockets = new Set();
  /**
   * Faults: answer nothing; refuse each hello with this code; break the connection at the next episode's end; store
   * nothing; let nobody in.
   */
  const control = { mute: false, hello: null, cut: false, full: false, away: false };
  const requests = [];
  const html = readFileSync(join(ROOT, "assets/client/page.html"), "utf8");
  const words = typeof texts === "string" ? language(texts) : texts;

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    requests.push(path);
    const nonce = randomBytes(12).toString("base64");
    response.setHeader("content-security-policy", CSP(nonce));
    response.setHeader("x-content-type-options", "nosniff");
    const send = (data, type) => response.writeHead(200, {
      "content-type": type, "content-length": data.length,
      "cache-control": path.includes("-dev/") ? "public, max-age=31536000, immutable" : "no-store",
    }).end(data);
    if (path === PYTHON) return void send(pythonTar(), "application/x-tar");
    for (const [prefix, folder] of [[CLIENT, "assets/client"], [VENDOR, "assets/vendor"], [`${BASE}files/`, files]]) {
      if (!folder || !path.startsWith(prefix)) continue;
      const name = normalize(path.slice(prefix.length));
      const file = join(folder.startsWith("/") ? folder : join(ROOT, folder), name);
      if (name.startsWith("..") || !existsSync(file)) return void response.writeHead(404).end();
      return void send(readFileSync(file), TYPES[extname(file)] ?? "application/octet-stream");
    }
    if (!path.startsWith(BASE)) return void response.writeHead(404).end();
    const config = {
      base: BASE, subject: path.slice(BASE.length) || null, experiment: "standin", client: CLIENT, vendor: VENDOR,
      python: PYTHON, socket: `${BASE}ws`, language: { tag: lang, words },
    };
    const values = {
      title: "Stand-in", config: JSON.stringify(config).replaceAll("<", "\\u003c"), nonce, base: BASE, client: CLIENT,
      vendor: VENDOR, lang, dir: ["ar", "he", "fa"].includes(lang) ? "rtl" : "ltr",
      no_script_header: words.page.noScript.header, no_script_body: words.page.noScript.body,
    };
    send(Buffer.from(html.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name])), TYPES[".html"]);
  });

  const sockServer = new WebSocketServer({ server, path: `${BASE}ws`, maxPayload: 1 << 20, verifyClient: () => !control.away });
  sockServer.on("connection", (socket) => {
    sockets.add(socket);
    let person = null;
    const say = (type, body) => socket.readyState === socket.OPEN && socket.send(encode({ type, body }));
    const showScene = () => {
      const { id, view } = scenes[person.scene];
      const begun = view.kind === "gym" ? { begun: person.begun } : {};
      const progress = [person.scene + 1, scenes.length];
      // One makes the pictures of a streamed game, one says what is missing in a form.
      const { stream, judge, ...shown } = view;
      const answered = view.kind === "form" ? { answers: person.answers ?? {}, ...person.told } : {};
      say("scene", { visit: person.scene + 1, scene: id, progress, view: { ...shown, ...begun, ...answered } });
    };
    const next = () => {
      Object.assign(person, { scene: person.scene + 1, begun: false, episode: 0, rows: [], answers: {}, told: {} });
      showScene();
    };
    const play = () => {
      const { scene: visit, episode, rows } = person;
      person.begun = true;
      const { game_page } = scenes[visit];
      if (game_page) say("game_page", { visit: visit + 1, ...game_page });
      say("play", { visit: visit + 1, game: `game-${visit}`, episode, seed: 1000 + episode, rows, score_before: episode > 0 ? 10 * episode : 0 });
    };
    socket.on("message", (data) => {
      const { type, body } = decode(data);
      log.push({ type, body });
      if (control.mute) return;
      if (type === "hello") {
        if (control.hello) return void say("refused", { code: control.hello, message: "as the test wants it" });
        const subject = body.subject ?? `visitor-${people.size + 1}`;
        const known = people.get(subject);
        if (known && known.token !== body.token) {
          return void say("refused", { code: "subject_taken", message: "begun elsewhere" });
        }
        person = known ?? { token: randomBytes(16).toString("hex"), scene: 0, begun: false, episode: 0, rows: [] };
        people.set(subject, person);
        person.socket?.close(4000);
        person.socket = socket;
        const engine = scenes.some(({ view }) => view.environment) ? { wheels: wheels() } : null;
        say("welcome", {
          version: 1, experiment: "standin", subject, token: person.token, resumed: Boolean(known), engine,
        });
        showScene();
        say("round_trip", { milliseconds: 12.3 });
      } else if (type === "continue") {
        if (body.visit !== person.scene + 1) return;
        const wanting = scenes[person.scene].view.judge?.(person.answers ?? {}, person);
        if (!wanting) return void next();
        person.told = { wrong: wanting.wrong, tries_left: wanting.tries_left };
        say("wanting", { visit: body.visit, ...wanting });
      } else if (type === "answered") {
        if (control.full) return void say("refused", { code: "unavailable", message: "the disk is full" });
        if (body.visit === person.scene + 1) {
          person.answers = { ...person.answers, [body.question]: body.answer };
          if (body.answer === null) delete person.answers[body.question];
        }
        say("answer_stored", { visit: body.visit, number: body.number });
      } else if (scenes[person.scene].view.group && ["ready", ...TOGETHER].includes(type)) {
        const { view } = scenes[person.scene];
        const visit = person.scene + 1;
        if (!tables.has(visit)) tables.set(visit, view.mode === "streamed" ? new Stream(view, visit) : new Table(view, visit));
        person.begun = true;
        if (type === "ready") tables.get(visit).ready(person, say, next, body.has);
        else if (person.seat !== undefined) tables.get(visit).heard(person, type, body);
      } else if (type === "leave") {
        Object.assign(person, { scene: person.scene + 1 });
        showScene();
      } else if (type === "ready") {
        play();
      } else if (type === "steps") {
        if (body.episode !== person.episode) return; // sent again after a break
        if (control.full) return void say("refused", { code: "unavailable", message: "the disk is full" });
        if (body.first > person.rows.length) return void say("refused", { code: "gap", message: "steps are missing" });
        person.rows.push(...body.steps.slice(person.rows.length - body.first).map((step) => step.row));
        say("acknowledged", { game: body.game, episode: body.episode, steps: person.rows.length });
      } else if (type === "episode_ended") {
        if (body.episode !== person.episode) return; // sent again after a break
        const missing = { code: "gap", message: "steps are missing" };
        if (body.steps !== person.rows.length) return void say("refused", missing);
        (person.finished ??= []).push(person.rows);
        if (control.cut) socket.terminate();
        control.cut = false;
        Object.assign(person, { episode: person.episode + 1, rows: [] });
        if (person.episode < scenes[person.scene].view.episodes) play();
        else next();
      } else if (type === "failed" && body.give_up) {
        next();
      }
    });
    socket.on("close", () => {
      sockets.delete(socket);
      if (person?.socket === socket) person.socket = null;
    });
  });

  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}${BASE}`, people, tables, log, control, requests,
    drop: (code) => sockets.forEach((socket) => (code ? socket.close(code) : socket.terminate())),
    say: (type, body) => sockets.forEach((socket) => socket.send(encode({ type, body }))),
    stop: () => {
      sockets.forEach((socket) => socket.terminate());
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const code = readFileSync(join(ROOT, "experiments/environments/lantern.py"), "utf8");
  const bindings = [["ArrowLeft"], ["ArrowRight"], ["ArrowUp"], ["ArrowDown"]];
  const view = gym(code, { input: { mode: "pressed_keys", bindings, agent: "human" } });
  const end = { kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, codes: [], bonuses: [] };
  const scenes = [
    { id: "start", view: page("Welcome", "<p>A short study.</p>") }, { id: "game", view }, { id: "end", view: end },
  ];
  const { url } = await start({ scenes, port: Number(process.argv[2] ?? 8000) });
  console.log(`the stand-in serves ${url}`);
}
