/**
 * The scenes of the golden images, drawn by both backends in Chromium: beside the golden images, and beside each other.
 *
 * `SIGHTLINE_RENDER_BENCH` is the folder of the module built with `measure-render`, `FLIP` the program that measures
 * differences. The pictures stay in `SIGHTLINE_PICTURES`.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../chromium.mjs";
import { writePng } from "../png.mjs";
import { serve } from "../render_bench/serve.mjs";

/** Mean FLIP: the project's bar between backends and against golden images. */
const LARGEST_MEAN = 0.03;
const [WIDTH, HEIGHT] = [256, 160];

const { SIGHTLINE_RENDER_BENCH: module, FLIP: flip, SIGHTLINE_PICTURES: pictures } = process.env;
const goldens = fileURLToPath(new URL("../../../render/scenes/tests/goldens", import.meta.url));

/** Runs in the page: opens the scenes over a backend, and gives their names in the order of drawing. */
async function open({ backend, width, height }) {
  const name = `sightline_render_bench_${backend}`;
  const { default: start, ScenePictures } = await import(`/wasm/${name}.js`);
  await start({ module_or_path: `/wasm/${name}_bg.wasm` });
  const canvas = document.createElement("canvas");
  window.scenes = await ScenePictures.open(canvas, width, height, 0.5);
  return ScenePictures.names();
}

/** Runs in the page: a scene's pixels as text, which passes to Node faster than numbers. */
async function draw(name) {
  window.scenes.draw(name);
  let rgba = window.scenes.poll();
  while (!rgba) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    rgba = window.scenes.poll();
  }
  const reader = new FileReader();
  const read = new Promise((resolve) => {
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  });
  reader.readAsDataURL(new Blob([rgba]));
  return read;
}

/** The mean FLIP of each scene's pictures with these endings. */
async function means(folder, first, second) {
  const { status, stderr } = spawnSync(flip, [folder, first, second], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(await readFile(join(folder, "flip.json"), "utf8")).means;
}

function within(named) {
  const above = Object.entries(named).filter(([, mean]) => !(mean <= LARGEST_MEAN));
  assert.deepEqual(above, []);
  const worst = Object.entries(named).reduce((a, b) => (b[1] > a[1] ? b : a));
  console.log(`${Object.keys(named).length} scenes, largest mean FLIP ${worst[1].toFixed(4)}: ${worst[0]}`);
}

describe("scenes in the browser", () => {
  const folder = join(pictures ?? "", "scenes");
  let browser;
  let server;

  before(async () => {
    assert.ok(module && flip && pictures, "SIGHTLINE_RENDER_BENCH, FLIP and SIGHTLINE_PICTURES are needed");
    await mkdir(folder, { recursive: true });
    for (const file of await readdir(goldens)) {
      await copyFile(join(goldens, file), join(folder, file.replace(".png", ".golden.png")));
    }
    server = await serve({ wasm: module });
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  for (const backend of ["webgpu", "webgl2"]) {
    it(`are those of the golden images over ${backend}`, async () => {
      const page = await browser.page(server.origin);
      const names = await page.evaluate(open, { backend, width: WIDTH, height: HEIGHT });
      for (const name of names) {
        const rgba = Buffer.from(await page.evaluate(draw, name), "base64");
        assert.equal(rgba.length, WIDTH * HEIGHT * 4, name);
        await writeFile(join(folder, `${name}.${backend}.png`), writePng(WIDTH, HEIGHT, rgba));
      }
      assert.deepEqual(
        page.log.filter((line) => /^(error|uncaught)/.test(line)),
        [],
      );
      await page.close();
      const measured = await means(folder, "golden", backend);
      assert.equal(Object.keys(measured).length, names.length);
      within(measured);
    });
  }

  it("are the same over both backends", async () => {
    within(await means(folder, "webgpu", "webgl2"));
  });
});
