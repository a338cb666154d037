/**
 * What the emulated AR device does not sense by itself: a light estimate with reflections, and depth in the form that phones give it. The
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

  const probe = new EventTarget();
  XRSession.prototype.requestLightProbe = async function () {
    return Object.assign(probe, { probeSpace: await this.requestReferenceSpace("local") });
  };
  let cube = null;
  window.XRWebGLBinding = class {
    #gl;
    constructor(_, gl) {
      this.#gl = gl;
    }
    getReflectionCubeMap(of) {
      return of === probe && cube ? filled(this.#gl, cube) : null;
    }
  };

  /** A cube map of sRGB bytes with one colour a face. */
  function filled(gl, { facePx, colors }) {
    // As the page left it, a pixel store would cut or turn what is sent here.
    const stores = ["UNPACK_ROW_LENGTH", "UNPACK_FLIP_Y_WEBGL", "UNPACK_PREMULTIPLY_ALPHA_WEBGL"];
    const kept = stores.map((name) => gl.getParameter(gl[name]));
    for (const name of stores) gl.pixelStorei(gl[name], 0);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_CUBE_MAP, texture);
    WebGL2RenderingContext.prototype.texStorage2D.call(
      gl,
      gl.TEXTURE_CUBE_MAP,
      1,
      gl.SRGB8_ALPHA8,
      facePx,
      facePx,
    );
    for (const [face, color] of colors.entries()) {
      const texels = new Uint8Array(facePx * facePx * 4).map((_, k) => [...color, 255][k % 4]);
      const target = gl.TEXTURE_CUBE_MAP_POSITIVE_X + face;
      gl.texSubImage2D(target, 0, 0, 0, facePx, facePx, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    }
    gl.bindTexture(gl.TEXTURE_CUBE_MAP, null);
    for (const [k, name] of stores.entries()) gl.pixelStorei(gl[name], kept[k]);
    const error = gl.getError();
    if (error) console.error(`the cube of the test was refused: ${error}, ${kept}`);
    return texture;
  }
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
    /** What is mirrored: a colour in sRGB bytes for each face. */
    setReflections(facePx, colors) {
      cube = { facePx, colors };
      probe.dispatchEvent(new Event("reflectionchange"));
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
