import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraFromDevice } from "./motion";

const near = (actual: number[], expected: number[]) =>
  actual.forEach((value, axis) => {
    assert.ok(Math.abs(value - (expected[axis] ?? Number.NaN)) < 1e-12, `${actual} is not ${expected}`);
  });

test("upright, the device's right is the camera's, its up is not down, its screen is not ahead", () => {
  near(cameraFromDevice([1, 0, 0], 0), [1, 0, 0]);
  near(cameraFromDevice([0, 1, 0], 0), [0, -1, 0]);
  near(cameraFromDevice([0, 0, 1], 0), [0, 0, -1]);
});

test("lying on its left side, the device's top is on the picture's left", () => {
  near(cameraFromDevice([0, 1, 0], 90), [-1, 0, 0]);
  // And its right side is up: gravity's reaction along it is up in the picture.
  near(cameraFromDevice([1, 0, 0], 90), [0, -1, 0]);
});

test("the other way round both are turned over", () => {
  near(cameraFromDevice([0, 1, 0], 270), [1, 0, 0]);
  near(cameraFromDevice([1, 0, 0], 270), [0, 1, 0]);
  near(cameraFromDevice([0, 1, 0], 180), [0, 1, 0]);
});
