/**
 * The JavaScript faces of the wasm artefacts, as `xr-core` exports them. Types only: the glue is loaded at run
 * time by `modules.ts`, so that this package builds without the artefacts.
 */

/** What `wasm-bindgen`'s default export takes. */
export type InitArtefact = (options: { module_or_path: WebAssembly.Module }) => Promise<unknown>;

/** Anything that `View.drawCamera` can paint. */
export type Picture = VideoFrame | ImageBitmap | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas;

/** `sightline_tracker.js`. */
export interface TrackerArtefact {
  default: InitArtefact;
  Tracker: new (optionsJson?: string) => WasmTracker;
  TrackerGpu: { open(): Promise<WasmTrackerGpu> };
}

/** A WebGPU device for one tracker. */
export interface WasmTrackerGpu {
  readonly adapter: string;
  readonly isSoftware: boolean;
  destroy(): void;
  free(): void;
}

/** The tracker; `tracker_answer.ts` reads its rows. Views into wasm memory hold until the next call. */
export interface WasmTracker {
  buffer(width: number, height: number, stride: number): Uint8Array;
  fromRgba(width: number, height: number, rgba: Uint8Array): void;
  motion(reading: Float64Array): void;
  useGpu(gpu: WasmTrackerGpu): void;
  chooseByTimes(): void;
  submit(captureTimeNanos: bigint, intrinsics?: Float64Array, pose?: Float64Array): void;
  poll(): Float64Array | undefined;
  isBusy(): boolean;
  answered(): Promise<void>;
  measured(frontEndMillis: number, poseMillis: number): void;
  points(): Float32Array;
  pointsInWorld(): Float32Array;
  anchors(): Float64Array;
  hitTest(frame: number, xPx: number, yPx: number): Float64Array | undefined;
  place(frame: number, xPx: number, yPx: number): Float64Array | undefined;
  release(anchor: number): void;
  mapStep(workUnits: number): number;
  restart(): void;
  free(): void;
}

/**
 * Hears how the opening of a view gets on: `adapter`, `device`, `pipelines` after each one that is made, with how many
 * are and how many there will be, `ready`.
 */
export type OnStage = (stage: string, made?: number, of?: number) => void;

/** `sightline_view_webgpu.js` and `sightline_view_webgl2.js`; `Session` is in the latter only. */
export interface ViewArtefact {
  default: InitArtefact;
  View: { open(canvas: HTMLCanvasElement, onStage?: OnStage): Promise<WasmView> };
  Room: { create(): WasmRoom };
  Session?: { start(view: WasmView, room: WasmRoom, session: unknown): Promise<WasmSession> };
}

/** `sightline_model_view_webgpu.js` and `sightline_model_view_webgl2.js`. */
export interface ModelViewArtefact {
  default: InitArtefact;
  ModelView: { open(canvas: HTMLCanvasElement, onStage?: OnStage): Promise<WasmModelView> };
}

/** One canvas. */
export interface WasmView {
  describe(): string;
  resize(widthPx: number, heightPx: number): void;
  drawCamera(
    image: Picture,
    imageWidth: number,
    imageHeight: number,
    points: Float32Array,
    camera: Float32Array,
    pins: Float32Array,
    labels: string[],
  ): void;
  picturePixel(xPx: number, yPx: number): Float32Array | undefined;
  drawnPins(): Float32Array;
  pickCameraPin(xPx: number, yPx: number): number | undefined;
  drawRoom(room: WasmRoom, orbit: Float32Array, timeMillis: number): void;
  pickRoom(orbit: Float32Array, xPx: number, yPx: number): Float32Array | undefined;
  pickAnnotation?(room: WasmRoom, orbit: Float32Array, xPx: number, yPx: number): string | undefined;
  timePasses(on: boolean): void;
  /** JSON of `PassTimes`. */
  passTimes(): string;
  frameCameAfter(millis: number): void;
  drawAllPixels(): void;
  dispose(): void;
  free(): void;
}

/** One canvas that shows models. */
export interface WasmModelView {
  onLost(callback: () => void): void;
  isLost(): boolean;
  /** Lets go of a device that is lost. */
  letGo(): void;
  /** A new device on the same canvas; models and reflections have to be given again. */
  reopen(onStage?: OnStage): Promise<void>;
  /** Gives a model that was there before the device was lost. */
  putBack(model: number, packed: Uint8Array): Promise<void>;
  timePasses(on: boolean): void;
  /** JSON of `PassTimes`. */
  passTimes(): string;
  frameCameAfter(millis: number): void;
  /** JSON of `ViewDescription`. */
  describe(): string;
  addModel(packed: Uint8Array): Promise<number>;
  removeModel(model: number): void;
  bounds(model: number): Float32Array | undefined;
  /** JSON of `ModelAnimation[]`. */
  animations(model: number): string;
  notes(model: number): string[];
  place(models: Uint32Array, worldFromModels: Float32Array): void;
  animate(model: number, animation: number, timeSecs: number, repeats: boolean): void;
  setLight(
    directionToLight: Float32Array,
    intensity: Float32Array,
    sphericalHarmonics: Float32Array,
    reflections: number,
  ): void;
  setReflections(facePx: number, halfFloats: Uint16Array): void;
  resize(widthPx: number, heightPx: number): void;
  draw(
    projectionFromView: Float32Array,
    viewFromWorld: Float32Array,
    /** Three numbers, or none for a canvas that is seen through. */
    background: Float32Array,
    timeMillis: number,
  ): void;
  dispose(): void;
  free(): void;
}

/** `sightline_streams_webgpu.js` and `sightline_streams_webgl2.js`. */
export interface StreamsArtefact {
  default: InitArtefact;
  StreamView: {
    open(canvas: HTMLCanvasElement, onStage?: (stage: string) => void): Promise<WasmStreamView>;
    /** Ten numbers, as `adjust` takes them. */
    poorStream(): Float32Array;
    grayGains(red: number, green: number, blue: number): Float32Array;
  };
}

/** One canvas that shows a video. */
export interface WasmStreamView {
  adjust(numbers: Float32Array): void;
  setCover(covers: boolean): void;
  resize(widthPx: number, heightPx: number): void;
  draw(image: Picture): void;
  redraw(): void;
  pixelUnder(xPx: number, yPx: number): Uint32Array | undefined;
  dispose(): void;
  free(): void;
}

/** `sightline_models.js`. */
export interface ModelsArtefact {
  default: InitArtefact;
  readModel(bytes: Uint8Array, resources?: Map<string, Uint8Array>): Uint8Array<ArrayBuffer>;
  resourceUris(bytes: Uint8Array): string[];
}

/** What `View.describe` says. */
export interface ViewDescription {
  backend: "webgpu" | "webgl2";
  adapter: string;
  software: boolean;
  pipelines: PipelineTimes;
}

/** How long making a view's pipelines took, one a task, in milliseconds. */
export interface PipelineTimes {
  made: number;
  /** What the one draws that kept the page's thread longest. */
  longest: string;
  longestMillis: number;
  /** Until the device has answered for all of them; what a browser compiles apart from the page is in here alone. */
  totalMillis: number;
}

/** What drawing has cost, as means over the frames since it was last asked for. */
export interface PassTimes {
  /** Pixels drawn along a side, for one of the canvas. */
  resolutionScale: number;
  passes: {
    name: string;
    /** In how many frames it ran; a pass with nothing to draw is left out. */
    frames: number;
    /** Milliseconds of recording it, and of the device where it tells. */
    cpuMillis: number;
    gpuMillis?: number;
  }[];
}

/** A device's copy of a room, in step with the relay. */
export interface WasmRoom {
  open(optionsJson: string): void;
  onChange(callback: (stateJson: string) => void): void;
  onPersist(callback: (storedJson: string) => void | Promise<void>): void;
  chat(text: string): void;
  reply(seq: number, text: string, mentions: string[]): void;
  editMessage(seq: number, text: string): void;
  deleteMessage(seq: number): void;
  react(seq: number, emoji: string, on: boolean): void;
  markRead(seq: number): void;
  moreHistory(): boolean;
  direct(member: string, text: string): void;
  undo(): boolean;
  changeRoom(changeJson: string): void;
  placePin(xyz: Float32Array, label: string): string;
  relabel(id: string, label: string): void;
  remove(id: string): void;
  setName(name: string): void;
  setPresence(json: string): void;
  setOnline(online: boolean): void;
  retryNow(): void;
  close(): void;
  state(): string;
  free(): void;
}

/** An immersive AR session. */
export interface WasmSession {
  setMode(mode: "pin" | "align"): void;
  setLabel(text: string): void;
  /** Points of the world to show, x, y, z each. */
  setPoints(points: Float32Array): void;
  onEvent(callback: (eventJson: string) => void): void;
  stats(): string;
  probe(): string;
  end(): Promise<void>;
  free(): void;
}
