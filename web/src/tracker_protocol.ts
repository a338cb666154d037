/**
 * What the page and the tracker's worker say to each other. Buffers are transferred both ways, so that a frame
 * is copied once (into wasm memory) and no garbage is made.
 *
 * Positions and directions of the world are in WebXR's axes (X right, Y up, Z backward) and in the map's unit, which
 * is arbitrary unless the answer says that positions are metric.
 */

/** A camera, in pixels of its picture; pixel centres at integers. */
export interface Intrinsics {
  focalPx: [number, number];
  centerPx: [number, number];
  /** How the lens bends: coefficients of OpenCV's models; absent: not at all. */
  distortion?: { kind: "radial" | "radial-tangential" | "fisheye"; coefficients: number[] };
}

/** Where something is in the world. */
export interface Pose {
  position: [number, number, number];
  /** Unit quaternion x y z w. */
  orientation: [number, number, number, number];
}

/** One picture for the tracker, and what is known of it. */
export interface LumaFrame {
  /** `stride * height` bytes or more of luma first (I420, NV12 or grey alone), or `width * height * 4` of RGBA. */
  buffer: ArrayBuffer;
  format: "luma" | "rgba";
  width: number;
  height: number;
  /** Bytes from a row to the next; for `rgba` unused. */
  stride: number;
  /** Capture time since the page's `timeOrigin`. */
  captureMillis: number;
  /** The camera of this picture, where it is known. */
  intrinsics?: Intrinsics;
  /** Where the platform has the camera (its view's pose), in metres: the tracker then only maps. */
  worldFromView?: Pose;
  /** Readings of the motion sensors since the last picture: time in ms, then six numbers, as `motion.ts` makes them. */
  motion?: Float64Array;
  /** Do just so many units of map work after this picture, before the next: for replays that must not vary. */
  mapWorkUnits?: number;
}

export type TrackingState = "not-started" | "initializing" | "tracking" | "lost";
export type PositionKind = "unknown" | "predicted" | "up-to-scale" | "metric";
export type TrackingReason =
  | "good"
  | "no-parallax"
  | "too-few-points"
  | "too-dark"
  | "fast-motion"
  | "interrupted"
  | "relocalizing";

/** Where the front end's work is done: where it is faster, as measured, or where one wants it. */
export type FrontEndChoice = "auto" | "cpu" | "gpu";

/** What the tracker says of one picture. */
export interface Tracking {
  /** Which answer this is since the tracker's start; questions about the picture name it. */
  frame: number;
  /** Rises when the worker was started anew: what it knew before is gone. */
  epoch: number;
  /** The picture's time, as it came back from the tracker. */
  captureMillis: number;
  state: TrackingState;
  /** What the pose's position means. */
  position: PositionKind;
  /** What limits the quality the most. */
  reason: TrackingReason;
  /** 0 (no use) to 1. */
  score: number;
  landmarksSeen: number;
  keyframes: number;
  /** Where this picture's points were followed. */
  frontEnd: "cpu" | "gpu";
  /** Newer pictures that the tracker had taken when this answer was there. */
  framesBehind: number;
  /** Where the camera was, as a view. */
  worldFromView: Pose;
  /** The camera as a pinhole, as far as it is known. */
  camera: { focalPx: [number, number]; centerPx: [number, number] } | undefined;
  /** Six floats a point: x and y in pixels, age in frames, id, depth (0: unknown), 1 for a landmark. */
  points: Float32Array;
  /** Thirteen numbers an anchor, see `Tracker.anchors` of xr-core. */
  anchors: Float64Array;
  /** x, y, z of the points whose place is known, when asked for by `worldFromView` in the frame. */
  pointsInWorld: Float32Array | undefined;
  /** From the picture's coming to its answer, copy included. */
  trackMillis: number;
  /** Time of the map work since the picture before. */
  mapMillis: number;
  /** Median shift of the points since the picture before, in pixels; 0 where none was followed. */
  motionPx: number;
  /** Mean brightness, 0 to 255, over a sparse sample. */
  meanLuma: number;
}

/** A surface of the world under a pixel. */
export interface WorldHit {
  position: [number, number, number];
  normal: [number, number, number];
  /** From the camera that was asked about. */
  distance: number;
  /** 0 to 1. */
  confidence: number;
  /** The anchor that was put there, when one was asked for. */
  anchor?: number;
}

export type ToWorker =
  | { type: "import"; glueUrl: string }
  | { type: "start"; module: WebAssembly.Module; optionsJson: string; frontEnd: FrontEndChoice }
  | { type: "frame"; frame: LumaFrame }
  | { type: "ask"; question: number; what: "hit" | "place"; frame: number; pixel: [number, number] }
  | { type: "release"; anchor: number }
  | { type: "restart" }
  /** Ends the GPU's device, as a driver that fails does: for tests. */
  | { type: "lose-gpu" };

export type FromWorker =
  | { type: "ready" }
  /** There is a GPU that the front end may work on. */
  | { type: "gpu"; adapter: string; isSoftware: boolean }
  | { type: "tracking"; tracking: Omit<Tracking, "epoch">; buffer: ArrayBuffer }
  /** The frame was of no use; the tracker is as it was. */
  | { type: "refused"; code: string; message: string; buffer: ArrayBuffer }
  | { type: "hit"; question: number; hit: WorldHit | undefined }
  /** The worker is of no use any more. */
  | { type: "error"; code: string; message: string };
