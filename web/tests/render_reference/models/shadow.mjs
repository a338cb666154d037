/** A generated scene with a shadow: optional, as every renderer softens shadows in its own way. */

import { Model } from "./build.mjs";
import { box, only, plain, sheet, sphere } from "./shapes.mjs";

function onTheGround() {
  const model = new Model();
  const ground = model.show(plain(sheet(3, 3)), model.material({ colour: [0.7, 0.7, 0.68, 1], rough: 0.9 }));
  ground.setRotation([-Math.SQRT1_2, 0, 0, Math.SQRT1_2]);
  model.show(
    only(sphere(0.5), "POSITION", "NORMAL"),
    model.material({ colour: [0.8, 0.3, 0.2, 1] }),
    [-0.6, 0.5, 0.2],
  );
  const cube = model.show(
    only(box(0.8), "POSITION", "NORMAL"),
    model.material({ colour: [0.25, 0.45, 0.75, 1] }),
  );
  cube.setTranslation([0.7, 0.4, -0.3]).setRotation([0, 0.26, 0, 0.97]);
  return model.bytes();
}

/** `shadow`: the map's texels a side and what half of it covers around the origin, in metres. */
export const shadowModels = [
  {
    name: "shadow",
    model: onTheGround,
    shadow: { mapPx: 2048, halfExtent: 3 },
    view: { azimuthDeg: -40, elevationDeg: 32 },
  },
];
