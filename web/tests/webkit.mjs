/**
 * WebKitGTK through its WebDriver, by the HTTP calls of the W3C recommendation: sections 8 (sessions),
 * 10 (navigation), 13 (scripts) and 17 (screenshots).
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { startDisplay } from "./virtual_display.mjs";

/** The small browser that comes with the library, in the folder of either of its versions. */
const MINI_BROWSERS = ["4.1", "4.0", "6.0"].flatMap((version) => [
  `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
  `/usr/lib/x86_64-linux-gnu/webkitgtk-${version}/MiniBrowser`,
  `/usr/lib/aarch64-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
]);

/** How long the driver may take until it answers. */
const READY_MILLIS = 20_000;

/** A browser with the few calls that the tests of all engines share. */
export async function launchWebKit() {
  const binary = MINI_BROWSERS.find(existsSync);
  if (!binary) throw new Error("MiniBrowser is missing: install webkit2gtk-driver");
  const display = await startDisplay();
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    // Its sandbox needs rights that containers do not give.
    env: {
      ...process.env,
      DISPLAY: display.name,
      LIBGL_ALWAYS_SOFTWARE: "1",
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    },
    stdio: "ignore",
  });
  const call = async (method, path, body) => {
    const init = { method, body: body && JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  };
  await answers(call);
  const wanted = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
  const { sessionId, capabilities } = await call("POST", "/session", {
    capabilities: { alwaysMatch: wanted },
  });
  const session = `/session/${sessionId}`;
  await call("POST", `${session}/window/rect`, { width: 390, height: 844 });
  return {
    name: "WebKitGTK",
    version: capabilities.browserVersion,
    log: [],
    goto: (url) => call("POST", `${session}/url`, { url }),
    /** Evaluates an expression in the page; a promise is waited for. */
    async evaluate(expression) {
      const script = `const done = arguments[0];
        Promise.resolve().then(() => (${expression})).then(
          (value) => done({ value }), (error) => done({ error: String(error?.stack ?? error) }));`;
      const { value, error } = await call("POST", `${session}/execute/async`, { script, args: [] });
      if (error) throw new Error(error);
      return value;
    },
    screenshot: async () => Buffer.from(await call("GET", `${session}/screenshot`), "base64"),
    async close() {
      await call("DELETE", session).catch(() => {});
      const gone = once(driver, "exit");
      driver.kill();
      await gone;
      await display.close();
    },
  };
}

/** Asks until the driver listens. */
async function answers(call) {
  const end = Date.now() + READY_MILLIS;
  for (;;) {
    try {
      return await call("GET", "/status");
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
