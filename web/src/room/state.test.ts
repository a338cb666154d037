import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatMessage, normalizeCode, silencedBy, spokenCode, unreadCount } from "./state";

test("a code is found whatever case, spaces and hyphens it is written with", () => {
  assert.equal(normalizeCode(" abc-2d f"), "ABC2DF");
  assert.equal(normalizeCode("ABC2D"), undefined);
  assert.equal(normalizeCode("ABC2D!"), undefined);
  assert.equal(spokenCode("ABC2DF"), "ABC 2DF");
});

function message(key: string, mine: boolean): ChatMessage {
  const author = { member: "m", name: "n", hue: 0 };
  const marks = { pending: false, held: false, edited: false, deleted: false };
  return { key, mine, ...author, ...marks, text: "t", atMillis: 0, mentions: [], reactions: {} };
}

test("own messages are never unread", () => {
  const chat = [message("a", false), message("b", true), message("c", false)];
  assert.equal(unreadCount(chat, "a"), 1);
  assert.equal(unreadCount(chat, undefined), 2);
  assert.equal(unreadCount(chat, "c"), 0);
});

test("who cannot write is told the nearest reason", () => {
  const settings = { locked: true, approval: false, closed: false, lockedAnnotations: [] };
  const self = { member: "m", device: "d", name: "n", hue: 0, role: "editor" as const, muted: false };
  assert.equal(silencedBy({ self, settings }), "locked");
  assert.equal(silencedBy({ self: { ...self, muted: true }, settings }), "muted");
  assert.equal(silencedBy({ self: { ...self, role: "viewer" }, settings }), "viewer");
  assert.equal(silencedBy({ self: { ...self, role: "owner" }, settings }), undefined);
  assert.equal(silencedBy({ self, settings: { ...settings, locked: false } }), undefined);
});
