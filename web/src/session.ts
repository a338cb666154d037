/**
 * AR sessions: asks the browser for an `immersive-ar` session within the person's gesture, with the page's
 * overlay in it, and hands it to the wasm `Session`, which tracks and draws.
 */

import { xrSystem } from "./capabilities";
import { SightlineError } from "./errors";
import type { Room } from "./room/room";
import type { Stage } from "./stage";
import type { Tracker } from "./tracker";
import type { Tracking } from "./tracker_protocol";
import type { WasmSession } from "./wasm";
import { XrCamera, type XrCameraSession } from "./xr_camera";

/** What a session tells. Positions are in the device's own world, in metres. */
export type SessionEvent =
  | { type: "pin"; id: string; position?: [number, number, number]; placed?: boolean }
  | { type: "spot"; index: 0 | 1; position?: [number, number, number] }
  | { type: "aligned"; residualM: number; defined?: boolean }
  | { type: "align-refused"; code: string; message: string }
  | { type: "no-hit" }
  | { type: "hit"; visible: boolean }
  | { type: "tracking"; state: "none" | "limited" | "good" }
  | { type: "visibility"; state: string }
  | { type: "reset" }
  | { type: "error"; code: string; message: string }
  | { type: "ended" };

/** The part of `XRSession` that is used here. */
interface XrSession extends XrCameraSession {
  end(): Promise<void>;
}

/** What a session is better with; what a device lacks or a person refuses is left out of it. */
const OPTIONAL_FEATURES = ["anchors", "dom-overlay", "light-estimation", "plane-detection", "depth-sensing"];

/**
 * How `depth-sensing` is read: on the CPU. Only formats that every browser with this feature knows are named: an
 * unknown one would be a `TypeError` that ends the request.
 */
const DEPTH_SENSING = {
  usagePreference: ["cpu-optimized"],
  dataFormatPreference: ["luminance-alpha", "float32"],
};

export class ArSession {
  /** What the own tracker says of the camera's images, where the session gives them. */
  tracking: Tracking | undefined;

  private constructor(
    /** For tests: `stats()` and `probe()`. */
    readonly wasm: WasmSession,
    readonly xr: EventTarget,
  ) {}

  /**
   * Starts a session. Call it directly in the handler of a click or a tap, before any `await`: the browser asks
   * for that; stage and room may still be on their way. `overlay` stays visible over the world; taps on its
   * controls place nothing. Where the session gives the camera's images, `tracker` maps from them at the platform's
   * poses, and its points are shown.
   *
   * @throws SightlineError `xr-unsupported`, `xr-denied`, or the session's own codes.
   */
  static async start(
    stage: Promise<Stage>,
    room: Promise<Room>,
    overlay: HTMLElement,
    tracker?: () => Tracker,
  ): Promise<ArSession> {
    const xr = xrSystem();
    if (!xr) throw new SightlineError("xr-unsupported", "This browser has no WebXR.");
    let session: XrSession;
    try {
      session = (await xr.requestSession("immersive-ar", {
        requiredFeatures: ["local", "hit-test"],
        optionalFeatures: [...OPTIONAL_FEATURES, ...(tracker ? ["camera-access"] : [])],
        domOverlay: { root: overlay },
        depthSensing: DEPTH_SENSING,
      })) as XrSession;
    } catch (cause) {
      const denied =
        cause instanceof DOMException && ["SecurityError", "NotAllowedError"].includes(cause.name);
      throw denied
        ? new SightlineError("xr-denied", "The AR session was not allowed.", { cause })
        : new SightlineError("xr-unsupported", "The AR session did not start.", { cause });
    }
    overlay.addEventListener("beforexrselect", keepFromWorld);
    session.addEventListener("end", () => overlay.removeEventListener("beforexrselect", keepFromWorld), {
      once: true,
    });
    try {
      const [opened, joined] = await Promise.all([stage, room]);
      opened.view.drawAllPixels(); // What the page's frames called for says nothing about the session's.
      const ar = new ArSession(await opened.sessions.start(opened.view, joined.wasm, session), session);
      if (tracker) {
        const context = opened.canvas.getContext("webgl2");
        // AR goes on without it.
        XrCamera.open(session, context, tracker, (tracking) => ar.#show(tracking)).catch(() => {});
      }
      return ar;
    } catch (thrown) {
      await session.end().catch(() => {}); // It may have ended by itself.
      throw thrown;
    }
  }

  #show(tracking: Tracking): void {
    this.tracking = tracking;
    this.wasm.setPoints(tracking.pointsInWorld ?? new Float32Array(0));
  }

  /** What a tap does: put a pin, or mark a spot of the room's frame. */
  setMode(mode: "pin" | "align"): void {
    this.wasm.setMode(mode);
  }

  /** The label of the next pin. */
  setLabel(text: string): void {
    this.wasm.setLabel(text);
  }

  onEvent(listener: (event: SessionEvent) => void): void {
    this.wasm.onEvent((json) => listener(JSON.parse(json) as SessionEvent));
  }

  async end(): Promise<void> {
    await this.wasm.end();
  }
}

/** A tap on a control is no tap on the world. */
function keepFromWorld(event: Event): void {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("button, a, input, textarea, label, dialog, [data-keeps-taps]")) event.preventDefault();
}
