/**
 * The tracker's worker: owns the wasm front end. One frame at a time comes in, its points and its buffer go
 * back. Milliseconds become the front end's nanoseconds here.
 */

import { codeOf, messageOf } from "./errors";
import { importGlue } from "./modules";
import { meanLuma, medianMotion } from "./track_figures";
import type { FromWorker, LumaFrame, ToWorker } from "./tracker_protocol";
import type { FrontEnd, TrackerArtefact } from "./wasm";

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

let glue: Promise<TrackerArtefact> | undefined;
let frontEnd: FrontEnd | undefined;
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
      frontEnd = new artefact.FrontEnd(message.optionsJson);
      scope.postMessage({ type: "ready" });
      break;
    }
    case "frame":
      track(message.frame);
      break;
    case "restart":
      frontEnd?.restart();
      previous = new Float32Array(0);
      break;
  }
}

function track(frame: LumaFrame): void {
  if (!frontEnd) throw new Error("a frame before the start");
  const { width, height, stride, buffer } = frame;
  const started = performance.now();
  const bytes = new Uint8Array(buffer);
  if (frame.format === "rgba") {
    frontEnd.fromRgba(width, height, bytes.subarray(0, width * height * 4));
  } else {
    frontEnd.buffer(width, height, stride).set(bytes.subarray(0, stride * height));
  }
  const points = frontEnd.track(BigInt(Math.round(frame.captureMillis * 1e6))).slice();
  const trackMillis = performance.now() - started;
  const motionPx = medianMotion(previous, points);
  previous = points.slice();
  const tracks = { points, trackMillis, motionPx, meanLuma: meanLuma(frame, bytes) };
  scope.postMessage({ type: "tracks", tracks, buffer }, [points.buffer, buffer]);
}
