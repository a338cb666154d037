/** A random, smooth luma texture that can be looked at from any offset: pictures whose true motion is known. */

/** Grid cells of noise, whose corners are blended smoothly. */
const CELL_PX = 7;

/**
 * A picture of the texture, whose content has moved by (`dx`, `dy`) pixels to the right and down.
 *
 * @returns {Uint8Array} rows from the top, without padding
 */
export function texturePicture(width, height, dx = 0, dy = 0) {
  const luma = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) luma[y * width + x] = sample(x - dx, y - dy);
  }
  return luma;
}

function sample(x, y) {
  const [cx, cy] = [Math.floor(x / CELL_PX), Math.floor(y / CELL_PX)];
  const [fx, fy] = [smooth(x / CELL_PX - cx), smooth(y / CELL_PX - cy)];
  const top = noise(cx, cy) * (1 - fx) + noise(cx + 1, cy) * fx;
  const bottom = noise(cx, cy + 1) * (1 - fx) + noise(cx + 1, cy + 1) * fx;
  return 255 * (top * (1 - fy) + bottom * fy);
}

const smooth = (t) => t * t * (3 - 2 * t);

/** The same number from 0 to 1 for the same cell, by mixing its coordinates. */
function noise(x, y) {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) / 0xffffffff;
}
