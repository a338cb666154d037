/** Generated models of what moves: skins, morph targets, animations. */

import { Model } from "./build.mjs";
import * as pictures from "./pictures.mjs";
import { box, only, plain, sphere, tube } from "./shapes.mjs";

/** A rotation about an axis by an angle, as x, y, z, w. */
const turn = ([x, y, z], angleRad) => {
  const [s, c] = [Math.sin(angleRad / 2), Math.cos(angleRad / 2)];
  return [x * s, y * s, z * s, c];
};

const X = [1, 0, 0];
const Y = [0, 1, 0];
const Z = [0, 0, 1];

/** A sampler and channel that moves one property of a node. */
function animate(model, animation, node, path, { times, values, interpolation = "LINEAR" }) {
  const type = { rotation: "VEC4", weights: "SCALAR" }[path] ?? "VEC3";
  const sampler = model.document
    .createAnimationSampler()
    .setInput(model.accessor("SCALAR", new Float32Array(times)))
    .setOutput(model.accessor(type, new Float32Array(values.flat())))
    .setInterpolation(interpolation);
  const channel = model.document.createAnimationChannel();
  channel.setTargetNode(node).setTargetPath(path).setSampler(sampler);
  animation.addSampler(sampler).addChannel(channel);
}

/** A tube of three joints; an animation bends and twists it within a second. */
function skin() {
  const model = new Model();
  const shape = plain(tube(0.28, 2));
  const positions = shape.attributes.POSITION.array;
  const [joints, weights] = [[], []];
  for (let at = 1; at < positions.length; at += 3) {
    // Up to one metre the first two joints share a vertex, above it the last two.
    const height = positions[at];
    const first = height < 1 ? 0 : 1;
    const second = Math.min(1, height - first);
    // A joint without weight must be the first one.
    joints.push(second < 1 ? first : 0, second > 0 ? first + 1 : 0, 0, 0);
    weights.push(1 - second, second, 0, 0);
  }
  shape.attributes.JOINTS_0 = { type: "VEC4", array: new Uint8Array(joints) };
  shape.attributes.WEIGHTS_0 = { type: "VEC4", array: new Float32Array(weights) };
  const material = model.material({ rough: 0.5 }).setBaseColorTexture(model.texture(pictures.placeColours()));
  material.setDoubleSided(true);

  const chain = [0, 1, 1].map((height) => model.document.createNode().setTranslation([0, height, 0]));
  chain[0].addChild(chain[1]);
  chain[1].addChild(chain[2]);
  const inverse = [0, 1, 2].flatMap((height) => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, -height, 0, 1]);
  const skin = model.document.createSkin().setSkeleton(chain[0]);
  skin.setInverseBindMatrices(model.accessor("MAT4", new Float32Array(inverse)));
  for (const joint of chain) skin.addJoint(joint);
  const node = model.document
    .createNode()
    .setMesh(model.mesh(model.primitive(shape, material)))
    .setSkin(skin);
  model.scene.addChild(node).addChild(chain[0]);

  const animation = model.document.createAnimation("bend");
  const still = [0, 0, 0, 1];
  animate(model, animation, chain[1], "rotation", { times: [0, 1], values: [still, turn(Z, -1)] });
  animate(model, animation, chain[2], "rotation", { times: [0, 1], values: [still, turn(Y, 1.8)] });
  animate(model, animation, chain[0], "rotation", { times: [0, 1], values: [still, turn(X, 0.35)] });
  return model.bytes();
}

/** A sphere with two targets, one that flattens it and one that draws a nose, in three mixtures. */
function morphTargets() {
  const model = new Model();
  const material = model.material({ colour: [0.8, 0.45, 0.35, 1], rough: 0.5 });
  const shape = only(sphere(0.42, 40, 28), "POSITION", "NORMAL");
  const [position, normal] = [shape.attributes.POSITION.array, shape.attributes.NORMAL.array];
  const flatter = new Float32Array(position.map((value, k) => (k % 3 === 1 ? -0.7 * value : 0.15 * value)));
  const steeper = new Float32Array(normal.length);
  const nose = new Float32Array(position.length);
  for (let at = 0; at < normal.length; at += 3) {
    const long = [normal[at] / 1.15, normal[at + 1] / 0.3, normal[at + 2] / 1.15];
    const length = Math.hypot(...long);
    long.forEach((value, k) => {
      steeper[at + k] = value / length - normal[at + k];
    });
    nose[at + 2] = 0.45 * Math.max(0, normal[at + 2]) ** 12;
  }
  [
    [0, 0],
    [1, 0],
    [0.4, 1],
  ].forEach((weights, k) => {
    const primitive = model.primitive(shape, material);
    for (const [name, deltas, leans] of [
      ["flatter", flatter, steeper],
      ["nose", nose, new Float32Array(nose.length)],
    ]) {
      const target = model.document.createPrimitiveTarget(name);
      target.setAttribute("POSITION", model.accessor("VEC3", deltas));
      target.setAttribute("NORMAL", model.accessor("VEC3", leans));
      primitive.addTarget(target);
    }
    const node = model.document.createNode().setMesh(model.mesh(primitive).setWeights([0, 0]));
    model.scene.addChild(node.setWeights(weights).setTranslation([k - 1, 0, 0]));
  });
  return model.bytes();
}

/** Morph weights that an animation sets. */
function morphAnimation() {
  const model = new Model();
  const material = model.material({ colour: [0.4, 0.55, 0.8, 1], rough: 0.5 });
  const shape = only(box(0.9), "POSITION", "NORMAL");
  const spread = shape.attributes.POSITION.array.map((value, k) => (k % 3 === 0 ? value * 0.9 : 0));
  const lean = shape.attributes.POSITION.array.map((_, k, all) => (k % 3 === 0 ? all[k + 1] * 0.8 : 0));
  const primitive = model.primitive(shape, material);
  for (const deltas of [spread, lean]) {
    const target = model.document.createPrimitiveTarget();
    primitive.addTarget(target.setAttribute("POSITION", model.accessor("VEC3", new Float32Array(deltas))));
  }
  const node = model.document.createNode().setMesh(model.mesh(primitive).setWeights([0, 0]));
  model.scene.addChild(node);
  animate(model, model.document.createAnimation("spread"), node, "weights", {
    times: [0, 0.5, 1],
    values: [0, 0, 1, 0.2, 0.3, 1],
  });
  return model.bytes();
}

/** Rows: moved, turned, scaled; columns: in steps, straight, along a cubic spline. */
function interpolations() {
  const model = new Model();
  const animation = model.document.createAnimation("three ways");
  const shape = plain(box(0.5));
  const material = model.material({ rough: 0.6 }).setBaseColorTexture(model.texture(pictures.letter()));
  const times = [0, 0.4, 1];
  const zero = (values) => values.map(() => 0);
  ["STEP", "LINEAR", "CUBICSPLINE"].forEach((interpolation, column) => {
    ["translation", "rotation", "scale"].forEach((path, row) => {
      const place = [column * 1.2 - 1.2, 1.2 - row * 1.2, 0];
      const node = model.show(shape, material, place);
      const values = {
        translation: [place, [place[0] + 0.3, place[1], 0.3], [place[0] - 0.2, place[1] + 0.3, 0]],
        rotation: [turn(Y, 0.2), turn(Y, 1.1), turn(X, 0.9)],
        scale: [
          [1, 1, 1],
          [1.6, 0.6, 1],
          [0.7, 1.7, 1.2],
        ],
      }[path];
      // A spline's value stands between its tangents, which are a second's change.
      const splined = values.flatMap((value, k) => {
        const slope = k === 1 ? values[2].map((next, at) => (next - values[0][at]) * 1.5) : zero(value);
        return [slope, value, slope];
      });
      animate(model, animation, node, path, {
        times,
        values: interpolation === "CUBICSPLINE" ? splined : values,
        interpolation,
      });
    });
  });
  return model.bytes();
}

/** What moves, one model a way. */
export const motionModels = [
  { name: "skin", model: skin, animation: { index: 0, timeSecs: 0.8 } },
  { name: "morph-targets", model: morphTargets, view: { azimuthDeg: 30, elevationDeg: 10 } },
  { name: "morph-animation", model: morphAnimation, animation: { index: 0, timeSecs: 0.7 } },
  {
    name: "interpolations",
    model: interpolations,
    animation: { index: 0, timeSecs: 0.7 },
    view: { azimuthDeg: 15, elevationDeg: 10 },
  },
];
