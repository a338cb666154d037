/**
 * Measures the renderer in Chromium beside three.js, over WebGPU and WebGL2, in rounds in which all take turns: each
 * turn is a browser of its own with an empty profile. Prints a JSON array of rows `{ measure, value, unit, note }`.
 *
 *   node web/tests/render_bench/measure.mjs WASM ROOM [--rounds N] [--frames N] [--long]
 *
 * WASM holds the module built with `measure-render`, ROOM what the example `class_room` wrote. The adapter is the
 * machine's; where it has none, the software one, and rows say so; that one runs at the lowest priority, or what it
 * takes of the processor would be measured as the page's. `--long`: also 10,000 frames at 64 x 64.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { launchChromium } from "../chromium.mjs";
import { watchMemory } from "./memory.mjs";
import { serve } from "./serve.mjs";

const { values: options, positionals } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    frames: { type: "string", default: "24" },
    long: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [wasm, roomFolder] = positionals.map((path) => resolve(path));
const [rounds, frames] = [Number(options.rounds), Number(options.frames)];
const room = JSON.parse(readFileSync(join(roomFolder, "class_room.json"), "utf8"));

const SIZE = { width: 640, height: 400 };

/** The sides in the order of a round; an optional one that fails is left out with its reason. */
const SIDES = {
  "sightline webgpu": { module: "sightline_side.mjs", options: { backend: "webgpu" } },
  "three webgl2": { module: "three_side.mjs", options: {} },
  "sightline webgl2": { module: "sightline_side.mjs", options: { backend: "webgl2" } },
  "three webgpu": { module: "three_webgpu_side.mjs", options: {}, isOptional: true },
};

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function bundled(name) {
  const { outputFiles } = await build({
    entryPoints: [here(name)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "error",
    external: ["/wasm/*"],
  });
  return outputFiles[0].contents;
}

const modules = new Map();
for (const { module } of Object.values(SIDES)) modules.set(`/${module}`, await bundled(module));

const { origin, close } = await serve({ wasm, room: roomFolder }, modules);

/** Runs in the page: opens a side. */
async function open({ module, options: given, room: described, size }) {
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  document.body.append(canvas);
  const { openSide } = await import(`/${module}`);
  window.side = await openSide(canvas, described, given);
  const { about, readyMillis } = window.side;
  return { about, readyMillis, isIsolated: crossOriginIsolated };
}

/**
 * Runs in the page: milliseconds of the calls that draw. Frames come in rows of four, begun when the device had nothing
 * left to do: `first` of each row comes after a rest, in which the processor has forgotten the code; `call` are the
 * others. `whole`: until the device has done a row, a frame.
 */
async function drawTimes({ content, moves, frames: count }) {
  const { side } = window;
  const times = { first: [], call: [], whole: [] };
  for (let row = -2; row < count / 4; row++) {
    const started = performance.now();
    for (let frame = 0; frame < 4; frame++) {
      const began = performance.now();
      side.draw(content, 1 + Math.abs(4 * row + frame) / 30, moves);
      if (row >= 0) times[frame === 0 ? "first" : "call"].push(performance.now() - began);
    }
    await side.settled();
    if (row >= 0) times.whole.push((performance.now() - started) / 4);
  }
  return times;
}

/** Runs in the page: milliseconds of each pass of the whole room. */
async function passTimes({ frames: count }) {
  const { side } = window;
  const passes = {};
  side.timePasses(true);
  for (let frame = -3; frame < count; frame++) {
    side.draw("whole", 1 + Math.abs(frame) / 30, true);
    await side.settled();
    if (frame < 0) continue;
    for (const { name, cpu, gpu } of side.passTimes()) {
      passes[name] ??= { cpu: [], gpu: [] };
      passes[name].cpu.push(cpu);
      if (gpu !== null) passes[name].gpu.push(gpu);
    }
  }
  side.timePasses(false);
  return passes;
}

/** Runs in the page: frames a second, with one frame in the device's hands while the next is recorded. */
async function uncapped({ content, frames: count }) {
  const { side } = window;
  let before = Promise.resolve();
  const began = performance.now();
  for (let frame = 0; frame < count; frame++) {
    side.draw(content, 2 + frame / 30, true);
    const settled = side.settled();
    await before;
    before = settled;
  }
  await before;
  return (count * 1000) / (performance.now() - began);
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : Number.NaN;
};

/** Which adapter browsers get: the machine's where it has one that is not a processor in disguise. */
async function findAdapter() {
  const browser = await launchChromium({ gpu: "machine" });
  const page = await browser.page(origin);
  const isReal = await page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    const context = document.createElement("canvas").getContext("webgl2");
    const named = context?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
    const name = named ? context.getParameter(named) : "";
    const { architecture = "", isFallbackAdapter = false } = adapter?.info ?? {};
    return Boolean(adapter && context) && !isFallbackAdapter && !/swiftshader/i.test(architecture + name);
  });
  await browser.close();
  return isReal ? "machine" : "software";
}

const gpu = await findAdapter();

/** Opens a side in a new browser, gives it to `body`, and closes it. */
async function withSide(name, size, given, body) {
  const browser = await launchChromium({ gpu, viewport: SIZE });
  try {
    const page = await browser.page(origin);
    const memory = watchMemory(browser.profile);
    const { module, options: own } = SIDES[name];
    const opened = await page.evaluate(open, { module, options: { ...own, ...given }, room, size });
    if (gpu === "software") memory.yieldGpu();
    if (!opened.isIsolated) throw new Error("the page is not isolated: its clock is coarse");
    const complaints = () => page.log.filter((line) => /^(error|uncaught)/.test(line));
    const result = await body({ page, opened, memory });
    if (complaints().length > 0) throw new Error(`${name}: ${complaints().join("; ")}`);
    return result;
  } finally {
    await browser.close();
  }
}

/** A side's turn in a round. */
function turn(name) {
  return withSide(name, SIZE, {}, async ({ page, opened, memory }) => {
    const figures = { about: opened.about, ready: opened.readyMillis };
    for (const [key, content, moves] of [
      ["models", "models and shadows", true],
      ["whole", "whole", true],
      ["still", "models and shadows", false],
    ]) {
      figures[key] = await page.evaluate(drawTimes, { content, moves, frames });
    }
    figures.fps = await page.evaluate(uncapped, { content: "whole", frames });
    figures.fpsModels = await page.evaluate(uncapped, { content: "models and shadows", frames });
    figures.memory = memory.stop();
    if (name.startsWith("sightline")) figures.passes = await page.evaluate(passTimes, { frames: 8 });
    return figures;
  });
}

const rows = [];
const row = (measure, value, unit, note = "") => rows.push({ measure, value, unit, note });

const all = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const name of Object.keys(all)) {
    try {
      all[name].push(await turn(name));
    } catch (thrown) {
      if (!SIDES[name].isOptional) throw thrown;
      row(`${name}: could not be measured`, 0, "", String(thrown.message).split("\n")[0]);
      delete all[name];
    }
    console.error(`round ${round + 1} of ${rounds}: ${name}`);
  }
}

const { about } = all["sightline webgpu"][0];
const adapterNote = `${about.adapter}${about.isSoftware ? " (a software adapter)" : ""}`;
row("adapter, WebGPU", 1, "", adapterNote);
const glAbout = all["sightline webgl2"][0].about;
row("adapter, WebGL2", 1, "", `${glAbout.adapter}${glAbout.isSoftware ? " (a software adapter)" : ""}`);
row("compute moves particles", about.simulatesParticles ? 1 : 0, "", "WebGPU");

const pooled = (name, key, kind = "call") => median(all[name].flatMap((figures) => figures[key][kind]));
for (const [name, turns] of Object.entries(all)) {
  const note = `${turns[0].about.name}; median of ${rounds} rounds of ${frames} frames`;
  row(`${name}: CPU, models and shadows, moving`, pooled(name, "models"), "ms", note);
  row(`${name}: CPU, models and shadows, moving, after a rest`, pooled(name, "models", "first"), "ms", note);
  row(`${name}: CPU, models and shadows, still`, pooled(name, "still"), "ms", note);
  row(`${name}: CPU, whole room, moving`, pooled(name, "whole"), "ms", note);
  row(`${name}: CPU, whole room, moving, after a rest`, pooled(name, "whole", "first"), "ms", note);
  row(
    `${name}: until the device is done, whole room`,
    median(turns.flatMap(({ whole }) => whole.whole)),
    "ms",
    adapterNote,
  );
  row(`${name}: frames a second, whole room`, median(turns.map(({ fps }) => fps)), "/s", adapterNote);
  row(
    `${name}: frames a second, models and shadows`,
    median(turns.map(({ fpsModels }) => fpsModels)),
    "/s",
    adapterNote,
  );
  row(
    `${name}: peak memory of page and GPU process`,
    median(turns.map(({ memory }) => memory)) / 1e6,
    "MB",
    "PSS",
  );
  row(
    `${name}: until ready`,
    median(turns.map(({ ready }) => ready)),
    "ms",
    "device and all pipelines; three.js makes them later",
  );
}
for (const backend of ["webgpu", "webgl2"]) {
  const turns = all[`sightline ${backend}`];
  for (const name of Object.keys(turns[0].passes)) {
    const times = (kind) => median(turns.flatMap(({ passes }) => passes[name]?.[kind] ?? []));
    row(`${backend}: pass ${name}, CPU`, times("cpu"), "ms");
    if (backend === "webgpu" && about.hasTimestamps)
      row(`${backend}: pass ${name}, GPU`, times("gpu"), "ms", adapterNote);
  }
}

/** What each pipeline takes, and points from 1,000 to 100,000. */
for (const backend of ["webgpu", "webgl2"]) {
  const name = `sightline ${backend}`;
  await withSide(name, SIZE, { oneByOne: true }, async ({ page, opened }) => {
    const times = opened.about.pipelineTimes.toSorted((a, b) => b.millis - a.millis);
    const sum = times.reduce((total, { millis }) => total + millis, 0);
    row(`${name}: pipelines one by one`, sum, "ms", `${times.length} of them`);
    row(`${name}: longest pipeline`, times[0].millis, "ms", times[0].name);
    for (const count of [1_000, 3_000, 10_000, 30_000, 100_000]) {
      await page.evaluate((points) => window.side.setPointCount(points), count);
      const figures = await page.evaluate(drawTimes, { content: "points", moves: true, frames });
      row(`${name}: ${count} points, CPU`, median(figures.call), "ms");
      row(`${name}: ${count} points, until the device is done`, median(figures.whole), "ms", adapterNote);
    }
  });
  console.error(`pipelines and points: ${name}`);
  if (!options.long) continue;
  await withSide(name, { width: 64, height: 64 }, {}, async ({ page, memory }) => {
    const run = (count) =>
      page.evaluate(async (total) => {
        for (let frame = 0; frame < total; frame++) {
          window.side.draw("whole", frame / 30, true);
          await window.side.settled();
        }
        return window.side.wasmBytes();
      }, count);
    const warm = { wasm: await run(500), all: memory.now() };
    const after = { wasm: await run(10_000), all: memory.now() };
    row(
      `${name}: wasm memory grown over 10,000 frames`,
      after.wasm - warm.wasm,
      "B",
      `${warm.wasm} B when warm`,
    );
    row(
      `${name}: page and GPU process grown over 10,000 frames`,
      (after.all - warm.all) / 1e6,
      "MB",
      `${(warm.all / 1e6).toFixed(0)} MB when warm`,
    );
  });
  console.error(`10,000 frames: ${name}`);
}

close();
console.log(JSON.stringify(rows));
