/**
 * What the page and the tracker's worker say to each other. Buffers are transferred both ways, so that a frame
 * is copied once (into wasm memory) and no garbage is made.
 */

/** One picture for the front end. */
export interface LumaFrame {
  /** `stride * height` bytes or more of luma first (I420, NV12 or grey alone), or `width * height * 4` of RGBA. */
  buffer: ArrayBuffer;
  format: "luma" | "rgba";
  width: number;
  height: number;
  /** Bytes from a row to the next; for `rgba` unused. */
  stride: number;
  /** Capture time since the page's `timeOrigin`. */
  captureMillis: number;
}

/** What the front end found in one picture. */
export interface Tracks {
  /** Four floats a point: x and y in pixels of the picture, age in frames, id. */
  points: Float32Array;
  /** Time in the front end, copy included. */
  trackMillis: number;
  /** Median shift of the points since the picture before, in pixels; 0 where none was followed. */
  motionPx: number;
  /** Mean brightness, 0 to 255, over a sparse sample. */
  meanLuma: number;
}

export type ToWorker =
  | { type: "import"; glueUrl: string }
  | { type: "start"; module: WebAssembly.Module; optionsJson: string }
  | { type: "frame"; frame: LumaFrame }
  | { type: "restart" };

export type FromWorker =
  | { type: "ready" }
  | { type: "tracks"; tracks: Tracks; buffer: ArrayBuffer }
  | { type: "error"; code: string; message: string };
