import assert from "node:assert/strict";
import { test } from "node:test";
import { isWhole } from "./store";

test("a record of an earlier version, without a member or a secret, is no device any more", () => {
  const record = { room: "r", code: "ABC234", device: "d", relay: "http://localhost", storedJson: null };
  assert.equal(isWhole(record), false);
  assert.equal(isWhole({ ...record, member: "m" }), false);
  assert.equal(isWhole({ ...record, member: "m", secret: "s" }), true);
});
