/**
 * The graphics driver stops under the page: camera and room go on by themselves on a new view, where they were.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { openRoom, outlast, until, untilPoints, untilRoomState, untilState } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`a lost view of ${backend}`, () => {
    let browser;
    before(async () => {
      browser = await launchChromium({ camera: "pattern", webgpu: backend === "webgpu" });
    });
    after(() => browser.close());

    async function watchedPage(query) {
      const page = await browser.page();
      await page.addInitScript(keepDevices);
      await page.goto(`${relay.url}/?view=${backend}${query}`);
      return page;
    }

    /** Loses the device and waits for the next stage. */
    async function lose(page) {
      await page.evaluate(loseDevice, backend);
      await until(page, "another stage", () => {
        const { stage } = window.sightline;
        return stage && stage !== window.lostStage;
      });
      assert.equal(await page.locator("canvas.stage").count(), 1);
      assert.equal(await page.evaluate(() => window.sightline.stage.description.backend), backend);
    }

    test("the camera goes on, in the world that the tracker knows", async () => {
      const page = await watchedPage("&start=camera");
      await untilPoints(page);
      for (const time of ["first", "second"]) {
        const before = await page.evaluate(() => window.sightline.shown.tracking);
        await lose(page);
        await until(
          page,
          "pictures on the new view",
          (frame) => window.sightline.shown.tracking.frame > frame + 3,
          before.frame,
        );
        assert.equal(await page.evaluate(() => document.documentElement.dataset.state), "camera", time);
        assert.equal(await page.evaluate(() => window.sightline.shown.tracking.epoch), before.epoch);
        assert.ok(
          await page.evaluate(() => window.sightline.view.picturePixel(10, 10)),
          "a picture is drawn",
        );
      }
      await page.close();
    });

    test("the room goes on, seen from where it was", async () => {
      const page = await watchedPage("");
      await openRoom(page);
      await untilState(page, "room3d");
      await page.evaluate(() => {
        window.sightline.room.placePin([0, 0, 0], "");
        document.getElementById("ui").style.visibility = "hidden";
      });
      await untilRoomState(page, "the pin", ({ annotations }) => annotations.length === 1);
      const { width, height } = page.viewportSize();
      const middle = [0.25 * width, 0.25 * height, 0.5 * width, 0.5 * height];
      await page.mouse.move(middle[0], middle[1]);
      await page.mouse.down();
      await page.mouse.move(middle[0] + 60, middle[1] + 20, { steps: 4 });
      await page.mouse.up();
      await outlast(page, 800);
      const seen = await orangePlaces(page);
      assert.ok(seen.count > 20, `${seen.count} pixels of the pin`);
      await lose(page);
      await outlast(page, 800);
      const again = await orangePlaces(page);
      assert.ok(
        Math.abs(again.count - seen.count) <= 0.1 * seen.count,
        `${again.count}, before ${seen.count}`,
      );
      assert.ok(Math.hypot(again.x - seen.x, again.y - seen.y) < 2, "it stands where it stood");
      await page.mouse.move(middle[0], middle[1]);
      await page.mouse.down();
      await page.mouse.move(middle[0] + 60, middle[1], { steps: 4 });
      await page.mouse.up();
      assert.equal(await page.evaluate(() => document.documentElement.dataset.state), "room3d");
      await page.close();
    });
  });
}

/** How many pixels have the colour of own pins, and where their middle is. */
async function orangePlaces(page) {
  const { at } = readPng(await page.locator("canvas.stage").screenshot());
  const { width, height } = page.viewportSize();
  let [count, x, y] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [red, green, blue] = at(column, row);
      if (red < 150 || red < 1.5 * green || green < blue) continue;
      count += 1;
      x += column;
      y += row;
    }
  }
  return { count, x: x / count, y: y / count };
}

/** In the page, before its scripts: keeps the devices that it gets. */
function keepDevices() {
  window.devices = [];
  const request = globalThis.GPUAdapter?.prototype.requestDevice;
  if (!request) return;
  GPUAdapter.prototype.requestDevice = async function (...wanted) {
    const device = await request.apply(this, wanted);
    window.devices.push(device);
    return device;
  };
}

/** In the page: the graphics driver stops. */
function loseDevice(backend) {
  window.lostStage = window.sightline.stage;
  if (backend === "webgpu") window.devices.at(-1).destroy();
  else window.lostStage.canvas.getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
}
