/**
 * Camera mode: pictures from a source go to the tracker one at a time; each picture is kept until its answer is back
 * and is then painted in one animation frame with what the answer says: its points, and the pins of the world seen
 * from its pose. Where painting is slower than the camera, the tracker still follows every picture, and the newest is
 * painted. Figures and advice come out.
 */

import { codeOf, messageOf, SightlineError } from "../errors";
import type { Stage } from "../stage";
import { type CameraStats, NO_CAMERA_STATS, Rate, Samples } from "../stats";
import { FLOATS_A_POINT, followedCount } from "../track_figures";
import type { Tracker } from "../tracker";
import { cameraNumbers } from "../tracker_answer";
import type { Tracking } from "../tracker_protocol";
import { type CameraPin, CameraPins } from "./camera_pins";
import { type Advice, Coach } from "./coach";
import type { MotionSensor } from "./motion";
import { type Captured, type Grabber, type PictureSource, SourceEnded } from "./source";

export interface CameraModeEvents {
  /** After each painted picture. */
  onPaint?: (stats: CameraStats, advice: Advice | undefined) => void;
  /** The tracker had to start anew, and these many pins went with its world. */
  onPinsLost?: (count: number) => void;
  /** The graphics device is lost: gives another stage to go on with, or nothing to end. Pins stay. */
  onViewLost?: () => Promise<Stage | undefined>;
  /** The pictures or the view are gone; the mode has stopped. */
  onEnd?: (reason: SightlineError) => void;
}

/** Why a tap left no pin. */
export type NoPlace = "starting" | "lost" | "nothing-there" | "gone";

/** What was painted last: one picture and what belongs to it. */
export interface Shown {
  tracking: Tracking;
  /** The pins that were drawn, in the order drawn. */
  pinIds: number[];
}

/** After so many failures in a row a way to take pictures is given up for the next one. */
const MAX_FAILURES = 3;

/** After so many frames in a row that came too late, the clock must have been set back: the tracker starts anew. */
const MAX_LATE = 30;

interface Ready {
  picture: Captured;
  tracking: Tracking;
}

export class CameraMode {
  readonly pins = new CameraPins();
  #stage: Stage;
  #replacingStage = false;
  readonly #tracker: Tracker;
  readonly #source: PictureSource;
  readonly #motion: MotionSensor | undefined;
  readonly #events: CameraModeEvents;
  readonly #trackMillis = new Samples();
  readonly #mapMillis = new Samples();
  readonly #latencyMillis = new Samples();
  readonly #paints = new Rate();
  readonly #coach = new Coach();
  #grabber: Grabber | undefined;
  #ready: Ready | undefined;
  #shown: Shown | undefined;
  #buffer: ArrayBuffer | undefined;
  #stats: CameraStats = { ...NO_CAMERA_STATS };
  #late = 0;
  /** The time of the first picture that showed no known place; undefined while it is known. */
  #lostSince: number | undefined;
  #offered = false;
  #stopped = false;

  /** `motion` belongs to the mode from now on and is closed with it. */
  constructor(
    stage: Stage,
    tracker: Tracker,
    source: PictureSource,
    events: CameraModeEvents = {},
    motion?: MotionSensor,
  ) {
    this.#stage = stage;
    this.#tracker = tracker;
    this.#source = source;
    this.#events = events;
    this.#motion = motion;
    source.onLost(() => this.#end(new SightlineError("camera-ended", "The camera stopped.")));
    this.#run().catch((thrown: unknown) => this.#end(asEnd(thrown)));
  }

  get stats(): CameraStats {
    return this.#stats;
  }

  /** What is on the screen; undefined before the first picture. */
  get shown(): Shown | undefined {
    return this.#shown;
  }

  /** The pin under a place of the canvas, in device pixels from its top left. */
  pinAt(xPx: number, yPx: number): CameraPin | undefined {
    const index = this.#stage.view.pickCameraPin(xPx, yPx);
    const id = index === undefined ? undefined : this.#shown?.pinIds[index];
    return this.pins.all.find((pin) => pin.id === id);
  }

  /** Leaves a pin on the surface that the shown picture shows at a place of the canvas, or says why it cannot. */
  async place(xPx: number, yPx: number): Promise<CameraPin | NoPlace> {
    const tracking = this.#shown?.tracking;
    if (!tracking || tracking.state === "initializing" || tracking.state === "not-started") return "starting";
    if (tracking.state === "lost") return "lost";
    const [x, y] = this.#stage.view.picturePixel(xPx, yPx) ?? [];
    if (x === undefined || y === undefined) return "starting";
    try {
      const hit = await this.#tracker.place(tracking.frame, [x, y]);
      if (hit?.anchor === undefined) return "nothing-there";
      return this.pins.add({ ...hit, anchor: hit.anchor }, performance.now());
    } catch {
      return "gone"; // The worker died over it and is being started anew.
    }
  }

  /** Takes a pin away. */
  remove(id: number): void {
    const anchor = this.pins.remove(id);
    if (anchor !== undefined) this.#tracker.release(anchor);
  }

  /** Forgets the place, and the pins that stand in it, for a new one. */
  startAgain(): void {
    this.#tracker.restart();
  }

  /** Stops and lets go of the source. The tracker stays with its owner. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const pin of this.pins.all) this.#tracker.release(pin.anchor);
    this.#grabber?.stop();
    this.#ready?.picture.close();
    this.#ready = undefined;
    this.#motion?.close();
    this.#source.close();
  }

  #end(reason: SightlineError): void {
    if (this.#stopped) return;
    this.stop();
    this.#events.onEnd?.(reason);
  }

  async #run(): Promise<void> {
    let failure: unknown;
    for (const way of this.#source.ways) {
      if (this.#stopped) return;
      this.#stats.grabber = way.kind;
      try {
        this.#grabber = await way.open();
        await this.#pump(this.#grabber);
        return;
      } catch (thrown) {
        if (thrown instanceof SourceEnded) return;
        if (thrown instanceof SightlineError) throw thrown;
        failure = thrown;
        this.#grabber?.stop();
      }
    }
    throw failure;
  }

  /** Runs until stopped. @throws when this way of taking pictures does not work here. */
  async #pump(grabber: Grabber): Promise<void> {
    let failures = 0;
    while (!this.#stopped) {
      await visible(); // Nobody sees a hidden page, and its camera's pictures need not be followed.
      const picture = await grabber.next();
      if (this.#stopped) {
        picture.close();
        return;
      }
      try {
        const luma = await picture.luma(this.#buffer);
        this.#buffer = undefined;
        if (this.#motion) luma.motion = this.#motion.take();
        const { tracking, buffer } = await this.#tracker.track(luma);
        this.#buffer = buffer;
        this.#trackMillis.add(tracking.trackMillis);
        this.#mapMillis.add(tracking.mapMillis);
        failures = 0;
        this.#late = 0;
        this.#offer(picture, tracking);
      } catch (thrown) {
        picture.close();
        if (this.#isLate(thrown)) continue;
        failures += 1;
        if (failures >= MAX_FAILURES) throw thrown;
      }
    }
  }

  /** A picture that came too late is passed over; many of them mean that the clock was set back. */
  #isLate(thrown: unknown): boolean {
    if (codeOf(thrown) !== "frame-out-of-order") return false;
    this.#late += 1;
    if (this.#late >= MAX_LATE) {
      this.#late = 0;
      this.#tracker.restart();
    }
    return true;
  }

  #offer(picture: Captured, tracking: Tracking): void {
    if (this.#stopped) {
      picture.close();
      return;
    }
    // On a live camera the first picture has no followed points yet, and the graphics driver takes its time over the
    // first one painted: the second, a moment later, has both.
    const first = !this.#offered;
    this.#offered = true;
    if (first && this.#source.live && followedCount(tracking.points) === 0) {
      picture.close();
      return;
    }
    if (this.#ready) this.#ready.picture.close();
    else requestAnimationFrame(this.#draw);
    this.#ready = { picture, tracking };
  }

  readonly #draw = (timeMillis: number) => {
    const ready = this.#ready;
    this.#ready = undefined;
    if (!ready || this.#stopped) return;
    const { picture, tracking } = ready;
    if (this.#replacingStage) {
      picture.close(); // The tracker follows on; this one is not seen.
      return;
    }
    try {
      const pins = this.pins.drawn(tracking, performance.now());
      const { image, width, height } = picture;
      const camera = cameraNumbers(tracking);
      this.#stage.view.drawCamera(image, width, height, tracking.points, camera, pins.numbers, pins.labels);
      this.#shown = { tracking, pinIds: pins.ids };
      if (pins.lost > 0) this.#events.onPinsLost?.(pins.lost);
      this.#measure(tracking);
      // What was drawn in this animation frame is on the screen when the next one begins.
      requestAnimationFrame((nextMillis) => {
        this.#onScreen(picture.captureMillis, tracking.points, performance.now());
        if (!this.#stopped) this.#stage.frameCameAfter(nextMillis - timeMillis);
      });
    } catch (thrown) {
      if (codeOf(thrown) === "device") void this.#replaceStage(thrown);
      else this.#end(asEnd(thrown));
    } finally {
      picture.close();
    }
  };

  /** Goes on where it was on another stage, where there is one. */
  async #replaceStage(lost: unknown): Promise<void> {
    this.#replacingStage = true;
    const stage = await this.#events.onViewLost?.().catch(() => undefined);
    this.#replacingStage = false;
    if (stage) this.#stage = stage;
    else this.#end(asEnd(lost));
  }

  #onScreen(captureMillis: number, points: Float32Array, nowMillis: number): void {
    // A replay's times are of another clock.
    if (this.#source.live) this.#latencyMillis.add(nowMillis - captureMillis);
    if (this.#stats.firstPointsMillis === 0 && followedCount(points) > 0) {
      this.#stats.firstPointsMillis = nowMillis;
    }
  }

  #measure(tracking: Tracking): void {
    const nowMillis = performance.now();
    const points = tracking.points.length / FLOATS_A_POINT;
    this.#paints.tick(nowMillis);
    if (tracking.state !== "lost") this.#lostSince = undefined;
    else this.#lostSince ??= tracking.captureMillis;
    const lostMillis = this.#lostSince === undefined ? 0 : tracking.captureMillis - this.#lostSince;
    this.#stats = {
      state: tracking.state,
      reason: tracking.reason,
      lostMillis,
      points,
      landmarks: tracking.landmarksSeen,
      keyframes: tracking.keyframes,
      frontEnd: tracking.frontEnd,
      trackMillisMedian: this.#trackMillis.median,
      trackMillisP95: this.#trackMillis.p95,
      mapMillisMean: this.#mapMillis.mean,
      latencyMillisMedian: this.#latencyMillis.median,
      fps: this.#paints.perSecond(nowMillis),
      firstPointsMillis: this.#stats.firstPointsMillis,
      grabber: this.#stats.grabber,
    };
    const advice = this.#coach.advise({
      nowMillis,
      state: tracking.state,
      lostMillis,
      reason: tracking.reason,
      points,
      meanLuma: tracking.meanLuma,
      placed: this.pins.all.length > 0,
    });
    this.#events.onPaint?.(this.#stats, advice);
  }
}

function visible(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const changed = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", changed);
      resolve();
    };
    document.addEventListener("visibilitychange", changed);
  });
}

function asEnd(thrown: unknown): SightlineError {
  if (thrown instanceof SightlineError) return thrown;
  const code = codeOf(thrown);
  return new SightlineError(code === "unknown" ? "camera-ended" : code, messageOf(thrown), { cause: thrown });
}
