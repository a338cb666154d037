/**
 * A canvas that shows a video post-processed: a camera, a file, or what comes over a connection. It draws each picture
 * that it is given, or all of a `<video>` that it follows; where they come from is no matter to it.
 */

import { chooseView, detectCapabilities, type ViewBackend } from "./capabilities";
import { loadStreams, type Progress } from "./modules";
import type { Picture, StreamsArtefact, WasmStreamView } from "./wasm";

export interface StreamViewOptions {
  /** Use this one where the browser has it. */
  backend?: ViewBackend;
  /** Hears how much of the module has come. */
  onProgress?: (progress: Progress) => void;
}

/** How pictures are changed; without any of it they are shown as they come. What is out of range goes to its end. */
export interface StreamAdjustments {
  /** Evens out what a codec leaves of even surfaces, 0 to 1. */
  deblocking?: number;
  /** 0 to 1. */
  sharpness?: number;
  /** Doublings of the light, -8 to 8. */
  exposureStops?: number;
  /** Factors of red, green and blue in linear light, as `grayGains` gives them. */
  whiteGains?: readonly [number, number, number];
  /** -1 (blue) to 1 (amber). */
  temperature?: number;
  /** -1 (green) to 1 (magenta). */
  tint?: number;
  /** 0 (gray) to 3; 1 changes nothing. */
  saturation?: number;
  /** The part of the canvas, from its left, that shows the video as it came; absent: none. */
  split?: number | undefined;
}

/** A spot of a picture is the mean of so many pixels a side; a single one is noise. */
const SPOT_PX = 9;

/** A whole picture is looked at in so many pixels a side. */
const WHOLE_PX = 32;

export class StreamView {
  #numbers = new Float32Array(10);
  #sampler: CanvasRenderingContext2D | undefined;
  #stopFollowing: (() => void) | undefined;

  private constructor(
    readonly canvas: HTMLCanvasElement,
    readonly backend: ViewBackend,
    private readonly artefact: StreamsArtefact,
    private readonly wasm: WasmStreamView,
  ) {
    this.adjust({});
  }

  /**
   * Opens a canvas that has no context yet. A canvas for which this failed is spent: try another one.
   *
   * @throws SightlineError `view-unavailable`, `module-unsupported`, `module-unreachable`, or the artefact's own.
   */
  static async open(canvas: HTMLCanvasElement, options: StreamViewOptions = {}): Promise<StreamView> {
    const backend = chooseView(await detectCapabilities(), options.backend);
    const artefact = await loadStreams(backend, options.onProgress);
    return new StreamView(canvas, backend, artefact, await artefact.StreamView.open(canvas));
  }

  /** What helps videos at a poor bit rate: deblocking and sharpness, by measurement. */
  get poorStream(): StreamAdjustments {
    const [deblocking = 0, sharpness = 0] = this.artefact.StreamView.poorStream();
    return { deblocking, sharpness };
  }

  /** How pictures are changed from the next one on; what is absent is not changed. */
  adjust(adjustments: StreamAdjustments): void {
    const [red, green, blue] = adjustments.whiteGains ?? [1, 1, 1];
    this.#numbers.set([
      adjustments.deblocking ?? 0,
      adjustments.sharpness ?? 0,
      adjustments.exposureStops ?? 0,
      red,
      green,
      blue,
      adjustments.temperature ?? 0,
      adjustments.tint ?? 0,
      adjustments.saturation ?? 1,
      adjustments.split ?? Number.NaN,
    ]);
    this.wasm.adjust(this.#numbers);
  }

  /** `contain`: all of the picture is seen; `cover`: it fills the canvas and is cut at two sides. */
  setFit(fit: "contain" | "cover"): void {
    this.wasm.setCover(fit === "cover");
  }

  /** The canvas has this many device pixels from now on, within what the device takes; the next draw fills it. */
  resize(widthPx: number, heightPx: number): void {
    this.wasm.resize(widthPx, heightPx);
  }

  /**
   * Takes a picture and draws it.
   *
   * @throws `picture-size` for one that is too large or empty, `device` when the device is gone: open a new view.
   */
  draw(picture: Picture): void {
    this.wasm.draw(picture);
  }

  /** Draws the last picture again, after `adjust` or `resize`. @throws as `draw`. */
  redraw(): void {
    this.wasm.redraw();
  }

  /**
   * Draws every new picture of a video from now on, in the place of the one that was followed before. `onError` hears
   * why that ended, where it ended by itself. What is given back ends it.
   */
  follow(video: HTMLVideoElement, onError?: (thrown: unknown) => void): () => void {
    this.#stopFollowing?.();
    const frames = framesOf(video, () => {
      try {
        if (video.videoWidth > 0) this.draw(video);
      } catch (thrown) {
        frames.stop();
        onError?.(thrown);
      }
    });
    this.#stopFollowing = frames.stop;
    return frames.stop;
  }

  /**
   * Factors that make a spot of a picture gray, for `whiteGains`; without a spot those that make the whole picture gray
   * in the mean. `spot`: column and row, as `pixelUnder` gives them.
   */
  grayGains(picture: Picture, spot?: { x: number; y: number }): [number, number, number] {
    this.#sampler ??= sampler();
    const context = this.#sampler;
    const [width, height] = sizeOf(picture);
    const side = Math.min(SPOT_PX, width, height);
    if (spot) {
      const left = Math.max(0, Math.min(width - side, Math.round(spot.x - (side - 1) / 2)));
      const top = Math.max(0, Math.min(height - side, Math.round(spot.y - (side - 1) / 2)));
      context.drawImage(picture, left, top, side, side, 0, 0, WHOLE_PX, WHOLE_PX);
    } else {
      context.drawImage(picture, 0, 0, WHOLE_PX, WHOLE_PX);
    }
    const [red, green, blue] = linearMean(context.getImageData(0, 0, WHOLE_PX, WHOLE_PX).data);
    const [forRed = 1, forGreen = 1, forBlue = 1] = this.artefact.StreamView.grayGains(red, green, blue);
    return [forRed, forGreen, forBlue];
  }

  /** Which pixel of the last picture is seen at a place of the canvas in device pixels; absent beside it. */
  pixelUnder(xPx: number, yPx: number): { x: number; y: number } | undefined {
    const pixel = this.wasm.pixelUnder(xPx, yPx);
    const [x, y] = pixel ?? [];
    return x === undefined || y === undefined ? undefined : { x, y };
  }

  /** Ends the view: no more draws. */
  dispose(): void {
    this.#stopFollowing?.();
    this.wasm.dispose();
  }
}

/** Calls back for each new picture of a video: by the browser's word for it, or else in every frame of the page. */
function framesOf(video: HTMLVideoElement, onFrame: () => void): { stop: () => void } {
  const isTold = "requestVideoFrameCallback" in video;
  let handle = 0;
  let runs = true;
  const ask = () => {
    handle = isTold ? video.requestVideoFrameCallback(each) : requestAnimationFrame(each);
  };
  const each = () => {
    if (!runs) return;
    ask();
    onFrame();
  };
  ask();
  return {
    stop() {
      runs = false;
      if (isTold) video.cancelVideoFrameCallback(handle);
      else cancelAnimationFrame(handle);
    },
  };
}

function sampler(): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = WHOLE_PX;
  canvas.height = WHOLE_PX;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser gives a canvas no 2D context.");
  return context;
}

function sizeOf(picture: Picture): [number, number] {
  if ("videoWidth" in picture) return [picture.videoWidth, picture.videoHeight];
  if ("displayWidth" in picture) return [picture.displayWidth, picture.displayHeight];
  return [picture.width, picture.height];
}

/** The mean of sRGB bytes in linear light. */
function linearMean(rgba: Uint8ClampedArray): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < rgba.length; at += 4) {
    sums[0] += linear(rgba[at] ?? 0);
    sums[1] += linear(rgba[at + 1] ?? 0);
    sums[2] += linear(rgba[at + 2] ?? 0);
  }
  const [red, green, blue] = sums;
  const pixels = rgba.length / 4;
  return [red / pixels, green / pixels, blue / pixels];
}

function linear(byte: number): number {
  const encoded = byte / 255;
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}
