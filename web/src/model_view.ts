/**
 * A canvas that shows models under a light that is given, from a camera that is given: for pages that show content
 * without a room, a tracker or a session. It draws when it is told to.
 *
 * Graphics devices get lost: a driver restarts, a laptop changes its GPU. The view then opens a new one on the same
 * canvas and gives it all that was there; for that it keeps the bytes of models and reflections.
 */

import { chooseView, detectCapabilities, type ViewBackend } from "./capabilities";
import { codeOf, messageOf, SightlineError } from "./errors";
import { PackedModel, type ReadModelOptions, readModel } from "./models";
import { loadModelView, type Progress } from "./modules";
import { Retries } from "./retries";
import { pipelinesTo } from "./stage";
import type { PassTimes, ViewDescription, WasmModelView } from "./wasm";

export interface ModelViewOptions {
  /** Use this view where the browser has it. */
  backend?: ViewBackend;
  /** Hears how much of the view's module has come. */
  onProgress?: (progress: Progress) => void;
  /** Hears after each pipeline how many are made, of how many; the page lives on between them. */
  onPipelines?: (made: number, of: number) => void;
  /**
   * Hears what becomes of the graphics device: `lost`; then `restored`, with all that was there, or `gone` for good,
   * with the reason.
   */
  onDevice?: (state: "lost" | "restored" | "gone", reason?: SightlineError) => void;
  /**
   * Whether a lost device is replaced (yes unless said otherwise). Costs the memory of the models' bytes, about as
   * many as their files have, and of the reflections.
   */
  restores?: boolean;
  /**
   * Whether fewer pixels are drawn where frames come late (no unless said otherwise): for pages that draw in every
   * animation frame.
   */
  adaptsResolution?: boolean;
}

/** An animation of a model's file. */
export interface ModelAnimation {
  /** Empty where the file gives none. */
  name: string;
  durationSecs: number;
}

/** A model that is on the device. */
export interface ShownModel {
  /** Its number in the view. */
  readonly index: number;
  /** Around it at rest, in its own frame, metres; absent where nothing of it can be seen. */
  readonly bounds?: { min: [number, number, number]; max: [number, number, number] };
  readonly animations: ModelAnimation[];
  /** What its file has that is not shown, as sentences. */
  readonly notes: string[];
}

/** Where a model stands. */
export interface Placed {
  model: ShownModel;
  /** Sixteen numbers, column by column. */
  worldFromModel: ArrayLike<number>;
}

/** The light; colours are linear red, green, blue. */
export interface ModelLight {
  /** Towards the main light, in the world. */
  directionToLight: [number, number, number];
  /** What a white matt surface that faces the main light sends back. */
  intensity: [number, number, number];
  /** 27 numbers of light from around, as WebXR's light estimate orders them. */
  sphericalHarmonics: ArrayLike<number>;
  /** How strongly surfaces mirror what `setReflections` was given, or a neutral room; 1 unless said otherwise. */
  reflections?: number;
}

/** A camera and what stands behind all. */
export interface ModelFrame {
  /** Sixteen numbers, column by column, as of WebXR. */
  projectionFromView: ArrayLike<number>;
  viewFromWorld: ArrayLike<number>;
  /** Linear; absent: the canvas is seen through. */
  background?: [number, number, number];
  /** For what moves by itself. */
  timeMillis?: number;
}

export class ModelView {
  readonly #options: ModelViewOptions;
  readonly #wasm: WasmModelView;
  #description: ViewDescription;
  /** What a new device is given: the bytes of models by their numbers, and the reflections. */
  readonly #models = new Map<number, Uint8Array>();
  #reflections: [facePx: number, halfFloats: Uint16Array] | undefined;
  readonly #retries = new Retries();
  #state: "ready" | "lost" | "gone" | "disposed" = "ready";
  /** Done when a lost device was replaced, or is gone for good. */
  #restoring: Promise<void> | undefined;
  #measuring = false;
  #timed = false;
  /** Kept from frame to frame. */
  readonly #projection = new Float32Array(16);
  readonly #view = new Float32Array(16);
  readonly #background = new Float32Array(3);

  private constructor(
    readonly canvas: HTMLCanvasElement,
    readonly backend: ViewBackend,
    wasm: WasmModelView,
    options: ModelViewOptions,
  ) {
    this.#wasm = wasm;
    this.#options = options;
    this.#description = JSON.parse(wasm.describe()) as ViewDescription;
    wasm.onLost(this.#lost);
    canvas.addEventListener("webglcontextlost", this.#contextLost);
  }

  /**
   * Opens a canvas that has no context yet. A canvas for which this failed is spent: try another one.
   *
   * @throws SightlineError `view-unavailable`, `module-unsupported`, `module-unreachable`, or the artefact's own.
   */
  static async open(canvas: HTMLCanvasElement, options: ModelViewOptions = {}): Promise<ModelView> {
    const backend = chooseView(await detectCapabilities(), options.backend);
    const artefact = await loadModelView(backend, options.onProgress);
    const wasm = await artefact.ModelView.open(canvas, pipelinesTo(options.onPipelines));
    return new ModelView(canvas, backend, wasm, options);
  }

  /**
   * Reads a model, as `readModel` does, and puts it on the device; it is shown once it is placed. When this fails the
   * other models stay as they are. A lost device is waited for.
   *
   * @throws SightlineError of `readModel`; `model` too when an image of it cannot be decoded or the device cannot hold
   * it, `picture-size` for an image that is too large, `device` when the device is gone.
   */
  async add(
    source: string | URL | ArrayBuffer | Blob | PackedModel,
    options: ReadModelOptions = {},
  ): Promise<ShownModel> {
    const packed = source instanceof PackedModel ? source : await readModel(source, options);
    const index = await this.#put(packed.bytes);
    if (this.#restores) this.#models.set(index, packed.bytes);
    const bounds = this.#wasm.bounds(index);
    const [x, y, z, toX, toY, toZ] = bounds ?? [];
    const isSeen = [x, y, z, toX, toY, toZ].every((number) => Number.isFinite(number));
    return {
      index,
      ...(isSeen && {
        bounds: { min: [x, y, z], max: [toX, toY, toZ] } as NonNullable<ShownModel["bounds"]>,
      }),
      animations: JSON.parse(this.#wasm.animations(index)) as ModelAnimation[],
      notes: this.#wasm.notes(index),
    };
  }

  async #put(bytes: Uint8Array): Promise<number> {
    for (;;) {
      await this.#restoring;
      try {
        return await this.#wasm.addModel(bytes);
      } catch (thrown) {
        // The device may have been lost while the images were decoded, and tells of it itself.
        if (this.#state !== "lost") throw thrown;
      }
    }
  }

  /** Forgets a model and all its places. */
  remove(model: ShownModel): void {
    this.#models.delete(model.index);
    this.#wasm.removeModel(model.index);
  }

  /** Where models stand from now on; one may stand at several places, and one that is not named is not shown. */
  place(placed: Placed[]): void {
    const matrices = new Float32Array(placed.length * 16);
    placed.forEach(({ worldFromModel }, at) => void matrices.set(worldFromModel, at * 16));
    this.#wasm.place(
      Uint32Array.from(placed, ({ model }) => model.index),
      matrices,
    );
  }

  /** Poses a model by one of its animations, by its place in `animations`; `repeats`: from the end on, again. */
  animate(model: ShownModel, animation: number, timeSecs: number, repeats = true): void {
    this.#wasm.animate(model.index, animation, timeSecs, repeats);
  }

  setLight(light: ModelLight): void {
    this.#wasm.setLight(
      Float32Array.from(light.directionToLight),
      Float32Array.from(light.intensity),
      Float32Array.from(light.sphericalHarmonics),
      light.reflections ?? 1,
    );
  }

  /**
   * What surfaces mirror: a cube, faces +X -X +Y -Y +Z -Z as WebGL orders them, RGBA half floats in linear light, rows
   * from the top.
   */
  setReflections(facePx: number, halfFloats: Uint16Array): void {
    if (this.#state !== "lost") this.#wasm.setReflections(facePx, halfFloats);
    if (this.#restores) this.#reflections = [facePx, halfFloats.slice()];
  }

  /** The canvas has this many device pixels from now on; the sides are kept within what the device takes. */
  resize(widthPx: number, heightPx: number): void {
    this.#wasm.resize(widthPx, heightPx);
  }

  /**
   * Draws now, and says whether it did: not while a lost device is being replaced.
   *
   * @throws `device` when the device is gone for good: open a new view.
   */
  draw(frame: ModelFrame): boolean {
    if (this.#state === "lost") return false;
    this.#projection.set(frame.projectionFromView);
    this.#view.set(frame.viewFromWorld);
    if (frame.background) this.#background.set(frame.background);
    const background = frame.background ? this.#background : NO_NUMBERS;
    try {
      this.#wasm.draw(this.#projection, this.#view, background, frame.timeMillis ?? 0);
    } catch (thrown) {
      // A context is lost at once, and its event comes later.
      if (!this.#restores || this.#state !== "ready" || !this.#wasm.isLost()) throw thrown;
      return false;
    }
    this.#measure();
    return true;
  }

  /** What draws, and how long getting ready took. */
  get description(): ViewDescription {
    return this.#description;
  }

  /** Starts or ends measuring what drawing costs. */
  timePasses(on: boolean): void {
    this.#timed = on;
    this.#wasm.timePasses(on);
  }

  /** What drawing has cost since it was last asked, while it is measured. */
  passTimes(): PassTimes {
    return JSON.parse(this.#wasm.passTimes()) as PassTimes;
  }

  /** Ends the view: no more draws. */
  dispose(): void {
    this.#state = "disposed";
    this.canvas.removeEventListener("webglcontextlost", this.#contextLost);
    this.#models.clear();
    this.#wasm.dispose();
  }

  get #restores(): boolean {
    return this.#options.restores ?? true;
  }

  /** Tells of the animation frame after this one how late it came. */
  #measure(): void {
    if (!this.#options.adaptsResolution || this.#measuring) return;
    this.#measuring = true;
    const drawnMillis = performance.now();
    requestAnimationFrame((timeMillis) => {
      this.#measuring = false;
      if (this.#state === "ready" && !document.hidden) this.#wasm.frameCameAfter(timeMillis - drawnMillis);
    });
  }

  /** Without this the browser would not give the context back. */
  readonly #contextLost = (event: Event) => {
    if (this.#restores) event.preventDefault();
    this.#lost();
  };

  readonly #lost = () => {
    if (this.#state !== "ready" || !this.#wasm.isLost()) return;
    this.#state = "lost";
    this.#wasm.letGo(); // Now: what is freed of a context that is given back would be errors.
    this.#options.onDevice?.("lost");
    this.#restoring = this.#restore().finally(() => {
      this.#restoring = undefined;
    });
  };

  async #restore(): Promise<void> {
    let last = new SightlineError("device", "The graphics device is lost.");
    while (this.#state === "lost") {
      const wait = this.#restores ? this.#retries.next(performance.now()) : undefined;
      if (wait === undefined) {
        this.#state = "gone";
        this.#models.clear();
        this.#options.onDevice?.("gone", last);
        return;
      }
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await contextGivenBack(this.canvas, this.backend);
      if (this.#state !== "lost") return;
      try {
        await this.#fill();
        if (this.#state !== "lost") return;
        this.#state = "ready";
        this.#options.onDevice?.("restored");
        return;
      } catch (thrown) {
        last = new SightlineError(codeOf(thrown), messageOf(thrown), { cause: thrown });
        this.#wasm.letGo();
      }
    }
  }

  /** A new device with all that was there. */
  async #fill(): Promise<void> {
    await this.#wasm.reopen(pipelinesTo(this.#options.onPipelines));
    for (const [index, bytes] of this.#models) await this.#wasm.putBack(index, bytes);
    if (this.#reflections) this.#wasm.setReflections(...this.#reflections);
    if (this.#timed) this.#wasm.timePasses(true);
    // Throws where this device is lost already.
    this.#description = JSON.parse(this.#wasm.describe()) as ViewDescription;
  }
}

const NO_NUMBERS = new Float32Array(0);

/** Waits until a lost WebGL2 context is given back; a WebGPU canvas needs no waiting. */
function contextGivenBack(canvas: HTMLCanvasElement, backend: ViewBackend): Promise<void> {
  if (backend === "webgpu" || canvas.getContext("webgl2")?.isContextLost() === false)
    return Promise.resolve();
  return new Promise((resolve) => {
    canvas.addEventListener("webglcontextrestored", () => resolve(), { once: true });
  });
}
