import assert from "node:assert/strict";
import { test } from "node:test";
import { Coach, type CoachInput } from "./coach";

const good = { points: 800, meanLuma: 120, motionPx: 2 };

function run(coach: Coach, fromMillis: number, toMillis: number, input: Omit<CoachInput, "nowMillis">) {
  let advice: string | undefined;
  for (let t = fromMillis; t <= toMillis; t += 33) advice = coach.advise({ nowMillis: t, ...input });
  return advice;
}

test("a still hand is asked to move, and no longer once it has", () => {
  const coach = new Coach();
  assert.equal(run(coach, 0, 300, { ...good, motionPx: 0 }), undefined, "not at once");
  assert.equal(run(coach, 300, 2000, { ...good, motionPx: 0 }), "move");
  assert.equal(run(coach, 2000, 4000, good), undefined);
  assert.equal(run(coach, 4000, 9000, { ...good, motionPx: 0 }), undefined, "said once");
});

test("darkness goes before a lack of texture, and both pass as soon as they are mended", () => {
  const coach = new Coach();
  run(coach, 0, 3000, good);
  assert.equal(run(coach, 3000, 4500, { points: 3, meanLuma: 12, motionPx: 0 }), "light");
  assert.equal(coach.advise({ nowMillis: 4533, points: 3, meanLuma: 90, motionPx: 0 }), "texture");
  assert.equal(coach.advise({ nowMillis: 4566, ...good }), undefined);
});
