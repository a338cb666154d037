/**
 * Pictures from a list instead of a camera, for tests and for developers: one at a time, each only when the one before
 * has been tracked and painted, with its own time and, where wanted, a fixed amount of map work behind it. Two replays
 * of one list give the tracker the same input.
 *
 * A list is what `slam simulate` writes: a line `time_secs file` a picture; a file `camera.txt` beside it with one
 * camera in COLMAP's notation is used if it is there.
 */

import { SightlineError } from "../errors";
import type { Intrinsics } from "../tracker_protocol";
import { bitmapPicture, ReadBackCanvas } from "./grabber";
import { type Captured, type Grabber, type PictureSource, SourceEnded, type Way } from "./source";

/** A picture of a replay. */
export interface ReplayFrame {
  timeSecs: number;
  /** The address of an image, an image file's bytes, or the image itself. */
  image: string | URL | Blob | ImageBitmap;
}

export interface ReplayOptions {
  intrinsics?: Intrinsics;
  /** Units of map work after each picture; absent: as much as there is time, as with the camera. */
  mapWorkUnits?: number;
  /** Wait before each picture until `playTo` allows it. */
  stepped?: boolean;
}

export class Replay implements PictureSource {
  readonly ways: Way[] = [{ kind: "replay", open: async () => this.#grabber() }];
  readonly live = false;
  readonly moves = false;
  readonly #frames: ReplayFrame[];
  readonly #options: ReplayOptions;
  readonly #canvas = new ReadBackCanvas();
  #next = 0;
  #done = 0;
  #allowed: number;
  #closed = false;
  #painted: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  readonly #waiting = new Map<number, () => void>();

  /** `frames` may grow by `push` later. */
  constructor(frames: ReplayFrame[], options: ReplayOptions = {}) {
    this.#frames = [...frames];
    this.#options = options;
    this.#allowed = options.stepped ? 0 : Number.POSITIVE_INFINITY;
  }

  /**
   * The replay of a list at an address.
   *
   * @throws SightlineError `replay-unreachable` when it does not come or is no list.
   */
  static async fetch(url: string | URL, options: ReplayOptions = {}): Promise<Replay> {
    const list = new URL(url, document.baseURI);
    const text = await fetchText(list);
    if (text === undefined) throw new SightlineError("replay-unreachable", `${list.pathname} did not load.`);
    const frames = parseList(text, list);
    if (frames.length === 0) {
      throw new SightlineError("replay-unreachable", `${list.pathname} lists no pictures.`);
    }
    const camera = options.intrinsics ? undefined : await fetchText(new URL("camera.txt", list));
    const intrinsics = options.intrinsics ?? (camera ? parseCamera(camera) : undefined);
    return new Replay(frames, intrinsics ? { ...options, intrinsics } : options);
  }

  /** How many pictures have been painted, or passed over because they were of no use. */
  get done(): number {
    return this.#done;
  }

  get length(): number {
    return this.#frames.length;
  }

  /** Adds pictures at the end. */
  push(...frames: ReplayFrame[]): void {
    this.#frames.push(...frames);
    this.#wake();
  }

  /** Lets so many pictures come, counted from the first; settles when the last of them is on the screen. */
  playTo(count: number): Promise<void> {
    this.#allowed = Math.max(this.#allowed === Number.POSITIVE_INFINITY ? 0 : this.#allowed, count);
    this.#wake();
    if (this.#done >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(count, resolve));
  }

  onLost(): void {}

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #grabber(): Grabber {
    return { next: () => this.#take(), stop: () => this.close() };
  }

  async #take(): Promise<Captured> {
    await this.#painted;
    while (!this.#closed && this.#next >= Math.min(this.#allowed, this.#frames.length)) {
      // A list that has come to its end waits: its owner may push more, and the last picture stays.
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const frame = this.#frames[this.#next];
    if (this.#closed || !frame) throw new SourceEnded("the replay was closed");
    this.#next += 1;
    const count = this.#next;
    const image = await decode(frame.image);
    const picture = bitmapPicture(image, frame.timeSecs * 1000, this.#canvas);
    let painted: () => void = () => {};
    this.#painted = new Promise((resolve) => {
      painted = resolve;
    });
    return {
      ...picture,
      luma: async (reuse) => ({
        ...(await picture.luma(reuse)),
        ...(this.#options.intrinsics && { intrinsics: this.#options.intrinsics }),
        ...(this.#options.mapWorkUnits !== undefined && { mapWorkUnits: this.#options.mapWorkUnits }),
      }),
      close: () => {
        if (!(frame.image instanceof ImageBitmap)) picture.close();
        this.#done = count;
        painted();
        this.#waiting.get(count)?.();
        this.#waiting.delete(count);
      },
    };
  }
}

/** Reads a list of pictures; their addresses are relative to the list's. */
export function parseList(text: string, base: URL): ReplayFrame[] {
  return contentLines(text).flatMap((line) => {
    const [time, file] = line.split(/\s+/);
    const timeSecs = Number(time);
    return file && Number.isFinite(timeSecs) ? [{ timeSecs, image: new URL(file, base) }] : [];
  });
}

/** Reads one camera in COLMAP's notation, whose pixel centres are at halves; undefined for one that is not known. */
export function parseCamera(text: string): Intrinsics | undefined {
  const words = contentLines(text)[0]?.split(/\s+/) ?? [];
  // A leading number is the camera's id.
  if (/^\d+$/.test(words[0] ?? "")) words.shift();
  const [model, , , ...rest] = words;
  const n = rest.map(Number);
  const at = (index: number) => n[index] ?? Number.NaN;
  const single: Intrinsics = { focalPx: [at(0), at(0)], centerPx: [at(1) - 0.5, at(2) - 0.5] };
  const double: Intrinsics = { focalPx: [at(0), at(1)], centerPx: [at(2) - 0.5, at(3) - 0.5] };
  switch (model) {
    case "SIMPLE_PINHOLE":
      return single;
    case "PINHOLE":
      return double;
    case "SIMPLE_RADIAL":
      return { ...single, distortion: { kind: "radial", coefficients: [at(3), 0] } };
    case "RADIAL":
      return { ...single, distortion: { kind: "radial", coefficients: n.slice(3, 5) } };
    case "OPENCV":
      return { ...double, distortion: { kind: "radial-tangential", coefficients: n.slice(4, 8) } };
    case "OPENCV_FISHEYE":
      return { ...double, distortion: { kind: "fisheye", coefficients: n.slice(4, 8) } };
    default:
      return undefined;
  }
}

function contentLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
}

async function fetchText(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url);
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

async function decode(image: ReplayFrame["image"]): Promise<ImageBitmap> {
  if (image instanceof ImageBitmap) return image;
  if (image instanceof Blob) return createImageBitmap(image);
  const response = await fetch(image);
  if (!response.ok) throw new SightlineError("replay-unreachable", `${image} answered ${response.status}.`);
  return createImageBitmap(await response.blob());
}
