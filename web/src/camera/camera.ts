/** Opens the camera that looks at the world, and says in stable codes why it does not open. */

import { SightlineError } from "../errors";

/** An open camera. */
export interface Camera {
  stream: MediaStream;
  track: MediaStreamTrack;
  /** Plays the stream, out of sight, for browsers that give pictures through a video element. */
  video: HTMLVideoElement;
}

const CONSTRAINTS: MediaTrackConstraints = {
  facingMode: { ideal: "environment" },
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 30 },
};

/**
 * Asks for the camera and opens it. The first call on a page asks the person.
 *
 * @throws SightlineError `insecure-context`, `camera-denied`, `camera-missing` or `camera-busy`.
 */
export async function openCamera(): Promise<Camera> {
  if (!globalThis.isSecureContext) {
    throw new SightlineError("insecure-context", "The camera needs a page opened over HTTPS.");
  }
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new SightlineError("camera-missing", "This browser gives pages no camera.");
  }
  const stream = await requestStream();
  const [track] = stream.getVideoTracks();
  if (!track) throw new SightlineError("camera-missing", "The stream has no picture.");
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  return { stream, track, video };
}

/** Lets go of the camera; its light goes out. */
export function closeCamera(camera: Camera): void {
  for (const track of camera.stream.getTracks()) track.stop();
  camera.video.srcObject = null;
}

async function requestStream(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: CONSTRAINTS, audio: false });
  } catch (cause) {
    throw cameraError(cause);
  }
}

/** Names a failure of `getUserMedia`. */
export function cameraError(cause: unknown): SightlineError {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new SightlineError("camera-denied", "The camera was not allowed.", { cause });
    case "NotReadableError":
    case "AbortError":
      return new SightlineError("camera-busy", "The camera is in use elsewhere.", { cause });
    default:
      return new SightlineError("camera-missing", "No camera was found.", { cause });
  }
}
