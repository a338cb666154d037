import assert from "node:assert/strict";
import { test } from "node:test";
import { strings } from "../strings";
import { connectionWords } from "./connection";

test("nothing is said while connected", () => {
  assert.equal(connectionWords({ connection: "online", pending: 0 }, false), undefined);
});

test("what waits is counted, and a retry is offered where one helps", () => {
  const say = connectionWords({ connection: "reconnecting", pending: 3 }, false);
  assert.deepEqual(say, {
    words: "Reconnecting",
    pending: "3 waiting to be sent",
    retry: true,
    trust: false,
  });
});

test("a refusal has the reason, and no retry that cannot help", () => {
  const problem = { code: "room_full", message: "full", retry: false };
  const say = connectionWords({ connection: "closed", problem, pending: 0 }, false);
  assert.equal(say?.words, strings.problems.room_full);
  assert.equal(say?.retry, false);
});

test("a code of a later relay is said in the relay's own words", () => {
  const problem = { code: "a_new_one", message: "The room sleeps until Monday.", retry: false };
  assert.equal(connectionWords({ connection: "closed", problem, pending: 0 }, false)?.words, problem.message);
});

test("a socket that the browser refuses leads to the page about trust", () => {
  const say = connectionWords({ connection: "reconnecting", pending: 0 }, true);
  assert.equal(say?.trust, true);
});
