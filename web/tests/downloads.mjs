/**
 * Lists what camera mode downloads from the relay with one view: the paths inside `web/dist`, as JSON in the last
 * line. Usage: node downloads.mjs webgpu|webgl2
 */

import { launchChromium } from "./chromium.mjs";
import { startCamera } from "./page.mjs";
import { startRelay } from "./relay.mjs";

const view = process.argv[2];
const relay = await startRelay();
const browser = await launchChromium({ camera: "pattern", webgpu: view === "webgpu" });
try {
  const page = await browser.page();
  const paths = new Set();
  browser.context.on("response", (response) => {
    const url = new URL(response.url());
    if (url.origin !== new URL(relay.url).origin || url.pathname.startsWith("/v1/")) return;
    paths.add(url.pathname === "/" ? "index.html" : url.pathname.slice(1));
  });
  await page.goto(relay.url);
  await startCamera(page);
  const { backend } = await page.evaluate(() => window.sightline.stage.description);
  if (backend !== view) throw new Error(`the page drew with ${backend}, not ${view}`);
  // Also what loads late: icons, manifest, what the start page fetched ahead.
  await page.waitForLoadState("networkidle");
  console.log(JSON.stringify([...paths].sort()));
} finally {
  await browser.close();
  await relay.close();
}
