/**
 * A canvas with a wasm view on it: chooses and loads the artefact, keeps the canvas at the size that it is shown
 * in, and tells when the view is lost. Camera mode, the 3D view and AR sessions all draw on one stage.
 */

import { type Capabilities, chooseView, type ViewBackend } from "./capabilities";
import { codeOf, SightlineError } from "./errors";
import { loadView, type Progress } from "./modules";
import type { OnStage, PassTimes, ViewArtefact, ViewDescription, WasmView } from "./wasm";

/** More device pixels than this a CSS pixel cost time and are not seen. */
const MAX_PIXEL_RATIO = 2;

export interface StageOptions {
  /** Use this view where the browser has it. */
  backend?: ViewBackend;
  onProgress?: (progress: Progress) => void;
  /** Hears after each pipeline how many are made, of how many; the page lives on between them. */
  onPipelines?: (made: number, of: number) => void;
  /** Whether fewer pixels are drawn where frames come late (yes unless said otherwise). */
  adaptsResolution?: boolean;
}

export class Stage {
  readonly description: ViewDescription;
  #sizePx: [number, number] = [0, 0];
  readonly #observer: ResizeObserver;
  readonly #adaptsResolution: boolean;

  private constructor(
    readonly canvas: HTMLCanvasElement,
    readonly artefact: ViewArtefact,
    readonly view: WasmView,
    options: StageOptions,
  ) {
    this.#adaptsResolution = options.adaptsResolution ?? true;
    this.description = JSON.parse(view.describe()) as ViewDescription;
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(canvas);
    this.fit();
  }

  /**
   * Opens a view on a new canvas inside `parent`. Where WebGPU was promised but fails, WebGL2 takes its place.
   *
   * @throws SightlineError `view-unavailable`, `module-unsupported`, `module-unreachable`, or the artefact's own.
   */
  static async open(parent: ParentNode, found: Capabilities, options: StageOptions = {}): Promise<Stage> {
    const first = chooseView(found, options.backend);
    try {
      return await Stage.#openOn(parent, first, options);
    } catch (thrown) {
      if (first === "webgl2" || !found.webgl2 || codeOf(thrown) === "module-unreachable") throw thrown;
      return Stage.#openOn(parent, "webgl2", options);
    }
  }

  static async #openOn(parent: ParentNode, backend: ViewBackend, options: StageOptions): Promise<Stage> {
    const artefact = await loadView(backend, options.onProgress);
    // A canvas keeps the kind of context it was first given, so each attempt gets its own.
    const canvas = document.createElement("canvas");
    canvas.className = "stage";
    parent.append(canvas);
    try {
      const view = await artefact.View.open(canvas, pipelinesTo(options.onPipelines));
      return new Stage(canvas, artefact, view, options);
    } catch (thrown) {
      canvas.remove();
      throw thrown;
    }
  }

  /** Width and height of the canvas in device pixels. */
  get sizePx(): [number, number] {
    return this.#sizePx;
  }

  /** Device pixels a CSS pixel. */
  get pixelRatio(): number {
    return Math.min(globalThis.devicePixelRatio || 1, MAX_PIXEL_RATIO);
  }

  /** Brings the canvas to the size it is shown in; done by itself on each change. */
  fit(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    const size: [number, number] = [
      Math.max(1, Math.round(width * this.pixelRatio)),
      Math.max(1, Math.round(height * this.pixelRatio)),
    ];
    if (size[0] === this.#sizePx[0] && size[1] === this.#sizePx[1]) return;
    this.#sizePx = size;
    this.view.resize(size[0], size[1]);
  }

  /** Lets the keyboard and screen readers come to the canvas, under these words. */
  describe(words: string): void {
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", words);
  }

  /** The view's session class. @throws SightlineError `xr-unsupported` where the view draws no sessions. */
  get sessions(): NonNullable<ViewArtefact["Session"]> {
    if (!this.artefact.Session) {
      throw new SightlineError("xr-unsupported", "This view draws no AR sessions.");
    }
    return this.artefact.Session;
  }

  /**
   * An animation frame came so long after the one in which was drawn last. Frames in between that drew nothing would
   * say nothing about drawing: tell of the very next one, or of none.
   */
  frameCameAfter(millis: number): void {
    if (this.#adaptsResolution && !document.hidden) this.view.frameCameAfter(millis);
  }

  /** Starts or ends measuring what drawing costs. */
  timePasses(on: boolean): void {
    this.view.timePasses(on);
  }

  /** What drawing has cost since it was last asked, while it is measured. */
  passTimes(): PassTimes {
    return JSON.parse(this.view.passTimes()) as PassTimes;
  }

  dispose(): void {
    this.#observer.disconnect();
    this.view.dispose();
    this.canvas.remove();
  }
}

/** The part of a view's opening that takes time, told to `onPipelines`. */
export function pipelinesTo(onPipelines: ((made: number, of: number) => void) | undefined): OnStage {
  return (_stage, made, of) => {
    if (made !== undefined && of !== undefined) onPipelines?.(made, of);
  };
}
