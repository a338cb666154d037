/**
 * The tracker's front end on WebGPU, in a real worker, beside its twin on the processor: the same detections, the same
 * positions, and no break when the device is lost. The device here is a software one.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { startRelay } from "../relay.mjs";
import { texturePicture } from "../texture.mjs";

/** Numbers a point: x, y, age, id, depth, whether it is a landmark. */
const POINT = 6;

/** Points agree within this distance, at least in this share. */
const NEAR_PX = 0.05;
const SHARE = 0.99;

let relay;
let browser;
before(async () => {
  relay = await startRelay();
  browser = await launchChromium({});
});
after(async () => {
  await browser.close();
  await relay.close();
});

/** A page with a tracker a name, each with the front end that the name says. */
async function open(options) {
  const page = await browser.page(relay.url);
  await page.evaluate(async (options) => {
    const { Tracker } = await import("/sightline.js");
    const open = async (frontEnd) => {
      const tracker = new Tracker({ ...options, frontEnd });
      await tracker.ready;
      return tracker;
    };
    window.trackers = { cpu: await open("cpu"), gpu: await open("gpu"), auto: await open("auto") };
    window.track = async (name, { base64, width, height, captureMillis }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const frame = {
        buffer: bytes.buffer,
        format: "luma",
        stride: width,
        width,
        height,
        captureMillis,
        mapWorkUnits: 0,
      };
      const { tracking } = await window.trackers[name].track(frame);
      return { ...tracking, points: [...tracking.points], anchors: [], pointsInWorld: undefined };
    };
  }, options);
  return page;
}

function track(page, name, luma, [width, height], captureMillis) {
  const base64 = Buffer.from(luma).toString("base64");
  return page.evaluate(
    ([name, frame]) => window.track(name, frame),
    [name, { base64, width, height, captureMillis }],
  );
}

/** Points by their places in the list. */
function pointsOf({ points }) {
  const all = [];
  for (let at = 0; at < points.length; at += POINT) {
    const [x, y, age, id] = points.slice(at, at + POINT);
    all.push({ x, y, age, id });
  }
  return all;
}

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** For each point of one list the nearest one of the other within reach. */
function pairs(points, others, reachPx) {
  return points
    .map((point) => {
      const nearest = others.reduce(
        (best, other) => (distance(point, other) < distance(point, best) ? other : best),
        { x: 1e9, y: 1e9 },
      );
      return [point, nearest];
    })
    .filter(([point, nearest]) => distance(point, nearest) <= reachPx);
}

test("points start and go where the processor has them", async (t) => {
  for (const size of [
    [320, 240],
    [333, 251],
    [150, 97],
  ]) {
    const page = await open({ maxPoints: 300 });
    const before = {};
    for (let frame = 0; frame < 4; frame++) {
      const luma = texturePicture(...size, 2.25 * frame, -1.5 * frame);
      const cpu = await track(page, "cpu", luma, size, frame * 33);
      const gpu = await track(page, "gpu", luma, size, frame * 33);
      assert.equal(cpu.frontEnd, "cpu");
      assert.equal(gpu.frontEnd, "gpu");
      const [ofCpu, ofGpu] = [pointsOf(cpu), pointsOf(gpu)];
      assert.ok(ofCpu.length > 40, `${ofCpu.length} points`);
      if (frame === 0) {
        const same = pairs(ofCpu, ofGpu, 0.01).length;
        assert.ok(same >= SHARE * ofCpu.length && same >= SHARE * ofGpu.length, `${same} detections`);
        for (const [point, other] of pairs(ofCpu, ofGpu, 0.01)) before[point.id] = other.id;
        continue;
      }
      // Those that both have followed since they started.
      const byId = new Map(ofGpu.map((point) => [point.id, point]));
      const both = ofCpu
        .filter(({ id, age }) => age === frame && byId.get(before[id])?.age === frame)
        .map((point) => distance(point, byId.get(before[point.id])));
      const near = both.filter((off) => off <= NEAR_PX).length;
      t.diagnostic(`${size.join(" x ")}, frame ${frame}: ${near} of ${both.length} within ${NEAR_PX} px`);
      assert.ok(both.length >= 0.9 * Object.keys(before).length, `${both.length} were followed by both`);
      assert.ok(near >= SHARE * both.length, `${near} of ${both.length} agree`);
    }
    await page.close();
  }
});

test("a lost device costs no frame, and no point", async () => {
  const size = [320, 240];
  const page = await open({ maxPoints: 300 });
  const picture = (frame) => texturePicture(...size, 1.5 * frame, frame);
  const first = await track(page, "gpu", picture(0), size, 0);
  const second = await track(page, "gpu", picture(1), size, 33);
  assert.equal(second.frontEnd, "gpu");
  await page.evaluate(() => window.trackers.gpu.loseGpu());
  for (let frame = 2; frame < 6; frame++) {
    const answer = await track(page, "gpu", picture(frame), size, frame * 33);
    assert.equal(answer.frontEnd, "cpu", `frame ${frame}`);
    const old = pointsOf(answer).filter(({ age }) => age === frame);
    assert.ok(old.length > 0.8 * pointsOf(first).length, `${old.length} points since the first frame`);
  }
  await page.close();
});

test("a new start while the GPU works is told, and the tracker goes on", async () => {
  const size = [320, 240];
  const page = await open({ maxPoints: 300 });
  await track(page, "gpu", texturePicture(...size), size, 0);
  const luma = Buffer.from(texturePicture(...size, 1, 1)).toString("base64");
  const code = await page.evaluate(async (base64) => {
    const frame = { base64, width: 320, height: 240, captureMillis: 33 };
    const answer = window.track("gpu", frame).then(
      () => "answered",
      ({ code }) => code,
    );
    // The frame is sent in a microtask; this task comes after it.
    await new Promise((resolve) => setTimeout(resolve));
    window.trackers.gpu.restart();
    return answer;
  }, luma);
  // Either the answer was faster, or the frame is given up.
  assert.ok(["tracker-refused", "answered"].includes(code), code);
  const again = await track(page, "gpu", texturePicture(...size), size, 10);
  assert.equal(again.frontEnd, "gpu");
  assert.ok(pointsOf(again).every(({ age }) => age === 0));
  await page.close();
});

test("a software device is named, and not taken unasked", async () => {
  const page = await open({ maxPoints: 200 });
  const gpu = await page.evaluate(() => window.trackers.gpu.gpu);
  assert.equal(gpu.isSoftware, true, JSON.stringify(gpu));
  const answer = await track(page, "auto", texturePicture(320, 240), [320, 240], 0);
  assert.equal(answer.frontEnd, "cpu");
  assert.equal(await page.evaluate(() => window.trackers.auto.gpu), undefined);
  await page.close();
});
