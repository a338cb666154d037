/** The tracker artefact as a worker uses it, under Node: pictures whose motion is known, and its errors. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FrontEnd, initSync } from "../../dist/wasm/sightline_tracker.js";
import { texturePicture } from "../texture.mjs";

const WIDTH = 320;
const HEIGHT = 240;

const wasm = initSync({
  module: readFileSync(new URL("../../dist/wasm/sightline_tracker_bg.wasm", import.meta.url)),
});

/** Tracks one picture; gives the points by their ids. */
function track(frontEnd, luma, frame, width = WIDTH, height = HEIGHT) {
  frontEnd.buffer(width, height, width).set(luma);
  const points = frontEnd.track(BigInt(frame) * 33_333_333n).slice();
  const byId = new Map();
  for (let at = 0; at < points.length; at += 4) {
    const [x, y, age, id] = points.subarray(at, at + 4);
    byId.set(id, { x, y, age });
  }
  return byId;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

test("points follow a texture that moves by fractions of a pixel", () => {
  const frontEnd = new FrontEnd(JSON.stringify({ maxPoints: 400 }));
  const motion = [2.25, -1.5];
  let before = track(frontEnd, texturePicture(WIDTH, HEIGHT), 0);
  assert.ok(before.size >= 200, `${before.size} points on a rich texture`);
  for (let frame = 1; frame <= 5; frame++) {
    const now = track(frontEnd, texturePicture(WIDTH, HEIGHT, motion[0] * frame, motion[1] * frame), frame);
    const errors = [];
    for (const [id, point] of now) {
      const last = before.get(id);
      if (!last) continue;
      assert.equal(point.age, last.age + 1);
      errors.push(Math.hypot(point.x - last.x - motion[0], point.y - last.y - motion[1]));
    }
    assert.ok(
      errors.length >= 0.8 * before.size,
      `frame ${frame}: ${errors.length} of ${before.size} followed`,
    );
    const error = median(errors);
    assert.ok(error <= 0.1, `frame ${frame}: the median error is ${error} px`);
    before = now;
  }
  frontEnd.free();
});

test("RGBA pictures are followed like their luma", () => {
  const [fromLuma, fromRgba] = [new FrontEnd(), new FrontEnd()];
  const luma = texturePicture(WIDTH, HEIGHT);
  const rgba = new Uint8Array(luma.length * 4);
  luma.forEach((value, at) => {
    rgba.set([value, value, value, 255], at * 4);
  });
  const expected = track(fromLuma, luma, 0);
  fromRgba.fromRgba(WIDTH, HEIGHT, rgba);
  const found = fromRgba.track(0n).slice();
  assert.equal(found.length / 4, expected.size);
});

test("another size and a restart begin anew, without an error", () => {
  const frontEnd = new FrontEnd();
  track(frontEnd, texturePicture(WIDTH, HEIGHT), 0);
  assert.ok([...track(frontEnd, texturePicture(WIDTH, HEIGHT), 1).values()].some(({ age }) => age > 0));
  const turned = track(frontEnd, texturePicture(HEIGHT, WIDTH), 2, HEIGHT, WIDTH);
  assert.ok(turned.size > 0 && [...turned.values()].every(({ age }) => age === 0));
  track(frontEnd, texturePicture(HEIGHT, WIDTH), 3, HEIGHT, WIDTH);
  frontEnd.restart();
  const restarted = track(frontEnd, texturePicture(HEIGHT, WIDTH), 4, HEIGHT, WIDTH);
  assert.ok(restarted.size > 0 && [...restarted.values()].every(({ age }) => age === 0));
});

test("memory stays as it is once the tracker is warm", () => {
  const frontEnd = new FrontEnd();
  let warm = 0;
  for (let frame = 0; frame < 40; frame++) {
    track(frontEnd, texturePicture(WIDTH, HEIGHT, frame * 1.5, Math.sin(frame) * 3), frame);
    if (frame === 10) warm = wasm.memory.buffer.byteLength;
  }
  assert.equal(wasm.memory.buffer.byteLength, warm);
});

test("what cannot be used is refused with a stable code", () => {
  assert.throws(() => new FrontEnd("{"), { name: "SightlineError", code: "bad-json" });
  const frontEnd = new FrontEnd();
  assert.throws(() => frontEnd.buffer(640, 480, 320), { name: "SightlineError", code: "bad-argument" });
  assert.throws(() => frontEnd.fromRgba(64, 48, new Uint8Array(5)), {
    name: "SightlineError",
    code: "bad-argument",
  });
});
