/**
 * What a reference says of corners: where they are in its world, and where they are seen in a picture. Poses are
 * `world_from_camera` with the camera's X right, Y down, Z forward; pixel centres at integers.
 */

/** The reference's pose at a time, if it has one within half a millisecond. */
export function poseAt(trajectory, timeSecs) {
  return trajectory.find((pose) => Math.abs(pose.timeSecs - timeSecs) < 5e-4);
}

/** Where a camera sees a point of the world; undefined behind it. */
export function projectPoint({ focalPx, centerPx, distortion }, pose, point) {
  const [x, y, z] = turnedBack(pose.orientation, minus(point, pose.position));
  if (z < 0.01) return undefined;
  const [a, b] = [x / z, y / z];
  const [k1 = 0, k2 = 0] = distortion?.coefficients ?? [];
  const r2 = a * a + b * b;
  const bend = 1 + k1 * r2 + k2 * r2 * r2;
  return [focalPx[0] * a * bend + centerPx[0], focalPx[1] * b * bend + centerPx[1]];
}

/** The direction of a pixel in the world, of length 1. */
function rayOf({ focalPx, centerPx, distortion }, pose, [u, v]) {
  const [k1 = 0, k2 = 0] = distortion?.coefficients ?? [];
  const seen = [(u - centerPx[0]) / focalPx[0], (v - centerPx[1]) / focalPx[1]];
  let [a, b] = seen;
  for (let step = 0; step < 10; step++) {
    const r2 = a * a + b * b;
    const bend = 1 + k1 * r2 + k2 * r2 * r2;
    [a, b] = [seen[0] / bend, seen[1] / bend];
  }
  const length = Math.hypot(a, b, 1);
  return turned(pose.orientation, [a / length, b / length, 1 / length]);
}

/**
 * The corners that tracks are, by poses of the reference alone: for each track the point nearest to all its rays, kept
 * only where the rays cross at an angle and every picture sees it within a pixel.
 *
 * @param {{pose: object, pixel: [number, number]}[][]} tracks
 */
export function triangulate(camera, tracks) {
  const corners = [];
  for (const track of tracks) {
    if (track.length < 6) continue;
    const rays = track.map(({ pose, pixel }) => ({ from: pose.position, along: rayOf(camera, pose, pixel) }));
    const cosine = Math.min(...rays.map(({ along }) => dot(along, rays[0].along)));
    if (cosine > Math.cos((3 * Math.PI) / 180)) continue;
    const point = nearestToRays(rays);
    const seenWell = track.every(({ pose, pixel }) => {
      const seen = point && projectPoint(camera, pose, point);
      return seen && Math.hypot(seen[0] - pixel[0], seen[1] - pixel[1]) <= 1;
    });
    if (seenWell) corners.push(point);
  }
  return corners;
}

/** The point with the least squared distance to some rays: a 3x3 system, by Cramer's rule. */
function nearestToRays(rays) {
  const m = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const right = [0, 0, 0];
  for (const { from, along } of rays) {
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const across = (row === column ? 1 : 0) - along[row] * along[column];
        m[row * 3 + column] += across;
        right[row] += across * from[column];
      }
    }
  }
  const determinant = (n) =>
    n[0] * (n[4] * n[8] - n[5] * n[7]) -
    n[1] * (n[3] * n[8] - n[5] * n[6]) +
    n[2] * (n[3] * n[7] - n[4] * n[6]);
  const all = determinant(m);
  if (Math.abs(all) < 1e-12) return undefined;
  return [0, 1, 2].map(
    (axis) => determinant(m.map((value, at) => (at % 3 === axis ? right[Math.floor(at / 3)] : value))) / all,
  );
}

function turned([x, y, z, w], v) {
  const t = cross([x, y, z], v).map((value) => 2 * value);
  const u = cross([x, y, z], t);
  return v.map((value, axis) => value + w * t[axis] + u[axis]);
}

function turnedBack([x, y, z, w], v) {
  return turned([-x, -y, -z, w], v);
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

const dot = (a, b) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
const minus = (a, b) => a.map((value, axis) => value - b[axis]);
