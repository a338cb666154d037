/**
 * Firefox through WebDriver BiDi. It draws WebGL only with a display, so it gets a virtual one; its camera is the
 * moving test picture that Firefox makes itself.
 */

import puppeteer from "puppeteer-core";
import { startDisplay } from "./virtual_display.mjs";

/** The program; `FIREFOX` names another than the system's. */
const EXECUTABLE = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** A browser with the few calls that the tests of all engines share. */
export async function launchFirefox() {
  const display = await startDisplay();
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: EXECUTABLE,
    headless: false,
    env: { ...process.env, DISPLAY: display.name, LIBGL_ALWAYS_SOFTWARE: "1" },
    extraPrefsFirefox: {
      "webgl.force-enabled": true,
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
    },
  });
  const page = await browser.newPage();
  const log = [];
  page.on("console", (message) => log.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => log.push(`uncaught: ${error}`));
  // Firefox before 150 sets the size and then does not know the orientation's command.
  await page.setViewport({ width: 390, height: 844 }).catch((error) => {
    if (!/setScreenOrientationOverride/.test(String(error))) throw error;
  });
  return {
    name: "Firefox",
    version: await browser.version(),
    log,
    goto: (url) => page.goto(url),
    /** Evaluates an expression in the page; a promise is waited for. */
    evaluate: (expression) => page.evaluate(expression),
    screenshot: async () => Buffer.from(await page.screenshot()),
    async close() {
      await browser.close();
      await display.close();
    },
  };
}
