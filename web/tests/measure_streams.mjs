/**
 * Measures what post-processing does to videos at a poor bit rate: in Chromium, scenes go through a real connection (on
 * loopback alone), and each picture that arrives is compared with the one that was sent, by SSIM of luma, before and
 * after. Prints JSON: `{ adapter, backend, rows: [{ content, codec, kbitPerSec, measuredKbitPerSec, framesPerSec,
 * pictures, before, after, nearer }] }`.
 *
 * Usage: node measure_streams.mjs PHOTOGRAPH [--pictures FOLDER] [--sweep] [--codec NAME] [--only CONTENT]. `--sweep` tries many
 * strengths in the place of the preset and prints a table of them.
 */

import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { LOOPBACK, launchChromium } from "./chromium.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: "string" },
    sweep: { type: "boolean", default: false },
    codec: { type: "string", multiple: true, default: ["VP8", "VP9"] },
    only: { type: "string", multiple: true },
    count: { type: "string", default: "24" },
  },
});
const [photograph] = positionals;
const WEB = fileURLToPath(new URL("..", import.meta.url));

const RATES_KBIT = [100, 250, 600];
const CONTENTS = ["lesson", "meadow", "photograph"];

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".jpg": "image/jpeg" };

const bundle = await build({
  entryPoints: [join(WEB, "tests/streams/page.mjs")],
  bundle: true,
  format: "esm",
  write: false,
  logLevel: "warning",
});
const page_html = '<!doctype html><title>Streams</title><script type="module" src="/page.js"></script>';

/** Serves the page, the artefacts and the photograph to this browser alone. */
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://host").pathname);
  const send = (type, body) => response.setHeader("content-type", type).end(body);
  if (path === "/") return send("text/html", page_html);
  if (path === "/page.js") return send(TYPES[".js"], bundle.outputFiles[0].contents);
  const file = path === "/photograph.jpg" ? photograph : path.startsWith("/dist/") && join(WEB, path);
  if (!file) return response.writeHead(404).end();
  response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
  return createReadStream(file)
    .on("error", () => response.writeHead(404).end())
    .pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}/`;

/**
 * With the machine's adapter where it has one, else with the software one; that one is started in its own way, as it
 * cannot show pictures otherwise.
 */
async function openBrowser() {
  for (const gpu of ["machine", "software"]) {
    const browser = await launchChromium({ gpu, ...LOOPBACK });
    const page = await browser.page(url);
    const adapter = await page.evaluate(async () => {
      const found = await navigator.gpu?.requestAdapter().catch(() => null);
      const { description, vendor, architecture } = found?.info ?? {};
      return (
        found &&
        (description || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name")
      );
    });
    if (adapter && (gpu === "software" || !/swiftshader|llvmpipe/i.test(adapter)))
      return { browser, page, adapter };
    await browser.close();
  }
  throw new Error("Chromium has no WebGPU adapter");
}

function grid() {
  const presets = [];
  for (const deblocking of [0, 0.1, 0.2, 0.35, 0.5]) {
    for (const sharpness of [0, 0.2, 0.4, 0.7, 1]) {
      if (deblocking || sharpness) presets.push({ deblocking, sharpness });
    }
  }
  return presets;
}

const { browser, page, adapter } = await openBrowser();
try {
  const rows = [];
  let backend;
  for (const codec of values.codec) {
    for (const content of values.only ?? CONTENTS) {
      for (const kbitPerSec of RATES_KBIT) {
        const job = {
          content,
          photograph: "/photograph.jpg",
          codec,
          kbitPerSec,
          count: Number(values.count),
          keep: Boolean(values.pictures),
          ...(values.sweep && { presets: grid() }),
        };
        const result = await page.evaluate((wanted) => window.measure(wanted), job);
        backend = result.backend;
        for (const { preset, ssim, nearer } of result.after) {
          rows.push({
            content,
            codec: result.figures.codec,
            kbitPerSec,
            measuredKbitPerSec: result.figures.kbitPerSec,
            framesPerSec: result.figures.framesPerSec,
            pictures: result.pictures,
            before: result.before,
            after: ssim,
            nearer,
            preset,
          });
        }
        const best = result.after.toSorted((a, b) => b.ssim - a.ssim)[0];
        console.error(
          `${content} ${result.figures.codec} ${kbitPerSec} kbit/s (${result.figures.kbitPerSec.toFixed(0)}, ` +
            `${result.figures.framesPerSec.toFixed(1)} fps, ${result.pictures}): ${result.before.toFixed(4)} -> ` +
            `${best.ssim.toFixed(4)} ${JSON.stringify(best.preset)}`,
        );
        if (values.pictures) {
          await mkdir(values.pictures, { recursive: true });
          for (const [index, which] of ["source", "received", "processed"].entries()) {
            const bytes = Buffer.from(result.kept[index].split(",")[1], "base64");
            await writeFile(join(values.pictures, `${content}-${codec}-${kbitPerSec}-${which}.png`), bytes);
          }
        }
      }
    }
  }
  console.log(JSON.stringify({ adapter, backend, rows }));
} catch (thrown) {
  console.error(page.log.slice(-10).join("\n"));
  throw thrown;
} finally {
  await browser.close();
  server.close();
}
