/** Figures about a tracked picture that coaching needs: how bright it is, and how far the points moved. Pure. */

import type { LumaFrame } from "./tracker_protocol";

/** Floats a point, as the tracker gives them. */
export const FLOATS_A_POINT = 6;

/** The age and the id within a point. */
export const AGE_AT = 2;
const ID_AT = 3;

/** Every so many pixels one is looked at. */
const LUMA_STEP = 97;

/** The median shift in pixels of the points that both lists hold; 0 where they share none. */
export function medianMotion(previous: Float32Array, current: Float32Array): number {
  const indexById = new Map<number, number>();
  for (let i = 0; i < previous.length; i += FLOATS_A_POINT) indexById.set(previous[i + ID_AT] ?? -1, i);
  const shifts: number[] = [];
  for (let i = 0; i < current.length; i += FLOATS_A_POINT) {
    const before = indexById.get(current[i + ID_AT] ?? -1);
    if (before === undefined) continue;
    const dx = (current[i] ?? 0) - (previous[before] ?? 0);
    const dy = (current[i + 1] ?? 0) - (previous[before + 1] ?? 0);
    shifts.push(Math.hypot(dx, dy));
  }
  shifts.sort((a, b) => a - b);
  return shifts[shifts.length >> 1] ?? 0;
}

/** The mean brightness of a picture over a sparse sample, 0 to 255. */
export function meanLuma(
  frame: Pick<LumaFrame, "format" | "width" | "height" | "stride">,
  bytes: Uint8Array,
): number {
  let sum = 0;
  let count = 0;
  const pixels = frame.width * frame.height;
  for (let pixel = 0; pixel < pixels; pixel += LUMA_STEP) {
    if (frame.format === "rgba") {
      const at = pixel * 4;
      sum += 0.299 * (bytes[at] ?? 0) + 0.587 * (bytes[at + 1] ?? 0) + 0.114 * (bytes[at + 2] ?? 0);
    } else {
      const row = Math.floor(pixel / frame.width);
      sum += bytes[row * frame.stride + (pixel - row * frame.width)] ?? 0;
    }
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** How many points were found in at least two pictures. */
export function followedCount(points: Float32Array): number {
  let followed = 0;
  for (let i = AGE_AT; i < points.length; i += FLOATS_A_POINT) {
    if ((points[i] ?? 0) >= 1) followed += 1;
  }
  return followed;
}
