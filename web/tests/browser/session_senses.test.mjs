/**
 * What an AR session senses of the place shows in what it draws: pins are hidden by walls and by measured depth, and lit
 * by the estimated light. What breaks is left out, and the session goes on.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium, SIZES } from "../chromium.mjs";
import { outlast, picture, until, untilRoom, untilState } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";
import { distance, localFromWorld, project } from "../rigid.mjs";
import { emulateDevice } from "../xr_device.mjs";
import { emulateSenses } from "../xr_senses_shim.mjs";

/** On the emulated room's table, roughly, and from where it is looked at. */
const PLACE = [0.1, 0.73, -1.5];
const EYE = [0.1, 1.4, -0.6];
/** Between the two. */
const WALL = [0.1, 1.1, -1.0];

const START = { position: [0.2, 1.5, 0.1], yawRad: 0.3 };

/** Of a pin, in metres: the middle of its head over its tip, and the head's radius. */
const HEAD_M = 0.115;
const HEAD_RADIUS_M = 0.022;

/** How long a pin drops, and the marks of a tap last; how long a new light takes to be followed. */
const DROP_MILLIS = 1500;
const LIGHT_MILLIS = 2500;

let relay;
let browser;
let page;
let pin;
/** Screenshots without the pin, and with it when nothing is sensed. */
let empty;
let plain;

before(async () => {
  relay = await startRelay();
  browser = await launchChromium({ viewport: SIZES.phonePortrait });
  await emulateDevice(browser.context, { ...START, senses: ["plane-detection", "depth-sensing"] });
  page = await browser.page();
  await emulateSenses(page);
  await page.goto(relay.url);
  await until(page, "an emulated room", () => window.emulated?.ready.then(() => true));
  await page.getByRole("button", { name: "Start AR" }).click();
  await untilState(page, "ar");
  await untilRoom(page);
  empty = await shot();
  await page.evaluate(() => window.emulated.tap());
  pin = await until(page, "a pin", () => JSON.parse(window.sightline.session.wasm.probe()).pins[0]);
  await outlast(page, DROP_MILLIS);
  plain = await shot();
});
after(async () => {
  await browser?.close();
  await relay?.close();
});

/** A screenshot while the device looks at the place, some frames after it was turned there. */
async function shot() {
  await page.evaluate(([eye, place]) => window.emulated.lookAt(eye, place), [EYE, PLACE]);
  const expected = localFromWorld(START, PLACE);
  await until(
    page,
    "a surface in the middle of the view",
    (place) => {
      const { position } = JSON.parse(window.sightline.session.wasm.probe()).hit ?? {};
      return position && Math.hypot(...position.map((value, axis) => value - place[axis])) < 0.1;
    },
    expected,
  );
  return readPng(await page.screenshot());
}

/** The mean colour in the middle of the pin's head, and which part of the head differs from the empty room. */
async function headOf(image) {
  const [view] = await page.evaluate(() => window.emulated.views);
  const middle = [pin.position[0], pin.position[1] + HEAD_M, pin.position[2]];
  const [x, y] = project(view, middle);
  const tip = project(view, pin.position);
  const radius = (Math.hypot(x - tip[0], y - tip[1]) * HEAD_RADIUS_M) / HEAD_M;
  let [count, changed] = [0, 0];
  const sum = [0, 0, 0];
  for (let row = Math.ceil(y - radius * 0.7); row <= y + radius * 0.7; row++) {
    for (let column = Math.ceil(x - radius * 0.7); column <= x + radius * 0.7; column++) {
      const [was, is] = [empty.at(column, row), image.at(column, row)];
      count += 1;
      if (distance(was.slice(0, 3), is.slice(0, 3)) > 40) changed += 1;
      for (const channel of [0, 1, 2]) sum[channel] += is[channel];
    }
  }
  assert.ok(count >= 25, `the head is large enough to look at: ${count} pixels at ${[x, y]}`);
  return { shown: changed / count, color: sum.map((value) => value / count) };
}

test("with nothing sensed the pin is drawn whole", async () => {
  const { shown } = await headOf(plain);
  assert.ok(shown > 0.9, `${shown} of the head`);
});

test("a wall before a pin hides it until the wall is gone", async () => {
  await page.evaluate((wall) => window.emulated.senses.addWall(wall), WALL);
  const hidden = await headOf(await shot());
  await picture(page, "ar-pin-behind-wall.jpg");
  await page.evaluate(() => window.emulated.senses.removeWalls());
  const back = await headOf(await shot());
  assert.ok(hidden.shown < 0.05, `${hidden.shown} of the head is drawn over the wall`);
  assert.ok(back.shown > 0.9, `${back.shown} of the head is back`);
});

test("measured depth before a pin hides it, depth behind it, below it or unknown does not", async () => {
  const shown = {};
  // The pin's head is in the upper half of the view: its tip is in the middle.
  for (const [name, ...depth] of [
    ["near", 400],
    ["far", 5000],
    ["unknown", 0],
    ["near above", 400, 5000],
    ["near below", 5000, 400],
  ]) {
    await page.evaluate((halves) => window.emulated.senses.setDepth(...halves), depth);
    shown[name] = (await headOf(await shot())).shown;
  }
  const told = JSON.stringify(shown);
  assert.ok(shown.near < 0.05 && shown["near above"] < 0.05, told);
  assert.ok(shown.far > 0.9 && shown.unknown > 0.9 && shown["near below"] > 0.9, told);
});

test("red light makes a pin's head red, white light as it was", async (t) => {
  const before = (await headOf(plain)).color;
  const colors = [];
  for (const [radiance, irradiance] of [
    [
      [0.4, 0.01, 0.01],
      [2.5, 0.05, 0.05],
    ],
    [
      [0.37, 0.37, 0.37],
      [2.26, 2.26, 2.26],
    ],
  ]) {
    await page.evaluate((light) => window.emulated.senses.setLight(...light), [radiance, irradiance]);
    await outlast(page, LIGHT_MILLIS);
    colors.push((await headOf(await shot())).color);
  }
  const [red, white] = colors;
  t.diagnostic(`usual ${before.map(Math.round)}, red ${red.map(Math.round)}, white ${white.map(Math.round)}`);
  assert.ok(red[0] > 100 && red[1] < before[1] * 0.5 && red[2] < before[2] * 0.5, `${red} under red light`);
  assert.ok(distance(white, before) < 40, `${white} under white light, usually ${before}`);
});

test("reflections are read when they change, whatever their size", async () => {
  const linear = (byte) => ((byte / 255 + 0.055) / 1.055) ** 2.4;
  for (const [facePx, colors] of [
    [
      16,
      [
        [255, 60, 60],
        [60, 255, 60],
        [60, 60, 255],
        [200, 200, 60],
        [60, 200, 200],
        [200, 60, 200],
      ],
    ],
    [6, Array(6).fill([128, 200, 90])],
  ]) {
    await page.evaluate((given) => window.emulated.senses.setReflections(...given), [facePx, colors]);
    const measured = await until(
      page,
      "measured reflections",
      (wanted) => {
        const { reflections } = JSON.parse(window.sightline.session.wasm.stats());
        return reflections?.facePx === wanted && reflections;
      },
      facePx,
    );
    for (const channel of [0, 1, 2]) {
      const mean = colors.reduce((sum, color) => sum + linear(color[channel]), 0) / 6;
      assert.ok(Math.abs(measured.mean[channel] - mean) < 0.01, `${measured.mean}, ${mean} in ${channel}`);
    }
  }
  const complaints = page.log.filter((line) => /GL_INVALID|^error|^uncaught/.test(line));
  assert.deepEqual(complaints, []);
});

test("what breaks is said once each and left out, and the session goes on", async () => {
  await page.evaluate(() => window.emulated.senses.breakAll());
  const frames = () => page.evaluate(() => JSON.parse(window.sightline.session.wasm.stats()).frames);
  const then = await frames();
  await until(
    page,
    "more frames",
    (count) => JSON.parse(window.sightline.session.wasm.stats()).frames > count + 10,
    then,
  );
  for (const feature of ["light-estimation", "plane-detection", "depth-sensing"]) {
    const said = page.log.filter((line) => line.includes(`${feature} is not used any more`));
    assert.equal(said.length, 1, `${feature}: ${page.log.slice(-10).join("\n")}`);
  }
  const { shown } = await headOf(await shot());
  assert.ok(shown > 0.9, `${shown} of the head is drawn`);
});
