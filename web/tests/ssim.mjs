/**
 * Structural similarity of two pictures by their luma: Wang et al. 2004, "Image quality assessment: from error visibility
 * to structural similarity", section III.B: a Gaussian window of 11 x 11 with a deviation of 1.5, K1 = 0.01, K2 = 0.03,
 * L = 255, the mean over all windows that lie within the picture.
 */

const SIDE = 11;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

const BELL = Array.from({ length: SIDE }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
const TOTAL = BELL.reduce((sum, weight) => sum + weight);
const WEIGHTS = Float64Array.from(BELL, (weight) => weight / TOTAL);

/** The luma (Rec. 709 weights, on the encoded values) of RGBA bytes, without the first rows. */
export function luma(rgba, width, rowsLeftOut = 0) {
  const from = rowsLeftOut * width * 4;
  const result = new Float64Array((rgba.length - from) / 4);
  for (let i = 0, at = from; i < result.length; i++, at += 4) {
    result[i] = 0.2126 * rgba[at] + 0.7152 * rgba[at + 1] + 0.0722 * rgba[at + 2];
  }
  return result;
}

/**
 * @param {Float64Array} a luma of a picture, 0 to 255, row by row
 * @param {Float64Array} b of the other one, of the same size
 */
export function ssim(a, b, width) {
  const height = a.length / width;
  if (a.length !== b.length || !Number.isInteger(height)) throw new Error("the pictures differ in size");
  const times = (x, y) => x.map((value, i) => value * y[i]);
  const mean = (values) => windowed(values, width, height);
  const [meanA, meanB] = [mean(a), mean(b)];
  const [squareA, squareB, both] = [mean(times(a, a)), mean(times(b, b)), mean(times(a, b))];
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const [x, y] = [meanA[i], meanB[i]];
    const variances = squareA[i] - x * x + (squareB[i] - y * y);
    const covariance = both[i] - x * y;
    sum += ((2 * x * y + C1) * (2 * covariance + C2)) / ((x * x + y * y + C1) * (variances + C2));
  }
  return sum / meanA.length;
}

/** The weighted means of all windows within the picture. */
function windowed(values, width, height) {
  const columns = width - SIDE + 1;
  const across = new Float64Array(columns * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < columns; x++, at++) {
      let sum = 0;
      for (let i = 0, from = y * width + x; i < SIDE; i++) sum += WEIGHTS[i] * values[from + i];
      across[at] = sum;
    }
  }
  const result = new Float64Array(columns * (height - SIDE + 1));
  for (let at = 0; at < result.length; at++) {
    let sum = 0;
    for (let i = 0, from = at; i < SIDE; i++, from += columns) sum += WEIGHTS[i] * across[from];
    result[at] = sum;
  }
  return result;
}
