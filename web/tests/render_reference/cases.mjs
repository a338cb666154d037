/**
 * What is drawn beside three.js: models that others made, and one generated model per feature of glTF.
 *
 * A case is plain data, the same for both sides; `sides.mjs` says what a side makes of it.
 */

import { outdoors } from "./light.mjs";
import { foundModels } from "./models/found.mjs";
import { geometryModels } from "./models/geometry.mjs";
import { materialModels } from "./models/materials.mjs";
import { motionModels } from "./models/motion.mjs";
import { shadowModels } from "./models/shadow.mjs";

const FROM_THE_SIDE = { azimuthDeg: 28, elevationDeg: 18 };

/** Linear. */
const BACKGROUND = [0.18, 0.2, 0.23];

const SIZE = { width: 512, height: 512 };

/**
 * All cases but their cameras, which need the bounds of a model as it is drawn.
 *
 * @returns {{cases: object[], absent: {name: string, why: string}[]}}
 */
export function allCases() {
  const { models, absent } = foundModels();
  const generated = [...materialModels, ...geometryModels, ...motionModels, ...shadowModels];
  const cases = [
    ...models.map((model) => ({ ...model, isGenerated: false })),
    ...generated.map((model) => ({ ...model, isGenerated: true })),
  ].map(
    ({
      name,
      model,
      isGenerated,
      view = FROM_THE_SIDE,
      light = outdoors,
      animation = null,
      shadow = null,
    }) => ({
      name,
      model,
      isGenerated,
      isOptional: shadow !== null,
      view,
      size: SIZE,
      background: BACKGROUND,
      light,
      animation,
      shadow,
    }),
  );
  return { cases, absent };
}
