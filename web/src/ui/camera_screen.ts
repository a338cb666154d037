/** Camera mode's overlay: the readout, the pins, the room, the way out, and one line of coaching. */

import { type Advice, GIVE_UP_MILLIS } from "../camera/coach";
import type { Room } from "../room/room";
import type { CameraStats } from "../stats";
import { strings } from "../strings";
import { button, iconButton } from "./buttons";
import { CoachPill } from "./coaching";
import { ConnectionBanner } from "./connection";
import { h, setText } from "./element_builder";
import { Readout } from "./readout";
import { RoomChip } from "./room_chip";

export interface CameraActions {
  leave: () => void;
  showPins: () => void;
  startAgain: () => void;
  openRoom: () => void;
  openChat: () => void;
  openPeople: () => void;
  showRoom: () => void;
}

export class CameraScreen {
  readonly element: HTMLElement;
  readonly #readout = new Readout();
  readonly #coach = new CoachPill();
  readonly #badge = h("span", { class: "badge" });
  readonly #pins: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #parts: { dispose(): void }[] = [];

  constructor(room: Room | undefined, actions: CameraActions) {
    const leave = iconButton("close", strings.camera.leave, actions.leave, { action: "leave" });
    this.#pins = button(strings.camera.pins(0), actions.showPins, { icon: "pin", action: "show-pins" });
    this.#pins.hidden = true;
    this.#again = button(strings.camera.startAgain, actions.startAgain, {
      action: "start-again",
      class: "start-again",
    });
    this.#again.hidden = true;
    const middle = h("div", { class: "overlay-middle" });
    const buttons = h("div", { class: "overlay-actions" });
    if (room) {
      const banner = new ConnectionBanner(room);
      const chip = new RoomChip(room, actions.openPeople);
      this.#parts.push(banner, chip);
      middle.append(banner.element);
      buttons.append(
        this.#pins,
        h(
          "span",
          { class: "overlay-side" },
          iconButton("chat", strings.room.chat, actions.openChat, { action: "open-chat" }),
          this.#badge,
        ),
        chip.element,
        iconButton("room3d", strings.states.arEnded.room, actions.showRoom, { action: "show-room" }),
      );
    } else {
      buttons.append(
        this.#pins,
        button(strings.start.openRoom, actions.openRoom, { icon: "people", action: "open-room" }),
      );
    }
    this.element = h(
      "main",
      { class: "overlay glass" },
      h("div", { class: "overlay-top" }, this.#readout.element, h("div", { class: "overlay-corner" }, leave)),
      middle,
      h("div", { class: "overlay-bottom" }, this.#coach.element, this.#again, buttons),
    );
  }

  show(stats: CameraStats, advice: Advice | undefined): void {
    this.#readout.show(stats, performance.now());
    this.#coach.advise(advice);
    this.#again.hidden = stats.lostMillis < GIVE_UP_MILLIS;
  }

  /** So many pins stand in the world. */
  showPins(count: number): void {
    this.#pins.hidden = count === 0;
    const words = this.#pins.querySelector("span");
    if (words) setText(words, strings.camera.pins(count));
  }

  unread(count: number): void {
    this.#badge.textContent = count > 0 ? String(count) : "";
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }
}
