/** The camera as a source of pictures. */

import { type Camera, closeCamera } from "./camera";
import { grabberKinds, startGrabber } from "./grabber";
import type { PictureSource } from "./source";

/** The camera as a source; closing the source closes the camera. */
export function cameraSource(camera: Camera): PictureSource {
  const abort = new AbortController();
  return {
    ways: grabberKinds().map((kind) => ({ kind, open: () => startGrabber(kind, camera) })),
    live: true,
    // A camera that looks at the person has other axes than the one on the back.
    moves: camera.track.getSettings?.().facingMode === "environment",
    onLost(listener) {
      camera.track.addEventListener("ended", listener, { signal: abort.signal });
    },
    close() {
      abort.abort();
      closeCamera(camera);
    },
  };
}
