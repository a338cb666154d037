/**
 * The tracker artefact as a worker uses it, under Node: pictures whose motion is known, a wall that the platform's
 * poses go past, and its errors.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { initSync, Tracker } from "../../dist/wasm/sightline_tracker.js";
import { texturePicture } from "../texture.mjs";

const WIDTH = 320;
const HEIGHT = 240;

/** Numbers a point: x, y, age, id, depth, whether it is a landmark. */
const POINT = 6;

const wasm = initSync({
  module: readFileSync(new URL("../../dist/wasm/sightline_tracker_bg.wasm", import.meta.url)),
});

/** Tracks one picture; gives the points by their ids. */
function track(tracker, luma, frame, { width = WIDTH, height = HEIGHT, intrinsics, pose } = {}) {
  tracker.buffer(width, height, width).set(luma);
  tracker.submit(BigInt(frame) * 33_333_333n, intrinsics, pose);
  assert.ok(tracker.poll(), "the processor answers at once");
  const points = tracker.points();
  const byId = new Map();
  for (let at = 0; at < points.length; at += POINT) {
    const [x, y, age, id, depth, landmark] = points.subarray(at, at + POINT);
    byId.set(id, { x, y, age, depth, landmark });
  }
  return byId;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

test("points follow a texture that moves by fractions of a pixel", () => {
  const tracker = new Tracker(JSON.stringify({ maxPoints: 300 }));
  const motion = [2.25, -1.5];
  let before = track(tracker, texturePicture(WIDTH, HEIGHT), 0);
  assert.ok(before.size >= 150, `${before.size} points on a rich texture`);
  for (let frame = 1; frame <= 5; frame++) {
    const now = track(tracker, texturePicture(WIDTH, HEIGHT, motion[0] * frame, motion[1] * frame), frame);
    const errors = [];
    for (const [id, point] of now) {
      const last = before.get(id);
      if (!last) continue;
      assert.equal(point.age, last.age + 1);
      errors.push(Math.hypot(point.x - last.x - motion[0], point.y - last.y - motion[1]));
    }
    assert.ok(
      errors.length >= 0.7 * before.size,
      `frame ${frame}: ${errors.length} of ${before.size} followed`,
    );
    const error = median(errors);
    assert.ok(error <= 0.15, `frame ${frame}: the median error is ${error} px`);
    before = now;
  }
  tracker.free();
});

test("RGBA pictures are followed like their luma", () => {
  const [fromLuma, fromRgba] = [new Tracker(), new Tracker()];
  const luma = texturePicture(WIDTH, HEIGHT);
  const rgba = new Uint8Array(luma.length * 4);
  luma.forEach((value, at) => {
    rgba.set([value, value, value, 255], at * 4);
  });
  const expected = track(fromLuma, luma, 0);
  fromRgba.fromRgba(WIDTH, HEIGHT, rgba);
  fromRgba.submit(0n);
  assert.ok(fromRgba.isBusy());
  fromRgba.poll();
  assert.ok(!fromRgba.isBusy());
  assert.equal(fromRgba.points().length / POINT, expected.size);
});

/** The wall's picture for a camera that has gone to the right by so many pixels of it. */
const WALL = { focalPx: 300, depthM: 2 };

test("with the platform's poses a wall is mapped where it is, and hit there", (t) => {
  const tracker = new Tracker();
  const intrinsics = Float64Array.of(0, WALL.focalPx, WALL.focalPx, (WIDTH - 1) / 2, (HEIGHT - 1) / 2);
  let points = new Map();
  const frames = 40;
  for (let frame = 0; frame < frames; frame++) {
    // The camera goes right in WebXR's axes; what it sees goes left.
    const x = 0.01 * frame;
    const pose = Float64Array.of(x, 0, 0, 0, 0, 0, 1);
    const picture = texturePicture(WIDTH, HEIGHT, (-x * WALL.focalPx) / WALL.depthM, 0);
    points = track(tracker, picture, frame, { intrinsics, pose });
    for (let step = 0; step < 20 && tracker.mapStep(50) >= 0; step++);
  }
  const depths = [...points.values()].filter(({ depth }) => depth > 0).map(({ depth }) => depth);
  assert.ok(depths.length >= 30, `${depths.length} of ${points.size} points have a depth`);
  const depth = median(depths);
  t.diagnostic(`${depths.length} of ${points.size} points have a depth, median ${depth.toFixed(3)} m`);
  assert.ok(Math.abs(depth - WALL.depthM) < 0.04, `${depth} m`);
  const world = tracker.pointsInWorld();
  assert.equal(world.length, depths.length * 3);
  const zs = [...world].filter((_, at) => at % 3 === 2);
  assert.ok(Math.abs(median(zs) + WALL.depthM) < 0.04, "in WebXR's axes the wall is ahead: -Z");

  // The middle of the last picture, and of the one eight frames before it.
  for (const [frame, x] of [
    [frames, 0.01 * (frames - 1)],
    [frames - 8, 0.01 * (frames - 9)],
  ]) {
    const hit = tracker.hitTest(frame, (WIDTH - 1) / 2, (HEIGHT - 1) / 2);
    assert.ok(hit, `a hit in frame ${frame}`);
    assert.ok(Math.hypot(hit[0] - x, hit[1], hit[2] + WALL.depthM) < 0.05, `hit at ${hit.slice(0, 3)}`);
    assert.ok(hit[5] > 0.9, `the wall faces the camera: ${hit.slice(3, 6)}`);
  }
  assert.equal(tracker.hitTest(1, 10, 10), undefined, "a frame of long ago");

  const placed = tracker.place(frames, 100, 100);
  assert.equal(placed.length, 9);
  track(tracker, texturePicture(WIDTH, HEIGHT, (-0.4 * WALL.focalPx) / WALL.depthM, 0), frames, {
    intrinsics,
    pose: Float64Array.of(0.4, 0, 0, 0, 0, 0, 1),
  });
  const anchors = tracker.anchors();
  assert.equal(anchors.length, 13);
  assert.equal(anchors[0], placed[8]);
  assert.ok(Math.hypot(...[1, 2, 3].map((at) => anchors[at] - placed[at - 1])) < 0.01, "it stays");
  tracker.release(placed[8]);
  tracker.free();
});

test("memory stays as it is once the tracker is warm", () => {
  const tracker = new Tracker();
  let warm = 0;
  for (let frame = 0; frame < 90; frame++) {
    track(tracker, texturePicture(WIDTH, HEIGHT, Math.sin(frame / 3) * 4, Math.sin(frame) * 3), frame);
    if (frame === 60) warm = wasm.memory.buffer.byteLength;
  }
  assert.equal(wasm.memory.buffer.byteLength, warm);
});

test("what cannot be used is refused with a stable code, and the tracker goes on", () => {
  assert.throws(() => new Tracker("{"), { name: "SightlineError", code: "bad-json" });
  const tracker = new Tracker();
  assert.throws(() => tracker.buffer(640, 480, 320), { name: "SightlineError", code: "bad-argument" });
  assert.throws(() => tracker.fromRgba(64, 48, new Uint8Array(5)), { code: "bad-argument" });
  assert.throws(() => new Tracker().submit(0n), { code: "tracker-refused" });
  assert.throws(() => tracker.motion(Float64Array.of(1, 2)), { code: "bad-argument" });
  track(tracker, texturePicture(WIDTH, HEIGHT), 5);
  for (const pose of [Float64Array.of(1), Float64Array.of(0, 0, 0, 0, 0, 0, 0)]) {
    assert.throws(() => tracker.submit(10n ** 12n, undefined, pose), { code: "bad-argument" });
  }
  for (const intrinsics of [Float64Array.of(9, 1, 1, 1, 1), Float64Array.of(1, 300, 300, 160, 120)]) {
    assert.throws(() => tracker.submit(10n ** 12n, intrinsics), { code: "bad-argument" });
  }
  assert.throws(() => tracker.submit(10n ** 12n, Float64Array.of(0, Number.NaN, 300, 160, 120)), {
    code: "tracker-refused",
  });
  assert.throws(() => track(tracker, texturePicture(WIDTH, HEIGHT), 4), { code: "frame-out-of-order" });
  const after = track(tracker, texturePicture(WIDTH, HEIGHT), 6);
  assert.ok(
    [...after.values()].some(({ age }) => age > 0),
    "the refused frames changed nothing",
  );
  tracker.motion(Float64Array.of(7e8, Number.NaN, 0, 0, 0, 0, 0));
  tracker.restart();
  assert.ok([...track(tracker, texturePicture(WIDTH, HEIGHT), 0).values()].every(({ age }) => age === 0));
});
