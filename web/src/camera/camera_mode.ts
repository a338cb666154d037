/**
 * Camera mode: pictures from the camera go to the tracker one at a time; each picture is kept until its points
 * are back and is then painted with them in one animation frame. Where painting is slower than the camera, the
 * tracker still follows every picture, and the newest is painted. Figures and advice come out.
 */

import { messageOf, SightlineError } from "../errors";
import type { Stage } from "../stage";
import { type CameraStats, NO_CAMERA_STATS, Rate, Samples } from "../stats";
import { FLOATS_A_POINT, followedCount } from "../track_figures";
import type { Tracker } from "../tracker";
import type { Tracks } from "../tracker_protocol";
import { type Camera, closeCamera } from "./camera";
import { type Advice, Coach } from "./coach";
import { type Captured, type Grabber, grabberKinds, startGrabber } from "./grabber";

export interface CameraModeEvents {
  /** After each painted picture. */
  onPaint?: (stats: CameraStats, advice: Advice | undefined) => void;
  /** The camera or the view is gone; the mode has stopped. */
  onEnd?: (reason: SightlineError) => void;
}

/** After so many failures in a row a way to take pictures is given up for the next one. */
const MAX_FAILURES = 3;

interface Ready {
  picture: Captured;
  tracks: Tracks;
}

export class CameraMode {
  readonly #stage: Stage;
  readonly #tracker: Tracker;
  readonly #camera: Camera;
  readonly #events: CameraModeEvents;
  readonly #trackMillis = new Samples();
  readonly #latencyMillis = new Samples();
  readonly #paints = new Rate();
  readonly #coach = new Coach();
  #grabber: Grabber | undefined;
  #ready: Ready | undefined;
  #buffer: ArrayBuffer | undefined;
  #stats: CameraStats = { ...NO_CAMERA_STATS };
  #stopped = false;

  constructor(stage: Stage, tracker: Tracker, camera: Camera, events: CameraModeEvents = {}) {
    this.#stage = stage;
    this.#tracker = tracker;
    this.#camera = camera;
    this.#events = events;
    camera.track.addEventListener("ended", this.#cameraEnded);
    this.#run().catch((thrown: unknown) => this.#end(asEnd(thrown)));
  }

  get stats(): CameraStats {
    return this.#stats;
  }

  /** Stops and lets go of the camera. The tracker stays with its owner. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#camera.track.removeEventListener("ended", this.#cameraEnded);
    this.#grabber?.stop();
    this.#ready?.picture.close();
    this.#ready = undefined;
    closeCamera(this.#camera);
  }

  readonly #cameraEnded = () => this.#end(new SightlineError("camera-ended", "The camera stopped."));

  #end(reason: SightlineError): void {
    if (this.#stopped) return;
    this.stop();
    this.#events.onEnd?.(reason);
  }

  async #run(): Promise<void> {
    let failure: unknown;
    for (const kind of grabberKinds()) {
      if (this.#stopped) return;
      this.#stats.grabber = kind;
      try {
        this.#grabber = await startGrabber(kind, this.#camera);
        await this.#pump(this.#grabber);
        return;
      } catch (thrown) {
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
        const { tracks, buffer } = await this.#tracker.track(luma);
        this.#buffer = buffer;
        this.#trackMillis.add(tracks.trackMillis);
        failures = 0;
        this.#offer(picture, tracks);
      } catch (thrown) {
        picture.close();
        failures += 1;
        if (failures >= MAX_FAILURES) throw thrown;
      }
    }
  }

  #offer(picture: Captured, tracks: Tracks): void {
    if (this.#stopped) {
      picture.close();
      return;
    }
    if (this.#ready) this.#ready.picture.close();
    else requestAnimationFrame(this.#draw);
    this.#ready = { picture, tracks };
  }

  readonly #draw = () => {
    const ready = this.#ready;
    this.#ready = undefined;
    if (!ready || this.#stopped) return;
    const { picture, tracks } = ready;
    try {
      this.#stage.view.drawCamera(picture.image, picture.width, picture.height, tracks.points);
      this.#measure(tracks);
      // What was drawn in this animation frame is on the screen when the next one begins.
      requestAnimationFrame(() => this.#shown(picture.captureMillis, tracks.points, performance.now()));
    } catch (thrown) {
      this.#end(asEnd(thrown));
    } finally {
      picture.close();
    }
  };

  #shown(captureMillis: number, points: Float32Array, nowMillis: number): void {
    this.#latencyMillis.add(nowMillis - captureMillis);
    if (this.#stats.firstPointsMillis === 0 && followedCount(points) > 0) {
      this.#stats.firstPointsMillis = nowMillis;
    }
  }

  #measure(tracks: Tracks): void {
    const nowMillis = performance.now();
    const points = tracks.points.length / FLOATS_A_POINT;
    this.#paints.tick(nowMillis);
    this.#stats = {
      points,
      trackMillisMedian: this.#trackMillis.median,
      trackMillisP95: this.#trackMillis.p95,
      latencyMillisMedian: this.#latencyMillis.median,
      fps: this.#paints.perSecond(nowMillis),
      firstPointsMillis: this.#stats.firstPointsMillis,
      grabber: this.#stats.grabber,
    };
    const advice = this.#coach.advise({
      nowMillis,
      points,
      meanLuma: tracks.meanLuma,
      motionPx: tracks.motionPx,
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
  const code =
    thrown && typeof thrown === "object" && "code" in thrown && typeof thrown.code === "string"
      ? thrown.code
      : "camera-ended";
  return new SightlineError(code, messageOf(thrown), { cause: thrown });
}
