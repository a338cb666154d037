/**
 * The lights of the cases: a sky as spherical harmonics alone, and a studio that is also a cube map.
 *
 * Spherical harmonics are those of WebXR Lighting Estimation and of three.js alike: nine RGB coefficients of the
 * *radiance* by direction, in the order L00, L1-1, L10, L11, L2-2, L2-1, L20, L21, L22, over the real basis whose first
 * band is +y, +z, +x. Source: Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps"
 * (2001), equation 3, without its signs of the Condon-Shortley phase.
 *
 * Cube maps are those of WebGL and WebGPU: faces +X, -X, +Y, -Y, +Z, -Z, sampled with a direction in the world, the top
 * row of a face first, RGBA as 32-bit floats, linear, no mip levels.
 */

const add = (a, b) => a.map((value, k) => value + b[k]);
const scaled = (a, factor) => a.map((value) => value * factor);
const mixed = (a, b, share) => a.map((value, k) => value + (b[k] - value) * share);
const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);

/** A vector of length one. */
export const unit = (a) => scaled(a, 1 / Math.sqrt(dot(a, a)));

const smooth = (from, to, value) => {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
};

/** The basis functions at a unit direction. */
function basis([x, y, z]) {
  const [b0, b1, b2] = [
    Math.sqrt(1 / (4 * Math.PI)),
    Math.sqrt(3 / (4 * Math.PI)),
    Math.sqrt(15 / (4 * Math.PI)),
  ];
  return [
    b0,
    b1 * y,
    b1 * z,
    b1 * x,
    b2 * x * y,
    b2 * y * z,
    (b2 / Math.sqrt(12)) * (3 * z * z - 1),
    b2 * x * z,
    (b2 / 2) * (x * x - y * y),
  ];
}

/** The direction of a point of a cube's face, `u` to the right and `v` downwards from -1 to 1. */
function directionOn(face, u, v) {
  return unit(
    [
      [1, -v, -u],
      [-1, -v, u],
      [u, 1, v],
      [u, -1, -v],
      [u, -v, 1],
      [-u, -v, -1],
    ][face],
  );
}

/** Samples a face over its area: calls back with the direction, its solid angle and the texel's place. */
function eachTexel(facePx, body) {
  for (let face = 0; face < 6; face++) {
    for (let row = 0; row < facePx; row++) {
      for (let column = 0; column < facePx; column++) {
        const u = (2 * (column + 0.5)) / facePx - 1;
        const v = (2 * (row + 0.5)) / facePx - 1;
        const solidAngle = 4 / (facePx * facePx) / (1 + u * u + v * v) ** 1.5;
        body(directionOn(face, u, v), solidAngle, (face * facePx + row) * facePx + column);
      }
    }
  }
}

/**
 * The coefficients of a field of radiance.
 *
 * @param {(direction: number[]) => number[]} radiance
 * @returns {number[]} 27 numbers, red, green and blue of each coefficient in turn
 */
export function harmonicsOf(radiance, facePx = 64) {
  const sums = new Array(27).fill(0);
  eachTexel(facePx, (direction, solidAngle) => {
    const colour = radiance(direction);
    basis(direction).forEach((value, k) => {
      for (let c = 0; c < 3; c++) sums[3 * k + c] += value * colour[c] * solidAngle;
    });
  });
  return sums;
}

/** A field of radiance as a cube map. */
function cubeOf(radiance, facePx) {
  const texels = new Float32Array(6 * facePx * facePx * 4);
  eachTexel(facePx, (direction, _, at) => texels.set([...radiance(direction), 1], at * 4));
  return { facePx, texels };
}

/** Bluish above, brownish below, a little brighter towards one side. */
const sky = (direction) => {
  const height = smooth(-0.6, 0.6, direction[1]);
  const side = 1 + 0.35 * direction[0];
  return scaled(mixed([0.14, 0.12, 0.1], [0.32, 0.37, 0.45], height), side);
};

/** A soft box: where its middle is, how wide and high it is seen (as tangents), and its radiance. */
const SOFT_BOXES = [
  { towards: unit([0.75, 0.55, 0.6]), wide: 0.45, high: 0.65, radiance: [2.3, 2.1, 1.85] },
  { towards: unit([-0.9, 0.25, 0.35]), wide: 0.3, high: 0.8, radiance: [0.8, 1, 1.3] },
  { towards: unit([0.05, 1, -0.25]), wide: 0.9, high: 0.3, radiance: [1.2, 1.2, 1.2] },
];

/** A room with a darker floor, three soft boxes, and something red in one corner, so that a mirrored cube would show. */
const studio = (direction) => {
  let colour = mixed([0.07, 0.07, 0.08], [0.22, 0.23, 0.25], smooth(-0.5, 0.4, direction[1]));
  for (const { towards, wide, high, radiance } of SOFT_BOXES) {
    const along = dot(direction, towards);
    if (along <= 0) continue;
    const right = unit([towards[2], 0, -towards[0]]);
    const up = [towards[1] * right[2], towards[2] * right[0] - towards[0] * right[2], -towards[1] * right[0]];
    const inside = (axis, half) => smooth(half + 0.08, half - 0.08, Math.abs(dot(direction, axis) / along));
    colour = add(colour, scaled(radiance, inside(right, wide) * inside(up, high)));
  }
  const corner = smooth(0.86, 0.95, dot(direction, unit([-0.5, -0.25, 0.85])));
  return mixed(colour, [0.8, 0.12, 0.08], corner);
};

const STUDIO_FACE_PX = 128;

const KEY = { directionToLight: unit([0.45, 0.8, 0.55]), intensityOverPi: [0.62, 0.6, 0.56] };

/** The main light and a sky; nothing is reflected. */
export const outdoors = { ...KEY, sh: harmonicsOf(sky), environment: null };

/** A weak main light and a studio, whose spherical harmonics are those of its cube map. */
export const indoors = {
  directionToLight: KEY.directionToLight,
  intensityOverPi: scaled(KEY.intensityOverPi, 0.35),
  sh: harmonicsOf(studio, STUDIO_FACE_PX),
  environment: { name: "studio", facePx: STUDIO_FACE_PX },
};

/** The texels of a cube map by its name: all faces behind each other. */
export const environments = { studio: () => cubeOf(studio, STUDIO_FACE_PX).texels };
