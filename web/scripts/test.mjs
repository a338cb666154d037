// Bundles every src/**/*.test.ts for Node and runs them with node:test. Arguments go on to `node --test`.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const tests = (await readdir(join(web, "src"), { recursive: true }))
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => join(web, "src", path));
const out = await mkdtemp(join(tmpdir(), "sightline-web-test-"));
try {
  await build({
    entryPoints: tests,
    outdir: out,
    outbase: join(web, "src"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    loader: { ".svg": "text" },
    logLevel: "warning",
  });
  const bundles = (await readdir(out, { recursive: true }))
    .filter((path) => path.endsWith(".mjs"))
    .map((path) => join(out, path));
  const { status } = spawnSync(
    process.execPath,
    ["--enable-source-maps", "--test", ...process.argv.slice(2), ...bundles],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
