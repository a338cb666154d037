/** Generated models of how a shape can be stored. */

import { KHRMeshQuantization } from "@gltf-transform/extensions";
import { Model } from "./build.mjs";
import * as pictures from "./pictures.mjs";
import { bentSheet, box, only, plain, sheet, sphere, unindexed } from "./shapes.mjs";

const [TRIANGLES, STRIP, FAN] = [4, 5, 6];

/** Vertex colours as floats with three parts, as bytes with four, and as shorts. */
function vertexColours() {
  const model = new Model();
  const stored = [
    ["VEC3", (values) => new Float32Array(values), false],
    ["VEC4", (values) => new Uint8Array(values.map((value) => Math.round(value * 255))), true],
    ["VEC4", (values) => new Uint16Array(values.map((value) => Math.round(value * 65535))), true],
  ];
  stored.forEach(([type, pack, normalized], k) => {
    const shape = only(sphere(0.46, 32, 16), "POSITION", "NORMAL");
    const normals = shape.attributes.NORMAL.array;
    const colours = [];
    for (let at = 0; at < normals.length; at += 3) {
      colours.push(...normals.subarray(at, at + 3).map((value) => 0.5 + 0.5 * value));
      if (type === "VEC4") colours.push(1);
    }
    shape.attributes.COLOR_0 = { type, array: pack(colours), normalized };
    model.show(shape, model.material({ colour: [1, 1, 0.8, 1] }), [k - 1, 0, 0]);
  });
  return model.bytes();
}

/** Positions as normalised shorts, normals as bytes, coordinates as shorts, as KHR_mesh_quantization allows. */
function quantized() {
  const model = new Model();
  model.extension(KHRMeshQuantization, true);
  const shape = plain(sphere(1));
  const pack = (name, array, normalized = true) => {
    shape.attributes[name] = { type: shape.attributes[name].type, array, normalized };
  };
  const whole = (name, most) => shape.attributes[name].array.map((value) => Math.round(value * most));
  // The writer pads a vertex to four bytes, as the extension asks for.
  pack("POSITION", new Int16Array(whole("POSITION", 32767)));
  pack("NORMAL", new Int8Array(whole("NORMAL", 127)));
  pack("TEXCOORD_0", new Uint16Array(whole("TEXCOORD_0", 65535)));
  const material = model.material().setBaseColorTexture(model.texture(pictures.placeColours()));
  model.show(shape, material).setScale([1.1, 0.9, 1.1]);
  return model.bytes();
}

/** A mirrored node under a mirrored parent and beside one: front faces and normals must follow. */
function negativeScale() {
  const model = new Model();
  const material = model.material({ rough: 0.5 }).setBaseColorTexture(model.texture(pictures.letter()));
  material.setNormalTexture(model.texture(pictures.bumps())).setNormalScale(0.4);
  const scales = [
    [1, 1, 1],
    [-1, 1, 1],
    [1, -1, 1],
    [-1, -1, -1],
  ];
  scales.forEach((scale, k) => {
    const node = model.show(box(0.8), material, [(k % 2) - 0.5, 0.5 - Math.floor(k / 2), 0]);
    node.setScale(scale);
  });
  const mirrored = model.document.createNode().setScale([-1, 1, 1]).setTranslation([1.5, 0, 0]);
  const inner = model.document.createNode().setScale([-1, 1, 1]);
  inner.setMesh(model.mesh(model.primitive(box(0.8), material)));
  model.scene.addChild(mirrored.addChild(inner));
  return model.bytes();
}

/** A sheet that a morph target lifts to pyramids; the target's accessors store the few vertices that move alone. */
function sparse() {
  const model = new Model();
  const side = 17;
  const shape = only(sheet(2, 2, side - 1, side - 1), "POSITION", "NORMAL");
  const lifted = new Float32Array(side * side * 3);
  const tilted = new Float32Array(side * side * 3);
  for (const [column, row] of [
    [4, 4],
    [12, 5],
    [8, 10],
    [4, 13],
  ]) {
    const at = (right, down) => ((row + down) * side + column + right) * 3;
    lifted[at(0, 0) + 2] = 0.4;
    for (const [right, down] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      tilted.set([right, -down, -0.3], at(right, down));
    }
  }
  const primitive = model.primitive(shape, model.material({ rough: 0.5, colour: [0.5, 0.7, 0.8, 1] }));
  const target = model.document.createPrimitiveTarget();
  target.setAttribute("POSITION", model.accessor("VEC3", lifted).setSparse(true));
  target.setAttribute("NORMAL", model.accessor("VEC3", tilted).setSparse(true));
  primitive.addTarget(target);
  const mesh = model.mesh(primitive).setWeights([1]);
  model.scene.addChild(model.document.createNode().setMesh(mesh));
  return model.bytes();
}

/** The same round sheet as triangles, as a strip and as a fan; without indices too. */
function stripsAndFans() {
  const model = new Model();
  const material = model.material({ colour: [0.8, 0.6, 0.3, 1], rough: 0.6 });
  const around = 24;
  const rim = (k) => {
    const turn = (2 * Math.PI * k) / around;
    return [0.45 * Math.cos(turn), 0.45 * Math.sin(turn), 0];
  };
  const fan = [[0, 0, 0.15], ...Array.from({ length: around + 1 }, (_, k) => rim(k))];
  const strip = Array.from({ length: around + 1 }, (_, k) => [
    rim(k).map((value) => value * 0.4),
    rim(k),
  ]).flat();
  const flat = (points) => ({
    attributes: {
      POSITION: { type: "VEC3", array: new Float32Array(points.flat()) },
      NORMAL: { type: "VEC3", array: new Float32Array(points.flatMap(() => [0, 0, 1])) },
    },
  });
  const listed = (shape, count) => ({
    ...shape,
    indices: new Uint16Array(Array.from({ length: count }, (_, k) => k)),
  });
  const shown = [
    [flat(fan), FAN],
    [listed(flat(fan), fan.length), FAN],
    [flat(strip), STRIP],
    [listed(flat(strip), strip.length), STRIP],
    [unindexed(only(sheet(0.8, 0.8, 2, 2), "POSITION", "NORMAL")), TRIANGLES],
    [only(sheet(0.8, 0.8, 2, 2), "POSITION", "NORMAL"), TRIANGLES],
  ];
  shown.forEach(([shape, mode], k) => {
    const primitive = model.primitive(shape, material).setMode(mode);
    const node = model.document.createNode().setMesh(model.mesh(primitive));
    model.scene.addChild(node.setTranslation([(k % 2) - 0.5, 1 - Math.floor(k / 2), 0]));
  });
  return model.bytes();
}

/** Indices of 8, 16 and 32 bits, the last into more vertices than 16 bits count. */
function indexWidths() {
  const model = new Model();
  const material = model.material({ colour: [0.45, 0.65, 0.4, 1], rough: 0.5 });
  const few = only(sphere(0.46, 16, 12), "POSITION", "NORMAL");
  const many = only(sphere(0.46, 300, 220), "POSITION", "NORMAL");
  const wide = [];
  for (let row = 0; row < 220; row++) {
    for (let column = 0; column < 300; column++) {
      const a = row * 301 + column;
      wide.push(a, a + 301, a + 1, a + 1, a + 301, a + 302);
    }
  }
  const shapes = [
    { ...few, indices: new Uint8Array(few.indices) },
    only(sphere(0.46, 60, 40), "POSITION", "NORMAL"),
    { ...many, indices: new Uint32Array(wide) },
  ];
  shapes.forEach((shape, k) => void model.show(shape, material, [k - 1, 0, 0]));
  return model.bytes();
}

/** No normals: each triangle is flat. */
function noNormals() {
  const model = new Model();
  const material = model.material({ colour: [0.6, 0.5, 0.75, 1], rough: 0.4 });
  model.show(only(sphere(0.6, 16, 10), "POSITION"), material, [-0.65, 0, 0]);
  model.show(
    only(bentSheet(0.55, 1.1, 4, 10), "POSITION"),
    material.clone().setDoubleSided(true),
    [0.65, 0, 0],
  );
  return model.bytes();
}

const front = { azimuthDeg: 0, elevationDeg: 0 };

/** How a shape can be stored, one model a way. */
export const geometryModels = [
  { name: "vertex-colours", model: vertexColours, view: front },
  { name: "mesh-quantization", model: quantized },
  { name: "negative-scale", model: negativeScale },
  { name: "sparse-accessor", model: sparse },
  { name: "strips-and-fans", model: stripsAndFans },
  { name: "index-widths", model: indexWidths, view: front },
  { name: "no-normals", model: noNormals },
];
