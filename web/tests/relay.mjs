/**
 * A relay of its own for a test: the real binary on a free port of loopback, with a folder of its own that outlives
 * a restart.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WEB = join(dirname(fileURLToPath(import.meta.url)), "..");

/** How long a relay may take until it serves. */
const READY_MILLIS = 20_000;

/**
 * Starts a relay and waits until it serves.
 *
 * @param {object} [options]
 * @param {string} [options.web] the folder of the page; `web/dist` unless said otherwise
 */
export async function startRelay(options = {}) {
  const binary = process.env.SIGHTLINE_RELAY ?? join(WEB, "../target/debug/chat-relay");
  const data = await mkdtemp(join(tmpdir(), "sightline-relay-"));
  const web = options.web ?? join(WEB, "dist");
  let running = await start(binary, data, web, 0);
  const { url } = running;
  const port = Number(new URL(url).port);
  return {
    url,
    data,
    /** Ends it at once, as a power cut would. */
    kill: () => end(running.child, "SIGKILL"),
    /** Asks it to end, and gives its exit status. */
    stop: () => end(running.child, "SIGTERM"),
    /** Starts it again with the same data, on the same port. */
    async restart() {
      running = await start(binary, data, web, port);
    },
    async close() {
      await end(running.child, "SIGKILL");
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function start(binary, data, web, port) {
  const args = ["serve", "--port", String(port), "--data", data, "--web", web, "--ready-json"];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  const ready = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the relay ended with ${code}: ${said}`)));
    const timer = setTimeout(() => reject(new Error(`the relay is not ready: ${said}`)), READY_MILLIS);
    createInterface(child.stdout).on("line", (line) => {
      const event = parse(line);
      if (event?.event !== "ready") return;
      clearTimeout(timer);
      resolve(event);
    });
  });
  const { url } = await ready;
  return { child, url: url.replace(/\/$/, "") };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  child.kill(signal);
  const [code] = await gone;
  return code;
}
