/**
 * The parts that a page loads as it needs them, each once: what the browser can do, the stage with its view, the
 * tracker. Views start over the same parts; a lost view is opened anew.
 */

import { type Capabilities, detectCapabilities, likelyView, type ViewBackend } from "./capabilities";
import { type Progress, preloadView } from "./modules";
import { Stage } from "./stage";
import { Tracker } from "./tracker";

export class Engine {
  readonly capabilities: Promise<Capabilities> = detectCapabilities();
  readonly #host: HTMLElement;
  readonly #backend: ViewBackend | undefined;
  readonly #onProgress: (part: string, progress: Progress) => void;
  #stage: Promise<Stage> | undefined;
  #opened: Stage | undefined;
  #tracker: Tracker | undefined;

  constructor(
    host: HTMLElement,
    backend: ViewBackend | undefined,
    onProgress: (part: string, progress: Progress) => void,
  ) {
    this.#host = host;
    this.#backend = backend;
    this.#onProgress = onProgress;
    if (!savesData()) void this.#preload();
  }

  async #preload(): Promise<void> {
    const backend = this.#backend ?? (await likelyView());
    if (backend) preloadView(backend);
  }

  /** The stage, opened at the first call; a failure is forgotten, so that the next call tries again. */
  stage(): Promise<Stage> {
    if (!this.#stage) {
      const opening = this.#openStage();
      this.#stage = opening;
      opening.catch(() => {
        if (this.#stage === opening) this.#stage = undefined;
      });
    }
    return this.#stage;
  }

  /** The stage where it is open already. */
  get openStage(): Stage | undefined {
    return this.#opened;
  }

  /** The tracker, started at the first call. */
  tracker(): Tracker {
    this.#tracker ??= new Tracker({}, (progress) => this.#onProgress("tracker", progress));
    return this.#tracker;
  }

  /** A tracker that has seen nothing, in the place of the one before. */
  freshTracker(): Tracker {
    this.#tracker?.dispose();
    this.#tracker = undefined;
    return this.tracker();
  }

  /** Lets go of a stage that was lost, and of a tracker that gave up. */
  reset(): void {
    this.#opened?.dispose();
    this.#opened = undefined;
    this.#stage = undefined;
    this.#tracker?.dispose();
    this.#tracker = undefined;
  }

  async #openStage(): Promise<Stage> {
    const stage = await Stage.open(this.#host, await this.capabilities, {
      ...(this.#backend ? { backend: this.#backend } : {}),
      onProgress: (progress) => this.#onProgress("view", progress),
    });
    this.#opened = stage;
    return stage;
  }
}

/** Whether the person asked pages to save data. */
export function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
