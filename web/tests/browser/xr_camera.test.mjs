/**
 * An AR session that gives the camera's images: the own tracker maps from them at the platform's poses, its points lie
 * on the surfaces of the room that the images show, and they are drawn over it.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium } from "../chromium.mjs";
import { picture, until, untilRoom, untilState } from "../page.mjs";
import { startRelay } from "../relay.mjs";
import { emulateCamera, yUp } from "../xr_camera_shim.mjs";
import { emulateDevice } from "../xr_device.mjs";

const FOLDER = process.env.SIGHTLINE_SEQUENCE ?? "";

/**
 * Points of another scale or of wrong axes would be metres away from the surfaces, a tenth of the room. How well they are
 * mapped is printed, not asserted: many lie on things that are none of the room's planes.
 */
const ROOM_M = 0.4;

let relay;
before(async () => {
  relay = await startRelay();
});
after(() => relay.close());

test("points are triangulated from the platform's poses, in metres", async (t) => {
  const browser = await launchChromium({ viewport: { width: 640, height: 480 } });
  try {
    await emulateDevice(browser.context, { position: [0, 0, 0] });
    const page = await browser.page();
    const { poses } = await emulateCamera(page, FOLDER);
    await page.goto(relay.url);
    await until(page, "an emulated room", () => window.emulated?.ready.then(() => true));
    await page.getByRole("button", { name: "Start AR" }).click();
    await untilState(page, "ar");
    await untilRoom(page);
    for (let index = 0; index < 60; index += 2) {
      await page.evaluate((at) => window.emulated.takePicture(at), index);
    }
    const { state, position, points, pose } = await page.evaluate(() => {
      const { state, position, pointsInWorld, worldFromView } = window.sightline.session.tracking;
      return { state, position, points: [...pointsInWorld], pose: worldFromView };
    });
    assert.equal(position, "metric");
    assert.equal(state, "tracking");
    // The images are read back asynchronously: the last answer may be of the picture before the last.
    const off = [56, 58].map((at) =>
      Math.hypot(...pose.position.map((value, axis) => value - poses[at].position[axis])),
    );
    assert.ok(Math.min(...off) < 1e-3, `the platform's pose came through: off by ${off} m`);

    const { planes } = JSON.parse(await readFile(join(FOLDER, "room.json"), "utf8"));
    const distances = [];
    for (let at = 0; at < points.length; at += 3) distances.push(nearest(planes, points.slice(at, at + 3)));
    distances.sort((a, b) => a - b);
    const median = distances[distances.length >> 1];
    t.diagnostic(`${distances.length} points, median ${(median * 1000).toFixed(1)} mm from a surface`);
    assert.ok(distances.length >= 60, `${distances.length} points`);
    assert.ok(median <= ROOM_M, `${median} m`);

    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await picture(page, "ar-camera-points.jpg");
  } finally {
    await browser.close();
  }
});

/** How far a point is from the nearest of the room's planes, within its extent. */
function nearest(planes, point) {
  return Math.min(
    ...planes.map(({ world_from_plane: { position_m, quaternion_xyzw }, half_size_m }) => {
      // The planes' own frame: X and Y along it, Z its normal; the file's world has Z up.
      const axes = [0, 1, 2].map((axis) =>
        yUp(
          turned(
            quaternion_xyzw,
            [0, 1, 2].map((n) => Number(n === axis)),
          ),
        ),
      );
      const offset = yUp(position_m).map((value, axis) => point[axis] - value);
      const along = axes.map((direction) =>
        direction.reduce((sum, value, axis) => sum + value * offset[axis], 0),
      );
      const inside =
        Math.abs(along[0]) <= half_size_m[0] + 0.02 && Math.abs(along[1]) <= half_size_m[1] + 0.02;
      return inside ? Math.abs(along[2]) : Number.POSITIVE_INFINITY;
    }),
  );
}

function turned([x, y, z, w], [a, b, c]) {
  const t = [2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)];
  return [
    a + w * t[0] + y * t[2] - z * t[1],
    b + w * t[1] + z * t[0] - x * t[2],
    c + w * t[2] + x * t[1] - y * t[0],
  ];
}
