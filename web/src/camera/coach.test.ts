import assert from "node:assert/strict";
import { test } from "node:test";
import { Coach, type CoachInput } from "./coach";

const starting = {
  state: "initializing",
  lostMillis: 0,
  reason: "no-parallax",
  points: 300,
  meanLuma: 120,
  placed: false,
} as const;
const tracking = { ...starting, state: "tracking", reason: "good" } as const;
const lost = { ...starting, state: "lost", reason: "relocalizing" } as const;

function run(coach: Coach, fromMillis: number, toMillis: number, input: Omit<CoachInput, "nowMillis">) {
  let advice: string | undefined;
  for (let t = fromMillis; t <= toMillis; t += 33) advice = coach.advise({ nowMillis: t, ...input });
  return advice;
}

test("at the start the hand is asked to move until the pose is tracked, then to leave a pin", () => {
  const coach = new Coach();
  assert.equal(run(coach, 0, 300, starting), undefined, "not at once");
  assert.equal(run(coach, 300, 2000, starting), "move");
  assert.equal(coach.advise({ nowMillis: 2033, ...tracking }), undefined, "gone as soon as it is obeyed");
  assert.equal(run(coach, 2066, 3500, tracking), "tap");
  assert.equal(run(coach, 3500, 9000, { ...tracking, placed: true }), undefined);
});

test("what made it lose its place comes before the way back", () => {
  const coach = new Coach();
  run(coach, 0, 3000, { ...tracking, placed: true });
  assert.equal(run(coach, 3000, 4500, { ...lost, reason: "too-dark", points: 3, meanLuma: 12 }), "light");
  assert.equal(run(coach, 4500, 6000, lost), "back");
  assert.equal(run(coach, 6000, 7500, { ...lost, reason: "fast-motion" }), "slow");
  assert.equal(coach.advise({ nowMillis: 7533, ...tracking, placed: true }), undefined);
});

test("a place that stays unknown can be given up", () => {
  const coach = new Coach();
  assert.equal(run(coach, 0, 2000, { ...lost, lostMillis: 4900 }), "back");
  assert.equal(run(coach, 2000, 4000, { ...lost, lostMillis: 5000 }), "again");
  assert.equal(coach.advise({ nowMillis: 4033, ...starting }), undefined);
});

test("a wall without texture is said before anything else about the hand", () => {
  assert.equal(run(new Coach(), 0, 1500, { ...starting, points: 12 }), "texture");
});
