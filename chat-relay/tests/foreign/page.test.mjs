/**
 * The relay through a browser's own means, by docs/protocol.md alone: a page of its own in Chromium talks to it over a
 * WebSocket, and over `fetch` with the event stream.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium } from "../../../web/tests/chromium.mjs";
import { until } from "../../../web/tests/page.mjs";
import { startRelay } from "../../../web/tests/relay.mjs";

let relay;
let browser;
let page;

before(async () => {
  relay = await startRelay({ web: new URL("page", import.meta.url).pathname });
  browser = await launchChromium({ webgpu: false });
  page = await browser.page(relay.url);
  await until(page, "the page's client", () => typeof window.story === "function");
});

after(async () => {
  await browser?.close();
  await relay?.close();
});

/** What both transports have to come to. */
function judge(seen) {
  const { ada, ben, events } = seen;
  assert.equal(ben.room, ada.room);
  assert.equal(seen.welcome.you.member, ben.member);
  assert.equal(seen.joined.member.name, "Ben");
  const [here, there] = seen.said;
  assert.deepEqual(here, there);
  assert.equal(here.seq, 1);
  assert.equal(here.body.text, "Hello, 你好");
  assert.equal(seen.built.seq, 2);
  assert.deepEqual(seen.built.body.op, seen.put);
  const { presence } = seen.moved.members.find(({ device }) => device === ada.device);
  assert.deepEqual(presence, seen.presence);
  assert.deepEqual(
    seen.whispered.map(({ from, to, text }) => ({ from, to, text })),
    [{ from: ada.member, to: ben.member, text: "Psst" }],
  );
  assert.equal(seen.left.device, ben.device);
  assert.equal(seen.back.from_start, false);
  assert.deepEqual(seen.missed, events);
  assert.deepEqual(seen.ack, { type: "ack", op_id: events[0].op_id, seq: events[0].seq });
  assert.equal(seen.refused.code, "invalid_op");
  assert.equal(seen.refused.retry, "never");
  assert.deepEqual(seen.refused.op_id, { device: ben.device, counter: 3 });
  assert.equal(seen.pong.nonce, 7);
  assert.equal(seen.unauthorized.code, "unauthorized");
}

test("a page over its own WebSocket", async () => {
  const seen = await page.evaluate(() => window.story("socket"));
  judge(seen);
  assert.deepEqual(seen.end, { code: 1008, reason: "unauthorized" });
});

test("a page over fetch and the event stream", async () => {
  judge(await page.evaluate(() => window.story("stream")));
});
