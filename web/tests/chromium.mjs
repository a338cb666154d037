/**
 * Headless Chromium with a software GPU and, on wish, a file as its camera. Pages collect what they log, so that a
 * failing test can show it.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** The program; `CHROMIUM` names another than the system's. */
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

const QUIET = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Several pages are looked at in turn; none of them may be slowed down for being behind another.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** WebGPU and WebGL2 on SwiftShader; without the ANGLE flag, presenting to a WebGPU canvas loses the device. */
const SOFTWARE_GPU = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** WebGPU on whatever adapter the machine has. */
const MACHINE_GPU = ["--enable-unsafe-webgpu", "--enable-features=Vulkan"];

const GPU_FLAGS = { software: SOFTWARE_GPU, machine: MACHINE_GPU };

const SOFTWARE_WEBGL_ONLY = [
  "--disable-features=WebGPU",
  "--disable-blink-features=WebGPU",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/**
 * Options for connections within this machine over its loopback, without a network: Chromium takes such addresses only
 * when it is told to and only for pages that may use a camera, and hides addresses behind names of mDNS, which takes a
 * network, unless it is told not to.
 */
export const LOOPBACK = {
  args: ["--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns"],
  context: { permissions: ["camera"] },
};

/** Sizes of LOOK.md that tests look at. */
export const SIZES = {
  phonePortrait: { width: 390, height: 844 },
  phoneLandscape: { width: 844, height: 390 },
  laptop: { width: 1280, height: 800 },
};

/**
 * Starts a browser with one profile of its own.
 *
 * @param {object} [options]
 * @param {string} [options.camera] an .mjpeg file; `"pattern"`: the browser's own moving picture; `"none"`: no camera
 * at all; `"deny"`: the user says no
 * @param {"software" | "machine"} [options.gpu] the software one unless said otherwise
 * @param {boolean} [options.webgpu] whether there is a WebGPU adapter (true unless said otherwise)
 * @param {{width: number, height: number}} [options.viewport]
 * @param {"light" | "dark"} [options.colorScheme]
 * @param {boolean} [options.adaptsResolution] whether slow frames get fewer pixels (false unless said otherwise:
 * pictures are to be the same on every machine)
 * @param {string[]} [options.args] further flags
 * @param {object} [options.context] further options of the browser's context
 */
export async function launchChromium(options = {}) {
  const {
    camera,
    gpu = "software",
    webgpu = true,
    viewport = SIZES.phonePortrait,
    colorScheme = "light",
    adaptsResolution = false,
  } = options;
  const folder = await mkdtemp(join(tmpdir(), "sightline-chromium-"));
  const args = [...QUIET, ...(webgpu ? GPU_FLAGS[gpu] : SOFTWARE_WEBGL_ONLY), ...(options.args ?? [])];
  if (camera) {
    args.push(`--use-fake-device-for-media-stream${camera === "none" ? "=device-count=0" : ""}`);
    args.push(camera === "deny" ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream");
    if (camera.endsWith(".mjpeg")) args.push(`--use-file-for-fake-video-capture=${camera}`);
  }
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: EXECUTABLE,
    headless: true,
    ignoreDefaultArgs: ["--headless", "--enable-unsafe-swiftshader", "--hide-scrollbars"],
    args,
    viewport,
    colorScheme,
    ...options.context,
  });
  if (!adaptsResolution) {
    await context.addInitScript(() => {
      try {
        localStorage.setItem("sightline-resolution", "full");
      } catch {
        // This page keeps nothing; it shows no view either.
      }
    });
  }
  return {
    context,
    /** The folder of its profile. */
    profile: folder,
    /** Opens a page that remembers its log in `page.log`. */
    async page(url) {
      const page = await context.newPage();
      page.log = [];
      page.on("console", (message) => page.log.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => page.log.push(`uncaught: ${error.stack ?? error}`));
      if (url) await page.goto(url);
      return page;
    },
    async close() {
      await context.close().catch(() => {});
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Makes a page's network slow, and its processor if so wanted, through the DevTools protocol.
 *
 * @param {import("playwright-core").Page} page
 * @param {{bitsPerSecond: number, cpuTimes?: number}} limits `cpuTimes`: so many times slower
 */
export async function slowDown(page, { bitsPerSecond, cpuTimes = 1 }) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 20,
    downloadThroughput: bitsPerSecond / 8,
    uploadThroughput: bitsPerSecond / 8,
  });
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: cpuTimes });
}
