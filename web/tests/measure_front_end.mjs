/**
 * Measures the front end in Chromium's worker on frames that the host's program wrote: in WASM without and with
 * vectors, and on WebGPU. Prints a JSON array of rows `{ measure, value, unit, note }`.
 *
 * Usage: node measure_front_end.mjs PLAIN VECTORS FRAMES [--long]. PLAIN and VECTORS hold `sightline_measure.js` (built
 * with the feature `measure`, without and with simd128); FRAMES holds `frames.json` and `frame-K.luma`. `--long` also
 * follows 10,000 frames on WebGPU and tells how memory grew.
 *
 * The browser's adapter is the machine's; where it has none, it is the software one, and is called so.
 */

import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { launchChromium } from "./chromium.mjs";

const [plain, vectors, frames] = process.argv.slice(2, 5).map((path) => resolve(path));
const isLong = process.argv.includes("--long");
const { count, rounds, width, height, settings } = JSON.parse(
  readFileSync(join(frames, "frames.json"), "utf8"),
);

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/** Serves the three folders to the page alone. */
const server = createServer((request, response) => {
  const [, folder, ...rest] = normalize(new URL(request.url, "http://host").pathname).split("/");
  if (folder === "") {
    response.setHeader("content-type", TYPES[".html"]);
    response.end("<!doctype html><title>Front end</title>");
    return;
  }
  const root = { plain, vectors, frames }[folder];
  if (!root) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", TYPES[extname(rest.join("/"))] ?? "application/octet-stream");
  createReadStream(join(root, ...rest))
    .on("error", () => response.writeHead(404).end())
    .pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const { port } = server.address();

/** Runs in the worker. */
const WORKER = `
const median = (values, share = 0.5) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

async function pictures(count) {
  const load = async (k) => new Uint8Array(await (await fetch(\`\${location.origin}/frames/frame-\${k}.luma\`)).arrayBuffer());
  return Promise.all(Array.from({ length: count }, (_, k) => load(k)));
}

/** One picture; gives milliseconds until it was submitted and until its points were there. */
async function follow(frontEnd, picture, { width, height }, frame) {
  const started = performance.now();
  frontEnd.buffer(width, height, width).set(picture);
  frontEnd.submit(BigInt(frame) * 33_333_333n);
  const submitted = performance.now();
  let points = frontEnd.poll();
  while (!points) {
    await frontEnd.answered();
    points = frontEnd.poll();
  }
  return { submit: submitted - started, all: performance.now() - started, points: points.length / 4 };
}

/** Whether memory stays as it is; how large pictures are is no matter for that, and small ones are faster. */
async function memory({ FrontEnd, memory }, gpu, pictures, stride) {
  const [size, frames, warmFrames] = [{ width: 160, height: 120 }, 10_000, 200];
  const crop = (picture) => {
    const small = new Uint8Array(size.width * size.height);
    for (let y = 0; y < size.height; y++) {
      small.set(picture.subarray(y * stride, y * stride + size.width), y * size.width);
    }
    return small;
  };
  const crops = pictures.map(crop);
  const frontEnd = new FrontEnd(JSON.stringify({ maxPoints: 60 }));
  frontEnd.useGpu(gpu);
  let warm = 0;
  for (let frame = 0; frame < frames; frame++) {
    await follow(frontEnd, crops[frame % crops.length], size, frame);
    if (frame === warmFrames) warm = memory.buffer.byteLength;
  }
  if (frontEnd.gpuFailed()) throw new Error("the GPU failed");
  return {
    measure: "chromium: wasm memory grown over 10,000 frames on webgpu",
    value: memory.buffer.byteLength - warm,
    unit: "B",
    note: \`\${warm} B when warm\`,
  };
}

async function measure({ origin, count, width, height, settings, isLong, rounds }) {
  const load = async (folder) => {
    const module = await import(\`\${origin}/\${folder}/sightline_measure.js\`);
    const wasm = await module.default({ module_or_path: \`\${origin}/\${folder}/sightline_measure_bg.wasm\` });
    return { ...module, memory: wasm.memory };
  };
  const [plain, vectors] = [await load("plain"), await load("vectors")];
  const gpu = await vectors.TrackerGpu.open();
  // The module is told the description alone, which browsers mostly keep to themselves.
  const { description, vendor, architecture } = (await navigator.gpu.requestAdapter()).info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name";
  const adapter = \`\${name}\${gpu.isSoftware ? " (a software adapter)" : ""}\`;
  const all = await pictures(count);
  const size = { width, height };
  const ways = { "wasm plain": plain, "wasm simd": vectors, "webgpu": vectors };
  const rows = [{ measure: "chromium: adapter", value: 1, unit: "", note: adapter }];
  for (const { points, options } of settings) {
    const figures = {};
    for (let round = 0; round < rounds; round++) {
      for (const [way, module] of Object.entries(ways)) {
        const isPlain = way === "wasm plain";
        const frontEnd = new module.FrontEnd(JSON.stringify({ ...options, isPlain: isPlain ? 1 : 0 }));
        if (way === "webgpu") frontEnd.useGpu(gpu);
        const mine = (figures[way] ??= { all: [], points: [], stages: {} });
        for (let frame = 0; frame < all.length; frame++) {
          const times = await follow(frontEnd, all[frame], size, frame);
          if (frame < 2) continue;
          mine.all.push(times.all);
          mine.points.push(times.points);
          const names = frontEnd.stages();
          const millis = [...frontEnd.stageMillis()];
          if (way === "webgpu") {
            names.push("upload and submission");
            millis.push(times.submit);
            // Where the device tells no times, its work is in this one.
            names.push("read-back");
            millis.push(times.all - millis.reduce((sum, value) => sum + value, 0));
          }
          names.forEach((name, k) => (mine.stages[name] ??= []).push(millis[k]));
        }
        if (way === "webgpu" && frontEnd.gpuFailed()) throw new Error("the GPU failed");
        frontEnd.free();
      }
    }
    for (const [way, mine] of Object.entries(figures)) {
      const name = \`chromium: \${points} points, \${way}\`;
      const note = \`\${count} frames of \${rounds} rounds; points a frame: median \${median(mine.points)}\`;
      for (const [stage, times] of Object.entries(mine.stages)) {
        rows.push({ measure: \`\${name}: \${stage}\`, value: median(times), unit: "ms", note });
      }
      rows.push({ measure: name, value: median(mine.all), unit: "ms", note });
      rows.push({ measure: \`\${name} p95\`, value: median(mine.all, 0.95), unit: "ms", note });
    }
  }
  if (isLong) rows.push(await memory(vectors, gpu, all, width));
  return rows;
}

onmessage = async ({ data }) => {
  try {
    postMessage({ rows: await measure(data) });
  } catch (thrown) {
    postMessage({ error: String(thrown?.stack ?? thrown) });
  }
};
`;

/** Opens the browser with the machine's adapter, or else with the software one. */
async function openBrowser() {
  for (const gpu of ["machine", "software"]) {
    const browser = await launchChromium({ gpu });
    const page = await browser.page(`http://127.0.0.1:${port}/`);
    const has = await page.evaluate(async () =>
      Boolean(await navigator.gpu?.requestAdapter().catch(() => null)),
    );
    if (has) return { browser, page };
    await browser.close();
  }
  throw new Error("Chromium has no WebGPU adapter");
}

const { browser, page } = await openBrowser();
try {
  const { rows, error } = await page.evaluate(
    async ([code, job]) => {
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      const worker = new Worker(url, { type: "module" });
      const done = new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
      });
      worker.postMessage({ ...job, origin: location.origin });
      return done;
    },
    [WORKER, { count, width, height, settings, isLong, rounds }],
  );
  if (error) throw new Error(error);
  console.log(JSON.stringify(rows));
} finally {
  await browser.close();
  server.close();
}
