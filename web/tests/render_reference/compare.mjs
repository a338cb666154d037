/**
 * Draws every case by three.js and by Sightline in one Chromium, measures how the pictures differ, and writes a report.
 *
 *   node web/tests/render_reference/compare.mjs --out FOLDER [--only NAME]... [--only-three] [--sightline MODULE]
 *
 * FOLDER gets `NAME.three.png`, `NAME.sightline.png`, `NAME.flip.png`, `flip.json`, `results.json` and `index.html`.
 * `FLIP` names the program that measures: xtask's example `flip`.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import validator from "gltf-validator";
import { writePng } from "../png.mjs";
import { axesOf, cameraFor } from "./camera.mjs";
import { allCases } from "./cases.mjs";
import { environments } from "./light.mjs";
import { reportPage } from "./report.mjs";
import { openSides } from "./sides.mjs";

/** What an issue allows. */
const LARGEST_MEAN = 0.05;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const { values: options } = parseArgs({
  options: {
    out: { type: "string" },
    only: { type: "string", multiple: true },
    "only-three": { type: "boolean", default: false },
    sightline: { type: "string", default: here("sightline_side.mjs") },
  },
});
if (!options.out) throw new Error("--out FOLDER is missing");

const modules = { three: here("three_side.mjs") };
if (!options["only-three"]) {
  if (!existsSync(options.sightline)) {
    throw new Error(
      `Sightline's side is missing: ${options.sightline} is no file (--only-three draws the reference)`,
    );
  }
  if (!process.env.FLIP) throw new Error("FLIP names no program that measures differences");
  modules.sightline = options.sightline;
}

/** The cases that are wanted; a name that no case has is an error. */
function wanted({ cases, absent }) {
  const { only } = options;
  if (!only) return { cases, absent };
  const unknown = only.find((name) => ![...cases, ...absent].some((one) => one.name === name));
  if (unknown) throw new Error(`there is no case ${unknown}`);
  const chosen = ({ name }) => only.includes(name);
  return { cases: cases.filter(chosen), absent: absent.filter(chosen) };
}

/** What the project itself writes must be right. */
async function validate(name, bytes) {
  const { issues } = await validator.validateBytes(new Uint8Array(bytes));
  const errors = issues.messages.filter(({ severity }) => severity === 0);
  if (issues.numErrors > 0) {
    const words = errors.map(({ code, message, pointer }) => `${code} at ${pointer}: ${message}`);
    throw new Error(`${name} is no valid glTF: ${words.join("; ")}`);
  }
}

async function drawAll({ cases, absent }) {
  await mkdir(options.out, { recursive: true });
  // Pictures of an earlier run would be measured again.
  const old = (await readdir(options.out)).filter((name) => name.endsWith(".png"));
  for (const name of old) await rm(join(options.out, name));
  const { files, pages, close } = await openSides(modules);
  const rows = [];
  try {
    for (const [name, texels] of Object.entries(environments)) {
      files.set(`/environments/${name}.f32`, Buffer.from(texels().buffer));
    }
    for (const one of cases) rows.push(await drawCase(one, files, pages));
  } finally {
    await close();
  }
  const about = Object.fromEntries(Object.entries(pages).map(([name, side]) => [name, side.about]));
  return { rows, about, absent };
}

async function drawCase({ model, isGenerated, isOptional, view, ...plain }, files, pages) {
  const { name, light } = plain;
  const bytes = await model();
  if (isGenerated) await validate(name, bytes);
  const address = `/models/${name}.glb`;
  files.set(address, bytes);
  const { environment } = light;
  const scene = {
    ...plain,
    model: address,
    light: {
      ...light,
      environment: environment && { ...environment, url: `/environments/${environment.name}.f32` },
    },
  };
  const axes = axesOf(view);
  scene.camera = cameraFor(axes, await pages.three.bounds(scene, axes));
  const row = { name, isOptional, mean: null, complaints: [] };
  for (const [side, page] of Object.entries(pages)) {
    const { rgba, complaints } = await page.draw(scene).catch((thrown) => {
      throw new Error(`${side} cannot draw ${name}: ${thrown.message}`);
    });
    row.complaints.push(...complaints.map((line) => `${side}: ${line}`));
    await writeFile(
      join(options.out, `${name}.${side}.png`),
      writePng(scene.size.width, scene.size.height, rgba),
    );
  }
  files.delete(address);
  console.log(`drawn: ${name}`);
  return row;
}

/** Runs the program that compares the pairs, and gives its figures. */
async function measure() {
  const { status, error } = spawnSync(process.env.FLIP, [options.out, "three", "sightline"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${process.env.FLIP} failed: ${error?.message ?? `status ${status}`}`);
  return JSON.parse(await readFile(join(options.out, "flip.json"), "utf8"));
}

const result = await drawAll(wanted(allCases()));
for (const { name, why } of result.absent) console.log(`skipped: ${name}: ${why}`);
let viewing = "";
if (modules.sightline) {
  const { pixelsPerDegree, means } = await measure();
  viewing = `FLIP at ${pixelsPerDegree.toFixed(1)} pixels a degree.`;
  for (const row of result.rows) row.mean = means[row.name];
}
const complete = { ...result, limit: LARGEST_MEAN, viewing };
await writeFile(join(options.out, "results.json"), `${JSON.stringify(complete, null, 2)}\n`);
await writeFile(join(options.out, "index.html"), reportPage(complete));
console.log(`written to ${join(options.out, "index.html")}`);
