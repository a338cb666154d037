/** How much memory the processes of a browser hold, and how they share the processor, from Linux's /proc. */

import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";

/** What /proc says of a process; nothing of one that is gone. */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** All processes below one, itself included, with their command lines. */
function family(root) {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), Number(/^PPid:\s*(\d+)/m.exec(read(pid, "status"))?.[1])]);
  const found = [root];
  for (const pid of found)
    found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found.map((pid) => ({ pid, command: read(pid, "cmdline").replaceAll("\0", " ") }));
}

/** The proportional set size of a process in bytes: its own pages, and its share of those it shares. */
function pssBytes(pid) {
  return Number(/^Pss:\s*(\d+) kB/m.exec(read(pid, "smaps_rollup"))?.[1] ?? 0) * 1024;
}

/**
 * Watches the pages and the GPU process of a browser until `stop`, which gives the most that they held together.
 *
 * @param {string} profile the folder of the browser's profile, by which its first process is found
 */
export function watchMemory(profile) {
  const browser = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      const command = read(pid, "cmdline");
      return command.includes(`--user-data-dir=${profile}`) && !command.includes("--type=");
    });
  if (!browser) throw new Error(`no browser has the profile ${profile}`);
  let most = 0;
  const now = () => {
    const watched = family(Number(browser)).filter(({ command }) =>
      /--type=(renderer|gpu-process)/.test(command),
    );
    return watched.reduce((sum, { pid }) => sum + pssBytes(pid), 0);
  };
  const look = () => {
    most = Math.max(most, now());
  };
  look();
  const timer = setInterval(look, 250);
  return {
    /** What they hold at this moment, in bytes. */
    now,
    /** Lets all others before the GPU process: a priority is a thread's, and threads have it from those that began them. */
    yieldGpu() {
      const gpu = family(Number(browser)).find(({ command }) => command.includes("--type=gpu-process"));
      for (const thread of gpu ? readdirSync(`/proc/${gpu.pid}/task`) : []) setPriority(Number(thread), 19);
    },
    stop() {
      clearInterval(timer);
      look();
      return most;
    },
  };
}
