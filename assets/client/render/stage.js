/**
 * The game's picture: draw packets and frames in, pixels out.
 *
 * The only place that knows PixiJS, together with views.js and pictures.js. Everything is drawn at the resolution of
 * the screen and scaled with the window, so that text and shapes are sharp on every display.
 */
import { autoDetectRenderer, CanvasSource, Container, Sprite, Texture } from "pixi.js";
import { fit, frameFit } from "./fit.js";
import { frameAt } from "./animation.js";
import { Library } from "./library.js";
import { moves, positionAt, SceneGraph } from "./scene_graph.js";
import { makeView, reshape } from "./views.js";

/** @typedef {import("./packet").DrawPacket} DrawPacket */
/** @typedef {import("./scene_graph.js").Shown} Shown */
/** @typedef {import("./views.js").View} View */

/** What a stage is made for. @typedef {object} Setting
 * @property {number} width in game pixels
 * @property {number} height
 * @property {string} background colour behind the drawing
 * @property {string | null} background_image picture behind it, of the library's (see `backgroundSpec`)
 * @property {{smoothing_ms: number} | null} group
 */

/** The picture behind a drawing, as something to load. @param {string} path @returns {import("./packet").AssetSpec} */
export function backgroundSpec(path) {
  return { kind: "image", name: BACKGROUND, path };
}

/** A name that no environment gives: theirs do not begin so. */
const BACKGROUND = "~background";

export class Stage {
  #container;
  #renderer;
  #size;
  #graph;
  #library;
  #pictures;
  /** @type {Sprite | null} */
  #behind = null;
  /** What runs by itself, by object. @type {Map<string, {shown: Shown, name: string, since: number, frame: unknown}>} */
  #animated = new Map();
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
   * @param {Setting} view
   * @param {Library} [library] pictures and sounds; without one they are the stage's own, and nothing is heard
   */
  static async create(container, view, library = new Library(false)) {
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
    return new Stage(container, view, renderer, library);
  }

  /**
   * @param {HTMLElement} container
   * @param {Omit<Setting, "background">} size
   * @param {import("pixi.js").Renderer} renderer
   * @param {Library} library
   */
  constructor(container, size, renderer, library) {
    this.#library = library;
    this.#pictures = library.pictures;
    this.#container = container;
    this.#size = { width: size.width, height: size.height };
    this.#renderer = renderer;
    this.#emulated = renderer.name === "canvas";
    this.#graph = new SceneGraph(size.height, size.group?.smoothing_ms ?? 0);
    if (size.background_image !== null) {
      this.#behind = new Sprite({ texture: this.#pictures.get(BACKGROUND, null) });
      this.#root.addChild(this.#behind);
    }
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
    await this.#library.load(specs, base, progress);
  }

  /** @param {DrawPacket} packet */
  apply(packet) {
    for (const [name, volume] of packet.sounds ?? []) this.#library.sounds?.play(name, volume);
    if (packet.objects === undefined) return;
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
      this.#animated.delete(id);
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
    for (const group of [added, reshaped]) {
      for (const shown of group) this.#animate(shown, now);
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
    this.#root.addChildAt(sprite, this.#behind ? 1 : 0);
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
    // For a style sheet that leaves no more room than the picture takes.
    this.#container.style.setProperty("--picture", `${this.#size.width} / ${this.#size.height}`);
    const { clientWidth, clientHeight } = this.#container;
    if (clientWidth === 0 || clientHeight === 0) return;
    const ratio = devicePixelRatio;
    const picture = this.#frame?.canvas;
    this.#scale = picture
      ? frameFit(this.#size, picture, { width: clientWidth, height: clientHeight }, ratio)
      : fit(this.#size, { width: clientWidth, height: clientHeight });
    this.#renderer.resize(this.#size.width * this.#scale, this.#size.height * this.#scale, ratio);
    this.#root.scale.set(this.#scale);
    this.#behind?.setSize(this.#size.width, this.#size.height);
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
      if (this.#animated.size > 0) this.#turn(now);
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

  /** An animation begins with its object, or when the object gets another one. @param {Shown} shown @param {number} now */
  #animate(shown, now) {
    const name = shown.shape.kind === "image" ? shown.shape.animation : null;
    if (name === null) {
      this.#animated.delete(shown.id);
      return;
    }
    const before = this.#animated.get(shown.id);
    const since = before?.name === name ? before.since : now;
    this.#animated.set(shown.id, { shown, name, since, frame: null });
    this.#turnOne(this.#animated.get(shown.id), now);
  }

  /** What is animated shows its frame of this moment. @param {number} now */
  #turn(now) {
    for (const running of this.#animated.values()) {
      if (this.#turnOne(running, now)) this.#moved = true;
    }
  }

  /**
   * @param {{shown: Shown, name: string, since: number, frame: unknown} | undefined} running @param {number} now
   * @returns {boolean} whether it shows another frame than before
   */
  #turnOne(running, now) {
    const animation = running && this.#pictures.animation(running.name);
    const view = running && this.#views.get(running.shown.id);
    if (!running || !animation || !view || running.shown.shape.kind !== "image") return false;
    const frame = frameAt(animation, now - running.since);
    if (frame === running.frame) return false;
    running.frame = frame;
    reshape(view, { ...running.shown.shape, image: animation.image, frame }, this.#pictures);
    return true;
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
