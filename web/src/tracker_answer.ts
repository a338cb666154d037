/** Reads the rows of numbers that the tracker artefact gives, and writes those that it takes. Pure. */

import type {
  Intrinsics,
  Pose,
  PositionKind,
  Tracking,
  TrackingReason,
  TrackingState,
  WorldHit,
} from "./tracker_protocol";

const STATES: TrackingState[] = ["not-started", "initializing", "tracking", "lost"];
const POSITIONS: PositionKind[] = ["unknown", "predicted", "up-to-scale", "metric"];
const REASONS: TrackingReason[] = [
  "good",
  "no-parallax",
  "too-few-points",
  "too-dark",
  "fast-motion",
  "interrupted",
  "relocalizing",
];
const DISTORTIONS = ["none", "radial", "radial-tangential", "fisheye"];

type Answer = Pick<
  Tracking,
  | "frame"
  | "state"
  | "position"
  | "reason"
  | "score"
  | "landmarksSeen"
  | "keyframes"
  | "frontEnd"
  | "framesBehind"
  | "worldFromView"
  | "camera"
>;

/** What `Tracker.poll` of xr-core gives. */
export function readAnswer(numbers: ArrayLike<number>): Answer {
  const at = (index: number) => numbers[index] ?? 0;
  return {
    frame: at(0),
    state: STATES[at(1)] ?? "not-started",
    position: POSITIONS[at(2)] ?? "unknown",
    reason: REASONS[at(3)] ?? "good",
    score: at(4),
    landmarksSeen: at(5),
    keyframes: at(6),
    worldFromView: {
      position: [at(7), at(8), at(9)],
      orientation: [at(10), at(11), at(12), at(13)],
    },
    camera: at(14) > 0 ? { focalPx: [at(14), at(15)], centerPx: [at(16), at(17)] } : undefined,
    frontEnd: at(18) > 0 ? "gpu" : "cpu",
    framesBehind: at(19),
  };
}

/** What `Tracker.hitTest` and `Tracker.place` of xr-core give. */
export function readHit(numbers: ArrayLike<number> | undefined): WorldHit | undefined {
  if (!numbers) return undefined;
  const at = (index: number) => numbers[index] ?? 0;
  const hit: WorldHit = {
    position: [at(0), at(1), at(2)],
    normal: [at(3), at(4), at(5)],
    distance: at(6),
    confidence: at(7),
  };
  return numbers.length > 8 ? { ...hit, anchor: at(8) } : hit;
}

/** Numbers an anchor in `Tracking.anchors`. */
const ANCHOR_NUMBERS = 13;

/** An anchor in one picture. */
export interface AnchorNow extends Pose {
  id: number;
  /** Where a pinhole sees it on its pixel: what is drawn is put there. */
  drawnAt: [number, number, number];
  /** The unit of the time when it was made, in today's. */
  scale: number;
  /** Whether the map still holds it. */
  follows: boolean;
}

/** The anchors of a picture by their ids. */
export function readAnchors(numbers: Float64Array): Map<number, AnchorNow> {
  const anchors = new Map<number, AnchorNow>();
  for (let start = 0; start + ANCHOR_NUMBERS <= numbers.length; start += ANCHOR_NUMBERS) {
    const at = (index: number) => numbers[start + index] ?? 0;
    anchors.set(at(0), {
      id: at(0),
      position: [at(1), at(2), at(3)],
      orientation: [at(4), at(5), at(6), at(7)],
      drawnAt: [at(8), at(9), at(10)],
      scale: at(11),
      follows: at(12) > 0,
    });
  }
  return anchors;
}

/** Intrinsics as `Tracker.submit` takes them. */
export function intrinsicsNumbers(intrinsics: Intrinsics | undefined): Float64Array | undefined {
  if (!intrinsics) return undefined;
  const { focalPx, centerPx, distortion } = intrinsics;
  const kind = DISTORTIONS.indexOf(distortion?.kind ?? "none");
  return Float64Array.of(kind, ...focalPx, ...centerPx, ...(distortion?.coefficients ?? []));
}

/** A pose as `Tracker.submit` takes it. */
export function poseNumbers(pose: Pose | undefined): Float64Array | undefined {
  return pose && Float64Array.of(...pose.position, ...pose.orientation);
}

/** The camera of a picture as `View.drawCamera` takes it; empty while the tracker does not know where it is. */
export function cameraNumbers(tracking: Tracking): Float32Array {
  const { camera, state, worldFromView } = tracking;
  if (state !== "tracking" || !camera) return new Float32Array(0);
  return Float32Array.of(
    ...camera.focalPx,
    ...camera.centerPx,
    ...worldFromView.position,
    ...worldFromView.orientation,
  );
}
