/**
 * The game's picture: draw packets and frames in, pixels out.
 *
 * The only place that knows PixiJS, together with views.js and pictures.js. Everything is drawn at the resolution of
 * the screen and scaled with the window, so that text and shapes are sharp on every display.
 */
import { autoDetectRenderer, CanvasSource, Container, Sprite, Texture } from "pixi.js";
import { fit, frameFit } from "./fit.js";
import { Pictures } from "./pictures.js";
import { moves, positionAt, SceneGraph } from "./scene_graph.js";
import { makeView, reshape } from "./views.js";

/** @typedef {import("./packet").DrawPacket} DrawPacket */
/** @typedef {import("./scene_graph.js").Shown} Shown */
/** @typedef {import("./views.js").View} View */

export class Stage {
  #container;
  #renderer;
  #size;
  #graph;
  #pictures = new Pictures();
  #root = new Container();
  #objects = new Container({ sortableChildren: true });
  /** @type {Map<string, View>} */
  #views = new Map();
  /** @type {Set<Shown>} */
  #gliding = new Set();
  /** @type {{canvas: HTMLCanvasElement, sprite: Sprite} | null} */
  #frame = null;
  #scale = 1;
  #dirty = true;
  /** Whether something has glided since it was drawn. */
  #moved = false;
  /** When it was drawn last. */
  #drawn = -Infinity;
  /** Whether the processor draws, not a graphics card. */
  #emulated;
  #request = 0;
  /** @type {Array<(time: number) => void>} */
  #waiting = [];
  #life = new AbortController();
  #observer;

  /**
   * @param {HTMLElement} container
   * @param {{width: number, height: number, background: string, group: {smoothing_ms: number} | null}} view
   */
  static async create(container, view) {
    const renderer = await autoDetectRenderer({
      preference: fastWebGl() ? ["webgl", "canvas"] : ["canvas"],
      width: view.width,
      height: view.height,
      background: view.background,
      resolution: devicePixelRatio,
      autoDensity: true,
      antialias: true,
      // Pixi would otherwise lay invisible buttons over the page at the first Tab key.
      accessibilityOptions: { activateOnTab: false },
    });
    return new Stage(container, view, renderer);
  }

  /**
   * @param {HTMLElement} container
   * @param {{width: number, height: number, group: {smoothing_ms: number} | null}} size
   * @param {import("pixi.js").Renderer} renderer
   */
  constructor(container, size, renderer) {
    this.#container = container;
    this.#size = { width: size.width, height: size.height };
    this.#renderer = renderer;
    this.#emulated = renderer.name === "canvas";
    this.#graph = new SceneGraph(size.height, size.group?.smoothing_ms ?? 0);
    this.#root.addChild(this.#objects);
    container.append(renderer.canvas);
    container.dataset.renderer = renderer.name;
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(container);
    // The pixel ratio changes with the zoom or the monitor, without the container's size changing.
    addEventListener("resize", () => this.#resize(), { signal: this.#life.signal });
    this.#resize();
    this.#loop();
  }

  /**
   * @param {import("./packet").AssetSpec[]} specs
   * @param {string | null} base
   * @param {(loaded: number, total: number) => void} progress
   */
  async load(specs, base, progress) {
    if (specs.length > 0 && base === null) throw new Error("the environment names pictures, the scene has no folder");
    await this.#pictures.load(specs, base ?? "", progress);
  }

  /** @param {DrawPacket} packet */
  apply(packet) {
    const now = performance.now();
    const size = { width: packet.width ?? this.#size.width, height: packet.height ?? this.#size.height };
    if (size.width !== this.#size.width || size.height !== this.#size.height) {
      this.#size = size;
      this.#resize();
    }
    const { added, reshaped, kept, removed } = this.#graph.apply(packet, now);
    for (const id of removed) {
      this.#views.get(id)?.destroy();
      this.#views.delete(id);
    }
    for (const shown of added) {
      const view = makeView(shown.shape, this.#pictures, this.#sharpness);
      this.#views.set(shown.id, view);
      this.#objects.addChild(view);
    }
    for (const shown of reshaped) {
      const view = this.#views.get(shown.id);
      if (view) reshape(view, shown.shape, this.#pictures);
    }
    this.#gliding.clear();
    for (const shown of this.#graph.shown) {
      if (moves(shown, now)) this.#gliding.add(shown);
    }
    for (const group of [added, reshaped, kept]) {
      for (const shown of group) this.#place(shown, now);
    }
    this.#dirty = true;
  }

  /** Shows an image of the environment's own. @param {Uint8Array} rgba @param {number} width @param {number} height */
  frame(rgba, width, height) {
    const pixels = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (rgba.buffer), rgba.byteOffset, rgba.byteLength);
    this.#paint(width, height, (context) => context.putImageData(new ImageData(pixels, width, height), 0, 0));
  }

  /** The same for an image that came as a file. @param {ImageBitmap} image */
  image(image) {
    this.#paint(image.width, image.height, (context) => {
      context.clearRect(0, 0, image.width, image.height); // an image may have holes
      context.drawImage(image, 0, 0);
    });
  }

  /** @param {number} width @param {number} height @param {(context: CanvasRenderingContext2D) => void} paint */
  #paint(width, height, paint) {
    if (this.#frame?.canvas.width !== width || this.#frame.canvas.height !== height) this.#newFrame(width, height);
    const context = this.#frame?.canvas.getContext("2d");
    if (!this.#frame || !context) return;
    paint(context);
    this.#frame.sprite.texture.source.update();
    this.#dirty = true;
  }

  /** @returns {Promise<number>} resolves when all that was given is on the screen, with the time of it */
  drawn() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  destroy() {
    cancelAnimationFrame(this.#request);
    this.#life.abort();
    this.#observer.disconnect();
    this.#root.destroy({ children: true });
    this.#renderer.destroy({ removeView: true });
  }

  /** Device pixels for one surface pixel. */
  get #sharpness() {
    return this.#scale * this.#renderer.resolution;
  }

  /** @param {number} width @param {number} height */
  #newFrame(width, height) {
    this.#frame?.sprite.destroy({ texture: true, textureSource: true });
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const source = new CanvasSource({ resource: canvas, scaleMode: "nearest", autoGenerateMipmaps: false });
    const sprite = new Sprite({ texture: new Texture({ source }) });
    this.#frame = { canvas, sprite };
    this.#root.addChildAt(sprite, 0);
    this.#resize();
  }

  /** @param {Shown} shown @param {number} now */
  #place(shown, now) {
    const view = this.#views.get(shown.id);
    if (!view) return;
    const { x, y } = positionAt(shown, now);
    view.position.set(x, y);
    view.alpha = shown.alpha;
    view.zIndex = shown.z;
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#container;
    if (clientWidth === 0 || clientHeight === 0) return;
    const ratio = devicePixelRatio;
    const picture = this.#frame?.canvas;
    this.#scale = picture
      ? frameFit(this.#size, picture, { width: clientWidth, height: clientHeight }, ratio)
      : fit(this.#size, { width: clientWidth, height: clientHeight });
    this.#renderer.resize(this.#size.width * this.#scale, this.#size.height * this.#scale, ratio);
    this.#root.scale.set(this.#scale);
    if (this.#frame && picture) {
      this.#frame.sprite.setSize(this.#size.width, (picture.height / picture.width) * this.#size.width);
    }
    for (const shown of this.#graph.shown) {
      const view = this.#views.get(shown.id);
      if (shown.shape.kind === "text" && view) /** @type {any} */ (view).resolution = this.#sharpness;
    }
    this.#dirty = true;
  }

  #loop() {
    this.#request = requestAnimationFrame((now) => {
      if (this.#gliding.size > 0) this.#moved = true;
      this.#glide(now);
      // Gliding between two packets is a luxury, which a processor that draws by itself cannot afford at every frame.
      // What a glide has moved is owed until it is drawn, or its end would not be seen.
      const affordable = this.#moved && (!this.#emulated || now - this.#drawn > SPARING_MS);
      if (this.#dirty || affordable) {
        this.#renderer.render(this.#root);
        this.#dirty = this.#moved = false;
        this.#drawn = now;
      }
      for (const resolve of this.#waiting.splice(0)) resolve(performance.now());
      this.#loop();
    });
  }

  /** @param {number} now */
  #glide(now) {
    for (const shown of this.#gliding) {
      this.#place(shown, now);
      if (!moves(shown, now)) this.#gliding.delete(shown);
    }
  }
}

/** Least time between two pictures without news where the processor draws, in milliseconds. */
const SPARING_MS = 30;

/** WebGL that the processor emulates, by the names that it gives itself. */
const EMULATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether WebGL runs on a graphics card; emulated by the processor it is slower than the canvas. */
function fastWebGl() {
  const options = { failIfMajorPerformanceCaveat: true };
  const context = document.createElement("canvas").getContext("webgl2", options);
  if (!(context instanceof WebGL2RenderingContext)) return false;
  // Not every browser counts an emulation as a caveat, so its name is looked at too.
  const named = context.getExtension("WEBGL_debug_renderer_info");
  const name = named ? String(context.getParameter(named.UNMASKED_RENDERER_WEBGL)) : "";
  context.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow only a few at a time
  return !EMULATED.test(name);
}
