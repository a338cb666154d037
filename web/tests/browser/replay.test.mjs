/**
 * A replay in Chromium: an id that is painted into each picture is read back from the screen together with what the
 * page says of the pose, so that picture and pose are known to be of the same instant; and two replays agree.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { until } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";
import { serveFolder } from "../replay.mjs";

const FOLDER = process.env.SIGHTLINE_SEQUENCE ?? "";
const FRAMES = 45;

/** The id in binary: blocks of this side from this corner on, the lowest bit first, then all bits turned over. */
const CODE = { bits: 8, side: 12, left: 24, top: 440 };

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`a replay on ${backend}`, () => {
    let browser;
    let page;
    let free;
    before(async () => {
      browser = await launchChromium({ viewport: { width: 640, height: 480 }, webgpu: backend === "webgpu" });
      page = await browser.page(relay.url);
      const base = await serveFolder(page, FOLDER);
      await until(page, "the start page", () => window.sightline?.state === "start");
      const list = await readFile(join(FOLDER, "list.txt"), "utf8");
      const files = list.split("\n").filter((line) => /^\d/.test(line));
      await page.evaluate(paintFrames, {
        code: CODE,
        urls: files.slice(0, FRAMES).map((line) => base + line.split(/\s+/)[1]),
      });
    });
    after(() => browser.close());

    test("running freely, what is on the canvas and the pose that is reported are of one picture", async () => {
      free = await page.evaluate(playFreely, { backend, code: CODE, count: FRAMES });
      assert.equal(free.length, FRAMES, "every picture was painted");
      for (const [index, { onCanvas, reported, given, posed }] of free.entries()) {
        assert.equal(onCanvas, index, `picture ${index} was painted as ${onCanvas}`);
        assert.equal(reported, index, `the pose of ${reported} was reported for picture ${index}`);
        // What was drawn was seen from the pose that was reported.
        if (given) assert.deepEqual(given, posed.map(Math.fround));
      }
    });

    test("step by step the screen shows the picture whose pose is reported, and the poses are the same again", async () => {
      const controls = page.locator("#ui");
      await page.evaluate(startStepped);
      await controls.evaluate((element) => element.style.setProperty("visibility", "hidden"));
      for (let index = 0; index < FRAMES; index++) {
        const { reported, posed } = await page.evaluate((to) => window.stepTo(to), index + 1);
        assert.equal(reported, index);
        assert.deepEqual(posed, free[index].posed, `the pose of picture ${index} in two replays`);
        if (index % 15 !== 14) continue;
        const shot = readPng(await page.screenshot());
        assert.equal(
          read(CODE, (x, y) => shot.at(x, y)[1]),
          index,
          "the id on the screen",
        );
      }
      await controls.evaluate((element) => element.style.removeProperty("visibility"));
    });
  });
}

/** Reads an id; `green` gives a pixel's green. -1 where the blocks are no code. */
function read({ bits, side, left, top }, green) {
  const block = (n) => green(left + n * side + side / 2, top + side / 2) > 128;
  let id = 0;
  for (let bit = 0; bit < bits; bit++) {
    if (block(bit) === block(bits + bit)) return -1;
    if (block(bit)) id += 2 ** bit;
  }
  return id;
}

/** Runs in the page: makes the pictures with their ids. */
async function paintFrames({ code: { bits, side, left, top }, urls }) {
  window.painted = [];
  for (const [id, url] of urls.entries()) {
    const image = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    for (let n = 0; n < 2 * bits; n++) {
      const bit = (id >> (n % bits)) & 1;
      context.fillStyle = bit === (n < bits ? 1 : 0) ? "#fff" : "#000";
      context.fillRect(left + n * side, top, side, side);
    }
    window.painted.push({ timeSecs: id / 30, image: await createImageBitmap(canvas) });
  }
}

/** Runs in the page: plays all pictures, reading the canvas back in the very task that draws it. */
async function playFreely({ backend, code: { bits, side, left, top }, count }) {
  const { View } = await import(new URL(`wasm/sightline_view_${backend}.js`, document.baseURI).href);
  const draw = View.prototype.drawCamera;
  const seen = [];
  const done = Promise.withResolvers();
  const strip = new OffscreenCanvas(2 * bits * side, 1).getContext("2d", { willReadFrequently: true });
  View.prototype.drawCamera = function (image, width, height, points, camera, ...pins) {
    draw.call(this, image, width, height, points, camera, ...pins);
    const canvas = document.querySelector("canvas.stage");
    const length = 2 * bits * side;
    strip.drawImage(canvas, left, top + side / 2, length, 1, 0, 0, length, 1);
    const { data } = strip.getImageData(0, 0, length, 1);
    const block = (n) => data[(n * side + side / 2) * 4 + 1] > 128;
    let onCanvas = 0;
    for (let bit = 0; bit < bits; bit++) {
      if (block(bit) === block(bits + bit)) onCanvas = Number.NaN;
      else if (block(bit)) onCanvas += 2 ** bit;
    }
    const given = camera.length > 0 && [...camera.slice(4)];
    queueMicrotask(() => {
      const { tracking } = window.sightline.shown;
      const posed = [...tracking.worldFromView.position, ...tracking.worldFromView.orientation];
      seen.push({ onCanvas, reported: Math.round((tracking.captureMillis * 30) / 1000), given, posed });
      if (seen.length === count) done.resolve();
    });
  };
  await window.sightline.startReplay(window.painted, { mapWorkUnits: 40 });
  await done.promise;
  View.prototype.drawCamera = draw;
  return seen;
}

/** Runs in the page. */
async function startStepped() {
  const replay = await window.sightline.startReplay(window.painted, { mapWorkUnits: 40, stepped: true });
  window.stepTo = async (count) => {
    await replay.playTo(count);
    // Two frames, so that the picture is on the screen.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const { tracking } = window.sightline.shown;
    return {
      reported: Math.round((tracking.captureMillis * 30) / 1000),
      posed: [...tracking.worldFromView.position, ...tracking.worldFromView.orientation],
    };
  };
}
