/**
 * The page's side of the tracker: starts the worker, sends one frame at a time, and starts the worker anew when
 * it crashes. The compiled module is kept, so that a restart fetches nothing.
 */

import { SightlineError } from "./errors";
import { glueUrl, loadModule, type Progress } from "./modules";
import type { FromWorker, FrontEndChoice, LumaFrame, ToWorker, Tracking, WorldHit } from "./tracker_protocol";
import { openWorker } from "./worker";

/** Settings of the tracker; what is left out has its default. */
export interface TrackerOptions {
  maxPoints?: number;
  /** The camera's full angle from the left to the right edge, as a first guess. */
  horizontalFovRad?: number;
  seed?: number;
  /** Where points are followed: where it is faster (`auto`, unless said otherwise), or always there. */
  frontEnd?: FrontEndChoice;
}

/** A GPU that the tracker may work on. */
export interface TrackerGpu {
  /** What it calls itself; empty where the browser does not tell. */
  adapter: string;
  /** Whether it is a processor in disguise. */
  isSoftware: boolean;
}

/** What comes back for a frame: what the tracker says of it, and the frame's buffer for the next one. */
export interface Tracked {
  tracking: Tracking;
  buffer: ArrayBuffer;
}

/** After so many crashes in a row the tracker gives up. */
const MAX_CRASHES = 3;

interface Waiting<T> {
  resolve: (value: T) => void;
  reject: (reason: SightlineError) => void;
}

export class Tracker {
  readonly #module: Promise<WebAssembly.Module>;
  readonly #optionsJson: string;
  readonly #frontEnd: FrontEndChoice;
  #gpu: TrackerGpu | undefined;
  #worker: Worker | undefined;
  #ready: Promise<void>;
  #starting: Waiting<void> | undefined;
  #answer: Waiting<Tracked> | undefined;
  readonly #questions = new Map<number, Waiting<WorldHit | undefined>>();
  #lastQuestion = 0;
  #epoch = 0;
  #crashesInARow = 0;

  /** Starts at once; `ready` tells when the first frame can be tracked. */
  constructor(options: TrackerOptions = {}, onProgress?: (progress: Progress) => void) {
    const { frontEnd = "auto", ...others } = options;
    this.#frontEnd = frontEnd;
    this.#optionsJson = JSON.stringify(others);
    this.#module = loadModule("tracker", onProgress);
    this.#ready = this.#start();
  }

  /** Settles when the tracker can take a frame. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** The GPU that the tracker may work on; undefined where there is none, and until it is open. */
  get gpu(): TrackerGpu | undefined {
    return this.#gpu;
  }

  /**
   * Tracks one frame; its buffer is transferred and comes back with the answer. One call at a time.
   *
   * @throws SightlineError `tracker-crashed` when the worker died over it; the next call runs in a fresh one,
   * until it has died three times in a row. `frame-out-of-order` for a frame that is not newer than the last,
   * `tracker-refused` and others of xr-core for one that is of no use: the tracker goes on without it.
   */
  async track(frame: LumaFrame): Promise<Tracked> {
    await this.#ready;
    if (this.#answer) throw new SightlineError("tracker-crashed", "A frame is being tracked already.");
    const answer = new Promise<Tracked>((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
    this.#send({ type: "frame", frame }, [frame.buffer]);
    return answer;
  }

  /** What a pixel of an earlier frame (`Tracking.frame`) shows; undefined where nothing is known. */
  hitTest(frame: number, pixel: [number, number]): Promise<WorldHit | undefined> {
    return this.#ask("hit", frame, pixel);
  }

  /** Puts an anchor where a pixel of an earlier frame shows a surface; undefined where nothing is known. */
  place(frame: number, pixel: [number, number]): Promise<WorldHit | undefined> {
    return this.#ask("place", frame, pixel);
  }

  /** Forgets an anchor. */
  release(anchor: number): void {
    this.#send({ type: "release", anchor });
  }

  /** Forgets everything, map and anchors too, as after a clock that was set back. */
  restart(): void {
    this.#epoch += 1;
    this.#send({ type: "restart" });
  }

  /** Ends the GPU's device, as a driver that fails does: for tests. The tracker goes on without it. */
  loseGpu(): void {
    this.#send({ type: "lose-gpu" });
  }

  /** Ends the worker for good. */
  dispose(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#fail(new SightlineError("tracker-crashed", "The tracker was closed."));
  }

  async #ask(what: "hit" | "place", frame: number, pixel: [number, number]): Promise<WorldHit | undefined> {
    await this.#ready;
    this.#lastQuestion += 1;
    const question = this.#lastQuestion;
    const answer = new Promise<WorldHit | undefined>((resolve, reject) => {
      this.#questions.set(question, { resolve, reject });
    });
    this.#send({ type: "ask", question, what, frame, pixel });
    return answer;
  }

  #start(): Promise<void> {
    this.#epoch += 1;
    this.#gpu = undefined;
    const worker = openWorker("tracker_worker.js");
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    worker.onerror = (event) =>
      this.#crashed("tracker-crashed", event.message || "The tracker's worker died.");
    this.#send({ type: "import", glueUrl: glueUrl("tracker") });
    const ready = new Promise<void>((resolve, reject) => {
      this.#starting = { resolve, reject };
    });
    this.#module.then(
      (module) =>
        this.#send({ type: "start", module, optionsJson: this.#optionsJson, frontEnd: this.#frontEnd }),
      (reason: SightlineError) => this.#fail(reason),
    );
    ready.catch(() => {}); // Reported by whoever awaits `ready` or `track`.
    return ready;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#starting?.resolve();
        this.#starting = undefined;
        break;
      case "gpu":
        this.#gpu = { adapter: message.adapter, isSoftware: message.isSoftware };
        break;
      case "tracking": {
        this.#crashesInARow = 0;
        const answer = this.#answer;
        this.#answer = undefined;
        answer?.resolve({ tracking: { ...message.tracking, epoch: this.#epoch }, buffer: message.buffer });
        break;
      }
      case "refused": {
        const answer = this.#answer;
        this.#answer = undefined;
        answer?.reject(new SightlineError(message.code, message.message));
        break;
      }
      case "hit": {
        this.#questions.get(message.question)?.resolve(message.hit);
        this.#questions.delete(message.question);
        break;
      }
      case "error":
        this.#crashed(message.code, message.message);
        break;
    }
  }

  #crashed(code: string, message: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#crashesInARow += 1;
    const startFailed = this.#starting !== undefined;
    this.#fail(new SightlineError(code === "unknown" ? "tracker-crashed" : code, message));
    if (!startFailed && this.#crashesInARow < MAX_CRASHES) this.#ready = this.#start();
    else {
      this.#ready = Promise.reject(new SightlineError("tracker-crashed", message));
      this.#ready.catch(() => {});
    }
  }

  #fail(reason: SightlineError): void {
    this.#starting?.reject(reason);
    this.#starting = undefined;
    this.#answer?.reject(reason);
    this.#answer = undefined;
    for (const question of this.#questions.values()) question.reject(reason);
    this.#questions.clear();
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }
}
