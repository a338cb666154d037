/**
 * Replays for tests: a sequence of a folder served to the page under its own origin, and the page's own answers,
 * picture by picture.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the page finds the files; answered by the test, not by the relay. */
const PREFIX = "/replayed/";

/** Lets a page load the files of a folder; gives the address that they begin with. */
export async function serveFolder(page, folder) {
  await page.route(`**${PREFIX}**`, async (route) => {
    const path = decodeURIComponent(new URL(route.request().url()).pathname.slice(PREFIX.length));
    const body = await readFile(join(folder, path)).catch(() => undefined);
    if (body) await route.fulfill({ body, contentType: path.endsWith(".txt") ? "text/plain" : "image/jpeg" });
    else await route.fulfill({ status: 404 });
  });
  return PREFIX;
}

/** Poses of a file in TUM's order by their times: `t x y z qx qy qz qw`, `world_from_camera`. */
export async function readTrajectory(path) {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => /^[\d-]/.test(line));
  return lines.map((line) => {
    const [timeSecs, x, y, z, ...orientation] = line.split(/\s+/).map(Number);
    return { timeSecs, position: [x, y, z], orientation: orientation.slice(0, 4) };
  });
}

/**
 * Plays a replay from its beginning in steps of one picture, and gives for each what was shown: frame, time, state,
 * pose, points, and where the pins were drawn. `taps` are done when their picture is on the screen.
 *
 * @param {import("playwright-core").Page} page
 * @param {{timeSecs: number, url?: string, black?: boolean}[]} frames
 * @param {{options?: object, taps?: Record<number, [number, number][]>, keepPoints?: boolean, count?: number}} how
 * `taps`: pixels of pictures by the number of the picture, from 0; `count`: how many pictures to play, the others are
 * left to `window.steps`
 */
export async function playStepped(page, frames, how = {}) {
  const { options = {}, taps = {}, keepPoints = false, count = frames.length } = how;
  return page.evaluate(stepped, { frames, options, taps, keepPoints, count });
}

/** Runs in the page. */
async function stepped({ frames, options, taps, keepPoints, count }) {
  const black = new OffscreenCanvas(640, 480);
  black.getContext("2d").fillRect(0, 0, 640, 480);
  const darkness = await createImageBitmap(black);
  const replay = await window.sightline.startReplay(
    frames.map(({ timeSecs, url, black }) => ({ timeSecs, image: black ? darkness : url })),
    { stepped: true, ...options },
  );
  window.steps = replay;
  const shown = [];
  const taken = [];
  for (let index = 0; index < count; index++) {
    await replay.playTo(index + 1);
    const { tracking, pinIds } = window.sightline.shown;
    const { view, canvas, sizePx } = window.sightline.stage;
    const drawn = view.drawnPins();
    shown.push({
      frame: tracking.frame,
      millis: tracking.captureMillis,
      state: tracking.state,
      reason: tracking.reason,
      pose: [...tracking.worldFromView.position, ...tracking.worldFromView.orientation],
      focalPx: tracking.camera?.focalPx[0],
      trackMillis: tracking.trackMillis,
      mapMillis: tracking.mapMillis,
      pins: pinIds.map((id, at) => ({ id, x: drawn[at * 2], y: drawn[at * 2 + 1] })),
      points: keepPoints ? [...tracking.points] : undefined,
    });
    for (const [x, y] of taps[index] ?? []) {
      // A tap of the person, at the place of the canvas that shows this pixel.
      const box = canvas.getBoundingClientRect();
      const origin = view.picturePixel(0, 0);
      const far = view.picturePixel(sizePx[0], sizePx[1]);
      const place = [x, y].map(
        (value, axis) =>
          ((value - origin[axis]) / (far[axis] - origin[axis])) * (axis ? box.height : box.width),
      );
      const before = window.sightline.pins.length;
      const at = {
        clientX: box.left + place[0],
        clientY: box.top + place[1],
        pointerId: 1,
        button: 0,
        bubbles: true,
      };
      canvas.dispatchEvent(new PointerEvent("pointerdown", at));
      canvas.dispatchEvent(new PointerEvent("pointerup", at));
      // What a tap that meets nothing leads to is a notice; either comes soon.
      const end = performance.now() + 2000;
      const notice = () => document.querySelector(".toast:last-child");
      const last = notice();
      while (window.sightline.pins.length === before && notice() === last && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const pin = window.sightline.pins[before];
      taken.push({ index, pixel: [x, y], id: pin?.id, notice: notice()?.querySelector("span")?.textContent });
    }
  }
  return { shown, taken };
}
