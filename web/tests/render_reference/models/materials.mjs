/** Generated models of what a material can say. */

import {
  KHRMaterialsEmissiveStrength,
  KHRMaterialsUnlit,
  KHRTextureTransform,
} from "@gltf-transform/extensions";
import { indoors } from "../light.mjs";
import { Model } from "./build.mjs";
import * as pictures from "./pictures.mjs";
import { bentSheet, box, only, plain, sheet, sphere } from "./shapes.mjs";

/** glTF's names of how a texture is repeated and read. */
const [REPEAT, MIRRORED, CLAMPED] = [10497, 33648, 33071];
const NEAREST = 9728;

/** Five by five spheres: metalness grows upwards, roughness to the right. */
function factorGrid(colour) {
  const model = new Model();
  const shape = only(sphere(0.45, 40, 20), "POSITION", "NORMAL");
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 5; column++) {
      const material = model.material({ colour, metal: row / 4, rough: column / 4 });
      model.show(shape, material, [column - 2, row - 2, 0]);
    }
  }
  return model.bytes();
}

/** A sphere and a box with one material. */
function pair(model, material, shapeOf = plain) {
  model.show(shapeOf(sphere(0.62)), material, [-0.68, 0, 0]);
  model.show(shapeOf(box(0.95)), material, [0.68, 0, 0]).setRotation([0.14, -0.28, 0.04, 0.95]);
  return model.bytes();
}

function baseColourTexture() {
  const model = new Model();
  const material = model.material({ colour: [1, 0.9, 0.8, 1] });
  return pair(model, material.setBaseColorTexture(model.texture(pictures.placeColours())));
}

function metallicRoughnessTexture() {
  const model = new Model();
  const material = model.material({ colour: [0.95, 0.7, 0.4, 1], metal: 1, rough: 1 });
  return pair(model, material.setMetallicRoughnessTexture(model.texture(pictures.roughnessAndMetalness())));
}

function normalMap(withTangents) {
  const model = new Model();
  const material = model.material({ colour: [0.75, 0.72, 0.68, 1], rough: 0.45 });
  material.setNormalTexture(model.texture(pictures.bumps())).setNormalScale(0.8);
  return pair(model, material, withTangents ? (shape) => shape : plain);
}

function occlusionMap() {
  const model = new Model();
  const material = model.material({ colour: [0.85, 0.85, 0.85, 1] });
  return pair(model, material.setOcclusionTexture(model.texture(pictures.rings())).setOcclusionStrength(0.8));
}

function emissiveMap() {
  const model = new Model();
  const material = model.material({ colour: [0.1, 0.12, 0.16, 1] });
  return pair(
    model,
    material.setEmissiveTexture(model.texture(pictures.glow())).setEmissiveFactor([1, 0.9, 0.8]),
  );
}

/** Three spheres that glow less than, as, and more than a factor of one. */
function emissiveStrength() {
  const model = new Model();
  const extension = model.extension(KHRMaterialsEmissiveStrength);
  [0.5, 1, 3].forEach((strength, k) => {
    const material = model.material({ colour: [0.05, 0.05, 0.05, 1] });
    material.setEmissiveFactor([0.32, 0.2, 0.06]);
    const strong = extension.createEmissiveStrength().setEmissiveStrength(strength);
    material.setExtension("KHR_materials_emissive_strength", strong);
    model.show(plain(sphere(0.45)), material, [k - 1, 0, 0]);
  });
  return model.bytes();
}

function alphaMask() {
  const model = new Model();
  const texture = model.texture(pictures.leaves());
  [0.3, 0.8].forEach((cutoff, k) => {
    const material = model.material({ rough: 0.8 }).setBaseColorTexture(texture);
    material.setAlphaMode("MASK").setAlphaCutoff(cutoff).setDoubleSided(true);
    model.show(plain(sheet(1.2, 1.2)), material, [k * 0.5 - 0.25, k * 0.4 - 0.2, k * 0.5]);
  });
  return model.bytes();
}

/** Panes behind each other, of which the nearest comes first in the file: they must be sorted. */
function alphaBlend() {
  const model = new Model();
  const back = model
    .material({ colour: [0.8, 0.8, 0.75, 1] })
    .setBaseColorTexture(model.texture(pictures.placeColours()));
  const colours = [
    [0.9, 0.2, 0.15, 0.5],
    [0.2, 0.75, 0.3, 0.35],
    [0.2, 0.35, 0.9, 0.6],
  ];
  colours.forEach((colour, k) => {
    const material = model.material({ colour, rough: 0.4 }).setAlphaMode("BLEND");
    model.show(plain(sheet(0.9, 0.9)), material, [0.35 - k * 0.35, 0.3 - k * 0.3, 0.6 - k * 0.3]);
  });
  model.show(plain(sheet(2, 2)), back, [0, 0, -0.4]);
  return model.bytes();
}

/** A bent sheet seen from both sides, beside one of which only the front is there. */
function doubleSided() {
  const model = new Model();
  const texture = model.texture(pictures.placeColours());
  [true, false].forEach((isDouble, k) => {
    const material = model.material({ rough: 0.5 }).setBaseColorTexture(texture).setDoubleSided(isDouble);
    const node = model.show(plain(bentSheet(0.6, 1.4)), material, [k * 1.5 - 0.75, 0, 0]);
    node.setRotation([0, Math.sin(0.5), 0, Math.cos(0.5)]);
  });
  return model.bytes();
}

/** Nine letters: moved, turned, scaled, all three, and one that takes the second set of coordinates. */
function textureTransform() {
  const model = new Model();
  const extension = model.extension(KHRTextureTransform, true);
  const texture = model.texture(pictures.letter());
  const cases = [
    {},
    { offset: [0.25, 0] },
    { offset: [0, 0.25] },
    { rotation: 0.5 },
    { scale: [2, 2] },
    { scale: [-1, 1] },
    { offset: [0.3, 0.1], rotation: 0.4, scale: [1.5, 0.75] },
    { texCoord: 1 },
    { texCoord: 1, offset: [0.5, 0], scale: [0.5, 1] },
  ];
  const shape = plain(sheet(0.92, 0.92));
  const turned = Array.from(shape.attributes.TEXCOORD_0.array, (_, k) =>
    k % 2 === 0 ? shape.attributes.TEXCOORD_0.array[k + 1] : 1 - shape.attributes.TEXCOORD_0.array[k - 1],
  );
  shape.attributes.TEXCOORD_1 = { type: "VEC2", array: new Float32Array(turned) };
  cases.forEach(({ offset = [0, 0], rotation = 0, scale = [1, 1], texCoord }, k) => {
    const transform = extension.createTransform().setOffset(offset).setRotation(rotation).setScale(scale);
    if (texCoord !== undefined) transform.setTexCoord(texCoord);
    const material = model.material({ rough: 0.9 }).setBaseColorTexture(texture);
    material.getBaseColorTextureInfo().setExtension("KHR_texture_transform", transform);
    model.show(shape, material, [(k % 3) - 1, 1 - Math.floor(k / 3), 0]);
  });
  return model.bytes();
}

/** The base colour by the first set of coordinates, roughness and occlusion by the second. */
function secondCoordinates() {
  const model = new Model();
  const shape = plain(sphere(0.8));
  const twice = shape.attributes.TEXCOORD_0.array.map((value) => value * 3);
  shape.attributes.TEXCOORD_1 = { type: "VEC2", array: twice };
  const material = model.material({ metal: 0, rough: 1 });
  material.setBaseColorTexture(model.texture(pictures.placeColours()));
  material.setOcclusionTexture(model.texture(pictures.rings()));
  material.getOcclusionTextureInfo().setTexCoord(1);
  model.show(shape, material);
  return model.bytes();
}

function unlit() {
  const model = new Model();
  const material = model.material({ colour: [0.9, 1, 0.8, 1] });
  material.setBaseColorTexture(model.texture(pictures.placeColours()));
  material.setExtension("KHR_materials_unlit", model.extension(KHRMaterialsUnlit).createUnlit());
  return pair(model, material);
}

/** Letters whose coordinates run from -0.75 to 1.75, repeated, mirrored and clamped along each axis; one unfiltered. */
function samplerWraps() {
  const model = new Model();
  const png = pictures.letter();
  const shape = plain(sheet(0.92, 0.92));
  shape.attributes.TEXCOORD_0.array = shape.attributes.TEXCOORD_0.array.map((value) => value * 2.5 - 0.75);
  const wraps = [REPEAT, MIRRORED, CLAMPED];
  wraps.forEach((wrapS, column) => {
    wraps.forEach((wrapT, row) => {
      const material = model.material({ rough: 0.9 }).setBaseColorTexture(model.texture(png));
      const sampler = material.getBaseColorTextureInfo().setWrapS(wrapS).setWrapT(wrapT);
      if (row === 2 && column === 2) sampler.setMagFilter(NEAREST).setMinFilter(NEAREST);
      model.show(shape, material, [column - 1, 1 - row, 0]);
    });
  });
  return model.bytes();
}

const front = { azimuthDeg: 0, elevationDeg: 0 };

/** What a material can say, one model a word. */
export const materialModels = [
  { name: "factors", model: () => factorGrid([0.8, 0.25, 0.2, 1]), view: front },
  {
    name: "factors-reflecting",
    model: () => factorGrid([0.9, 0.78, 0.55, 1]),
    view: front,
    light: indoors,
  },
  { name: "base-colour-texture", model: baseColourTexture },
  { name: "metallic-roughness-texture", model: metallicRoughnessTexture, light: indoors },
  { name: "normal-map-with-tangents", model: () => normalMap(true), light: indoors },
  { name: "normal-map-without-tangents", model: () => normalMap(false), light: indoors },
  { name: "occlusion-map", model: occlusionMap },
  { name: "occlusion-map-reflecting", model: occlusionMap, light: indoors },
  { name: "emissive-map", model: emissiveMap },
  { name: "emissive-strength", model: emissiveStrength, view: front },
  { name: "alpha-mask", model: alphaMask },
  { name: "alpha-blend", model: alphaBlend, view: { azimuthDeg: 12, elevationDeg: 8 } },
  { name: "double-sided", model: doubleSided },
  { name: "texture-transform", model: textureTransform, view: front },
  { name: "second-coordinates", model: secondCoordinates },
  { name: "unlit", model: unlit },
  { name: "sampler-wraps", model: samplerWraps, view: front },
];
