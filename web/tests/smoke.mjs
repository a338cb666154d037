/**
 * The demo's smoke test: a relay on loopback with a temporary folder, a page whose camera shows the generated
 * sequence, and two pages that talk. Prints what took how long; the exit status says whether all of it happened.
 */

import { join } from "node:path";
import { launchChromium } from "./chromium.mjs";
import { openRoom, say, startCamera, untilRoom, untilSaid } from "./page.mjs";
import { startRelay } from "./relay.mjs";

/** Runs one step and prints its time. */
async function step(what, body) {
  const start = performance.now();
  const result = await body();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
  return result;
}

const camera = join(process.env.SIGHTLINE_SEQUENCE, "sequence.mjpeg");
const relay = await step("relay ready", () => startRelay());
const browser = await step("browser ready", () => launchChromium({ camera }));
try {
  const first = await browser.page(relay.url);
  const stats = await step("camera started and points followed", () => startCamera(first));
  console.log(
    `first points ${Math.round(stats.firstPointsMillis)} ms after opening, ${stats.points} points, ` +
      `${stats.trackMillisMedian.toFixed(1)} ms a frame`,
  );
  await first.evaluate(() => window.sightline.home());
  const code = await step("room opened", () => openRoom(first));
  const second = await browser.page(`${relay.url}/#${code}`);
  await step("second page in the room", () => untilRoom(second));
  await step("a message there and an answer back", async () => {
    await say(first, "Can you hear me?");
    await untilSaid(second, "Can you hear me?");
    await say(second, "Loud and clear.");
    await untilSaid(first, "Loud and clear.");
  });
  console.log("the demo works");
} catch (error) {
  console.error(`the demo does not work: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await relay.close();
}
