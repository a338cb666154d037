/**
 * First contact: how long it takes from opening the page to the first followed points on the screen, in a fresh
 * browser, as it is and on a slow network with a slow processor.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium, slowDown } from "../chromium.mjs";
import { untilPoints } from "../page.mjs";
import { startRelay } from "../relay.mjs";

const CAMERA = join(process.env.SIGHTLINE_SEQUENCE ?? "", "sequence.mjpeg");

/**
 * Past this, first contact is broken (10 Mbit/s, a CPU four times as slow). The goal is 3 s: with the whole tracker and
 * a software GPU on two busy cores it is met in about half of the rounds, so that is printed and this is asserted.
 */
const FIRST_POINTS_MILLIS = 5000;

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

test("first contact on localhost", async (t) => {
  t.diagnostic(`first points after ${Math.round(await firstContact(false))} ms on localhost`);
});

test("first contact at 10 Mbit/s with a CPU four times as slow", async (t) => {
  // A software GPU compiles its programs beside everything else: the middle of three, all of them printed.
  const all = [];
  for (let round = 0; round < 3; round++) all.push(Math.round(await firstContact(true)));
  const millis = all.toSorted((a, b) => a - b)[1];
  t.diagnostic(`first points after ${all.join(", ")} ms at 10 Mbit/s and a CPU four times as slow`);
  assert.ok(millis <= FIRST_POINTS_MILLIS, `first points after ${millis} ms, not ${FIRST_POINTS_MILLIS}`);
});

/** Milliseconds from opening the page in a fresh browser to the first followed points on the screen. */
async function firstContact(throttled) {
  const browser = await launchChromium({ camera: CAMERA });
  try {
    const page = await browser.page();
    if (throttled) await slowDown(page, { bitsPerSecond: 10e6, cpuTimes: 4 });
    await page.goto(`${relay.url}/?start=camera`, { waitUntil: "commit" });
    const { firstPointsMillis } = await untilPoints(page);
    return firstPointsMillis;
  } finally {
    await browser.close();
  }
}
