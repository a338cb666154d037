import assert from "node:assert/strict";
import { test } from "node:test";
import { intrinsicsOf, lumaSize } from "./xr_camera";

test("a projection tells focal lengths and the principal point, from the top", () => {
  // The camera of a 640 x 480 picture with f = 500, 520 and the principal point at (300, 200), centres at integers.
  const [width, height] = [640, 480];
  const projection = new Float32Array(16);
  projection[0] = (2 * 500) / width;
  projection[5] = (2 * 520) / height;
  projection[8] = 1 - (2 * (300 + 0.5)) / width;
  projection[9] = (2 * (200 + 0.5)) / height - 1;
  const { focalPx, centerPx } = intrinsicsOf(projection, width, height);
  const found = [...focalPx, ...centerPx];
  for (const [index, expected] of [500, 520, 300, 200].entries()) {
    assert.ok(Math.abs((found[index] ?? 0) - expected) < 1e-3, `${found}`);
  }
});

test("pictures are made small, in their shape, with a width that packs", () => {
  assert.deepEqual(lumaSize(1920, 1080), [640, 360]);
  assert.deepEqual(lumaSize(1080, 2400), [288, 640]);
  assert.deepEqual(lumaSize(322, 200), [324, 200]);
});
