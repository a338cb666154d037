/** What the bench `render-reference` rests on: its generated models, its light, and the pictures of its reference. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import validator from "gltf-validator";
import { readPng, writePng } from "../png.mjs";
import { axesOf, cameraFor } from "../render_reference/camera.mjs";
import { allCases } from "../render_reference/cases.mjs";
import { environments, harmonicsOf, indoors } from "../render_reference/light.mjs";
import { openSides } from "../render_reference/sides.mjs";

const { cases } = allCases();
const generated = cases.filter(({ isGenerated }) => isGenerated);

for (const { name, model } of generated) {
  test(`${name} is valid glTF, the same at each time`, async () => {
    const bytes = Buffer.from(await model());
    const { issues } = await validator.validateBytes(new Uint8Array(bytes));
    assert.equal(issues.numErrors, 0, JSON.stringify(issues.messages, null, 2));
    assert.ok(bytes.equals(Buffer.from(await model())));
  });
}

test("every case has a name of its own", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

test("spherical harmonics of light from everywhere and of light from above", () => {
  const even = harmonicsOf(() => [1, 2, 0]);
  // The integral of the first function over the sphere: 4 pi / sqrt(4 pi).
  assert.ok(Math.abs(even[0] - Math.sqrt(4 * Math.PI)) < 1e-3);
  assert.ok(Math.abs(even[1] - 2 * even[0]) < 1e-9);
  assert.ok(even.slice(3).every((value) => Math.abs(value) < 1e-3));
  const above = harmonicsOf(([, y]) => [Math.max(0, y), 0, 0]);
  // The second function is y's: sqrt(3 / 4 pi) times the integral of y squared over half the sphere.
  assert.ok(Math.abs(above[3] - Math.sqrt(3 / (4 * Math.PI)) * ((2 * Math.PI) / 3)) < 1e-3);
  assert.ok([above[6], above[9]].every((value) => Math.abs(value) < 1e-3));
});

test("a camera sees all of the bounds and nearly touches them", () => {
  const view = { azimuthDeg: 0, elevationDeg: 0 };
  const { position, near, far, fovYDeg } = cameraFor(axesOf(view), { min: [-1, 0, -1], max: [1, 1, 1] });
  const nearest = position[2] - 1;
  const halfWidth = nearest * Math.tan((fovYDeg * Math.PI) / 360);
  assert.ok(halfWidth > 1 && halfWidth < 1.1, `${halfWidth}`);
  assert.ok(near < nearest && far > nearest + 2);
});

test("a PNG that is written is read", () => {
  const rgba = new Uint8Array(5 * 3 * 4).map((_, k) => k * 3);
  const { width, height, at } = readPng(writePng(5, 3, rgba));
  assert.deepEqual([width, height], [5, 3]);
  assert.deepEqual(at(4, 2), [...rgba.subarray(56, 59)]);
});

describe("the reference", () => {
  let sides;
  before(async () => {
    sides = await openSides({
      three: fileURLToPath(new URL("../render_reference/three_side.mjs", import.meta.url)),
    });
    sides.files.set("/environments/studio.f32", Buffer.from(environments.studio().buffer));
  });
  after(() => sides?.close());

  async function drawn(name, light) {
    const { model, view, ...plain } = cases.find((one) => one.name === name);
    sides.files.set("/models/one.glb", await model());
    const scene = { ...plain, light, model: "/models/one.glb" };
    const axes = axesOf(view);
    scene.camera = cameraFor(axes, await sides.pages.three.bounds(scene, axes));
    const { rgba } = await sides.pages.three.draw(scene);
    const { width, height } = scene.size;
    return readPng(writePng(width, height, rgba));
  }

  test("mirrors the studio the right way round", async () => {
    const light = {
      ...indoors,
      intensityOverPi: [0, 0, 0],
      environment: { ...indoors.environment, url: "/environments/studio.f32" },
    };
    const { at } = await drawn("factors-reflecting", light);
    // The upper left sphere is a mirror around the pixel (70, 70); what is red in the studio stands left of the eye.
    const redness = ([red, green]) => red - green;
    const [left, right] = [at(70 - 18, 70), at(70 + 18, 70)];
    assert.ok(redness(left) > 80, `${left}`);
    assert.ok(redness(right) < 40, `${right}`);
    // The bluish soft box stands on the face -X; what is opposite on +X is a wall.
    const [box, wall] = [at(70 - 29, 70 - 19), at(70 + 29, 70 - 19)];
    assert.ok(box[1] > 220, `${box}`);
    assert.ok(wall[1] < 150, `${wall}`);
  });

  test("sends back from a matt surface what the light's figures say", async () => {
    const none = new Array(27).fill(0);
    const sh = none.map((_, k) => (k < 3 ? 0.3 * Math.sqrt(4 * Math.PI) : 0));
    const light = {
      directionToLight: [0, 0, 1],
      intensityOverPi: [0.4, 0.4, 0.4],
      sh,
      environment: null,
    };
    const { at } = await drawn("factors", light);
    // The lower right sphere: base colour 0.8 in red, matt, seen and lit from the front. Light of 0.3 from everywhere
    // and 0.4 from the front; the dielectric surface takes a few percent of it away and sends some back.
    const [red] = at(442, 442).map((value) => ((value / 255 + 0.055) / 1.055) ** 2.4);
    assert.ok(Math.abs(red - 0.8 * 0.7) < 0.04, `${red}`);
  });
});
