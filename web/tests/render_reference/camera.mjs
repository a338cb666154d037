/** Where a case is looked at from: as near as its bounds allow, so that the model fills the picture. */

const FOV_Y_DEG = 35;

/** How much of the picture's half height the farthest corner may take. */
const FILLED = 0.94;

/**
 * The axes of a camera in the world: right, up, and back towards the eye.
 *
 * @param {{azimuthDeg: number, elevationDeg: number}} view where the camera stands as seen from the model: 0 is +Z,
 * counted towards +X, and upwards
 */
export function axesOf({ azimuthDeg, elevationDeg }) {
  const [azimuth, elevation] = [azimuthDeg, elevationDeg].map((degrees) => (degrees * Math.PI) / 180);
  const [sinA, cosA, sinE, cosE] = [
    Math.sin(azimuth),
    Math.cos(azimuth),
    Math.sin(elevation),
    Math.cos(elevation),
  ];
  return [
    [cosA, 0, -sinA],
    [-sinA * sinE, cosE, -cosA * sinE],
    [sinA * cosE, sinE, cosA * cosE],
  ];
}

/**
 * A camera with +Y up for a square picture.
 *
 * @param {number[][]} axes of `axesOf`
 * @param {{min: number[], max: number[]}} bounds of the model along these axes, metres
 */
export function cameraFor(axes, { min, max }) {
  const middle = min.map((low, k) => (low + max[k]) / 2);
  const half = min.map((low, k) => (max[k] - low) / 2);
  const [, , back] = axes;
  const target = [0, 1, 2].map((k) => axes.reduce((sum, axis, a) => sum + axis[k] * middle[a], 0));
  const slope = Math.tan((FOV_Y_DEG * Math.PI) / 360) * FILLED;
  const distance = Math.max(half[0], half[1]) / slope + half[2];
  return {
    position: target.map((value, k) => value + back[k] * distance),
    target,
    fovYDeg: FOV_Y_DEG,
    aspect: 1,
    near: (distance - half[2]) * 0.5,
    far: (distance + half[2]) * 2,
  };
}
