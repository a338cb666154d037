/**
 * The page about streams: a scene goes through a real connection over this machine's loopback, and what the view makes
 * of it is what its controls say.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LOOPBACK, launchChromium, SIZES } from "../chromium.mjs";
import { picture, until } from "../page.mjs";
import { startRelay } from "../relay.mjs";

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

/** Waits until the page has left its start. */
function untilState(page, wanted) {
  return until(
    page,
    `the page shows ${wanted}`,
    (state) => document.documentElement.dataset.state === state,
    wanted,
  );
}

/** Moves a slider of the page as a person would. */
async function slide(page, name, value) {
  await page.getByRole("slider", { name, exact: true }).fill(String(value));
}

/** The mean luma of the left and of the right part of the video and of the canvas, the middle and the edges left out. */
function brightness(page) {
  return page.evaluate(() => {
    const { video, view } = window.streams;
    const sheet = document.createElement("canvas");
    sheet.width = 200;
    sheet.height = 100;
    const context = sheet.getContext("2d", { willReadFrequently: true });
    const mean = (left) => {
      const { data } = context.getImageData(left, 5, 80, 90);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) {
        sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
      }
      return (sum / data.length) * 4;
    };
    const both = (source) => {
      context.drawImage(source, 0, 0, 200, 100);
      return { left: mean(10), right: mean(110) };
    };
    view.redraw();
    const processed = both(view.canvas);
    return { processed, plain: both(video) };
  });
}

const near = (a, b) => Math.abs(a - b) < 3;

for (const backend of ["webgpu", "webgl2"]) {
  describe(`streams through ${backend}`, () => {
    let browser;
    let page;
    before(async () => {
      browser = await launchChromium({
        ...LOOPBACK,
        webgpu: backend === "webgpu",
        viewport: SIZES.phonePortrait,
      });
      page = await browser.page(`${relay.url}/streams/`);
      await untilState(page, "playing");
    });
    after(() => browser.close());

    test("pictures come through the connection, at the bit rate that was chosen", async () => {
      const figures = await until(page, "pictures from the far end", () => {
        const { figures } = window.streams;
        return figures?.framesPerSec > 0 && figures.codec && figures;
      });
      assert.deepEqual([figures.widthPx, figures.heightPx], [640, 360]);
      assert.match(figures.codec, /VP8|VP9|H264|AV1/);
      assert.equal(await page.evaluate(() => window.streams.view.backend), backend);
      await page.getByRole("button", { name: "Pause" }).click();
      // A page that stands still can be measured, and is quick in software.
      await until(page, "the end of the pictures", () => window.streams.figures.framesPerSec === 0);
    });

    test("it fits every size, and fingers", async () => {
      for (const [name, size] of Object.entries({ ...SIZES, small: { width: 360, height: 640 } })) {
        await page.setViewportSize(size);
        const { over, low } = await page.evaluate(() => ({
          over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          low: [...document.querySelectorAll(".button, .choice-option")]
            .map((target) => target.getBoundingClientRect().height)
            .filter((height) => height < 48),
        }));
        assert.equal(over, 0, `${name} is ${over} pixels too wide`);
        assert.deepEqual(low, [], name);
      }
      await page.setViewportSize(SIZES.phonePortrait);
      // The picture of the new size is on the screen with the frame after.
      await page.evaluate(
        () => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))),
      );
      await picture(page, `streams-${backend}-phone.png`);
    });

    test("what is set changes the right side and leaves the left one", async () => {
      for (const name of ["Sharpen", "Even out blocks"]) await slide(page, name, 0);
      const untouched = await brightness(page);
      assert.ok(near(untouched.processed.left, untouched.plain.left), JSON.stringify(untouched));
      assert.ok(near(untouched.processed.right, untouched.plain.right), JSON.stringify(untouched));

      await slide(page, "Exposure", -1);
      const darker = await brightness(page);
      assert.ok(near(darker.processed.left, untouched.processed.left), JSON.stringify(darker));
      // Half the light is encoded as 0.73 of the value.
      const ratio = darker.processed.right / untouched.processed.right;
      assert.ok(ratio > 0.68 && ratio < 0.78, `${ratio}`);
      await slide(page, "Exposure", 1);
      const brighter = await brightness(page);
      assert.ok(brighter.processed.right > untouched.processed.right + 8, JSON.stringify(brighter));

      await slide(page, "Before and after", 0);
      const whole = await brightness(page);
      assert.ok(whole.processed.left > untouched.processed.left + 8, JSON.stringify(whole));
      await slide(page, "Before and after", 50);
    });

    test("a spot that is said to be gray gives the white balance, and reset takes it back", async () => {
      await page.getByRole("button", { name: "Pick a gray spot" }).click();
      const canvas = page.locator("canvas");
      const { width, height } = await canvas.boundingBox();
      // The first field of the scale of colours, which is red.
      await canvas.click({ position: { x: (width * 406) / 640, y: (height * 328) / 360 } });
      const [red, , blue] = await until(page, "the gains", () => window.streams.adjusting.values.whiteGains);
      assert.ok(red < 0.9 && blue > 1.2, `${red}, ${blue}`);
      await page.getByRole("button", { name: "Reset" }).click();
      const values = await page.evaluate(() => window.streams.adjusting.values);
      assert.equal(values.whiteGains, undefined);
      assert.equal(values.exposureStops, 0);
      assert.ok(values.sharpness > 0 || values.deblocking > 0);
    });

    test("nothing went wrong on the way", () => {
      assert.deepEqual(
        page.log.filter((line) => /^(error|uncaught)/.test(line)),
        [],
      );
    });
  });
}

describe("what a browser may lack", () => {
  let browser;
  before(async () => {
    browser = await launchChromium(LOOPBACK);
  });
  after(() => browser.close());

  test("without WebRTC the page says so", async () => {
    const page = await browser.page();
    await page.addInitScript(() => {
      delete window.RTCPeerConnection;
    });
    await page.goto(`${relay.url}/streams/`);
    await untilState(page, "no-webrtc");
    await page.getByRole("heading", { name: "This browser has no WebRTC" }).waitFor();
    await picture(page, "streams-no-webrtc.png");
  });

  test("without graphics the plain picture stays", async () => {
    const page = await browser.page();
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "gpu", { value: undefined });
      const { getContext } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind === "webgl2" ? null : getContext.call(this, kind, ...rest);
      };
    });
    await page.goto(`${relay.url}/streams/`);
    await untilState(page, "no-view");
    await page.getByText("neither with WebGPU nor with WebGL2").waitFor();
    await until(page, "pictures", () => window.streams.video.videoWidth === 640);
    await picture(page, "streams-no-view.png");
  });
});
