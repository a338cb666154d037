import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { codeOf } from "./errors";
import { Tracker } from "./tracker";
import type { FromWorker, LumaFrame, ToWorker, Tracks } from "./tracker_protocol";

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
        const tracks: Tracks = { points: new Float32Array(4), trackMillis: 1, motionPx: 0, meanLuma: 0 };
        this.onmessage?.({ data: { type: "tracks", tracks, buffer: message.frame.buffer } });
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

const frame = (): LumaFrame => ({
  buffer: new ArrayBuffer(4),
  format: "luma",
  width: 2,
  height: 2,
  stride: 2,
  captureMillis: 0,
});

beforeEach(() => {
  FakeWorker.all = [];
  FakeWorker.crashOnFrame = false;
});

test("the buffer comes back with the tracks", async () => {
  const tracker = new Tracker();
  const sent = frame();
  const { buffer } = await tracker.track(sent);
  assert.equal(buffer, sent.buffer);
  assert.deepEqual(FakeWorker.all[0]?.received, ["import", "start", "frame"]);
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
