// Prints the SHA-256 of each file of a folder, as `sha256sum --check` reads it: `node sums.mjs FOLDER`.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
for (const name of readdirSync(folder).sort()) {
  const sum = createHash('sha256').update(readFileSync(join(folder, name))).digest('hex');
  console.log(`${sum}  ${name}`);
}
