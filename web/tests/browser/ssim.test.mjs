/** The measure of the bench `streams`, against values of scikit-image 0.26. It takes no browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { luma, ssim } from "../ssim.mjs";

const [WIDTH, HEIGHT] = [56, 40];

const picture = (at) =>
  Float64Array.from({ length: WIDTH * HEIGHT }, (_, i) => at(i % WIDTH, Math.floor(i / WIDTH)));

const saw = picture((x, y) => (x * 7 + y * 13) % 256);

test("it is what scikit-image says", () => {
  // structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
  const other = picture((x, y) => (x * 7 + y * 13 + ((x * y) % 31)) % 256);
  const negative = saw.map((value) => 255 - value);
  const paler = saw.map((value) => value * 0.5 + 40);
  const known = [
    [other, 0.6543967543876443],
    [negative, -0.6762932607818628],
    [paler, 0.7863931156725744],
    [saw, 1],
  ];
  for (const [picture, expected] of known) {
    const actual = ssim(saw, picture, WIDTH);
    assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, not ${expected}`);
  }
});

test("pictures of different sizes are not compared", () => {
  assert.throws(() => ssim(saw, saw.subarray(WIDTH), WIDTH), /size/);
});

test("luma leaves out the first rows", () => {
  const rgba = Uint8ClampedArray.of(9, 9, 9, 255, 9, 9, 9, 255, 255, 0, 0, 255, 0, 255, 0, 255);
  assert.deepEqual([...luma(rgba, 2, 1)], [255 * 0.2126, 255 * 0.7152]);
});
