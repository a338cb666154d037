/**
 * Takes pictures out of the camera's stream: the picture to paint, and its luma for the tracker. Four ways, the
 * fastest first; a browser gets the first one that works in it.
 *
 * | kind | how | luma |
 * |---|---|---|
 * | `processor` | `MediaStreamTrackProcessor` | the first plane of the frame, no conversion |
 * | `video-frame` | `requestVideoFrameCallback` and `new VideoFrame(video)` | the same |
 * | `bitmap` | `createImageBitmap(video)` | drawn to a canvas and read back |
 * | `canvas` | the video drawn to a canvas | read back |
 */

import type { LumaFrame } from "../tracker_protocol";
import type { Camera } from "./camera";
import { CaptureClock } from "./capture_clock";
import type { Captured, Grabber } from "./source";

export type GrabberKind = "processor" | "video-frame" | "bitmap" | "canvas";

interface TrackProcessor {
  readable: ReadableStream<VideoFrame>;
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

/** The ways that this browser offers, best first. */
export function grabberKinds(): GrabberKind[] {
  const kinds: GrabberKind[] = [];
  if (typeof VideoFrame === "function") {
    if ("MediaStreamTrackProcessor" in globalThis) kinds.push("processor");
    if ("requestVideoFrameCallback" in HTMLVideoElement.prototype) kinds.push("video-frame");
  }
  if (typeof createImageBitmap === "function") kinds.push("bitmap");
  kinds.push("canvas");
  return kinds;
}

/** Starts to take pictures in one of the ways. */
export async function startGrabber(kind: GrabberKind, camera: Camera): Promise<Grabber> {
  if (kind === "processor") return processorGrabber(camera);
  await camera.video.play();
  switch (kind) {
    case "video-frame":
      return videoGrabber(camera, (time) => videoFrame(camera.video, time));
    case "bitmap": {
      const canvas = new ReadBackCanvas();
      return videoGrabber(camera, async (time) =>
        bitmapPicture(await createImageBitmap(camera.video), time, canvas),
      );
    }
    case "canvas": {
      // Three: one may wait for its paint while the next waits for its turn and a third is tracked.
      const canvases = [new ReadBackCanvas(), new ReadBackCanvas(), new ReadBackCanvas()];
      let turn = 0;
      return videoGrabber(camera, async (time) => {
        turn = (turn + 1) % canvases.length;
        return canvasPicture(camera.video, time, canvases[turn] ?? new ReadBackCanvas());
      });
    }
  }
}

function processorGrabber(camera: Camera): Grabber {
  const Processor = (globalThis as unknown as { MediaStreamTrackProcessor: TrackProcessorClass })
    .MediaStreamTrackProcessor;
  // One buffered frame: what is read is always the newest.
  const reader = new Processor({ track: camera.track, maxBufferSize: 1 }).readable.getReader();
  const clock = new CaptureClock();
  return {
    async next() {
      const { done, value } = await reader.read();
      if (done || !value) throw new Error("the camera's stream has ended");
      return frameCaptured(value, clock.captureMillis(value.timestamp / 1000, performance.now()));
    },
    stop() {
      reader.cancel().catch(() => {}); // The stream may have ended by itself.
    },
  };
}

/** Takes a picture at each new frame of the video element. */
function videoGrabber({ video }: Camera, take: (captureMillis: number) => Promise<Captured>): Grabber {
  let stopped = false;
  return {
    async next() {
      const captureMillis = await nextVideoFrame(video);
      if (stopped) throw new Error("stopped");
      return take(captureMillis);
    },
    stop() {
      stopped = true;
      video.pause();
    },
  };
}

function nextVideoFrame(video: HTMLVideoElement): Promise<number> {
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback((now, meta) =>
        resolve(meta.captureTime ?? meta.presentationTime ?? now),
      );
    } else {
      requestAnimationFrame((now) => resolve(now));
    }
  });
}

async function videoFrame(video: HTMLVideoElement, captureMillis: number): Promise<Captured> {
  return frameCaptured(new VideoFrame(video, { timestamp: captureMillis * 1000 }), captureMillis);
}

function frameCaptured(frame: VideoFrame, captureMillis: number): Captured {
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  return {
    image: frame,
    width,
    height,
    captureMillis,
    async luma(reuse) {
      const rotated = ((frame as { rotation?: number }).rotation ?? 0) !== 0;
      if (rotated) throw new Error("the planes of a rotated frame are not those of its picture");
      const planar = /^(I4|NV)/.test(frame.format ?? "") && !/P1[02]$/.test(frame.format ?? "");
      const options: VideoFrameCopyToOptions = planar ? {} : { format: "RGBA" };
      const buffer = sized(reuse, frame.allocationSize(options));
      const [first] = await frame.copyTo(buffer, options);
      if (first?.offset !== 0) throw new Error("the first plane does not come first");
      return { buffer, format: planar ? "luma" : "rgba", width, height, stride: first.stride, captureMillis };
    },
    close: () => frame.close(),
  };
}

/** A picture from an `ImageBitmap`, whose pixels are read back through a canvas. */
export function bitmapPicture(image: ImageBitmap, captureMillis: number, canvas: ReadBackCanvas): Captured {
  const { width, height } = image;
  return {
    image,
    width,
    height,
    captureMillis,
    luma: async () => canvas.read(image, width, height, captureMillis),
    close: () => image.close(),
  };
}

function canvasPicture(video: HTMLVideoElement, captureMillis: number, canvas: ReadBackCanvas): Captured {
  const { videoWidth: width, videoHeight: height } = video;
  const frame = canvas.read(video, width, height, captureMillis);
  return {
    image: canvas.element,
    width,
    height,
    captureMillis,
    luma: async () => frame,
    close: () => {},
  };
}

/** A canvas that pictures are drawn to in order to read their pixels. */
export class ReadBackCanvas {
  readonly element = document.createElement("canvas");
  readonly #context = this.element.getContext("2d", { willReadFrequently: true, alpha: false });

  read(image: CanvasImageSource, width: number, height: number, captureMillis: number): LumaFrame {
    if (!this.#context) throw new Error("this browser has no 2D canvas");
    if (this.element.width !== width) this.element.width = width;
    if (this.element.height !== height) this.element.height = height;
    this.#context.drawImage(image, 0, 0, width, height);
    const { data } = this.#context.getImageData(0, 0, width, height);
    return {
      buffer: data.buffer as ArrayBuffer,
      format: "rgba",
      width,
      height,
      stride: width * 4,
      captureMillis,
    };
  }
}

function sized(reuse: ArrayBuffer | undefined, bytes: number): ArrayBuffer {
  return reuse && reuse.byteLength === bytes ? reuse : new ArrayBuffer(bytes);
}
