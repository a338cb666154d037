/** A server for the pages of the bench: folders by their names, and modules that were bundled. */

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".glb": "model/gltf-binary" };

/**
 * Serves on loopback. Pages are isolated from other origins: then their clock has steps of 5 instead of 100
 * microseconds.
 *
 * @param {Record<string, string>} folders by the first part of a path
 * @param {Map<string, Uint8Array>} [modules] by path
 */
export async function serve(folders, modules = new Map()) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://host").pathname);
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const [, folder, ...rest] = path.split("/");
    if (path === "/") {
      response.setHeader("content-type", "text/html");
      response.end('<!doctype html><title>Bench</title><link rel="icon" href="data:,">');
    } else if (modules.has(path)) {
      response.setHeader("content-type", TYPES[".js"]);
      response.end(modules.get(path));
    } else if (Object.hasOwn(folders, folder)) {
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      createReadStream(join(folders[folder], ...rest))
        .on("error", () => response.writeHead(404).end())
        .pipe(response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { origin: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
