/** Camera mode where the camera is not to be had: the page says why and what to do. */

import { after, before, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { picture, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

for (const [camera, state, words] of [
  ["deny", "denied", "Camera is off"],
  ["none", "no-camera", "No camera here"],
]) {
  test(`${camera}: the page says what to do`, async () => {
    const browser = await launchChromium({ camera });
    try {
      const page = await browser.page(relay.url);
      await page.getByRole("button", { name: "Start camera" }).click();
      await untilState(page, state);
      await page.getByText(words).waitFor();
      await picture(page, `camera-${camera}-phone-light.png`);
      await page.emulateMedia({ colorScheme: "dark" });
      await picture(page, `camera-${camera}-phone-dark.png`);
    } finally {
      await browser.close();
    }
  });
}
