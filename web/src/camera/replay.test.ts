import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera, parseList } from "./replay";

test("a list names times and files beside it", () => {
  const frames = parseList(
    "# time file\n0.0 frames/0.jpg\n\n0.0333 frames/1.jpg\n",
    new URL("https://a.b/c/list.txt"),
  );
  assert.deepEqual(
    frames.map(({ timeSecs, image }) => [timeSecs, String(image)]),
    [
      [0, "https://a.b/c/frames/0.jpg"],
      [0.0333, "https://a.b/c/frames/1.jpg"],
    ],
  );
});

test("a camera in COLMAP's notation loses half a pixel", () => {
  assert.deepEqual(parseCamera("1 SIMPLE_RADIAL 640 480 527.7 320 240 -0.0244"), {
    focalPx: [527.7, 527.7],
    centerPx: [319.5, 239.5],
    distortion: { kind: "radial", coefficients: [-0.0244, 0] },
  });
  assert.deepEqual(parseCamera("PINHOLE 640 480 500 510 320 240")?.focalPx, [500, 510]);
  assert.equal(parseCamera("FULL_OPENCV 1 1 1"), undefined);
});
