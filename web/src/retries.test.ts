import assert from "node:assert/strict";
import { test } from "node:test";
import { Retries } from "./retries";

test("tries become more patient and end", () => {
  const retries = new Retries();
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((second) => retries.next(second * 1000)),
    [0, 1000, 4000, 10_000, undefined, undefined],
  );
});

test("what was lost long ago does not count", () => {
  const retries = new Retries();
  for (let minute = 0; minute < 20; minute++) {
    assert.equal(retries.next(minute * 60_000), 0);
  }
  assert.equal(retries.next(19 * 60_000 + 1), 1000);
});
