/**
 * The two sides in one Chromium, each in a page of its own.
 *
 * A side is a module for the page that exports `openSide()`. It gives, perhaps later,
 * ```
 * { about: string, draw(scene): Promise<Uint8Array> }
 * ```
 * `about` names the renderer and its adapter. `draw` gives the picture's bytes: red, green, blue and alpha a pixel in
 * sRGB, opaque, the top row first. A picture that cannot be drawn is an exception with the reason. `scene` is plain
 * data, in metres, +Y up, right-handed, all colours linear:
 * ```
 * name        of the case
 * model       address of a GLB, on the page's own server
 * animation   null, or { index, timeSecs }: the animation of the file that is applied, and its time
 * size        { width, height } in pixels
 * background  [r, g, b] behind the model
 * camera      { position, target, fovYDeg, aspect, near, far }; up is +Y, near and far in metres
 * light       { directionToLight: unit vector towards the light,
 *               intensityOverPi: [r, g, b], what a white Lambert surface that faces the light sends back,
 *               sh: 27 numbers, radiance as in light.mjs,
 *               environment: null, or { name, facePx, url }: a cube map as in light.mjs }
 * shadow      null, or { mapPx, halfExtent }: the main light's shadow map
 * ```
 * Where there is no environment nothing is reflected but the main light: `sh` is diffuse light alone. With one, `sh` is
 * the diffuse part of the same cube map.
 */

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launchChromium } from "../chromium.mjs";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

const TYPES = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".glb": "model/gltf-binary",
  ".f32": "application/octet-stream",
};

const COMPLAINT = /^(error|warning|uncaught)/;

/** What Chromium says of every picture that is read back. */
const READ_BACK = /GPU stall due to ReadPixels/;

/**
 * Starts the browser, and a server for it.
 *
 * @param {Record<string, string>} modules the path of each side's module by the side's name
 */
export async function openSides(modules) {
  /** What the pages ask for, by path. */
  const files = new Map();
  for (const [name, path] of Object.entries(modules)) files.set(`/${name}.js`, await bundled(path));
  const server = createServer((request, response) => answer(files, request, response));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await launchChromium();
  const close = async () => {
    await browser.close();
    server.close();
  };
  try {
    const pages = {};
    for (const name of Object.keys(modules)) pages[name] = await openSide(browser, origin, name);
    return { files, pages, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function openSide(browser, origin, name) {
  const page = await browser.page(`${origin}/`);
  const about = await page.evaluate(async (module) => {
    const { openSide } = await import(module);
    window.side = await openSide();
    return window.side.about;
  }, `/${name}.js`);
  return {
    about,
    /** Of three's side alone: how far the model reaches along three axes. */
    bounds: (scene, axes) => page.evaluate((all) => window.side.bounds(...all), [scene, axes]),
    async draw(scene) {
      const logged = page.log.length;
      const base64 = await page.evaluate(drawnAsText, scene);
      const rgba = Buffer.from(base64, "base64");
      const { width, height } = scene.size;
      if (rgba.length !== width * height * 4) throw new Error(`${name} drew ${rgba.length} bytes`);
      const complaints = page.log
        .slice(logged)
        .filter((line) => COMPLAINT.test(line) && !READ_BACK.test(line));
      return { rgba, complaints };
    },
  };
}

/** Runs in the page. Text passes to Node faster than an array of numbers. */
async function drawnAsText(scene) {
  const rgba = await window.side.draw(scene);
  const reader = new FileReader();
  const read = new Promise((resolve) => {
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  });
  reader.readAsDataURL(new Blob([rgba]));
  return read;
}

async function bundled(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    // The module of xr-core is no part of a bundle: the page's server has it at /dist/.
    external: ["/dist/*"],
  });
  return outputFiles[0].contents;
}

function answer(files, request, response) {
  const path = normalize(new URL(request.url, "http://host").pathname);
  response.setHeader("content-type", TYPES[extname(path)] ?? "text/html");
  if (path === "/") {
    response.end("<!doctype html><title>A side</title><canvas></canvas>");
  } else if (files.has(path)) {
    response.end(files.get(path));
  } else if (path.startsWith("/dist/")) {
    createReadStream(join(DIST, path.slice("/dist/".length)))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  } else {
    response.writeHead(404).end();
  }
}
