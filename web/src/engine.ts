/**
 * The parts that a page loads as it needs them, each once: what the browser can do, the stage with its view, the
 * tracker. Views start over the same parts; a lost view is opened anew.
 */

import { type Capabilities, detectCapabilities, likelyView, type ViewBackend } from "./capabilities";
import { type Progress, preloadView } from "./modules";
import { Retries } from "./retries";
import { Stage } from "./stage";
import { Tracker } from "./tracker";

/** What a page wants of its view. */
export interface ViewWishes {
  backend?: ViewBackend | undefined;
  /** See `StageOptions`. */
  adaptsResolution: boolean;
}

/** How the parts get on while they come. */
export interface EngineEvents {
  onProgress: (part: string, progress: Progress) => void;
  /** The view is being made ready. */
  onPipelines: (made: number, of: number) => void;
}

export class Engine {
  readonly capabilities: Promise<Capabilities> = detectCapabilities();
  readonly #host: HTMLElement;
  readonly #wishes: ViewWishes;
  readonly #events: EngineEvents;
  #stage: Promise<Stage> | undefined;
  #opened: Stage | undefined;
  #tracker: Tracker | undefined;
  readonly #retries = new Retries();

  constructor(host: HTMLElement, wishes: ViewWishes, events: EngineEvents) {
    this.#host = host;
    this.#wishes = wishes;
    this.#events = events;
    if (!savesData()) void this.#preload();
  }

  async #preload(): Promise<void> {
    const backend = this.#wishes.backend ?? (await likelyView());
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
    this.#tracker ??= new Tracker({}, (progress) => this.#events.onProgress("tracker", progress));
    return this.#tracker;
  }

  /** A tracker that has seen nothing, in the place of the one before. */
  freshTracker(): Tracker {
    this.#tracker?.dispose();
    this.#tracker = undefined;
    return this.tracker();
  }

  /** A stage in the place of one that was lost, undefined when that happened too often. What the tracker knows stays. */
  async anotherStage(): Promise<Stage | undefined> {
    const wait = this.#retries.next(performance.now());
    if (wait === undefined) return undefined;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    this.#opened?.dispose();
    this.#opened = undefined;
    this.#stage = undefined;
    return this.stage();
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
    const { backend, adaptsResolution } = this.#wishes;
    const stage = await Stage.open(this.#host, await this.capabilities, {
      ...(backend ? { backend } : {}),
      adaptsResolution,
      onProgress: (progress) => this.#events.onProgress("view", progress),
      onPipelines: (made, of) => this.#events.onPipelines(made, of),
    });
    this.#opened = stage;
    return stage;
  }
}

/** Whether the person asked pages to save data. */
export function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
