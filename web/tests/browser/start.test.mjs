/**
 * The start page in the sizes and colours of the design, and the smallest page that embeds a scene: nothing sticks
 * out, and every control is large enough for a thumb.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium, SIZES, slowDown } from "../chromium.mjs";
import { openRoom, picture, until, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";

/** The smallest side of a control, in CSS pixels. */
const THUMB_PX = 44;

let relay;
let browser;
before(async () => {
  relay = await startRelay();
  browser = await launchChromium({ camera: "pattern" });
});
after(async () => {
  await browser.close();
  await relay.close();
});

test("the start page fits every size, light and dark", async () => {
  const page = await browser.page(relay.url);
  await untilState(page, "start");
  const sizes = { "phone-small": { width: 360, height: 640 }, phone: SIZES.phonePortrait };
  Object.assign(sizes, { "phone-landscape": SIZES.phoneLandscape, laptop: SIZES.laptop });
  for (const [name, size] of Object.entries(sizes)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await picture(page, `start-${name}-${colorScheme}.png`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${name}: the page is ${over} px too wide`);
      const small = await page.evaluate((least) => {
        const controls = [...document.querySelectorAll("button, a[href], input")];
        return controls
          .map((control) => [control.textContent, control.getBoundingClientRect()])
          .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
          .map(([text, box]) => `${text}: ${box.width}x${box.height}`);
      }, THUMB_PX);
      assert.deepEqual(small, [], `${name}: controls too small for a thumb`);
    }
  }
  await page.close();
});

test("loading tells how many bytes have come, of those that really come", async () => {
  const fresh = await launchChromium({ camera: "pattern" });
  try {
    const page = await fresh.page();
    await slowDown(page, { bitsPerSecond: 1e6 });
    await page.goto(`${relay.url}/?start=camera`, { waitUntil: "commit" });
    const bytes = /^([\d.]+) (KB|MB) of ([\d.]+) (KB|MB)$/;
    const shown = () => page.locator(".loading-bytes").textContent();
    const inKb = (number, unit) => Number(number) * (unit === "MB" ? 1000 : 1);
    await until(page, "the bytes so far", () =>
      /^[1-9][\d.]* KB of/.test(document.querySelector(".loading-bytes")?.textContent ?? ""),
    );
    const [, some, someUnit, all, allUnit] = (await shown()).match(bytes);
    await picture(page, "loading-phone-light.png");
    await until(
      page,
      "more bytes",
      (before) => (document.querySelector(".loading-bytes")?.textContent ?? "") !== before,
      `${some} ${someUnit} of ${all} ${allUnit}`,
    );
    assert.ok(inKb(some, someUnit) < inKb(all, allUnit), `${some} ${someUnit} of ${all} ${allUnit}`);
    // The tracker and one view, as they are after decompression.
    const sizes = await Promise.all(
      ["tracker", "view_webgpu"].map(async (name) => {
        const answer = await fetch(`${relay.url}/wasm/sightline_${name}_bg.wasm`);
        return (await answer.arrayBuffer()).byteLength;
      }),
    );
    const real = (sizes[0] + sizes[1]) / 1000;
    const rounding = allUnit === "MB" ? 50 : 0.5;
    assert.ok(
      inKb(all, allUnit) <= real * 1.02 + rounding,
      `${all} ${allUnit} are told, ${real} KB are real`,
    );
    await untilState(page, "camera");
  } finally {
    await fresh.close();
  }
});

test("the smallest embedding page shows a room of its own, and joins one by its code", async () => {
  const page = await browser.page(`${relay.url}/embed/`);
  const online = () => document.querySelector("sightline-scene")?.room?.state.connection === "online";
  await until(page, "an embedded room that is online", online);
  const first = await browser.page(relay.url);
  const code = await openRoom(first);
  await page.evaluate(
    (wanted) => document.querySelector("sightline-scene").setAttribute("room", wanted),
    code,
  );
  await until(
    page,
    "the other room",
    (wanted) => {
      const { room } = document.querySelector("sightline-scene");
      return room?.code === wanted && room.state.connection === "online";
    },
    code,
  );
  await first.evaluate(() => window.sightline.room.placePin([0, 0, 0], "Seen in both"));
  await until(page, "the pin", () =>
    document
      .querySelector("sightline-scene")
      .room.state.annotations.some(({ label }) => label === "Seen in both"),
  );
  await picture(page, "embed-phone.png");
});
