import assert from "node:assert/strict";
import { test } from "node:test";
import { followedCount, meanLuma, medianMotion } from "./track_figures";

/** Points by x, y, age and id, without a depth. */
const points = (...rows: number[][]) => Float32Array.from(rows.flatMap((row) => [...row, 0, 0]));

test("motion is the median shift of points with the same id", () => {
  const before = points([0, 0, 0, 7], [10, 10, 0, 8], [20, 20, 0, 9]);
  const after = points([13, 14, 1, 8], [3, 4, 1, 7], [20, 120, 1, 9], [500, 500, 0, 10]);
  assert.equal(medianMotion(before, after), 5);
  assert.equal(medianMotion(new Float32Array(0), after), 0);
});

test("brightness honours the stride and weighs the colours", () => {
  const luma = new Uint8Array(200 * 100).fill(255);
  for (let y = 0; y < 100; y++) luma.fill(40, y * 200, y * 200 + 160);
  assert.equal(meanLuma({ format: "luma", width: 160, height: 100, stride: 200 }, luma), 40);
  const green = new Uint8Array(64 * 64 * 4);
  for (let i = 1; i < green.length; i += 4) green[i] = 200;
  const mean = meanLuma({ format: "rgba", width: 64, height: 64, stride: 0 }, green);
  assert.ok(Math.abs(mean - 117.4) < 0.01, `${mean}`);
});

test("a point counts as followed from its second picture on", () => {
  assert.equal(followedCount(points([0, 0, 0, 1], [0, 0, 1, 2], [0, 0, 30, 3])), 2);
});
