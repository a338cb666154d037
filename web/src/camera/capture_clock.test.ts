import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptureClock } from "./capture_clock";

test("the intervals are the camera's, whatever the arrival jitters", () => {
  const clock = new CaptureClock();
  const lateness = [5, 5, 17, 9, 31, 6];
  const times = lateness.map((late, i) => clock.captureMillis(i * 33, 1000 + i * 33 + late));
  for (let i = 1; i < times.length; i++) assert.equal((times[i] ?? 0) - (times[i - 1] ?? 0), 33);
  assert.equal(times[0], 1005);
});

test("a new stream starts a new offset", () => {
  const clock = new CaptureClock();
  clock.captureMillis(900_000, 1000);
  assert.equal(clock.captureMillis(0, 5000), 5000);
  assert.equal(clock.captureMillis(33, 5040), 5033);
});
