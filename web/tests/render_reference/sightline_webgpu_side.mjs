/** Sightline's side over WebGPU. */

import { openSightline } from "./sightline_side.mjs";

/** Opens the side. */
export function openSide() {
  return openSightline("webgpu");
}
