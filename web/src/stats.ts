/** Figures over a sliding window of samples: median, 95th percentile, rate. Pure; time comes in. */

import type { TrackingReason, TrackingState } from "./tracker_protocol";

/** The last `capacity` samples of one quantity. */
export class Samples {
  readonly #values: Float64Array;
  #count = 0;

  constructor(capacity = 120) {
    this.#values = new Float64Array(capacity);
  }

  add(value: number): void {
    this.#values[this.#count % this.#values.length] = value;
    this.#count += 1;
  }

  clear(): void {
    this.#count = 0;
  }

  /** The value that a share `q` (0 to 1) of the samples does not exceed (nearest rank); 0 without samples. */
  quantile(q: number): number {
    const held = Math.min(this.#count, this.#values.length);
    if (held === 0) return 0;
    const sorted = this.#values.slice(0, held).sort();
    const rank = Math.max(1, Math.ceil(q * held));
    return sorted[Math.min(rank, held) - 1] ?? 0;
  }

  /** 0 without samples. */
  get mean(): number {
    const held = Math.min(this.#count, this.#values.length);
    return this.#values.subarray(0, held).reduce((sum, value) => sum + value, 0) / Math.max(1, held);
  }

  get median(): number {
    return this.quantile(0.5);
  }

  get p95(): number {
    return this.quantile(0.95);
  }
}

/** Events a second, over the last `windowMillis`. */
export class Rate {
  readonly #times: number[] = [];

  constructor(readonly windowMillis = 2000) {}

  tick(nowMillis: number): void {
    this.#times.push(nowMillis);
    this.#forget(nowMillis);
  }

  perSecond(nowMillis: number): number {
    this.#forget(nowMillis);
    const [first] = this.#times;
    const last = this.#times.at(-1);
    if (first === undefined || last === undefined || last <= first) return 0;
    return ((this.#times.length - 1) * 1000) / (last - first);
  }

  #forget(nowMillis: number): void {
    while (this.#times.length > 0 && (this.#times[0] ?? 0) < nowMillis - this.windowMillis) {
      this.#times.shift();
    }
  }
}

/** What the readout of camera mode shows, and what `window.sightline.stats()` returns. */
export interface CameraStats {
  /** Where the tracker stands, and what limits it. */
  state: TrackingState;
  reason: TrackingReason;
  /** For how long no place has been recognised, in the pictures' time; 0 while one is. */
  lostMillis: number;
  /** Points on the last painted picture. */
  points: number;
  /** Of them, those that made the pose. */
  landmarks: number;
  keyframes: number;
  /** Where the last picture's points were followed. */
  frontEnd: "cpu" | "gpu";
  /** Milliseconds from a picture's coming to the tracker to its answer. */
  trackMillisMedian: number;
  trackMillisP95: number;
  /** Milliseconds of work on the map between two frames: most frames ask for none. */
  mapMillisMean: number;
  /** From the capture of a picture to its paint, in milliseconds. */
  latencyMillisMedian: number;
  /** Painted pictures a second. */
  fps: number;
  /** From the opening of the page to the first painted picture with points that were followed; 0 before. */
  firstPointsMillis: number;
  /** How pictures are taken: `processor`, `video-frame`, `bitmap`, `canvas` or `replay`. */
  grabber: string;
}

export const NO_CAMERA_STATS: CameraStats = {
  state: "not-started",
  reason: "good",
  lostMillis: 0,
  points: 0,
  landmarks: 0,
  keyframes: 0,
  frontEnd: "cpu",
  trackMillisMedian: 0,
  trackMillisP95: 0,
  mapMillisMean: 0,
  latencyMillisMedian: 0,
  fps: 0,
  firstPointsMillis: 0,
  grabber: "",
};
