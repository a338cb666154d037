import assert from "node:assert/strict";
import { test } from "node:test";
import { strings } from "../strings";
import { failureFor } from "./failures";

const online = { userAgent: "Firefox/140.0", onLine: true };

test("a denied camera tells how to undo it in this browser", () => {
  const failure = failureFor({ code: "camera-denied", message: "" }, "camera", online);
  assert.equal(failure.state, "denied");
  assert.equal(failure.words.help, strings.states.denied.firefox);
});

test("a module that does not come is the network's fault only without a network", () => {
  const thrown = { code: "module-unreachable", message: "" };
  assert.equal(failureFor(thrown, "camera", online).state, "unreachable");
  assert.equal(failureFor(thrown, "camera", { ...online, onLine: false }).state, "no-network");
});

test("a room's refusal is said in words, never as a bare code", () => {
  const failure = failureFor({ code: "room_full", message: "x" }, "room", online);
  assert.equal(failure.words.text, strings.problems.room_full);
  const unheard = failureFor({ code: "brand_new", message: "The room is asleep." }, "room", online);
  assert.equal(unheard.words.text, "The room is asleep.");
});

test("what nobody foresaw still has a face and a way on", () => {
  const failure = failureFor({ code: "unknown", message: "TypeError" }, "camera", online);
  assert.equal(failure.state, "failed");
  assert.ok(failure.retry);
});

test("a room that is over for this device has a screen of its own, and nothing to try again", () => {
  for (const [code, state] of [
    ["removed", "removed"],
    ["room_expired", "room-expired"],
  ] as const) {
    const failure = failureFor({ code, message: "x" }, "room", online);
    assert.equal(failure.state, state);
    assert.equal(failure.words.text, strings.problems[code]);
    assert.equal(failure.retry, false);
  }
});
