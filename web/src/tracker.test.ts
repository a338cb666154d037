import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { codeOf } from "./errors";
import { Tracker } from "./tracker";
import { readAnswer } from "./tracker_answer";
import type { FromWorker, LumaFrame, ToWorker } from "./tracker_protocol";

/** A worker that answers as it is told to. */
class FakeWorker {
  static all: FakeWorker[] = [];
  static crashOnFrame = false;
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  terminated = false;
  readonly received: ToWorker["type"][] = [];

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(message: ToWorker): void {
    this.received.push(message.type);
    queueMicrotask(() => {
      if (message.type === "start") this.onmessage?.({ data: { type: "ready" } });
      if (message.type !== "frame") return;
      if (FakeWorker.crashOnFrame) this.onerror?.({ message: "out of memory" });
      else {
        const { buffer, captureMillis } = message.frame;
        if (captureMillis < 0) {
          this.onmessage?.({ data: { type: "refused", code: "frame-out-of-order", message: "", buffer } });
          return;
        }
        const tracking = {
          ...readAnswer([]),
          captureMillis,
          points: new Float32Array(6),
          anchors: new Float64Array(0),
          pointsInWorld: undefined,
          trackMillis: 1,
          mapMillis: 0,
          motionPx: 0,
          meanLuma: 0,
        };
        this.onmessage?.({ data: { type: "tracking", tracking, buffer } });
      }
    });
  }

  terminate(): void {
    this.terminated = true;
  }
}

const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
let fetches = 0;
Object.assign(globalThis, {
  Worker: FakeWorker,
  location: { origin: "null" },
  fetch: async () => {
    fetches += 1;
    return new Response(EMPTY_MODULE, { headers: { "content-type": "application/wasm" } });
  },
});
URL.createObjectURL = () => "blob:";
URL.revokeObjectURL = () => {};

const frame = (captureMillis = 0): LumaFrame => ({
  buffer: new ArrayBuffer(4),
  format: "luma",
  width: 2,
  height: 2,
  stride: 2,
  captureMillis,
});

beforeEach(() => {
  FakeWorker.all = [];
  FakeWorker.crashOnFrame = false;
});

test("the buffer comes back with the answer", async () => {
  const tracker = new Tracker();
  const sent = frame();
  const { buffer } = await tracker.track(sent);
  assert.equal(buffer, sent.buffer);
  assert.deepEqual(FakeWorker.all[0]?.received, ["import", "start", "frame"]);
});

test("a frame that is refused leaves the worker as it is", async () => {
  const tracker = new Tracker();
  const { tracking } = await tracker.track(frame());
  await assert.rejects(tracker.track(frame(-1)), (thrown) => codeOf(thrown) === "frame-out-of-order");
  const after = await tracker.track(frame(1));
  assert.equal(FakeWorker.all.length, 1);
  assert.equal(after.tracking.epoch, tracking.epoch);
});

test("questions that a dying worker leaves open fail, and what comes after is of another epoch", async () => {
  const tracker = new Tracker();
  const before = await tracker.track(frame());
  const asked = tracker.place(1, [0, 0]);
  FakeWorker.crashOnFrame = true;
  await assert.rejects(tracker.track(frame()));
  await assert.rejects(asked, (thrown) => codeOf(thrown) === "tracker-crashed");
  FakeWorker.crashOnFrame = false;
  const after = await tracker.track(frame());
  assert.ok(after.tracking.epoch > before.tracking.epoch);
});

test("after a crash the next frame is tracked by a fresh worker, without another fetch", async () => {
  const tracker = new Tracker();
  await tracker.ready;
  const fetched = fetches;
  FakeWorker.crashOnFrame = true;
  await assert.rejects(tracker.track(frame()), (thrown) => codeOf(thrown) === "tracker-crashed");
  FakeWorker.crashOnFrame = false;
  await tracker.track(frame());
  assert.equal(FakeWorker.all.length, 2);
  assert.ok(FakeWorker.all[0]?.terminated);
  assert.equal(fetches, fetched);
});

test("three crashes in a row are the end", async () => {
  const tracker = new Tracker();
  FakeWorker.crashOnFrame = true;
  for (let i = 0; i < 4; i++) await assert.rejects(tracker.track(frame()));
  assert.equal(FakeWorker.all.length, 3);
});
