/**
 * Getting a view ready: its pipelines are made one a task, the page lives on between them and hears how far it is. A
 * device that is lost on the way ends the opening with a reason.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium, slowDown } from "../chromium.mjs";
import { picture, until, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";

const PAGE = `<!doctype html><title>Somebody else's page</title>
<style>canvas { width: 200px; height: 200px; }</style><canvas width="200" height="200"></canvas>`;

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const backend of ["webgpu", "webgl2"]) {
  describe(`pipelines through ${backend}`, () => {
    let browser;
    before(async () => {
      browser = await launchChromium({ camera: "pattern", webgpu: backend === "webgpu" });
    });
    after(() => browser.close());

    async function theirPage() {
      const page = await browser.page();
      await page.route("**/theirs/", (route) => route.fulfill({ body: PAGE, contentType: "text/html" }));
      await page.goto(`${relay.url}/theirs/`);
      return page;
    }

    test("the page lives between any two of them", async () => {
      const page = await theirPage();
      const { heard, description, frames, timers } = await page.evaluate(openCounting, backend);
      const { made, longest, longestMillis, totalMillis } = description.pipelines;
      assert.equal(description.backend, backend);
      assert.ok(made > 30, `${made} pipelines`);
      assert.deepEqual(
        heard.map((one) => [one.made, one.of]),
        heard.map((_, index) => [index + 1, made]),
      );
      assert.equal(heard.length, made);
      heard.slice(1).forEach((one, index) => {
        assert.ok(one.tasks > heard[index].tasks, `no other task before pipeline ${one.made}`);
      });
      assert.ok(frames > 0, "no frame came while they were made");
      assert.ok(timers > 0, "no timer rang while they were made");
      assert.ok(longest.length > 0);
      assert.ok(
        longestMillis > 0 && longestMillis < totalMillis,
        `${longest}: ${longestMillis} of ${totalMillis} ms`,
      );
      console.log(
        `${backend}, software: ${made} pipelines in ${totalMillis.toFixed(0)} ms, the longest task ${longestMillis.toFixed(1)} ms (${longest}), ${frames} frames meanwhile`,
      );
      await page.close();
    });

    test("a device that is lost meanwhile ends the opening, with the reason", async () => {
      const page = await theirPage();
      const { code, message, made } = await page.evaluate(loseWhileOpening, backend);
      assert.equal(code, "device", message);
      assert.match(message, /lost/);
      // A context says at once that it is lost, a device some tasks later.
      if (backend === "webgl2")
        assert.ok(made < 6, `${made} pipelines were made for a context that was gone`);
      assert.deepEqual(
        page.log.filter((line) => /unreachable|panicked|uncaught/.test(line)),
        [],
      );
      await page.close();
    });

    test("the loading screen tells how many are ready", async () => {
      const page = await browser.page();
      await page.addInitScript(() => {
        window.said = [];
        new MutationObserver(() => {
          const words = document.querySelector(".loading-bytes")?.textContent;
          if (words && words !== window.said.at(-1)) window.said.push(words);
        }).observe(document, { childList: true, subtree: true, characterData: true });
      });
      await slowDown(page, { bitsPerSecond: 1e9, cpuTimes: 6 });
      await page.goto(`${relay.url}/?start=camera&view=${backend}`, { waitUntil: "commit" });
      await until(page, "words about pipelines", () =>
        /^Preparing the view: \d+ of \d+$/.test(document.querySelector(".loading-bytes")?.textContent ?? ""),
      );
      await picture(page, `loading-pipelines-${backend}.png`);
      await untilState(page, "camera");
      const said = await page.evaluate(() => window.said);
      const counts = said
        .flatMap((words) => words.match(/^Preparing the view: (\d+) of/)?.[1] ?? [])
        .map(Number);
      assert.ok(counts.length > 2, JSON.stringify(said));
      assert.deepEqual(
        counts,
        [...counts].sort((a, b) => a - b),
        "they only grow",
      );
      await page.close();
    });
  });
}

/** In the page: opens a stage; gives what was heard of its pipelines, and what else ran meanwhile. */
async function openCounting(backend) {
  const { Stage, detectCapabilities } = await import("/sightline.js");
  const found = await detectCapabilities();
  let [tasks, frames, timers, going] = [0, 0, 0, true];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    tasks += 1;
    if (going) port2.postMessage(0);
  };
  const heard = [];
  const onPipelines = (made, of) => {
    if (made === 1) {
      port2.postMessage(0);
      const frame = () => {
        frames += 1;
        if (going) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      setTimeout(() => {
        timers += 1;
      });
    }
    heard.push({ made, of, tasks });
  };
  const stage = await Stage.open(document.body, found, { backend, onPipelines });
  going = false;
  const counted = { frames, timers };
  const { description } = stage;
  stage.dispose();
  return { heard, description, ...counted };
}

/** In the page: loses the device after the third pipeline. */
async function loseWhileOpening(backend) {
  const canvas = document.querySelector("canvas");
  const devices = [];
  if (backend === "webgpu") {
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...options) {
      const device = await request.apply(this, options);
      devices.push(device);
      return device;
    };
  }
  const { ModelView } = await import("/sightline.js");
  let made = 0;
  const onPipelines = (count) => {
    made = count;
    if (made !== 3) return;
    if (backend === "webgpu") devices.at(-1).destroy();
    else canvas.getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
  };
  try {
    await ModelView.open(canvas, { backend, onPipelines });
    return { code: "none", message: "it opened", made };
  } catch (thrown) {
    return { code: thrown.code, message: thrown.message, made };
  }
}
