import assert from "node:assert/strict";
import { test } from "node:test";
import { Rate, Samples } from "./stats";

test("the median and the 95th percentile are samples of the window", () => {
  const samples = new Samples(100);
  for (let i = 1; i <= 100; i++) samples.add(i);
  assert.equal(samples.median, 50);
  assert.equal(samples.p95, 95);
});

test("the mean counts what is rare, and what is held alone", () => {
  const samples = new Samples(4);
  assert.equal(samples.mean, 0);
  for (const value of [1000, 0, 0, 8, 0]) samples.add(value);
  assert.equal(samples.mean, 2);
});

test("old samples leave the window", () => {
  const samples = new Samples(3);
  for (const value of [1000, 1, 2, 3]) samples.add(value);
  assert.equal(samples.quantile(1), 3);
  samples.clear();
  assert.equal(samples.median, 0);
});

test("the rate counts intervals, not events", () => {
  const rate = new Rate(1000);
  for (let t = 0; t <= 1000; t += 50) rate.tick(t);
  assert.equal(rate.perSecond(1000), 20);
  assert.equal(rate.perSecond(5000), 0, "a stopped stream has no rate");
});
