// Writes NAME.br and NAME.gz beside each compressible file of a folder, for a server that sends them as they are.
// What a file's twin would not shrink gets none, and twins without their file go. Usage: node compress.mjs FOLDER

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const COMPRESSIBLE = /\.(html|js|mjs|css|json|svg|wasm|webmanifest|txt|map)$/;

// What suits WebAssembly best is another setting for each module; the difference is a kilobyte.
const TRIED = [
  {},
  { [constants.BROTLI_PARAM_NPOSTFIX]: 1 },
  { [constants.BROTLI_PARAM_NPOSTFIX]: 1, [constants.BROTLI_PARAM_LGBLOCK]: 16 },
];
const brotli = (bytes, file) =>
  (file.endsWith('.wasm') ? TRIED : TRIED.slice(0, 1))
    .map((params) =>
      brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_LGWIN]: 22,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          ...params,
        },
      }),
    )
    .reduce((best, next) => (next.length < best.length ? next : best));
const gzip = (bytes) => gzipSync(bytes, { level: 9 });

const folder = process.argv[2];
const files = readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name));
for (const file of files) {
  if (/\.(br|gz)$/.test(file)) {
    if (!files.includes(file.slice(0, -3))) rmSync(file);
    continue;
  }
  if (!COMPRESSIBLE.test(file) || !statSync(file).isFile()) continue;
  const bytes = readFileSync(file);
  for (const [ending, compress] of [['.br', brotli], ['.gz', gzip]]) {
    const twin = file + ending;
    // Untouched files keep their twins: brotli at its best takes seconds on the larger module.
    if (files.includes(twin) && statSync(twin).mtimeMs > statSync(file).mtimeMs) continue;
    const small = compress(bytes, file);
    if (small.length < bytes.length) writeFileSync(twin, small);
    else rmSync(twin, { force: true });
  }
}
