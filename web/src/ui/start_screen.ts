/** The start page: what this is, the one thing to do first, and what the device can do, in plain words. */

import type { Capabilities } from "../capabilities";
import { spokenCode } from "../room/state";
import { strings } from "../strings";
import { button } from "./buttons";
import { h } from "./element_builder";
import { icon } from "./icons";
import { hero } from "./mark";

export interface StartActions {
  startCamera: () => void;
  startAr: () => void;
  openRoom: () => void;
  joinRoom: () => void;
  backToRoom: () => void;
}

export interface Fact {
  good: boolean;
  words: string;
}

export function startScreen(
  found: Capabilities,
  roomCode: string | undefined,
  actions: StartActions,
): HTMLElement {
  const words = strings.start;
  const drawable = found.wasmSimd && (found.webgpu || found.webgl2);
  const camera = found.camera && found.secureContext && drawable;
  const ar = found.immersiveAr && drawable;
  const cameraButton = (kind?: "primary") =>
    button(words.camera, actions.startCamera, {
      icon: "camera",
      action: "start-camera",
      ...(kind ? { kind } : { class: "wide" }),
    });
  const roomButton = roomCode
    ? button(words.backToRoom(spokenCode(roomCode)), actions.backToRoom, {
        icon: "room3d",
        action: "back-to-room",
        class: "wide",
      })
    : undefined;
  const openRoom = button(words.openRoom, actions.openRoom, {
    action: "open-room",
    ...(camera || ar ? {} : { kind: "primary" as const }),
  });
  return h(
    "main",
    { class: "screen start" },
    h("div", { class: "hero" }, hero()),
    h(
      "div",
      { class: "start-words" },
      h("h1", {}, strings.product),
      h("p", { class: "start-promise" }, strings.promise),
      h(
        "div",
        { class: "start-actions" },
        ar && button(words.ar, actions.startAr, { icon: "ar", kind: "primary", action: "start-ar" }),
        camera && cameraButton(ar ? undefined : "primary"),
        roomButton,
        drawable && openRoom,
        drawable && button(words.join, actions.joinRoom, { action: "join-room" }),
      ),
      h(
        "ul",
        { class: "device-facts", "aria-label": words.device },
        ...deviceFacts(found).map(({ good, words: fact }) =>
          h(
            "li",
            { class: good ? "fact-good" : "fact-limit" },
            icon(good ? "check" : "info"),
            h("span", {}, fact),
          ),
        ),
      ),
    ),
  );
}

/** What a device can do, what matters most first; at most three sentences. */
export function deviceFacts(found: Capabilities): Fact[] {
  const words = strings.device;
  if (!found.wasmSimd || !(found.webgpu || found.webgl2)) return [{ good: false, words: words.noView }];
  const facts: Fact[] = [];
  if (found.immersiveAr) facts.push({ good: true, words: words.ar });
  if (!found.secureContext) facts.push({ good: false, words: words.insecure });
  else if (!found.camera) facts.push({ good: false, words: words.noCamera });
  else if (!found.immersiveAr) {
    facts.push({ good: true, words: words.camera });
    facts.push({ good: false, words: words.noAr });
  }
  facts.push({ good: true, words: found.webgpu ? words.webgpu : words.webgl2 });
  return facts;
}
