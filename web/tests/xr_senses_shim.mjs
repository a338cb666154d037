/**
 * What the emulated AR device does not sense by itself: a light estimate, and depth in the form that phones give it. The
 * test says what there is to sense: `window.emulated.senses`.
 */

/** Puts the shim into a page that has an emulated device (see `xr_device.mjs`) and is not loaded yet. */
export async function emulateSenses(page) {
  await page.addInitScript(install);
}

/** Runs in the page, before its own scripts and after the device's. */
function install() {
  if (window !== window.top || !window.emulated) return;
  const { NativePlane } = window.IWER;
  const { device } = window.emulated;
  let light = null;
  let depth = null;
  const walls = [];

  XRSession.prototype.requestLightProbe = async function () {
    return { probeSpace: await this.requestReferenceSpace("local") };
  };
  XRFrame.prototype.getLightEstimate = () => light;

  // The emulator's own depth is not asked for: it draws the whole room once more for it.
  device.sem.computeDepthBuffer = () => null;
  Object.defineProperty(XRSession.prototype, "depthDataFormat", { get: () => "luminance-alpha" });
  XRFrame.prototype.getDepthInformation = () => depth;

  window.emulated.senses = {
    /** The same light from everywhere and a lamp above, red, green and blue. */
    setLight(radiance, irradiance) {
      const coefficients = new Float32Array(27);
      // The projection of a constant on the basis' first function, 1 / sqrt(4 pi).
      coefficients.set(radiance.map((value) => value * Math.sqrt(4 * Math.PI)));
      const [x, y, z] = irradiance;
      light = {
        sphericalHarmonicsCoefficients: coefficients,
        primaryLightDirection: new DOMPoint(0, 1, 0, 0),
        primaryLightIntensity: new DOMPoint(x, y, z, 1),
      };
    },
    /** The upper and the lower half of the view are so far away, in millimetres; 0: nobody knows how far. */
    setDepth(upper, lower = upper) {
      depth = {
        width: 8,
        height: 6,
        data: new Uint16Array(48).fill(upper, 0, 24).fill(lower, 24).buffer,
        rawValueToMeters: 0.001,
        normDepthBufferFromNormView: new XRRigidTransform(),
      };
    },
    /** A wall of 2 x 2 metres, with a notch, at a place of the room's world, upright and across the Z axis. */
    addWall([x, y, z]) {
      const upright = { x: Math.SQRT1_2, y: 0, z: 0, w: Math.SQRT1_2 };
      const corners = [
        [-1, -1],
        [0, -0.9],
        [1, -1],
        [1, 1],
        [-1, 1],
      ];
      const outline = corners.map(([a, b]) => new DOMPoint(a, 0, b));
      const wall = new NativePlane(new XRRigidTransform({ x, y, z }, upright), outline, "wall");
      device.sem.trackedPlanes.add(wall);
      walls.push(wall);
    },
    removeWalls() {
      for (const wall of walls.splice(0)) device.sem.trackedPlanes.delete(wall);
    },
    /** From now on all three are broken. */
    breakAll() {
      const broken = () => {
        throw new Error("broken on purpose");
      };
      XRFrame.prototype.getLightEstimate = broken;
      XRFrame.prototype.getDepthInformation = broken;
      Object.defineProperty(XRFrame.prototype, "detectedPlanes", { get: broken });
    },
  };
}
