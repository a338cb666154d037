/** three.js' side of the bench over its WebGPURenderer. */

import { REVISION } from "three";
import { WebGPURenderer } from "three/webgpu";
import { openThree } from "./three_side.mjs";

/** Opens the side. */
export function openSide(canvas, room) {
  return openThree(canvas, room, async () => {
    const renderer = new WebGPURenderer({ canvas, antialias: true });
    await renderer.init();
    if (!renderer.backend.isWebGPUBackend) throw new Error("three.js found no WebGPU");
    const settled = () => renderer.backend.device.queue.onSubmittedWorkDone();
    return { renderer, settled, name: `three.js r${REVISION}, WebGPURenderer` };
  });
}
