// Builds web/dist: the page, the library, the workers, the styles. The wasm artefacts are not made here; they
// stand in dist/wasm, and this script shortens only their glue.
//
//   node scripts/build.mjs            minified
//   node scripts/build.mjs --readable not minified, with source maps

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(web, "dist");
const readable = process.argv.includes("--readable");

await mkdir(dist, { recursive: true });
for (const entry of await readdir(dist)) {
  if (entry !== "wasm") await rm(join(dist, entry), { recursive: true });
}

const shared = {
  absWorkingDir: web,
  outdir: dist,
  bundle: true,
  format: "esm",
  target: ["es2022", "safari16.4", "firefox115", "chrome113"],
  minify: !readable,
  sourcemap: readable ? "linked" : false,
  legalComments: "linked",
  loader: { ".svg": "text" },
  logLevel: "warning",
};

// `app` and `streams` are pages, `sightline` is the package: all share their chunks. All stand in one folder, so that
// `./wasm/` beside any of them is the same place.
const { metafile } = await build({
  ...shared,
  entryPoints: { app: "src/main.ts", streams: "src/streams/main.ts", sightline: "src/index.ts" },
  splitting: true,
  chunkNames: "[name]-[hash]",
  metafile: true,
});
for (const worker of ["tracker_worker", "models_worker"]) {
  await build({ ...shared, entryPoints: { [worker]: `src/${worker}.ts` } });
}
await build({ ...shared, entryPoints: { app: "src/styles/app.css", streams: "src/styles/streams.css" } });

const wasm = join(dist, "wasm");
const glue = (await readdir(wasm).catch(() => [])).filter((name) => name.endsWith(".js"));
if (!readable && glue.length > 0) {
  await build({
    ...shared,
    bundle: false,
    outdir: wasm,
    allowOverwrite: true,
    entryPoints: glue.map((name) => join(wasm, name)),
  });
}

await cp(join(web, "public"), dist, { recursive: true });
await cp(join(web, "..", "examples", "embed"), join(dist, "embed"), {
  recursive: true,
  filter: (path) => !path.endsWith(".md"),
});

// What a page's script imports is asked for together with it, not after it has come.
for (const [page, script] of [
  ["index.html", "app.js"],
  ["streams/index.html", "streams.js"],
]) {
  const file = join(dist, page);
  const chunks = metafile.outputs[`dist/${script}`].imports.filter(({ kind }) => kind === "import-statement");
  const folder = page.includes("/") ? "../" : "";
  const hints = chunks.map(({ path }) => `<link rel="modulepreload" href="${folder}${basename(path)}" />`);
  const html = await readFile(file, "utf8");
  await writeFile(file, html.replace("<!-- chunks -->", hints.join("\n    ")));
}
