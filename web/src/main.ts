/**
 * The demo page. `?start=camera` begins with the camera, `?view=webgpu|webgl2` chooses the view where there is a
 * choice, `#CODE` joins a room, `?replay=LIST` shows the pictures of a list (as `slam simulate` writes it) as the
 * camera's, `?times` shows what drawing costs, `?resolution=full` draws all pixels however late frames come.
 *
 * For automation: `document.documentElement.dataset.state` names the screen, and `window.sightline` is the page's
 * public API.
 */

import type { Shown } from "./camera/camera_mode";
import type { CameraPin } from "./camera/camera_pins";
import { Replay, type ReplayFrame, type ReplayOptions } from "./camera/replay";
import type { Capabilities, ViewBackend } from "./capabilities";
import type { Room } from "./room/room";
import type { ArSession } from "./session";
import type { Stage } from "./stage";
import type { CameraStats } from "./stats";
import { App, type PageState } from "./ui/app";
import type { WasmView } from "./wasm";

/** What a page's scripts and tests may use. */
export interface SightlinePage {
  /** The screen that is shown, as in `dataset.state`. */
  readonly state: PageState;
  /** What the browser can do, once that is known. */
  readonly capabilities: Capabilities | undefined;
  /** The open room: `room.state`, `room.chat(text)`, `room.placePin([x, y, z], label)`. */
  readonly room: Room | undefined;
  /** The stage with the canvas and what draws on it. */
  readonly stage: Stage | undefined;
  /** The wasm view. */
  readonly view: WasmView | undefined;
  /** The AR session that runs; `session.wasm.probe()` and `session.wasm.stats()` tell about it. */
  readonly session: ArSession | undefined;
  /** The figures of camera mode. */
  stats(): CameraStats;
  /** What camera mode shows: the picture's answer from the tracker, and its pins. */
  readonly shown: Shown | undefined;
  /** The pins in the camera's world. */
  readonly pins: readonly CameraPin[];
  /** Shows what drawing costs, pass by pass, or no more. */
  showTimes(on: boolean): void;
  startCamera(): Promise<void>;
  /** Camera mode over the pictures of a list (its address, or the pictures); a fresh tracker follows them. */
  startReplay(frames: string | ReplayFrame[], options?: ReplayOptions): Promise<Replay>;
  startAr(): Promise<void>;
  openRoom(): Promise<void>;
  joinRoom(code: string): Promise<void>;
  showRoom(): Promise<void>;
  home(): Promise<void>;
}

declare global {
  interface Window {
    sightline: SightlinePage;
  }
}

const query = new URLSearchParams(location.search);
const stageHost = document.getElementById("stage");
const ui = document.getElementById("ui");
if (!stageHost || !ui) throw new Error("the page lacks #stage or #ui");

const app = new App(stageHost, ui, {
  backend: viewWanted(query.get("view")),
  adaptsResolution: (query.get("resolution") ?? keptResolution()) !== "full",
});
window.sightline = {
  get state() {
    return app.state;
  },
  get capabilities() {
    return app.capabilities;
  },
  get room() {
    return app.room;
  },
  get stage() {
    return app.stage;
  },
  get view() {
    return app.stage?.view;
  },
  get session() {
    return app.session;
  },
  stats: () => app.cameraStats,
  get shown() {
    return app.cameraShown;
  },
  get pins() {
    return app.cameraPins;
  },
  showTimes: (on) => app.showTimes(on),
  startCamera: () => app.startCamera(),
  async startReplay(frames, options) {
    const replay =
      typeof frames === "string" ? await Replay.fetch(frames, options) : new Replay(frames, options);
    await app.startSource(replay);
    return replay;
  },
  startAr: () => app.startAr(),
  openRoom: () => app.openRoom(),
  joinRoom: (code) => app.joinRoom(code),
  showRoom: () => app.showRoom(),
  home: () => app.home(),
};
if (query.has("times")) app.showTimes(true);
const list = query.get("replay");
void (list ? window.sightline.startReplay(list) : app.begin(query.get("start") === "camera"));

function viewWanted(text: string | null): ViewBackend | undefined {
  return text === "webgpu" || text === "webgl2" ? text : undefined;
}

/** What this browser is set to, for who compares pictures: `localStorage["sightline-resolution"] = "full"`. */
function keptResolution(): string | null {
  try {
    return localStorage.getItem("sightline-resolution");
  } catch {
    return null; // The browser keeps nothing here.
  }
}
