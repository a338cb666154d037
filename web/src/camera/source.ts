/** Where camera mode's pictures come from: the camera, or a replay. Both go the same way from here on. */

import type { LumaFrame } from "../tracker_protocol";
import type { Picture } from "../wasm";

/** A picture that was taken. Close it after its paint. */
export interface Captured {
  image: Picture;
  /** Width and height of the picture in its own pixels, in which the points are. */
  width: number;
  height: number;
  captureMillis: number;
  /** Copies the luma out; `reuse` is a buffer from an earlier frame. */
  luma(reuse: ArrayBuffer | undefined): Promise<LumaFrame>;
  close(): void;
}

/** Gives one picture after the other. */
export interface Grabber {
  /** The next picture; waits for it. @throws SourceEnded when there is no next one. */
  next(): Promise<Captured>;
  stop(): void;
}

/** There are no more pictures, and nothing is wrong. */
export class SourceEnded extends Error {}

/** A way to take pictures out of a source. */
export interface Way {
  readonly kind: string;
  open(): Promise<Grabber>;
}

export interface PictureSource {
  /** The ways that may work here, best first. */
  readonly ways: Way[];
  /** Whether the pictures' times are of the page's clock. */
  readonly live: boolean;
  /** Whether motion sensors of this device belong to the pictures. */
  readonly moves: boolean;
  /** Calls back when the source is taken away. */
  onLost(listener: () => void): void;
  close(): void;
}
