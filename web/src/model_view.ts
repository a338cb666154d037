/**
 * A canvas that shows models under a light that is given, from a camera that is given: for pages that show content
 * without a room, a tracker or a session. It draws when it is told to.
 */

import { chooseView, detectCapabilities, type ViewBackend } from "./capabilities";
import { PackedModel, type ReadModelOptions, readModel } from "./models";
import { loadModelView, type Progress } from "./modules";
import type { WasmModelView } from "./wasm";

export interface ModelViewOptions {
  /** Use this view where the browser has it. */
  backend?: ViewBackend;
  /** Hears how much of the view's module has come. */
  onProgress?: (progress: Progress) => void;
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
  private constructor(
    readonly canvas: HTMLCanvasElement,
    readonly backend: ViewBackend,
    private readonly wasm: WasmModelView,
  ) {}

  /**
   * Opens a canvas that has no context yet. A canvas for which this failed is spent: try another one.
   *
   * @throws SightlineError `view-unavailable`, `module-unsupported`, `module-unreachable`, or the artefact's own.
   */
  static async open(canvas: HTMLCanvasElement, options: ModelViewOptions = {}): Promise<ModelView> {
    const backend = chooseView(await detectCapabilities(), options.backend);
    const artefact = await loadModelView(backend, options.onProgress);
    return new ModelView(canvas, backend, await artefact.ModelView.open(canvas));
  }

  /**
   * Reads a model, as `readModel` does, and puts it on the device; it is shown once it is placed. When this fails the
   * other models stay as they are.
   *
   * @throws SightlineError of `readModel`; `model` too when an image of it cannot be decoded or the device cannot hold
   * it, `picture-size` for an image that is too large, `device` when the device is gone.
   */
  async add(
    source: string | URL | ArrayBuffer | Blob | PackedModel,
    options: ReadModelOptions = {},
  ): Promise<ShownModel> {
    const packed = source instanceof PackedModel ? source : await readModel(source, options);
    const index = await this.wasm.addModel(packed.bytes);
    const bounds = this.wasm.bounds(index);
    const [x, y, z, toX, toY, toZ] = bounds ?? [];
    const isSeen = [x, y, z, toX, toY, toZ].every((number) => Number.isFinite(number));
    return {
      index,
      ...(isSeen && {
        bounds: { min: [x, y, z], max: [toX, toY, toZ] } as NonNullable<ShownModel["bounds"]>,
      }),
      animations: JSON.parse(this.wasm.animations(index)) as ModelAnimation[],
      notes: this.wasm.notes(index),
    };
  }

  /** Forgets a model and all its places. */
  remove(model: ShownModel): void {
    this.wasm.removeModel(model.index);
  }

  /** Where models stand from now on; one may stand at several places, and one that is not named is not shown. */
  place(placed: Placed[]): void {
    const matrices = new Float32Array(placed.length * 16);
    placed.forEach(({ worldFromModel }, at) => void matrices.set(worldFromModel, at * 16));
    this.wasm.place(
      Uint32Array.from(placed, ({ model }) => model.index),
      matrices,
    );
  }

  /** Poses a model by one of its animations, by its place in `animations`; `repeats`: from the end on, again. */
  animate(model: ShownModel, animation: number, timeSecs: number, repeats = true): void {
    this.wasm.animate(model.index, animation, timeSecs, repeats);
  }

  setLight(light: ModelLight): void {
    this.wasm.setLight(
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
    this.wasm.setReflections(facePx, halfFloats);
  }

  /** The canvas has this many device pixels from now on; the sides are kept within what the device takes. */
  resize(widthPx: number, heightPx: number): void {
    this.wasm.resize(widthPx, heightPx);
  }

  /** Draws now. @throws `device` when the device is gone: open a new view. */
  draw(frame: ModelFrame): void {
    this.wasm.draw(
      Float32Array.from(frame.projectionFromView),
      Float32Array.from(frame.viewFromWorld),
      frame.background && Float32Array.from(frame.background),
      frame.timeMillis ?? 0,
    );
  }

  /** Ends the view: no more draws. */
  dispose(): void {
    this.wasm.dispose();
  }
}
