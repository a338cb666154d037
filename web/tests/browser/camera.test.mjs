/**
 * Camera mode in Chromium with the generated sequence as its camera: on both views, points appear, belong to the
 * picture that they are drawn over, and the figures are sane.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cornerStrength, recordCamera, releaseCamera } from "../camera_recorder.mjs";
import { launchChromium, SIZES } from "../chromium.mjs";
import { picture, startCamera, until } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";

const CAMERA = join(process.env.SIGHTLINE_SEQUENCE ?? "", "sequence.mjpeg");

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`camera mode on ${backend}`, () => {
    let browser;
    let page;
    before(async () => {
      browser = await launchChromium({ camera: CAMERA, webgpu: backend === "webgpu" });
      page = await browser.page(relay.url);
      await startCamera(page);
    });
    after(() => browser.close());

    test("the view is the one that this browser should get", async () => {
      assert.equal(await page.evaluate(() => window.sightline.stage.description.backend), backend);
    });

    test("points belong to the picture under them", async () => {
      const calls = await recordCamera(page, backend, 10);
      await picture(page, `camera-${backend}-still.jpg`);
      const controls = page.locator("#ui");
      await controls.evaluate((element) => element.style.setProperty("visibility", "hidden"));
      const shot = readPng(await page.screenshot());
      await controls.evaluate((element) => element.style.removeProperty("visibility"));
      assertPointsOnTheirPictures(calls);
      assertDrawn(shot, calls.at(-1));
      await releaseCamera(page);
    });

    test("the figures are sane", async () => {
      const stats = await until(page, "a second of steady tracking", () => {
        const now = window.sightline.stats();
        return now.points > 100 && now.fps > 1 && now;
      });
      console.log(`${backend}: ${JSON.stringify(stats)}`);
      assert.ok(stats.points <= 1200, `${stats.points} points`);
      assert.ok(stats.trackMillisMedian > 0 && stats.trackMillisMedian <= stats.trackMillisP95);
      assert.ok(stats.latencyMillisMedian > stats.trackMillisMedian);
      assert.ok(stats.fps <= 61, `${stats.fps} pictures a second`);
    });

    test("a resized canvas shows its picture at once", async () => {
      const spread = await page.evaluate(() => {
        const canvas = document.querySelector("canvas.stage");
        const small = new OffscreenCanvas(16, 16).getContext("2d");
        window.sightline.view.resize(canvas.width - 40, canvas.height - 40);
        small.drawImage(canvas, 0, 0, 16, 16);
        const { data } = small.getImageData(0, 0, 16, 16);
        const greens = [...data].filter((_, index) => index % 4 === 1);
        return Math.max(...greens) - Math.min(...greens);
      });
      assert.ok(spread > 30, `green spreads over ${spread} levels`);
    });

    test("the screen keeps to its design in every size", async () => {
      for (const [size, name] of [
        [SIZES.phonePortrait, "phone-portrait"],
        [SIZES.phoneLandscape, "phone-landscape"],
        [SIZES.laptop, "laptop"],
      ]) {
        await page.setViewportSize(size);
        await until(
          page,
          "the canvas fills the page",
          ({ width, height }) => {
            const box = document.querySelector("canvas.stage").getBoundingClientRect();
            return Math.abs(box.width - width) < 2 && Math.abs(box.height - height) < 2;
          },
          size,
        );
        await paints(page, 5);
        // The generated camera begins anew every six seconds: it may just be looking for its place.
        await until(page, "a tracked picture", () => window.sightline.stats().state === "tracking");
        await picture(page, `camera-${backend}-${name}.jpg`);
      }
    });
  });
}

/** Waits for so many painted pictures: each has figures of its own. */
async function paints(page, count) {
  await page.evaluate(
    (left) =>
      new Promise((resolve) => {
        let last = window.sightline.stats();
        const step = () => {
          const now = window.sightline.stats();
          if (now !== last) left -= 1;
          last = now;
          if (left > 0) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      }),
    count,
  );
}

/**
 * Points are corners of their own picture more than of the pictures before and after it: had they been drawn over
 * another picture, they would lie beside its corners.
 */
function assertPointsOnTheirPictures(calls) {
  const strength = (picture, points) => {
    const held = points.filter(({ age }) => age > 0).map(({ x, y }) => cornerStrength(picture, x, y));
    return held.reduce((sum, value) => sum + Math.sqrt(value), 0) / held.length;
  };
  let judged = 0;
  for (const [index, { points }] of calls.entries()) {
    if (points.filter(({ age }) => age > 0).length < 50) continue;
    const own = strength(calls[index], points);
    for (const other of [calls[index - 1], calls[index + 1]]) {
      // A camera that hardly moved shows the same picture twice.
      if (!other || difference(calls[index], other) < 4) continue;
      judged += 1;
      assert.ok(strength(other, points) < own, `points of picture ${index} fit another picture better`);
    }
  }
  assert.ok(judged >= 4, `only ${judged} pairs of pictures could tell the difference`);
}

/** The mean difference of two pictures, in steps of luma. */
function difference(a, b) {
  let sum = 0;
  for (let at = 0; at < a.luma.length; at += 7) sum += Math.abs(a.luma[at] - b.luma[at]);
  return (sum * 7) / a.luma.length;
}

/** The screen shows the recorded picture, fitted by cover, with a disc at each point. */
function assertDrawn(shot, { width, height, luma, points }) {
  const scale = Math.max(shot.width / width, shot.height / height);
  const offset = [(shot.width - width * scale) / 2, (shot.height - height * scale) / 2];
  const onScreen = (x, y) => [offset[0] + (x + 0.5) * scale - 0.5, offset[1] + (y + 0.5) * scale - 0.5];
  const places = points.map(({ x, y }) => onScreen(x, y));
  const inView = ([x, y]) => x > 8 && y > 8 && x < shot.width - 8 && y < shot.height - 8;
  const discs = places.filter(inView);
  assert.ok(discs.length >= 30, `${discs.length} points are in view`);
  const coloured = discs.filter(([x, y]) => isPointColour(shot.at(x, y))).length / discs.length;

  let [compared, close, colouredElsewhere] = [0, 0, 0];
  for (let y = 12; y < height - 12; y += 9) {
    for (let x = 12; x < width - 12; x += 9) {
      const place = onScreen(x, y);
      if (!inView(place) || points.some((point) => Math.hypot(point.x - x, point.y - y) < 6)) continue;
      const [r, g, b] = shot.at(...place);
      compared += 1;
      if (Math.abs(0.299 * r + 0.587 * g + 0.114 * b - luma[y * width + x]) < 24) close += 1;
      if (isPointColour([r, g, b])) colouredElsewhere += 1;
    }
  }
  console.log(
    `${discs.length} discs, ${(coloured * 100).toFixed(0)}% in a point's colour; ` +
      `${compared} other places, ${((close / compared) * 100).toFixed(0)}% as in the picture, ` +
      `${((colouredElsewhere / compared) * 100).toFixed(0)}% in a point's colour`,
  );
  assert.ok(coloured > 0.9, `only ${coloured} of the points are drawn where they belong`);
  assert.ok(close / compared > 0.9, `only ${close} of ${compared} places show the picture`);
  assert.ok(colouredElsewhere / compared < 0.2, "the colours of points are all over the picture");
}

/** From sky (new) to leaf (old), or amber (uncertain), with room for blending at a disc's rim. */
function isPointColour(colour) {
  const [sky, leaf, amber] = [
    [0x2f, 0x7d, 0xf6],
    [0x1f, 0x9d, 0x6b],
    [0xe2, 0xa1, 0x00],
  ];
  for (let t = 0; t <= 1; t += 0.05) {
    if (
      distance(
        colour,
        sky.map((value, channel) => value + (leaf[channel] - value) * t),
      ) < 60
    )
      return true;
  }
  return distance(colour, amber) < 60;
}

function distance(a, b) {
  return Math.hypot(...a.map((value, channel) => value - b[channel]));
}
