/** Small mathematics of poses for tests: metres, Y up, matrices column by column as WebXR gives them. */

/** A point of the emulated room, from a device's `local` space; `start` is where the device was at its start. */
export function worldFromLocal({ position, yawRad }, [x, y, z]) {
  const [s, c] = [Math.sin(yawRad), Math.cos(yawRad)];
  return [position[0] + c * x + s * z, position[1] + y, position[2] - s * x + c * z];
}

/** The way back. */
export function localFromWorld({ position, yawRad }, point) {
  const [x, y, z] = point.map((value, axis) => value - position[axis]);
  const [s, c] = [Math.sin(yawRad), Math.cos(yawRad)];
  return [c * x - s * z, y, s * x + c * z];
}

export function distance(a, b) {
  return Math.hypot(...a.map((value, axis) => value - b[axis]));
}

/**
 * Where a point is on the screen, in CSS pixels from the top left.
 *
 * @param {{projection: number[], viewFromLocal: number[], viewport: number[], canvas: number[], shown: number[]}} view
 * as `window.emulated.views` gives it: viewport (from the bottom left) and canvas in device pixels, `shown` where the
 * canvas is on the screen: left, top, width, height
 */
export function project({ projection, viewFromLocal, viewport, canvas, shown }, point) {
  const clip = transform(projection, transform(viewFromLocal, [...point, 1]));
  const [x, y] = [clip[0] / clip[3], clip[1] / clip[3]];
  const [left, bottom, width, height] = viewport;
  const inCanvas = [left + ((x + 1) / 2) * width, canvas[1] - bottom - ((y + 1) / 2) * height];
  return [shown[0] + (inCanvas[0] * shown[2]) / canvas[0], shown[1] + (inCanvas[1] * shown[3]) / canvas[1]];
}

function transform(matrix, vector) {
  return [0, 1, 2, 3].map((row) =>
    vector.reduce((sum, value, column) => sum + matrix[column * 4 + row] * value, 0),
  );
}
