/**
 * Camera mode where things do not go as they should: motion sensors that are refused, a page that is hidden for a
 * while, pictures that come too late, a tap before anything is known, a place that is not found again.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { picture, startCamera, until, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";
import { playStepped, serveFolder } from "../replay.mjs";

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

test("camera mode that is entered again knows nothing of the place before", async () => {
  await until(page, "a grown map", () => window.sightline.stats().keyframes >= 8);
  await page.evaluate(() => window.sightline.home());
  await untilState(page, "start");
  const first = await page.evaluate(async () => {
    void window.sightline.startCamera();
    const last = window.sightline.shown;
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
    while (!window.sightline.shown || window.sightline.shown === last) await nextFrame();
    return window.sightline.shown.tracking;
  });
  assert.notEqual(first.state, "lost");
  assert.ok(first.keyframes < 8, `${first.keyframes} keyframes`);
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

test("a place that is not found again can be given up, and its pins go with it", async () => {
  const base = await serveFolder(page, FOLDER);
  const list = await readFile(join(FOLDER, "list.txt"), "utf8");
  const known = list
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .slice(0, 40)
    .map((line) => line.split(/\s+/))
    .map(([time, file]) => ({ timeSecs: Number(time), url: base + file }));
  const end = known.at(-1).timeSecs;
  const dark = Array.from({ length: 8 }, (_, index) => ({ timeSecs: end + 1 + index, black: true }));
  const middle = Array.from({ length: 6 }, (_, index) => [170 + 60 * index, 240]);
  const { shown, taken } = await playStepped(page, [...known, ...dark], {
    options: { mapWorkUnits: 60 },
    taps: { [known.length - 1]: middle },
    count: known.length + 3,
  });
  assert.equal(shown[known.length - 1].state, "tracking");
  assert.ok(
    taken.some(({ id }) => id !== undefined),
    "no surface in the middle of the picture",
  );
  assert.equal(shown.at(-1).state, "lost");
  const startAgain = page.locator("[data-action=start-again]");
  assert.equal(await startAgain.isVisible(), false, "offered at once");

  const play = (count) =>
    page.evaluate(async (to) => {
      await window.steps.playTo(to);
      return window.sightline.shown.tracking.state;
    }, known.length + count);
  assert.equal(await play(7), "lost");
  await startAgain.waitFor();
  await picture(page, "camera-lost-for-long.png");
  await startAgain.click();
  assert.equal(await play(8), "initializing");
  await startAgain.waitFor({ state: "hidden" });
  await page.locator(".toast", { hasText: "gone with the old place" }).waitFor();
  assert.equal(await page.evaluate(() => window.sightline.pins.length), 0);
});
