/**
 * Camera images for the emulated AR device, which has none of its own: pictures of a generated sequence, at the true
 * poses of their camera, with a projection that is that camera's. What is emulated is WebXR Raw Camera Access.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTrajectory, serveFolder } from "./replay.mjs";

/**
 * Puts the shim into a page that has an emulated device (see `xr_device.mjs`) and is not loaded yet.
 *
 * @returns {Promise<{count: number, poses: object[]}>} how many pictures there are, and the poses of their views in
 * the sequence's world with Y up
 */
export async function emulateCamera(page, folder) {
  const base = await serveFolder(page, folder);
  const list = (await readFile(join(folder, "list.txt"), "utf8"))
    .split("\n")
    .filter((line) => /^\d/.test(line));
  const words = (await readFile(join(folder, "camera.txt"), "utf8"))
    .split("\n")
    .find((line) => /^[A-Z]/.test(line));
  const [width, height, fx, fy, cx, cy] = words.split(/\s+/).slice(1).map(Number);
  const poses = (await readTrajectory(join(folder, "truth.tum"))).map(({ position, orientation }) => ({
    position: yUp(position),
    orientation: times(times(Z_UP_TO_Y_UP, orientation), HALF_TURN_ABOUT_X),
  }));
  const urls = list.map((line) => base + line.split(/\s+/)[1]);
  // COLMAP's pixel centres are at halves, as are those of a projection's viewport.
  await page.addInitScript(install, { urls, poses, camera: { width, height, fx, fy, cx, cy } });
  return { count: urls.length, poses };
}

/** From the simulator's world, Z up, to one with Y up. */
export function yUp([x, y, z]) {
  return [x, z, -y];
}

const Z_UP_TO_Y_UP = [-Math.SQRT1_2, 0, 0, Math.SQRT1_2];
/** A camera looks along +Z, a view along -Z. */
const HALF_TURN_ABOUT_X = [1, 0, 0, 0];

function times([ax, ay, az, aw], [bx, by, bz, bw]) {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** Runs in the page, before its own scripts and after the device's. */
function install({ urls, poses, camera }) {
  if (window !== window.top || !window.emulated) return;
  const { width, height, fx, fy, cx, cy } = camera;
  const [near, far] = [0.05, 100];
  // biome-ignore format: a column a row
  const projection = Float32Array.of(
    (2 * fx) / width, 0, 0, 0,
    0, (2 * fy) / height, 0, 0,
    1 - (2 * cx) / width, (2 * cy) / height - 1, (far + near) / (near - far), -1,
    0, 0, (2 * far * near) / (near - far), 0,
  );
  let image;
  Object.defineProperty(XRView.prototype, "projectionMatrix", { get: () => projection });
  Object.defineProperty(XRView.prototype, "camera", { get: () => (image ? { width, height } : null) });

  const request = navigator.xr.requestSession;
  navigator.xr.requestSession = async (mode, init) => {
    const session = await request.call(navigator.xr, mode, init);
    const asked = [...(init?.requiredFeatures ?? []), ...(init?.optionalFeatures ?? [])];
    Object.defineProperty(session, "enabledFeatures", { value: asked });
    return session;
  };

  const textures = new WeakMap();
  window.XRWebGLBinding = class {
    #gl;
    constructor(_session, gl) {
      this.#gl = gl;
    }
    getCameraImage() {
      const gl = this.#gl;
      const known = textures.get(gl) ?? { texture: gl.createTexture() };
      textures.set(gl, known);
      if (known.image !== image) {
        known.image = image;
        const before = [gl.getParameter(gl.TEXTURE_BINDING_2D), gl.getParameter(gl.UNPACK_FLIP_Y_WEBGL)];
        gl.bindTexture(gl.TEXTURE_2D, known.texture);
        // A texture's first row is the picture's last, as WebGL has it. The browser does not turn bitmaps over.
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, image);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
        gl.bindTexture(gl.TEXTURE_2D, before[0]);
        gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, before[1]);
      }
      return known.texture;
    }
  };

  /** Moves the device to where a picture was taken and shows that picture; waits until it has been mapped. */
  window.emulated.takePicture = async (index) => {
    const blob = await (await fetch(urls[index])).blob();
    const next = await createImageBitmap(blob, { imageOrientation: "flipY" });
    const { device } = window.emulated;
    // A phone's one view is where the phone is, not half an eye's distance beside it.
    device.ipd = 0;
    const { position, orientation } = poses[index];
    device.position.set(...position);
    device.quaternion.set(...orientation);
    image = next;
    const before = window.sightline.session.tracking?.frame ?? 0;
    const end = performance.now() + 10_000;
    // The frame after the next is the first that is surely of this picture.
    while ((window.sightline.session.tracking?.frame ?? 0) < before + 2 && performance.now() < end) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return window.sightline.session.tracking?.frame ?? 0;
  };
}
