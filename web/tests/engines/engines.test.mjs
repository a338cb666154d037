/**
 * Firefox ESR and WebKitGTK: the page loads, the room works and the 3D view shows. What these engines cannot do here
 * is found out and printed, not assumed.
 */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../chromium.mjs";
import { launchFirefox } from "../firefox.mjs";
import { say, untilRoom, untilSaid } from "../page.mjs";
import { readPng } from "../png.mjs";
import { startRelay } from "../relay.mjs";
import { launchWebKit } from "../webkit.mjs";

const PATIENCE_MILLIS = 60_000;
const PICTURES =
  process.env.SIGHTLINE_PICTURES ?? fileURLToPath(new URL("../../../target/pictures", import.meta.url));

let relay;
let chromium;
before(async () => {
  relay = await startRelay();
  chromium = await launchChromium();
});
after(async () => {
  await chromium.close();
  await relay.close();
});

for (const launch of [launchFirefox, launchWebKit]) {
  describe(launch.name.replace("launch", ""), () => {
    let browser;
    before(async () => {
      browser = await launch();
    });
    after(() => browser?.close());

    /** Asks the page again and again, until an expression is true there; gives what it is. */
    async function until(what, expression) {
      const end = Date.now() + PATIENCE_MILLIS;
      for (;;) {
        const value = await browser.evaluate(expression);
        if (value) return value;
        if (Date.now() > end) {
          const seen = await browser.evaluate(
            "[document.documentElement.dataset.state, document.body.textContent.slice(0, 400)].join(': ')",
          );
          throw new Error(`in vain: ${what}; the page shows ${seen}\n${browser.log.slice(-10).join("\n")}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }

    async function save(name) {
      const shot = await browser.screenshot();
      await mkdir(PICTURES, { recursive: true });
      await writeFile(join(PICTURES, `engine-${browser.name.toLowerCase()}-${name}.png`), shot);
      return shot;
    }

    test("the page loads and tells what this engine can do", async (t) => {
      await browser.goto(relay.url);
      await until("the start page", "document.documentElement.dataset.state === 'start'");
      await save("start");
      const found = await until("capabilities", "window.sightline.capabilities");
      t.diagnostic(`${browser.name} ${browser.version}: ${JSON.stringify(found)}`);
      const lacks = Object.keys(found).filter((name) => !found[name]);
      t.diagnostic(`${browser.name} lacks here: ${lacks.join(", ")}`);
      assert.ok(found.wasmSimd && found.webgl2 && found.secureContext);
    });

    test("a room opens, and its chat reaches another page and back", async () => {
      await browser.evaluate("void window.sightline.openRoom()");
      const code = await until(
        "a room that is online",
        "window.sightline.room?.state.connection === 'online' && window.sightline.room.code",
      );
      const other = await chromium.page(`${relay.url}/#${code}`);
      await untilRoom(other);
      await browser.evaluate(`window.sightline.room.chat("From ${browser.name}")`);
      await untilSaid(other, `From ${browser.name}`);
      await say(other, "From Chromium");
      await until(
        "the other's message",
        "window.sightline.room.state.chat.some((message) => message.text === 'From Chromium')",
      );
      await until("two members", "window.sightline.room.state.members.length === 2");
      await other.close();
      await until("one member", "window.sightline.room.state.members.length === 1");
    });

    test("the 3D view shows the room's floor and a pin", async () => {
      await until("the 3D view", "document.documentElement.dataset.state === 'room3d'");
      const { backend } = await browser.evaluate("window.sightline.stage.description");
      assert.equal(backend, "webgl2");
      const empty = readPng(await browser.screenshot());
      await browser.evaluate("void window.sightline.room.placePin([0, 0, 0], 'Seen here')");
      await until("a pin in the log", "window.sightline.room.state.annotations.some((pin) => !pin.pending)");
      const end = Date.now() + PATIENCE_MILLIS;
      let changed = 0;
      while (changed < 40 && Date.now() < end) {
        changed = colouredChange(empty, readPng(await save("room3d")));
      }
      assert.ok(changed >= 40, `only ${changed} pixels in a colour came with the pin`);
    });

    test("what the camera does here is found out", async (t) => {
      const start = await browser.evaluate(`
        navigator.mediaDevices?.getUserMedia
          ? Promise.race([
              navigator.mediaDevices.getUserMedia({ video: true }).then(
                (stream) => { stream.getTracks().forEach((track) => track.stop()); return "a camera opens"; },
                (error) => "no camera: " + error.name),
              new Promise((resolve) => setTimeout(() => resolve("no camera: nobody answers the question"), 5000)),
            ])
          : "no camera: no interface"`);
      t.diagnostic(`${browser.name}: ${start}`);
      await browser.evaluate("void window.sightline.startCamera()");
      const shown = await until(
        "an end of loading",
        "document.documentElement.dataset.state !== 'loading' && document.documentElement.dataset.state !== 'room3d' && document.documentElement.dataset.state",
      );
      t.diagnostic(`${browser.name}: camera mode shows ${shown}`);
      await save("camera");
      if (start === "a camera opens") {
        assert.equal(shown, "camera");
        // Firefox's own test picture is one plain colour: there is nothing to follow in it, but it is tracked and drawn.
        const figures = "window.sightline.stats()";
        const stats = await until(
          "painted pictures",
          `${figures}.fps > 1 && ${figures}.trackMillisMedian > 0 && ${figures}`,
        );
        t.diagnostic(`${browser.name}: ${JSON.stringify(stats)}`);
      } else {
        assert.notEqual(shown, "failed");
      }
    });
  });
}

/** How many pixels in the middle of the view became coloured. */
function colouredChange(before, now) {
  let count = 0;
  for (let y = Math.round(now.height * 0.2); y < now.height * 0.8; y += 1) {
    for (let x = Math.round(now.width * 0.2); x < now.width * 0.8; x += 1) {
      const [was, is] = [before.at(x, y), now.at(x, y)];
      const difference = Math.hypot(...was.map((value, channel) => value - is[channel]));
      if (difference > 40 && Math.max(...is) - Math.min(...is) > 40) count += 1;
    }
  }
  return count;
}
