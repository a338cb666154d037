/**
 * An emulated AR device in a scanned room: `iwer` with `@iwer/sem`. The page gets `window.emulated` to move it.
 *
 * Poses are in the room's own world, Y up, in metres. iwer's `local` space is where the device stands when the session
 * asks for it, so two devices that start elsewhere have different origins, as phones do.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const IWER = join(dirname(require.resolve("iwer/package.json")), "build/iwer.min.js");
const SEM_FOLDER = dirname(require.resolve("@iwer/sem/package.json"));
const SEM = join(SEM_FOLDER, "build/iwer-sem.min.js");

/** Where the page under test finds the room; answered by the test, not by the relay. */
const ROOM_URL = "/emulated-room.json";

/**
 * Puts an emulated device into every page that a context opens from now on.
 *
 * @param {import("playwright-core").BrowserContext | import("playwright-core").Page} context
 * @param {object} [options]
 * @param {boolean} [options.stereo] two views as in a headset, else one as in a phone
 * @param {[number, number, number]} [options.position] where the device is when the page opens
 * @param {number} [options.yawRad] its heading then: turned to the left about Y
 * @param {string} [options.room] a capture of `@iwer/sem`
 * @param {string[]} [options.senses] which of `plane-detection` and `depth-sensing` it has; none unless said otherwise
 */
export async function emulateDevice(context, options = {}) {
  const { stereo = false, position = [0, 1.6, 0], yawRad = 0, room = "meeting_room", senses = [] } = options;
  const capture = await readFile(join(SEM_FOLDER, `captures/${room}.json`));
  await context.route(`**${ROOM_URL}`, (route) =>
    route.fulfill({ contentType: "application/json", body: capture }),
  );
  await context.addInitScript({ path: IWER });
  await context.addInitScript({ path: SEM });
  await context.addInitScript(installDevice, {
    stereo,
    position,
    yawRad,
    senses,
    roomUrl: ROOM_URL,
  });
}

/** Runs in the page, before its own scripts. */
function installDevice({ stereo, position, yawRad, senses, roomUrl }) {
  if (window !== window.top || !window.isSecureContext) return;
  const { XRDevice, metaQuest3 } = window.IWER;
  // iwer does not export its vectors; any device has some.
  const { position: first, quaternion: level } = new XRDevice(metaQuest3);
  const heading = (yaw, pitch) => {
    const half = [yaw / 2, pitch / 2];
    const [[sy, cy], [sp, cp]] = half.map((angle) => [Math.sin(angle), Math.cos(angle)]);
    return [cy * sp, sy * cp, -sy * sp, cy * cp];
  };
  const container = document.createElement("div");
  const able = (feature) =>
    !["plane-detection", "depth-sensing"].includes(feature) || senses.includes(feature);
  const supportedFeatures = metaQuest3.supportedFeatures.filter(able);
  const device = new XRDevice(
    { ...metaQuest3, supportedFeatures },
    {
      stereoEnabled: stereo,
      // Given here and not set later: `local` is where the device was at its last frame.
      headsetPosition: new first.constructor(...position),
      headsetQuaternion: new level.constructor(...heading(yawRad, 0)),
      canvasContainer: container,
    },
  );
  device.installRuntime({ polyfillLayers: false, forceInstall: true });
  device.stereoEnabled = stereo;
  overlayTheDom(container);
  device.installSEM(window.IWER_SEM.SyntheticEnvironmentModule);
  const pointer = device.controllers.right;
  device.controllers.left.connected = false;
  if (!stereo) {
    // A phone has no controller: its input is a finger on the screen, which is there while it touches.
    pointer.connected = false;
    Object.defineProperty(pointer.inputSource, "targetRayMode", { value: "screen" });
  }
  const ready = fetch(roomUrl)
    .then((answer) => answer.json())
    .then((json) => device.sem.loadEnvironment(json));

  /** The pointer goes along: a tap in the middle of the view is what it points at. */
  const place = (at, quaternion) => {
    for (const part of [device, pointer]) {
      part.position.set(...at);
      part.quaternion.set(...quaternion);
    }
  };
  const frames = (count) =>
    new Promise((resolve) => {
      const step = (left) => (left > 0 ? requestAnimationFrame(() => step(left - 1)) : resolve());
      step(count);
    });

  window.emulated = {
    device,
    ready,
    /** The views of the last frame that drew anything, with their places on the screen. */
    views: [],
    /** Moves the device so that a point lies in the middle of its view, and waits for a few frames. */
    async lookAt(eye, target) {
      const [x, y, z] = target.map((value, axis) => value - eye[axis]);
      place(eye, heading(Math.atan2(-x, -z), Math.atan2(y, Math.hypot(x, z))));
      await frames(4);
    },
    /** Taps the middle of the view, or presses the pointer's trigger. */
    async tap() {
      pointer.connected = true;
      await frames(2);
      pointer.updateButtonValue("trigger", 1);
      await frames(3);
      pointer.updateButtonValue("trigger", 0);
      await frames(3);
      pointer.connected = stereo;
    },
    /** The centre of a surface by its label (`floor`, `table`), in the room's world. */
    surface(label) {
      const plane = [...device.sem.trackedPlanes].find((candidate) => candidate.semanticLabel === label);
      return plane && [...plane.transform.matrix].slice(12, 15);
    },
  };

  /** Notes the views that the page is given. */
  const getViewerPose = XRFrame.prototype.getViewerPose;
  XRFrame.prototype.getViewerPose = function (space) {
    const pose = getViewerPose.call(this, space);
    const layer = this.session.renderState.baseLayer;
    if (!pose || !layer) return pose;
    const { canvas } = layer.context;
    const box = canvas.getBoundingClientRect();
    window.emulated.views = pose.views
      .map((view) => ({ view, viewport: layer.getViewport(view) }))
      // Without stereo, iwer still has a second view of no width.
      .filter(({ viewport }) => viewport.width > 0)
      .map(({ view, viewport }) => ({
        projection: [...view.projectionMatrix],
        viewFromLocal: [...view.transform.inverse.matrix],
        viewport: [viewport.x, viewport.y, viewport.width, viewport.height],
        canvas: [canvas.width, canvas.height],
        shown: [box.left, box.top, box.width, box.height],
      }));
    return pose;
  };

  /** iwer has no DOM overlay: shows the element that a page asks for over the session's canvas. */
  function overlayTheDom(behind) {
    const request = navigator.xr.requestSession;
    navigator.xr.requestSession = async (mode, init) => {
      const session = await request.call(navigator.xr, mode, init);
      const root = init?.domOverlay?.root;
      if (!root) return session;
      const before = root.style.cssText;
      behind.style.pointerEvents = "none";
      Object.assign(root.style, {
        position: root === document.body ? "" : "fixed",
        inset: "0",
        zIndex: "1000",
      });
      Object.defineProperty(session, "domOverlayState", { value: { type: "screen" } });
      session.addEventListener("end", () => {
        root.style.cssText = before;
      });
      return session;
    };
  }
}
