/**
 * Measures the tracker artefact under Node on decoded frames: Lucas-Kanade alone (forward, pyramids given) and the
 * whole front end. The last line is a JSON object of median milliseconds.
 *
 * Usage: node measure_tracker.mjs FOLDER FRAMES, where FOLDER holds `sightline_measure.js` (built with the feature
 * `measure`) and FRAMES is "GRAY", width, height and count as little-endian 32-bit numbers, then the luma of all frames.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const POINTS = 1200;

const [folder, framesFile] = process.argv.slice(2).map((path) => resolve(path));
const { FrontEnd, LucasKanadeBench, initSync } = await import(
  pathToFileURL(join(folder, "sightline_measure.js")).href
);
initSync({ module: readFileSync(join(folder, "sightline_measure_bg.wasm")) });

const file = readFileSync(framesFile);
if (file.toString("latin1", 0, 4) !== "GRAY") throw new Error(`${framesFile} holds no frames`);
const [width, height, count] = [4, 8, 12].map((at) => file.readUInt32LE(at));
const frames = Array.from({ length: count }, (_, index) =>
  file.subarray(16 + index * width * height, 16 + (index + 1) * width * height),
);

console.log(JSON.stringify({ lucas_kanade: measureLucasKanade(), front_end: measureFrontEnd() }));

/** The median over all pairs of neighbouring frames; the first pairs warm the compiler up. */
function measureLucasKanade() {
  const bench = new LucasKanadeBench(width, height, POINTS);
  const times = [];
  for (const [index, frame] of frames.entries()) {
    bench.frame(frame);
    if (index === 0) continue;
    if (index === 1) console.log(`${bench.pointCount()} points in the first pair`);
    const start = performance.now();
    const found = bench.run();
    times.push(performance.now() - start);
    if (found < bench.pointCount() / 2)
      throw new Error(`only ${found} of ${bench.pointCount()} points were found`);
  }
  return median(times.slice(5));
}

function measureFrontEnd() {
  const frontEnd = new FrontEnd(JSON.stringify({ maxPoints: POINTS }));
  const times = frames.map((frame, index) => {
    const start = performance.now();
    frontEnd.buffer(width, height, width).set(frame);
    frontEnd.track(BigInt(index) * 33_333_333n);
    return performance.now() - start;
  });
  return median(times.slice(5));
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
