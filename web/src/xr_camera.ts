/**
 * The camera's images of an AR session (`camera-access`): each is read back as a small luma picture with the pose and
 * the intrinsics that the platform has for it, and the tracker maps from it. Where the platform gives no images,
 * nothing of this runs.
 *
 * Reading back is asynchronous: a picture is drawn to a small target and copied to a buffer in one frame, and taken
 * from there in a later one, so that no frame waits for the graphics processor.
 *
 * Source: W3C WebXR Raw Camera Access.
 */

import type { Tracker } from "./tracker";
import type { Intrinsics, LumaFrame, Pose, Tracking } from "./tracker_protocol";

/** The parts of WebXR that are used here. */
interface XrSpace extends EventTarget {}
interface XrView {
  projectionMatrix: Float32Array;
  transform: { position: DOMPointReadOnly; orientation: DOMPointReadOnly };
  camera?: { width: number; height: number } | null;
}
interface XrFrame {
  getViewerPose(space: XrSpace): { views: XrView[]; emulatedPosition: boolean } | null;
}
export interface XrCameraSession extends EventTarget {
  readonly enabledFeatures?: readonly string[];
  requestReferenceSpace(kind: "local"): Promise<XrSpace>;
  requestAnimationFrame(callback: (timeMillis: number, frame: XrFrame) => void): number;
}
interface XrBinding {
  getCameraImage(camera: object): WebGLTexture | null;
}
type XrBindingClass = new (session: XrCameraSession, gl: WebGL2RenderingContext) => XrBinding;

/** The longer side of the pictures that the tracker gets, in pixels. */
const LONG_SIDE_PX = 640;

/** Pictures are taken this far apart at least: the platform tracks, mapping has time. */
const INTERVAL_MILLIS = 60;

/** The camera of a view as a pinhole of a picture of a size, from the view's projection (column by column). */
export function intrinsicsOf(projection: ArrayLike<number>, width: number, height: number): Intrinsics {
  const at = (index: number) => projection[index] ?? 0;
  return {
    focalPx: [(at(0) * width) / 2, (at(5) * height) / 2],
    centerPx: [((1 - at(8)) * width) / 2 - 0.5, ((1 + at(9)) * height) / 2 - 0.5],
  };
}

/** The size of the luma picture for an image: the same shape, a width that packs by four. */
export function lumaSize(width: number, height: number): [number, number] {
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(width, height));
  return [Math.max(4, Math.round((width * scale) / 4) * 4), Math.max(1, Math.round(height * scale))];
}

interface OnItsWay {
  sync: WebGLSync;
  size: [number, number];
  captureMillis: number;
  intrinsics: Intrinsics;
  worldFromView: Pose;
}

export class XrCamera {
  readonly #session: XrCameraSession;
  readonly #binding: XrBinding;
  readonly #space: XrSpace;
  readonly #reader: LumaReader;
  readonly #tracker: Tracker;
  readonly #onTracking: (tracking: Tracking) => void;
  #onItsWay: OnItsWay | undefined;
  #tracking = false;
  #buffer: ArrayBuffer | undefined;
  #lastMillis = Number.NEGATIVE_INFINITY;
  #ended = false;

  /** Starts to map where the session gives images; undefined where it does not. */
  static async open(
    session: XrCameraSession,
    gl: WebGL2RenderingContext | null,
    tracker: () => Tracker,
    onTracking: (tracking: Tracking) => void,
  ): Promise<XrCamera | undefined> {
    const { XRWebGLBinding } = globalThis as { XRWebGLBinding?: XrBindingClass };
    const granted = session.enabledFeatures?.includes("camera-access") ?? false;
    if (!granted || !gl || !XRWebGLBinding || !("getCameraImage" in XRWebGLBinding.prototype))
      return undefined;
    const space = await session.requestReferenceSpace("local");
    const binding = new XRWebGLBinding(session, gl);
    return new XrCamera(session, binding, space, new LumaReader(gl), tracker(), onTracking);
  }

  private constructor(
    session: XrCameraSession,
    binding: XrBinding,
    space: XrSpace,
    reader: LumaReader,
    tracker: Tracker,
    onTracking: (tracking: Tracking) => void,
  ) {
    this.#session = session;
    this.#binding = binding;
    this.#space = space;
    this.#reader = reader;
    this.#tracker = tracker;
    this.#onTracking = onTracking;
    session.addEventListener("end", () => {
      this.#ended = true;
      reader.dispose();
    });
    session.requestAnimationFrame(this.#frame);
  }

  readonly #frame = (timeMillis: number, frame: XrFrame) => {
    if (this.#ended) return;
    this.#session.requestAnimationFrame(this.#frame);
    if (this.#onItsWay) this.#collect(this.#onItsWay);
    else if (!this.#tracking && timeMillis - this.#lastMillis >= INTERVAL_MILLIS)
      this.#take(timeMillis, frame);
  };

  /** Copies the image of this frame, with what the platform says of it. */
  #take(timeMillis: number, frame: XrFrame): void {
    const pose = frame.getViewerPose(this.#space);
    const view = pose?.views.find(({ camera }) => camera);
    if (!pose || pose.emulatedPosition || !view?.camera) return;
    const image = this.#binding.getCameraImage(view.camera);
    if (!image) return;
    this.#lastMillis = timeMillis;
    const size = lumaSize(view.camera.width, view.camera.height);
    const { position: p, orientation: q } = view.transform;
    const sync = this.#reader.start(image, size);
    if (!sync) return;
    this.#onItsWay = {
      sync,
      size,
      captureMillis: timeMillis,
      intrinsics: intrinsicsOf(view.projectionMatrix, ...size),
      worldFromView: { position: [p.x, p.y, p.z], orientation: [q.x, q.y, q.z, q.w] },
    };
  }

  /** Gives the copied picture to the tracker once it is there. */
  #collect({ sync, size: [width, height], ...known }: OnItsWay): void {
    const buffer = this.#reader.finish(sync, [width, height], this.#buffer);
    if (!buffer) return;
    this.#onItsWay = undefined;
    this.#buffer = undefined;
    this.#tracking = true;
    const frame: LumaFrame = { buffer, format: "luma", width, height, stride: width, ...known };
    this.#tracker
      .track(frame)
      .then(
        ({ tracking, buffer: back }) => {
          this.#buffer = back;
          if (!this.#ended) this.#onTracking(tracking);
        },
        () => {}, // A frame that was refused, or a worker that starts anew: the next frame shows.
      )
      .finally(() => {
        this.#tracking = false;
      });
  }
}

const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/** Four pixels of luma (BT.601) a texel; the first row is the picture's top. */
const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D image;
uniform vec2 size;
out vec4 packed;
float luma(float x, float y) {
  vec2 place = vec2((x + 0.5) / size.x, 1.0 - (y + 0.5) / size.y);
  return dot(textureLod(image, place, 0.0).rgb, vec3(0.299, 0.587, 0.114));
}
void main() {
  float x = floor(gl_FragCoord.x) * 4.0;
  float y = floor(gl_FragCoord.y);
  packed = vec4(luma(x, y), luma(x + 1.0, y), luma(x + 2.0, y), luma(x + 3.0, y));
}`;

/** Reads textures back as luma, in a context that somebody else draws with: whatever it touches it puts back. */
class LumaReader {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #sizeAt: WebGLUniformLocation | null;
  readonly #imageAt: WebGLUniformLocation | null;
  readonly #target: WebGLTexture;
  readonly #framebuffer: WebGLFramebuffer;
  readonly #vertices: WebGLVertexArrayObject;
  readonly #sampler: WebGLSampler;
  readonly #pixels: WebGLBuffer;
  #size: [number, number] = [0, 0];

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = linked(gl);
    this.#sizeAt = gl.getUniformLocation(this.#program, "size");
    this.#imageAt = gl.getUniformLocation(this.#program, "image");
    this.#target = gl.createTexture();
    this.#framebuffer = gl.createFramebuffer();
    this.#vertices = gl.createVertexArray();
    this.#pixels = gl.createBuffer();
    this.#sampler = gl.createSampler();
    gl.samplerParameteri(this.#sampler, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.samplerParameteri(this.#sampler, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.samplerParameteri(this.#sampler, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.samplerParameteri(this.#sampler, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  /** Draws the image's luma and has it copied; the fence tells when it is there. */
  start(image: WebGLTexture, size: [number, number]): WebGLSync | null {
    const gl = this.#gl;
    const [width, height] = size;
    const putBack = kept(gl);
    gl.activeTexture(gl.TEXTURE0);
    if (this.#size[0] !== width || this.#size[1] !== height) this.#resize(size);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.bindTexture(gl.TEXTURE_2D, image);
    gl.bindSampler(0, this.#sampler);
    for (const test of [gl.BLEND, gl.DEPTH_TEST, gl.CULL_FACE, gl.SCISSOR_TEST, gl.STENCIL_TEST])
      gl.disable(test);
    gl.colorMask(true, true, true, true);
    gl.viewport(0, 0, width / 4, height);
    gl.useProgram(this.#program);
    gl.uniform2f(this.#sizeAt, width, height);
    gl.uniform1i(this.#imageAt, 0);
    gl.bindVertexArray(this.#vertices);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.readPixels(0, 0, width / 4, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    putBack();
    return sync;
  }

  /** The copied luma, once it is there. */
  finish(sync: WebGLSync, [width, height]: [number, number], reuse?: ArrayBuffer): ArrayBuffer | undefined {
    const gl = this.#gl;
    const status = gl.clientWaitSync(sync, 0, 0);
    if (status !== gl.ALREADY_SIGNALED && status !== gl.CONDITION_SATISFIED) return undefined;
    gl.deleteSync(sync);
    const bytes = width * height;
    const buffer = reuse?.byteLength === bytes ? reuse : new ArrayBuffer(bytes);
    const before = gl.getParameter(gl.PIXEL_PACK_BUFFER_BINDING) as WebGLBuffer | null;
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, new Uint8Array(buffer));
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, before);
    return buffer;
  }

  dispose(): void {
    const gl = this.#gl;
    gl.deleteProgram(this.#program);
    gl.deleteTexture(this.#target);
    gl.deleteFramebuffer(this.#framebuffer);
    gl.deleteVertexArray(this.#vertices);
    gl.deleteBuffer(this.#pixels);
    gl.deleteSampler(this.#sampler);
  }

  /** Within what `kept` puts back. */
  #resize([width, height]: [number, number]): void {
    const gl = this.#gl;
    this.#size = [width, height];
    gl.bindTexture(gl.TEXTURE_2D, this.#target);
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, null);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width / 4, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#target, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height, gl.STREAM_READ);
  }
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  return program;
}

/** Notes what a draw changes; what it gives puts it back. */
function kept(gl: WebGL2RenderingContext): () => void {
  const now = (name: number) => gl.getParameter(name);
  const tests = [gl.BLEND, gl.DEPTH_TEST, gl.CULL_FACE, gl.SCISSOR_TEST, gl.STENCIL_TEST];
  const enabled = tests.filter((test) => gl.isEnabled(test));
  const unit: number = now(gl.ACTIVE_TEXTURE);
  const program: WebGLProgram | null = now(gl.CURRENT_PROGRAM);
  const vertices: WebGLVertexArrayObject | null = now(gl.VERTEX_ARRAY_BINDING);
  const drawTo: WebGLFramebuffer | null = now(gl.DRAW_FRAMEBUFFER_BINDING);
  const readFrom: WebGLFramebuffer | null = now(gl.READ_FRAMEBUFFER_BINDING);
  const pack: WebGLBuffer | null = now(gl.PIXEL_PACK_BUFFER_BINDING);
  const unpack: WebGLBuffer | null = now(gl.PIXEL_UNPACK_BUFFER_BINDING);
  const [x, y, width, height]: Int32Array = now(gl.VIEWPORT);
  const [red, green, blue, alpha]: boolean[] = now(gl.COLOR_WRITEMASK);
  gl.activeTexture(gl.TEXTURE0);
  const texture: WebGLTexture | null = now(gl.TEXTURE_BINDING_2D);
  const sampler: WebGLSampler | null = now(gl.SAMPLER_BINDING);
  return () => {
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.bindSampler(0, sampler);
    gl.activeTexture(unit);
    gl.useProgram(program);
    gl.bindVertexArray(vertices);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, drawTo);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, readFrom);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pack);
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, unpack);
    gl.viewport(x ?? 0, y ?? 0, width ?? 0, height ?? 0);
    gl.colorMask(red ?? true, green ?? true, blue ?? true, alpha ?? true);
    for (const test of tests) enabled.includes(test) ? gl.enable(test) : gl.disable(test);
  };
}
