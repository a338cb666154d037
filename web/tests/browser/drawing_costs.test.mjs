/**
 * What drawing costs: measured when somebody asks, shown pass by pass; and fewer pixels where frames come late, unless
 * that is switched off.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { openRoom, picture, until, untilPoints, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";

const PAGE = `<!doctype html><title>Somebody else's page</title><canvas width="200" height="200"></canvas>`;

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`costs through ${backend}`, () => {
    let browser;
    before(async () => {
      browser = await launchChromium({
        camera: "pattern",
        webgpu: backend === "webgpu",
        adaptsResolution: true,
      });
    });
    after(() => browser.close());

    test("nothing is measured or shown unless somebody asks", async () => {
      const page = await browser.page(`${relay.url}/?view=${backend}`);
      await openRoom(page);
      await untilState(page, "room3d");
      assert.equal(await page.locator(".pass-times").count(), 0);
      await drawnFrames(page, 3);
      const { passes } = await page.evaluate(() => window.sightline.stage.passTimes());
      assert.ok(passes.every(({ frames, cpuMillis }) => frames === 0 && cpuMillis === 0));
      await page.evaluate(() => window.sightline.showTimes(true));
      await until(page, "the times of passes", () => document.querySelector(".pass-times [data-pass=marks]"));
      await picture(page, `pass-times-room-${backend}.png`);
      await page.evaluate(() => window.sightline.showTimes(false));
      assert.equal(await page.locator(".pass-times").count(), 0);
      await drawnFrames(page, 3);
      const after = await page.evaluate(() => window.sightline.stage.passTimes());
      assert.ok(after.passes.every(({ frames }) => frames === 0));
      await page.close();
    });

    test("each pass that ran has its time, and the readout shows it", async () => {
      const page = await browser.page(`${relay.url}/?view=${backend}&start=camera&times`);
      await untilPoints(page);
      await until(page, "the times of passes", () => {
        const cells = [...document.querySelectorAll(".pass-times tbody td:nth-child(2)")];
        return cells.length > 0 && cells.some((cell) => Number(cell.textContent) > 0);
      });
      const shown = await page.evaluate(() =>
        [...document.querySelectorAll(".pass-times tbody tr")].map((row) => row.dataset.pass),
      );
      // A camera picture without pins or models has these two alone.
      assert.deepEqual(shown, ["marks", "composite"]);
      assert.match(await page.locator(".pass-times").innerText(), /\d+ pipelines in \d+ ms/);
      await picture(page, `pass-times-camera-${backend}.png`);
      await page.setViewportSize({ width: 844, height: 390 });
      await picture(page, `pass-times-camera-landscape-${backend}.png`);
      await page.close();
    });

    test("models tell the times of all passes that they need", async () => {
      const page = await theirPage();
      const { passes, gpu } = await page.evaluate(drawModel, backend);
      const ran = passes.filter(({ frames }) => frames > 0);
      const names = ran.map(({ name }) => name);
      for (const name of [
        "shadow map",
        "ground depth",
        "content depth",
        "grounding and its blur",
        "marks",
        "composite",
      ]) {
        assert.ok(names.includes(name), `${name} ran: ${names.join(", ")}`);
      }
      assert.ok(!names.includes("confetti simulation"));
      const cpu = ran.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0);
      assert.ok(cpu > 0);
      for (const { name, frames, cpuMillis, gpuMillis } of ran) {
        assert.ok(frames <= 40 && cpuMillis >= 0 && cpuMillis < 1000, `${name}: ${frames}, ${cpuMillis}`);
        // The shadow map is kept from the first frame on; a device tells of frames a little later.
        if (gpu && frames > 20)
          assert.ok(gpuMillis > 0 && gpuMillis < 1000, `${name}: ${gpuMillis} ms on the GPU`);
        if (!gpu) assert.equal(gpuMillis, undefined);
      }
      console.log(`${backend}, software: ${cpu.toFixed(2)} ms CPU; timestamps: ${gpu}`);
      await page.close();
    });

    test("late frames get fewer pixels, by the page's own loop, unless they shall not", async () => {
      const page = await browser.page(`${relay.url}/?view=${backend}`);
      await openRoom(page);
      await untilState(page, "room3d");
      const heard = await page.evaluate(spyOnFrames);
      assert.ok(
        heard.every((millis) => millis > 0),
        `${heard}`,
      );
      assert.equal(await page.evaluate(scaleAfterLateFrames), 0.5);
      await page.evaluate(() => window.sightline.view.drawAllPixels());
      assert.equal(await page.evaluate(() => window.sightline.stage.passTimes().resolutionScale), 1);
      await page.close();
      const full = await browser.page(`${relay.url}/?view=${backend}&resolution=full`);
      await openRoom(full);
      await untilState(full, "room3d");
      assert.equal(await full.evaluate(scaleAfterLateFrames), 1);
      await full.close();
    });

    async function theirPage() {
      const page = await browser.page();
      await page.route("**/theirs/", (route) => route.fulfill({ body: PAGE, contentType: "text/html" }));
      await page.goto(`${relay.url}/theirs/`);
      return page;
    }
  });
}

/** Waits for some animation frames. */
function drawnFrames(page, count) {
  return page.evaluate(
    (frames) =>
      new Promise((resolve) => {
        let left = frames;
        const frame = () => {
          left -= 1;
          if (left < 0) resolve();
          else requestAnimationFrame(frame);
        };
        frame();
      }),
    count,
  );
}

/** In the page: what the view hears of the next ten animation frames of the room, which it keeps to itself. */
function spyOnFrames() {
  return new Promise((resolve) => {
    const { view } = window.sightline.stage;
    const heard = [];
    view.frameCameAfter = (millis) => {
      heard.push(millis);
      if (heard.length < 10) return;
      delete view.frameCameAfter;
      resolve(heard);
    };
  });
}

/** In the page: the scale after many frames that came later the more pixels they had. */
function scaleAfterLateFrames() {
  const { stage } = window.sightline;
  for (let frame = 0; frame < 2000; frame++) {
    const { resolutionScale } = frame % 10 === 0 ? stage.passTimes() : { resolutionScale: window.last };
    window.last = resolutionScale;
    stage.frameCameAfter(100 * resolutionScale ** 2);
  }
  return stage.passTimes().resolutionScale;
}

/** In the page: a model drawn forty times, measured. */
async function drawModel(backend) {
  let gpu = false;
  if (backend === "webgpu") {
    gpu = (await navigator.gpu.requestAdapter()).features.has("timestamp-query");
  }
  const { ModelView } = await import("/sightline.js");
  const view = await ModelView.open(document.querySelector("canvas"), { backend });
  const model = await view.add(triangle());
  const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  view.place([{ model, worldFromModel: identity }]);
  view.timePasses(true);
  for (let frame = 0; frame < 40; frame++) {
    view.draw({
      projectionFromView: [2.414, 0, 0, 0, 0, 2.414, 0, 0, 0, 0, -1.002, -1, 0, 0, -0.2002, 0],
      viewFromWorld: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -3, 1],
      background: [0, 0, 0],
      timeMillis: frame * 16,
    });
    await new Promise(requestAnimationFrame);
  }
  return { gpu, ...view.passTimes() };

  /** The smallest model: a triangle, as glTF's JSON. */
  function triangle() {
    const corners = new Float32Array([-0.5, 0, 0, 0.5, 0, 0, 0, 1, 0]);
    const data = btoa(String.fromCharCode(...new Uint8Array(corners.buffer)));
    const json = {
      asset: { version: "2.0" },
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: [{ mesh: 0 }],
      meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
      accessors: [
        { bufferView: 0, componentType: 5126, count: 3, type: "VEC3", min: [-0.5, 0, 0], max: [0.5, 1, 0] },
      ],
      bufferViews: [{ buffer: 0, byteLength: 36 }],
      buffers: [{ byteLength: 36, uri: `data:application/octet-stream;base64,${data}` }],
    };
    return new Blob([JSON.stringify(json)]);
  }
}
