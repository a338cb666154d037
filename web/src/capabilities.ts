/**
 * What this browser and device can do, by feature tests alone: no user-agent strings decide anything.
 * Out of it comes the choice of the view artefact, made once.
 */

import { SightlineError } from "./errors";

/** What was found. */
export interface Capabilities {
  /** Camera, XR and locks exist in secure contexts only. */
  secureContext: boolean;
  /** A camera can be asked for; whether there is one shows only then. */
  camera: boolean;
  /** There is a WebGPU adapter, not only the interface. */
  webgpu: boolean;
  webgl2: boolean;
  /** The browser starts `immersive-ar` sessions by itself. */
  immersiveAr: boolean;
  /** WebXR can draw through WebGPU. */
  xrGpuBinding: boolean;
  /** WebAssembly with the SIMD instructions that the artefacts are built with. */
  wasmSimd: boolean;
}

/** The two view artefacts. */
export type ViewBackend = "webgpu" | "webgl2";

/** How long a platform service may take to say what it supports. */
const ANSWER_MILLIS = 3000;

/** A module with one function that returns `i8x16.splat` of zero: valid only where SIMD is. */
// biome-ignore format: a row an element section
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 123,
  3, 2, 1, 0,
  10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

interface Gpu {
  requestAdapter(): Promise<object | null>;
}

interface Xr {
  isSessionSupported(mode: string): Promise<boolean>;
  requestSession(mode: string, init: object): Promise<EventTarget>;
}

/** `navigator.xr`, where there is one. */
export function xrSystem(): Xr | undefined {
  return (navigator as { xr?: Xr }).xr;
}

/** Looks at everything at once. Never fails: what cannot be found out counts as absent. */
export async function detectCapabilities(): Promise<Capabilities> {
  const gpu = (navigator as { gpu?: Gpu }).gpu;
  const [webgpu, immersiveAr] = await Promise.all([
    answer(async () => (await gpu?.requestAdapter()) != null),
    answer(async () => (await xrSystem()?.isSessionSupported("immersive-ar")) === true),
  ]);
  return {
    secureContext: globalThis.isSecureContext,
    camera: typeof navigator.mediaDevices?.getUserMedia === "function",
    webgpu,
    webgl2: hasWebGl2(),
    immersiveAr,
    xrGpuBinding: "XRGPUBinding" in globalThis,
    wasmSimd: hasWasmSimd(),
  };
}

/**
 * The view to load: WebGL2 where the browser has AR of its own, and where there is no WebGPU adapter; else WebGPU.
 * Sessions are drawn by the WebGL2 view alone so far, also where the browser has `XRGPUBinding`.
 *
 * @throws SightlineError `view-unavailable` where the browser has neither, `module-unsupported` without SIMD.
 */
export function chooseView(found: Capabilities, wanted?: ViewBackend): ViewBackend {
  if (!found.wasmSimd) {
    throw new SightlineError("module-unsupported", "This browser lacks WebAssembly with SIMD.");
  }
  if (wanted && found[wanted]) return wanted;
  if (found.webgpu && !(found.immersiveAr && found.webgl2)) return "webgpu";
  if (found.webgl2) return "webgl2";
  throw new SightlineError("view-unavailable", "This browser has neither WebGPU nor WebGL2.");
}

/** Most answer within a tenth of a second, also that they have none; a driver that takes longer is not waited for. */
const REFUSAL_MILLIS = 1000;

/**
 * The view that will most likely be chosen, known before the graphics driver has answered; undefined where only the
 * answer can tell. For loading ahead: a wrong guess costs bytes, nothing else.
 */
export async function likelyView(): Promise<ViewBackend | undefined> {
  const gpu = (navigator as { gpu?: Gpu }).gpu;
  if (!gpu) return "webgl2";
  const [ar, refused] = await Promise.all([
    answer(async () => (await xrSystem()?.isSessionSupported("immersive-ar")) === true),
    answer(async () => (await gpu.requestAdapter()) == null, REFUSAL_MILLIS),
  ]);
  if (refused) return "webgl2";
  return ar ? undefined : "webgpu";
}

async function answer(question: () => Promise<boolean>, withinMillis = ANSWER_MILLIS): Promise<boolean> {
  const { promise: late, resolve } = deferred<boolean>();
  const timer = setTimeout(() => resolve(false), withinMillis);
  try {
    return await Promise.race([question(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function hasWebGl2(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

function hasWasmSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD_MODULE);
}
