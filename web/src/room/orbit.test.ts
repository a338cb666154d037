import assert from "node:assert/strict";
import { test } from "node:test";
import { Orbit } from "./orbit";

test("the eye never goes below the floor nor over the top", () => {
  const orbit = new Orbit();
  orbit.turn(0, -10_000);
  assert.ok(orbit.pitchRad > 0);
  orbit.turn(0, 10_000);
  assert.ok(orbit.pitchRad < Math.PI / 2);
});

test("at yaw 0 a drag to the right moves the target to the left, a drag down moves it away", () => {
  const orbit = new Orbit();
  orbit.yawRad = 0;
  orbit.target = [0, 0, 0];
  orbit.pan(100, 0, 400);
  assert.ok(orbit.target[0] < 0 && Math.abs(orbit.target[2]) < 1e-9);
  orbit.target = [0, 0, 0];
  orbit.pan(0, 100, 400);
  assert.ok(orbit.target[2] < 0 && Math.abs(orbit.target[0]) < 1e-9);
});

test("framing looks at the middle, from further away for more", () => {
  const orbit = new Orbit();
  orbit.frame([[2, 0, 1]]);
  assert.deepEqual(orbit.target, [2, 0.1, 1]);
  const near = orbit.distanceM;
  orbit.frame([
    [2, 0, 1],
    [-2, 0, 1],
  ]);
  assert.deepEqual(orbit.target, [0, 0.1, 1]);
  assert.ok(orbit.distanceM > near + 2);
});

test("panning back and forth returns, at any yaw", () => {
  const orbit = new Orbit();
  orbit.yawRad = 2.1;
  const before = [...orbit.target];
  orbit.pan(37, -12, 400);
  orbit.pan(-37, 12, 400);
  orbit.target.forEach((value, i) => {
    assert.ok(Math.abs(value - (before[i] ?? 0)) < 1e-6);
  });
});
