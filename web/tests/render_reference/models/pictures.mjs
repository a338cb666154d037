/** Textures of the generated models, painted texel by texel: the same bytes on every machine. */

import { writePng } from "../../png.mjs";

/**
 * A PNG of a function.
 *
 * @param {number} size width and height
 * @param {(u: number, v: number) => number[]} paint red, green, blue and, where wanted, alpha from 0 to 1, as they are
 * stored; `u` to the right and `v` downwards from 0 to 1
 */
export function painted(size, paint) {
  const rgba = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [r, g, b, a = 1] = paint((x + 0.5) / size, (y + 0.5) / size);
      rgba.set(
        [r, g, b, a].map((value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
        (y * size + x) * 4,
      );
    }
  }
  return writePng(size, size, rgba);
}

const even = (u, v, times) => (Math.floor(u * times) + Math.floor(v * times)) % 2 === 0;

/** Four squares a side whose colour tells where one is: red grows with u, green with v. */
export const placeColours = () =>
  painted(128, (u, v) => (even(u, v, 8) ? [0.25 + 0.7 * u, 0.25 + 0.7 * v, 0.3] : [0.9, 0.88, 0.8]));

/** An F in the upper left corner of a frame: tells mirrored and turned pictures from right ones. */
export const letter = () =>
  painted(128, (u, v) => {
    const stem = u > 0.28 && u < 0.4 && v > 0.2 && v < 0.8;
    const top = u > 0.28 && u < 0.74 && v > 0.2 && v < 0.32;
    const middle = u > 0.28 && u < 0.62 && v > 0.45 && v < 0.56;
    const frame = Math.min(u, v, 1 - u, 1 - v) < 0.06;
    if (stem || top || middle) return [0.1, 0.22, 0.5];
    return frame ? [0.8, 0.35, 0.15] : [0.86, 0.86, 0.78];
  });

/** Roughness in green along u, metalness in blue along v: both in steps that filtering has to join. */
export const roughnessAndMetalness = () =>
  painted(128, (u, v) => [0, 0.15 + 0.8 * (Math.floor(u * 8) / 7), v < 0.5 ? 1 : 0]);

/** Round bumps as a normal map of glTF: +x to the right, +y upwards in the picture. */
export const bumps = () =>
  painted(256, (u, v) => {
    const [x, y] = [(u * 6) % 1, (v * 6) % 1].map((value) => 2 * value - 1);
    const far = Math.hypot(x, y);
    if (far > 0.8) return [0.5, 0.5, 1];
    const lean = 0.75 * Math.sin((far / 0.8) * Math.PI);
    const [nx, ny] = far === 0 ? [0, 0] : [(x / far) * lean, (-y / far) * lean];
    return [nx, ny, Math.sqrt(1 - lean * lean)].map((value) => 0.5 + 0.5 * value);
  });

/** Dark rings in red. */
export const rings = () =>
  painted(128, (u, v) => [0.55 + 0.45 * Math.sin(Math.hypot(u - 0.5, v - 0.5) * 50), 0, 0]);

/** Glowing lines on black. */
export const glow = () =>
  painted(128, (u, v) => {
    const line = Math.max(...[u, v].map((value) => 1 - 8 * Math.abs(((value * 4) % 1) - 0.5)));
    return [line, 0.55 * line, 0.12 * line].map((value) => Math.max(0, value));
  });

/** Leaves: opaque discs with soft edges on nothing. */
export const leaves = () =>
  painted(256, (u, v) => {
    const [x, y] = [(u * 4) % 1, (v * 4) % 1].map((value) => value - 0.5);
    const alpha = 0.5 + (0.38 - Math.hypot(x, y)) * 12;
    return [0.3 + 0.4 * u, 0.65, 0.2 + 0.3 * v, alpha];
  });
