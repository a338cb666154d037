/** An X server without a screen, for browsers that draw in 3D only where there is a display. */

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts `Xvfb` on a free display. */
export async function startDisplay(width = 1280, height = 900) {
  const args = ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp"];
  const child = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const failed = once(child, "error").then(([error]) => {
    throw new Error(`Xvfb does not start: ${error.message}`);
  });
  const [number] = await Promise.race([once(child.stdio[3], "data"), failed]);
  return {
    name: `:${String(number).trim()}`,
    async close() {
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}
