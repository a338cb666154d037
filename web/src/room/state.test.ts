import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatMessage, normalizeCode, spokenCode, unreadCount } from "./state";

test("a code is found whatever case, spaces and hyphens it is written with", () => {
  assert.equal(normalizeCode(" abc-2d f"), "ABC2DF");
  assert.equal(normalizeCode("ABC2D"), undefined);
  assert.equal(normalizeCode("ABC2D!"), undefined);
  assert.equal(spokenCode("ABC2DF"), "ABC 2DF");
});

function message(key: string, mine: boolean): ChatMessage {
  return { key, mine, device: "d", name: "n", hue: 0, text: "t", atMillis: 0, pending: false };
}

test("own messages are never unread", () => {
  const chat = [message("a", false), message("b", true), message("c", false)];
  assert.equal(unreadCount(chat, "a"), 1);
  assert.equal(unreadCount(chat, undefined), 2);
  assert.equal(unreadCount(chat, "c"), 0);
});
