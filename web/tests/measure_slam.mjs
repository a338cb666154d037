/**
 * Measures the whole tracker in WASM under Node, on one thread, on a clip of raw luma that `slam`'s example
 * `measure_tracker` left. Prints one JSON object.
 *
 * Usage: node measure_slam.mjs FOLDER CLIP speed SEED
 *        node measure_slam.mjs FOLDER CLIP session FRAMES
 * FOLDER holds `sightline_measure.js` (built with the feature `measure`); CLIP is a path without ending, of `CLIP.json`
 * and `CLIP.luma`.
 *
 * `speed` plays the clip once: median and p95 of tracking, mean of tracking and mapping together, over all frames.
 * `session` plays it to and fro on a steady clock of 30 Hz, with the lens covered for ten seconds every five minutes:
 * the memory that the module took, and times by parts of the session.
 *
 * As in `measure_tracker`, all work on the map that a frame asks for is done before the next frame.
 */

import { openSync, readFileSync, readSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** As in `measure_tracker`. */
const WORK_UNITS = 1_000;
const MOST_STEPS = 10_000;
const FRAME_NANOS = 33_333_333n;
const FRAMES_A_SECOND = 30;
/** Of the session: parts of at most a minute, at least five of them. */
const PARTS = 5;
const COVERED_EVERY = 300 * FRAMES_A_SECOND;
const COVERED_FRAMES = 10 * FRAMES_A_SECOND;

const [folder, clipPath, mode, argument] = process.argv.slice(2);
const { TrackerBench, initSync } = await import(
  pathToFileURL(resolve(join(folder, "sightline_measure.js"))).href
);
const wasm = initSync({ module: readFileSync(join(folder, "sightline_measure_bg.wasm")) });
const about = JSON.parse(readFileSync(`${clipPath}.json`, "utf8"));
const bytes = about.width * about.height;
const file = openSync(`${clipPath}.luma`, "r");
const count = about.times_nanos.length;

console.log(JSON.stringify(mode === "session" ? session(Number(argument)) : speed(BigInt(argument))));

function speed(seed) {
  const bench = tracker(seed);
  const luma = new Uint8Array(bytes);
  const [track, together] = [[], []];
  let tracked = 0;
  for (let frame = 0; frame < count; frame++) {
    read(luma, frame);
    const times = step(bench, luma, BigInt(about.times_nanos[frame]));
    track.push(times.track);
    together.push(times.track + times.map);
    if (times.tracked) tracked++;
  }
  const sum = together.reduce((total, value) => total + value, 0);
  return {
    track_median_ms: quantile(track, 0.5),
    track_p95_ms: quantile(track, 0.95),
    together_mean_ms: sum / count,
    together_p95_ms: quantile(together, 0.95),
    tracked_percent: (100 * tracked) / count,
    keyframes: bench.keyframes(),
    landmarks: bench.landmarks(),
    memory_mb: memoryMegabytes(),
  };
}

function session(frames) {
  const bench = tracker(0n);
  const [luma, covered] = [new Uint8Array(bytes), new Uint8Array(bytes)];
  const part = Math.max(1, Math.min(60 * FRAMES_A_SECOND, Math.floor(frames / PARTS)));
  const windows = [];
  let [track, together] = [[], []];
  let tracked = 0;
  for (let frame = 0; frame < frames; frame++) {
    const isCovered = frame % COVERED_EVERY >= COVERED_EVERY - COVERED_FRAMES;
    if (!isCovered) read(luma, toAndFro(frame));
    const times = step(bench, isCovered ? covered : luma, BigInt(frame) * FRAME_NANOS);
    track.push(times.track);
    together.push(times.track + times.map);
    if (times.tracked) tracked++;
    if (track.length === part) {
      windows.push({
        track_median_ms: quantile(track, 0.5),
        track_p95_ms: quantile(track, 0.95),
        together_mean_ms: together.reduce((total, value) => total + value, 0) / part,
        memory_mb: memoryMegabytes(),
        keyframes: bench.keyframes(),
        landmarks: bench.landmarks(),
      });
      process.stderr.write(`${frame + 1} frames: ${JSON.stringify(windows.at(-1))}\n`);
      [track, together] = [[], []];
    }
  }
  return {
    memory_mb: memoryMegabytes(),
    last_to_second: windows.at(-1)?.track_median_ms / windows[1]?.track_median_ms,
    tracked_percent: (100 * tracked) / frames,
    keyframes: bench.keyframes(),
    landmarks: bench.landmarks(),
    windows,
  };
}

/** The frames of the clip from the first to the last and back again; none twice in a row. */
function toAndFro(frame) {
  const period = Math.max(1, 2 * count - 2);
  const place = frame % period;
  return place < count ? place : period - place;
}

function tracker(seed) {
  return new TrackerBench(
    about.width,
    about.height,
    new Float64Array(about.focal_px),
    new Float64Array(about.center_px),
    about.k1,
    seed,
  );
}

/** Milliseconds of one frame; handing over the picture counts. */
function step(bench, luma, nanos) {
  const start = performance.now();
  bench.buffer().set(luma);
  const tracked = bench.track(nanos);
  const between = performance.now();
  for (let steps = 0; steps < MOST_STEPS && bench.mapStep(WORK_UNITS); steps++);
  return { tracked, track: between - start, map: performance.now() - between };
}

function read(luma, frame) {
  if (readSync(file, luma, 0, bytes, frame * bytes) !== bytes) throw new Error(`${clipPath}.luma is cut off`);
}

/** What the module has asked for so far; WASM gives nothing back. */
function memoryMegabytes() {
  return wasm.memory.buffer.byteLength / 1e6;
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
