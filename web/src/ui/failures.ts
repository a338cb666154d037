/** What went wrong, as a screen: a state that tests see, and words that a person can act on. Pure. */

import { problemSentence, strings } from "../strings";
import type { NoticeWords } from "./notice";
import { permissionHelp } from "./permission_help";

/** The screen's state in `document.documentElement.dataset.state`. */
export type FailureState =
  | "denied"
  | "no-camera"
  | "camera-busy"
  | "camera-ended"
  | "insecure"
  | "unsupported"
  | "unreachable"
  | "no-network"
  | "view-lost"
  | "ar-denied"
  | "ar-failed"
  | "ar-ended"
  | "room-failed"
  | "room-expired"
  | "removed"
  | "failed";

export interface Failure {
  state: FailureState;
  words: NoticeWords;
  /** Whether the same thing tried again may work. */
  retry: boolean;
}

/** The screen for a code that was thrown while `doing` something. */
export function failureFor(
  thrown: { code: string; message: string },
  doing: "camera" | "ar" | "room",
  browser: { userAgent: string; onLine: boolean },
): Failure {
  const words = strings.states;
  switch (thrown.code) {
    case "camera-denied": {
      const help = permissionHelp(browser.userAgent);
      return { state: "denied", words: { ...pick(words.denied), help }, retry: true };
    }
    case "camera-missing":
      return { state: "no-camera", words: words.noCamera, retry: true };
    case "camera-busy":
      return { state: "camera-busy", words: words.busy, retry: true };
    case "camera-ended":
      return { state: "camera-ended", words: words.cameraEnded, retry: true };
    case "insecure-context":
      return { state: "insecure", words: words.insecure, retry: false };
    case "view-unavailable":
    case "module-unsupported":
    case "no-adapter":
    case "no-webgl2":
      return { state: "unsupported", words: words.unsupported, retry: false };
    case "module-unreachable":
      return browser.onLine
        ? { state: "unreachable", words: words.unreachable, retry: true }
        : { state: "no-network", words: words.noNetwork, retry: true };
    case "device":
    case "surface":
    case "graphics":
      return { state: "view-lost", words: words.viewLost, retry: true };
    case "xr-denied":
      return { state: "ar-denied", words: words.arDenied, retry: true };
    default:
      break;
  }
  if (doing === "room") {
    if (!browser.onLine) return { state: "no-network", words: words.noNetwork, retry: true };
    const ended = { room_expired: words.roomExpired, removed: words.removed }[thrown.code];
    if (ended) {
      const state = thrown.code === "removed" ? "removed" : "room-expired";
      return { state, words: { title: ended.title, text: problemSentence(thrown) }, retry: false };
    }
    const sentence = thrown.code === "room_not_found" ? strings.join.notFound : problemSentence(thrown);
    return { state: "room-failed", words: { title: words.roomFailed.title, text: sentence }, retry: true };
  }
  if (doing === "ar") return { state: "ar-failed", words: words.arFailed, retry: true };
  return { state: "failed", words: words.unknown, retry: true };
}

function pick({ title, text }: { title: string; text: string }): NoticeWords {
  return { title, text };
}
