/**
 * The tracker's worker: owns the wasm tracker. One frame at a time comes in; its answer goes back as soon as it is
 * there, with its buffer. While the front end works on the GPU, and until the next frame comes, the map is worked on in
 * small steps, between which an answer, a frame or a question gets its turn. Milliseconds become the tracker's
 * nanoseconds here, and it is told what this clock measured.
 */

import { codeOf, messageOf, SightlineError } from "./errors";
import { MapBudget } from "./map_budget";
import { importGlue } from "./modules";
import { meanLuma, medianMotion } from "./track_figures";
import { intrinsicsNumbers, poseNumbers, readAnswer, readHit } from "./tracker_answer";
import type { FromWorker, FrontEndChoice, LumaFrame, ToWorker } from "./tracker_protocol";
import type { TrackerArtefact, WasmTracker, WasmTrackerGpu } from "./wasm";

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

/** A frame that is refused with one of these leaves the tracker as it was. */
const HARMLESS = ["frame-out-of-order", "tracker-refused", "bad-argument", "picture-size"];

/** Numbers a reading in `LumaFrame.motion`. */
const MOTION_NUMBERS = 7;

let glue: Promise<TrackerArtefact> | undefined;
let tracker: WasmTracker | undefined;
let gpu: WasmTrackerGpu | undefined;
let previous = new Float32Array(0);

scope.onmessage = (event) => {
  receive(event.data).catch((thrown: unknown) => {
    scope.postMessage({ type: "error", code: codeOf(thrown), message: messageOf(thrown) });
  });
};

async function receive(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "import":
      glue = importGlue<TrackerArtefact>(message.glueUrl);
      glue.catch(() => {}); // Reported when the start awaits it.
      break;
    case "start": {
      const artefact = await glue;
      if (!artefact) throw new Error("start before import");
      await artefact.default({ module_or_path: message.module });
      tracker = new artefact.Tracker(message.optionsJson);
      if (message.frontEnd === "auto") tracker.chooseByTimes();
      // A device takes a while to open; the first frames need none. Who asks for the GPU waits for it.
      const opening = openGpu(artefact, message.frontEnd);
      if (message.frontEnd === "gpu") await opening;
      scope.postMessage({ type: "ready" });
      break;
    }
    case "frame":
      await track(message.frame);
      break;
    case "ask": {
      const [x, y] = message.pixel;
      const numbers =
        message.what === "place"
          ? tracker?.place(message.frame, x, y)
          : tracker?.hitTest(message.frame, x, y);
      scope.postMessage({ type: "hit", question: message.question, hit: readHit(numbers) });
      break;
    }
    case "release":
      tracker?.release(message.anchor);
      break;
    case "lose-gpu":
      gpu?.destroy();
      break;
    case "restart":
      tracker?.restart();
      previous = new Float32Array(0);
      break;
  }
}

/**
 * Lets the front end work on the GPU, if there is one. A processor in disguise is slower than the processor itself, and
 * is taken only by those who ask for it.
 */
async function openGpu(artefact: TrackerArtefact, frontEnd: FrontEndChoice): Promise<void> {
  if (frontEnd === "cpu" || !("gpu" in navigator)) return;
  try {
    const opened = await artefact.TrackerGpu.open();
    if (opened.isSoftware && frontEnd === "auto") {
      opened.free();
      return;
    }
    tracker?.useGpu(opened);
    gpu = opened;
    scope.postMessage({ type: "gpu", adapter: opened.adapter, isSoftware: opened.isSoftware });
  } catch {
    // No adapter, or none in a worker: the processor does it.
  }
}

async function track(frame: LumaFrame): Promise<void> {
  if (!tracker) throw new Error("a frame before the start");
  const { buffer } = frame;
  try {
    if (!Number.isFinite(frame.captureMillis)) {
      throw new SightlineError("bad-argument", "The picture has no time.");
    }
    const started = performance.now();
    const bytes = take(tracker, frame);
    tracker.submit(
      BigInt(Math.round(frame.captureMillis * 1e6)),
      intrinsicsNumbers(frame.intrinsics),
      poseNumbers(frame.worldFromView),
    );
    let followed = performance.now();
    let numbers = tracker.poll();
    while (!numbers) {
      if (!tracker.isBusy()) throw new SightlineError("tracker-refused", "The tracker began anew.");
      const answered = tracker.answered();
      if (frame.mapWorkUnits === undefined) goOnMapping();
      await answered;
      followed = performance.now();
      numbers = tracker.poll();
    }
    const answer = readAnswer(numbers);
    const points = tracker.points().slice();
    const anchors = tracker.anchors().slice();
    const ended = performance.now();
    // What must not vary must not depend on a clock.
    if (frame.mapWorkUnits === undefined) tracker.measured(followed - started, ended - followed);
    const motionPx = medianMotion(previous, points);
    previous = points.slice();
    const tracking = {
      ...answer,
      captureMillis: frame.captureMillis,
      points,
      anchors,
      pointsInWorld: frame.worldFromView && tracker.pointsInWorld().slice(),
      trackMillis: ended - started,
      mapMillis: mapMillis,
      motionPx,
      meanLuma: meanLuma(frame, bytes),
    };
    mapMillis = 0;
    scope.postMessage({ type: "tracking", tracking, buffer }, [points.buffer, anchors.buffer, buffer]);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (!HARMLESS.includes(code)) throw thrown;
    scope.postMessage({ type: "refused", code, message: messageOf(thrown), buffer }, [buffer]);
  }
  if (frame.mapWorkUnits === undefined) goOnMapping();
  else mapFor(frame.mapWorkUnits);
}

/** Hands picture and readings to the tracker; gives the picture's bytes. */
function take(into: WasmTracker, frame: LumaFrame): Uint8Array {
  const { width, height, stride, motion = [] } = frame;
  const bytes = new Uint8Array(frame.buffer);
  if (frame.format === "rgba") into.fromRgba(width, height, bytes.subarray(0, width * height * 4));
  else into.buffer(width, height, stride).set(bytes.subarray(0, stride * height));
  for (let at = 0; at + MOTION_NUMBERS <= motion.length; at += MOTION_NUMBERS) {
    const reading = Float64Array.from(motion.slice(at, at + MOTION_NUMBERS));
    reading[0] = Math.round((reading[0] ?? 0) * 1e6);
    into.motion(reading);
  }
  return bytes;
}

const budget = new MapBudget();
/** A message to oneself waits behind the frames and questions that have come already. */
const turn = new MessageChannel();
let turnIsComing = false;
let mapMillis = 0;

turn.port1.onmessage = () => {
  turnIsComing = false;
  try {
    const units = budget.units;
    const { done, pending, millis } = mapStep(units);
    budget.measured(done, millis);
    if (pending) goOnMapping();
  } catch (thrown) {
    scope.postMessage({ type: "error", code: codeOf(thrown), message: messageOf(thrown) });
  }
};

/** Works on the map in later turns, until nothing is left to do. */
function goOnMapping(): void {
  if (turnIsComing) return;
  turnIsComing = true;
  turn.port2.postMessage(null);
}

/** Works on the map now, as much as is asked for. */
function mapFor(units: number): void {
  let left = units;
  while (left > 0) {
    const { done, pending } = mapStep(left);
    left -= Math.max(1, done);
    if (!pending) break;
  }
}

function mapStep(units: number): { done: number; pending: boolean; millis: number } {
  const started = performance.now();
  const said = tracker?.mapStep(units) ?? -1;
  const millis = performance.now() - started;
  mapMillis += millis;
  return said < 0 ? { done: -1 - said, pending: false, millis } : { done: said, pending: true, millis };
}
