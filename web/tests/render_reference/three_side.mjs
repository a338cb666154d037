/**
 * The reference: three.js in a page. Draws a case with no tone mapping into an sRGB target of four samples a pixel, so
 * that blending and the edges' average are linear, as glTF asks for; three's own canvas would do both in sRGB.
 */

import {
  AnimationMixer,
  Box3,
  Color,
  CubeTexture,
  DataTexture,
  DataUtils,
  DirectionalLight,
  HalfFloatType,
  LightProbe,
  LinearFilter,
  NoToneMapping,
  PCFShadowMap,
  PerspectiveCamera,
  PMREMGenerator,
  REVISION,
  RGBAFormat,
  Scene,
  SRGBColorSpace,
  UnsignedByteType,
  Vector3,
  WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

const SAMPLES = 4;

/** Opens the side. */
export async function openSide() {
  const renderer = new WebGLRenderer({ alpha: false });
  renderer.toneMapping = NoToneMapping;
  renderer.outputColorSpace = SRGBColorSpace;
  return {
    about: `three.js r${REVISION}`,
    bounds: (scene, axes) => boundsOf(scene, axes),
    draw: (scene) => draw(renderer, scene),
  };
}

/** The model of a case as it stands at the case's time. */
async function load({ model, animation }) {
  const bytes = await (await fetch(model)).arrayBuffer();
  const gltf = await new GLTFLoader().parseAsync(bytes, "");
  if (animation) {
    const mixer = new AnimationMixer(gltf.scene);
    mixer.clipAction(gltf.animations[animation.index]).play();
    mixer.setTime(animation.timeSecs);
  }
  gltf.scene.updateMatrixWorld(true);
  return gltf.scene;
}

/** How far the vertices of a case reach along three axes, as they are drawn. */
async function boundsOf(scene, axes) {
  const bounds = new Box3();
  const vertex = new Vector3();
  const directions = axes.map((axis) => new Vector3().fromArray(axis));
  (await load(scene)).traverse((one) => {
    if (!one.isMesh) return;
    for (let k = 0; k < one.geometry.attributes.position.count; k++) {
      one.getVertexPosition(k, vertex).applyMatrix4(one.matrixWorld);
      bounds.expandByPoint(new Vector3(...directions.map((direction) => direction.dot(vertex))));
    }
  });
  return { min: bounds.min.toArray(), max: bounds.max.toArray() };
}

async function draw(renderer, { size, background, camera, light, shadow, ...rest }) {
  const root = new Scene();
  const model = await load(rest);
  root.add(model);

  const main = new DirectionalLight();
  // three's Lambert term divides by pi, as radiometry does, and its intensity is not multiplied by pi.
  main.color.setRGB(...light.intensityOverPi);
  main.intensity = Math.PI;
  main.position.fromArray(light.directionToLight).multiplyScalar(10);
  root.add(main, main.target);
  renderer.shadowMap.enabled = shadow !== null;
  renderer.shadowMap.type = PCFShadowMap;
  if (shadow) castShadows(main, model, shadow);

  let reflected = null;
  if (light.environment) {
    reflected = await prefiltered(renderer, light.environment);
    root.environment = reflected.texture;
  } else {
    const probe = new LightProbe();
    probe.sh.fromArray(light.sh);
    root.add(probe);
  }

  const eye = new PerspectiveCamera(camera.fovYDeg, camera.aspect, camera.near, camera.far);
  eye.position.fromArray(camera.position);
  eye.lookAt(new Vector3().fromArray(camera.target));

  const target = new WebGLRenderTarget(size.width, size.height, {
    samples: SAMPLES,
    type: UnsignedByteType,
    format: RGBAFormat,
    colorSpace: SRGBColorSpace,
    generateMipmaps: false,
  });
  renderer.setRenderTarget(target);
  renderer.setClearColor(new Color().setRGB(...background), 1);
  renderer.clear();
  renderer.render(root, eye);
  const upsideDown = new Uint8Array(size.width * size.height * 4);
  renderer.readRenderTargetPixels(target, 0, 0, size.width, size.height, upsideDown);
  renderer.setRenderTarget(null);
  target.dispose();
  reflected?.dispose();
  return topRowFirst(upsideDown, size.width * 4);
}

function castShadows(main, model, { mapPx, halfExtent }) {
  main.castShadow = true;
  main.shadow.mapSize.set(mapPx, mapPx);
  main.shadow.normalBias = 0.02;
  Object.assign(main.shadow.camera, {
    left: -halfExtent,
    right: halfExtent,
    bottom: -halfExtent,
    top: halfExtent,
    near: 1,
    far: 20,
  });
  model.traverse((one) => {
    one.castShadow = true;
    one.receiveShadow = true;
  });
}

/** The environment blurred for each roughness. */
async function prefiltered(renderer, { url, facePx }) {
  const texels = new Float32Array(await (await fetch(url)).arrayBuffer());
  const faces = Array.from({ length: 6 }, (_, face) => threeFace(texels, face, facePx));
  const cube = new CubeTexture(faces);
  Object.assign(cube, { type: HalfFloatType, format: RGBAFormat, generateMipmaps: false });
  Object.assign(cube, { minFilter: LinearFilter, magFilter: LinearFilter, needsUpdate: true });
  const generator = new PMREMGenerator(renderer);
  const target = generator.fromCubemap(cube);
  generator.dispose();
  cube.dispose();
  return target;
}

/**
 * three looks into a cube texture with x turned round, as if its pictures had been taken from inside: what stands on a
 * face of WebGL belongs, mirrored, on the face that is opposite in x.
 */
function threeFace(texels, face, facePx) {
  const from = face < 2 ? 1 - face : face;
  const half = new Uint16Array(facePx * facePx * 4);
  for (let row = 0; row < facePx; row++) {
    for (let column = 0; column < facePx; column++) {
      const source = ((from * facePx + row) * facePx + (facePx - 1 - column)) * 4;
      const to = (row * facePx + column) * 4;
      for (let c = 0; c < 4; c++) half[to + c] = DataUtils.toHalfFloat(texels[source + c]);
    }
  }
  const texture = new DataTexture(half, facePx, facePx, RGBAFormat, HalfFloatType);
  texture.needsUpdate = true;
  return texture;
}

function topRowFirst(rows, stride) {
  const out = new Uint8Array(rows.length);
  for (let at = 0; at < rows.length; at += stride) {
    out.set(rows.subarray(at, at + stride), rows.length - stride - at);
  }
  return out;
}
