/**
 * Listens in on `View.drawCamera`, the one place where a picture and its points meet: keeps both of some calls, and
 * can stop the view at a call, so that a screenshot shows exactly that picture with those points.
 */

/** A picture with fewer points is not stopped at: the recording begins where the sequence starts again. */
const ENOUGH_POINTS = 150;

/**
 * Records `count` calls in a row, of which the last has enough points; the view stands still after it.
 *
 * @param {import("playwright-core").Page} page
 * @param {"webgpu" | "webgl2"} backend the view that the page uses
 * @returns {Promise<{width: number, height: number, luma: Buffer, points: {x: number, y: number, age: number,
 * id: number}[]}[]>} pictures as luma, points in their pixels
 */
export async function recordCamera(page, backend, count) {
  const calls = await page.evaluate(listen, { backend, count, enough: ENOUGH_POINTS });
  return calls.map(({ width, height, luma, points }) => ({
    width,
    height,
    luma: Buffer.from(luma, "base64"),
    points: Array.from({ length: points.length / 6 }, (_, index) => {
      const [x, y, age, id] = points.slice(index * 6, index * 6 + 4);
      return { x, y, age, id };
    }),
  }));
}

/** Lets the view go on after a recording. */
export async function releaseCamera(page) {
  await page.evaluate(() => window.releaseCamera());
}

/** Runs in the page. */
async function listen({ backend, count, enough }) {
  const { View } = await import(new URL(`wasm/sightline_view_${backend}.js`, document.baseURI).href);
  const draw = View.prototype.drawCamera;
  const calls = [];
  let stopped = false;
  const done = Promise.withResolvers();
  window.releaseCamera = () => {
    View.prototype.drawCamera = draw;
  };
  View.prototype.drawCamera = function (image, width, height, points, ...world) {
    if (stopped) return;
    draw.call(this, image, width, height, points, ...world);
    // Read back later: reading now would slow the camera down, and slow tracking loses points.
    calls.push({ width, height, points: [...points], copy: createImageBitmap(image) });
    if (calls.length > count) calls.shift();
    stopped = calls.length === count && points.length / 6 >= enough;
    if (stopped) done.resolve();
  };
  await done.promise;
  // Two frames, so that the last picture is on the screen.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const luma = async ({ width, height, copy }) => {
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(await copy, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return Uint8Array.from(
      { length: width * height },
      (_, at) => 0.299 * data[at * 4] + 0.587 * data[at * 4 + 1] + 0.114 * data[at * 4 + 2],
    );
  };
  const base64 = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000)
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
  };
  const recorded = [];
  for (const { width, height, points, copy } of calls) {
    recorded.push({ width, height, points, luma: base64(await luma({ width, height, copy })) });
  }
  return recorded;
}

/**
 * How corner-like a picture is at a point: the smaller eigenvalue of the gradients' second moments over 5x5 pixels
 * (Shi and Tomasi, "Good features to track", 1994, section 4).
 */
export function cornerStrength({ width, height, luma }, x, y) {
  const [cx, cy] = [Math.round(x), Math.round(y)];
  if (cx < 3 || cy < 3 || cx >= width - 3 || cy >= height - 3) return 0;
  let [xx, xy, yy] = [0, 0, 0];
  for (let v = cy - 2; v <= cy + 2; v++) {
    for (let u = cx - 2; u <= cx + 2; u++) {
      const gx = luma[v * width + u + 1] - luma[v * width + u - 1];
      const gy = luma[(v + 1) * width + u] - luma[(v - 1) * width + u];
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
    }
  }
  return (xx + yy - Math.hypot(xx - yy, 2 * xy)) / 2;
}
