/**
 * Models that others made: those of a folder that `SIGHTLINE_MODELS` names, and those that npm packages carry, which
 * `npm ci` in the parent folder installs. What is not there is told by name, and why.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { NodeIO } from "@gltf-transform/core";
import { ALL_EXTENSIONS } from "@gltf-transform/extensions";
import { indoors } from "../light.mjs";

const require = createRequire(import.meta.url);

/** A glTF file as one GLB: a GLB as it is, others with what they refer to. */
async function oneFile(path) {
  if (path.endsWith(".glb")) return readFile(path);
  const io = new NodeIO().registerExtensions(ALL_EXTENSIONS);
  const document = await io.read(path);
  // A GLB has one buffer.
  const [buffer, ...others] = document.getRoot().listBuffers();
  for (const accessor of document.getRoot().listAccessors()) accessor.setBuffer(buffer);
  for (const other of others) other.dispose();
  return io.writeBinary(document);
}

/** A GLB whose meshes Draco packed, unpacked. */
async function withoutDraco(bytes) {
  const draco = require("draco3dgltf");
  const io = new NodeIO().registerExtensions(ALL_EXTENSIONS);
  io.registerDependencies({ "draco3d.decoder": await draco.createDecoderModule() });
  const document = await io.readBinary(bytes);
  for (const extension of document.getRoot().listExtensionsUsed()) {
    if (extension.extensionName === "KHR_draco_mesh_compression") extension.dispose();
  }
  return io.writeBinary(document);
}

const SHARED = [
  {
    name: "fox",
    file: "Fox.glb",
    animation: { index: 1, timeSecs: 0.4 },
    view: { azimuthDeg: 55, elevationDeg: 15 },
  },
  { name: "morph-stress-test", file: "MorphStressTest.gltf", animation: { index: 0, timeSecs: 0.9 } },
  { name: "simple-skin", file: "SimpleSkin.gltf", animation: { index: 0, timeSecs: 2 } },
  {
    name: "kenney-alien",
    file: "kenney_alien.glb",
    light: indoors,
    view: { azimuthDeg: 205, elevationDeg: 12 },
  },
  { name: "kenney-cake", file: "kenney_cake.glb", light: indoors },
  { name: "kenney-tile", file: "kenney_tile.glb" },
  { name: "camp", file: "camp/camp.gltf" },
  { name: "sunflower", file: "sunflower/sunflower.gltf" },
];

const BASE64 = "base64,";

/** A module of `@pmndrs/assets`, whose text holds a GLB that Draco packed. */
const pmndrs = (name) => async () => {
  const text = await readFile(require.resolve(`@pmndrs/assets/models/${name}.glb.js`), "latin1");
  const start = text.indexOf(BASE64) + BASE64.length;
  return withoutDraco(Buffer.from(text.slice(start, text.indexOf("'", start)), "base64"));
};

const controller = (path) => async () => {
  const list = require.resolve("@webxr-input-profiles/assets/package.json");
  return readFile(join(dirname(list), "dist/profiles", path));
};

const PACKAGED = [
  { name: "pmndrs-logo", bytes: pmndrs("pmndrs"), light: indoors },
  { name: "pmndrs-suzi", bytes: pmndrs("suzi"), light: indoors },
  { name: "pmndrs-bunny", bytes: pmndrs("bunny") },
  { name: "hand", bytes: controller("generic-hand/left.glb"), view: { azimuthDeg: 120, elevationDeg: 40 } },
  { name: "controller-generic", bytes: controller("generic-trigger-squeeze/none.glb"), light: indoors },
  { name: "controller-touch-plus", bytes: controller("meta-quest-touch-plus/left.glb") },
  { name: "controller-mixed-reality", bytes: controller("hp-mixed-reality/left.glb"), light: indoors },
  { name: "controller-vive-focus", bytes: controller("htc-vive-focus/none.glb"), light: indoors },
  { name: "controller-pico-neo3", bytes: controller("pico-neo3/left.glb") },
];

/**
 * @returns {{models: object[], absent: {name: string, why: string}[]}} models as the generated ones: a name, a function
 * that gives the bytes, and how to look at it
 */
export function foundModels() {
  const folder = process.env.SIGHTLINE_MODELS;
  const shared = SHARED.map(({ file, ...rest }) => ({
    ...rest,
    model: () => oneFile(join(folder, file)),
  }));
  const packaged = PACKAGED.map(({ bytes, ...rest }) => ({ ...rest, model: bytes }));
  const models = [];
  const absent = [];
  const add = (those, isHere, why) => {
    if (isHere) models.push(...those);
    else absent.push(...those.map(({ name }) => ({ name, why })));
  };
  add(shared, Boolean(folder), "SIGHTLINE_MODELS names no folder");
  add(packaged, isInstalled(), "the packages of web/tests/render_reference are not installed: npm ci there");
  return { models, absent };
}

function isInstalled() {
  try {
    require.resolve("@webxr-input-profiles/assets/package.json");
    return true;
  } catch {
    return false;
  }
}
