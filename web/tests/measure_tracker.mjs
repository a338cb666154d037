/**
 * Measures the tracker artefact under Node on pairs of frames that the host's program wrote: Lucas-Kanade alone
 * (forward, pyramids made beforehand) and the whole front end. Prints a JSON array of rows
 * `{ measure, value, unit, note }`.
 *
 * Usage: node measure_tracker.mjs FOLDER PAIRS, where FOLDER holds `sightline_measure.js` (built with the feature
 * `measure`), and PAIRS holds `pairs.json` and `earlier-K.luma`, `later-K.luma`, `points-K.f32`.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** As the host's program: each pair so often, its median counts, and the mean over the pairs is told. */
const REPEATS = 15;

const [folder, pairsFolder] = process.argv.slice(2).map((path) => resolve(path));
const { FrontEnd, LucasKanadeBench, initSync } = await import(
  pathToFileURL(join(folder, "sightline_measure.js")).href
);
initSync({ module: readFileSync(join(folder, "sightline_measure_bg.wasm")) });

const { pairs, points, width, height } = JSON.parse(readFileSync(join(pairsFolder, "pairs.json"), "utf8"));
const read = (name) => new Uint8Array(readFileSync(join(pairsFolder, name)));

const medians = [];
const frontEndTimes = [];
for (let k = 0; k < pairs; k++) {
  const [earlier, later] = [read(`earlier-${k}.luma`), read(`later-${k}.luma`)];
  const positions = new Float32Array(read(`points-${k}.f32`).buffer);
  const bench = new LucasKanadeBench(width, height, earlier, later, positions);
  const times = [];
  let found = 0;
  // Once to warm up, which is not counted.
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    const start = performance.now();
    found = bench.run();
    if (repeat > 0) times.push(performance.now() - start);
  }
  bench.free();
  if (found < points / 2) throw new Error(`only ${found} of ${points} points were found in pair ${k}`);
  medians.push(median(times));
  frontEndTimes.push(...followPair(earlier, later));
}

const note = `mean over ${pairs} pairs of the median of ${REPEATS}; Node ${process.version}, 1 thread, ${points} points`;
const mean = medians.reduce((sum, value) => sum + value, 0) / medians.length;
console.log(
  JSON.stringify([
    { measure: "lucas-kanade wasm", value: mean, unit: "ms", note },
    {
      measure: "front end wasm",
      value: median(frontEndTimes),
      unit: "ms",
      note: `the second frames of ${pairs} pairs, detection and back check included`,
    },
  ]),
);

/** Milliseconds of the whole front end for the second frame of a pair, once warm. */
function followPair(earlier, later) {
  const frontEnd = new FrontEnd(JSON.stringify({ maxPoints: points }));
  const times = [];
  for (let frame = 0; frame < 6; frame++) {
    const start = performance.now();
    frontEnd.buffer(width, height, width).set(frame % 2 === 0 ? earlier : later);
    frontEnd.submit(BigInt(frame) * 33_333_333n);
    frontEnd.poll();
    if (frame > 2) times.push(performance.now() - start);
  }
  frontEnd.free();
  return times;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
