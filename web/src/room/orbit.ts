/**
 * The eye of the 3D view: it circles around a target on the room's floor. Pure; the gestures that move it are in
 * `room_mode.ts`.
 */

/** Six numbers as `View.drawRoom` takes them: yaw, pitch (rad), distance (m), target x, y, z (room, m). */
export type OrbitArray = Float32Array;

const MIN_PITCH_RAD = 0.05;
const MAX_PITCH_RAD = 1.5;
const MIN_DISTANCE_M = 0.4;
const MAX_DISTANCE_M = 30;

/** Where the eye starts: above the floor, a step back, looking down a little. */
export class Orbit {
  yawRad = 0.6;
  pitchRad = 0.55;
  distanceM = 2.2;
  target: [number, number, number] = [0, 0.1, 0];
  readonly #numbers = new Float32Array(6);

  /** Circles by a drag in CSS pixels. */
  turn(dxPx: number, dyPx: number): void {
    this.yawRad -= dxPx * 0.006;
    this.pitchRad = clamp(this.pitchRad + dyPx * 0.005, MIN_PITCH_RAD, MAX_PITCH_RAD);
  }

  /** Comes nearer by a factor below 1, goes away by one above. */
  zoom(factor: number): void {
    this.distanceM = clamp(this.distanceM * factor, MIN_DISTANCE_M, MAX_DISTANCE_M);
  }

  /** Moves the target over the floor, so that the floor follows a drag in CSS pixels. */
  pan(dxPx: number, dyPx: number, viewHeightPx: number): void {
    const metresPerPx = (this.distanceM * 0.9) / Math.max(1, viewHeightPx);
    const [sin, cos] = [Math.sin(this.yawRad), Math.cos(this.yawRad)];
    const right = -dxPx * metresPerPx;
    const back = -dyPx * metresPerPx;
    this.target[0] += right * cos + back * sin;
    this.target[2] += -right * sin + back * cos;
  }

  /** Looks at these places from as near as shows them all. */
  frame(places: readonly (readonly [number, number, number])[]): void {
    if (places.length === 0) return;
    const middle = [0, 1, 2].map((axis) => {
      const values = places.map((place) => place[axis] ?? 0);
      return (Math.min(...values) + Math.max(...values)) / 2;
    });
    const [x = 0, y = 0, z = 0] = middle;
    this.target = [x, y + 0.1, z];
    const radius = Math.max(...places.map((place) => Math.hypot(place[0] - x, place[1] - y, place[2] - z)));
    this.distanceM = clamp(1.5 + 2.4 * radius, MIN_DISTANCE_M, MAX_DISTANCE_M);
  }

  /** As it is now, always in the same array: it is asked for in every frame. */
  toArray(): OrbitArray {
    this.#numbers[0] = this.yawRad;
    this.#numbers[1] = this.pitchRad;
    this.#numbers[2] = this.distanceM;
    this.#numbers.set(this.target, 3);
    return this.#numbers;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
