/**
 * Camera mode where things do not go as they should: motion sensors that are refused, a page that is hidden for a
 * while, pictures that come too late, a tap before anything is known.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { startCamera, until, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";
import { serveFolder } from "../replay.mjs";

const FOLDER = process.env.SIGHTLINE_SEQUENCE ?? "";

let relay;
let browser;
let page;
before(async () => {
  relay = await startRelay();
  browser = await launchChromium({
    camera: join(FOLDER, "sequence.mjpeg"),
    viewport: { width: 640, height: 480 },
  });
  page = await browser.page();
  await page.addInitScript(() => {
    // As WebKit asks; nobody may be asked outside of a gesture.
    globalThis.DeviceMotionEvent ??= class extends Event {};
    DeviceMotionEvent.requestPermission = async () => {
      window.askedInGesture = navigator.userActivation.isActive;
      return "denied";
    };
    window.hiddenNow = false;
    Object.defineProperty(document, "hidden", { get: () => window.hiddenNow });
    window.hide = (hidden) => {
      window.hiddenNow = hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    };
  });
  await page.goto(relay.url);
});
after(async () => {
  await browser.close();
  await relay.close();
});

test("the motion sensors are asked for in the gesture, and without them all goes on", async () => {
  await startCamera(page);
  assert.equal(await page.evaluate(() => window.askedInGesture), true);
});

test("a hidden page rests, and goes on when it is seen again", async () => {
  await page.evaluate(() => window.hide(true));
  // A picture or two were on their way.
  const resting = await page.evaluate(async () => {
    const frames = (count) =>
      new Promise((done) => {
        const step = (left) => (left > 0 ? requestAnimationFrame(() => step(left - 1)) : done());
        step(count);
      });
    let before = -1;
    while (before !== window.sightline.shown.tracking.frame) {
      before = window.sightline.shown.tracking.frame;
      await frames(30);
    }
    return before;
  });
  await page.evaluate(() => window.hide(false));
  await until(page, "a new picture", (then) => window.sightline.shown.tracking.frame > then, resting);
  assert.equal(await page.evaluate(() => window.sightline.state), "camera");
});

test("pictures that come too late are passed over, and a tap is answered whatever the tracker made of them", async () => {
  const base = await serveFolder(page, FOLDER);
  const files = (await readFile(join(FOLDER, "list.txt"), "utf8"))
    .split("\n")
    .filter((line) => /^\d/.test(line));
  const urls = files.slice(0, 6).map((line) => base + line.split(/\s+/)[1]);
  const times = [0, 1, 0.5, 1, 2, Number.NaN, 3];
  const shown = await page.evaluate(
    async ({ urls, times }) => {
      const replay = await window.sightline.startReplay(
        times.map((timeSecs, index) => ({ timeSecs, image: urls[index % urls.length] })),
        { stepped: true },
      );
      const shown = [];
      for (let index = 0; index < times.length; index++) {
        await replay.playTo(index + 1);
        shown.push(window.sightline.shown?.tracking.captureMillis);
      }
      return shown;
    },
    { urls, times },
  );
  assert.deepEqual(shown, [0, 1000, 1000, 1000, 2000, 2000, 3000]);
  await untilState(page, "camera");
  await page.mouse.click(320, 200);
  // Whether there is a pin, or what to do, depends on what the tracker made of the gaps; that something is said does not.
  await page.locator(".toast").first().waitFor();
});
