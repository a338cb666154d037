/** The room as a 3D view: its controls, and the steps of putting a pin on the floor. */

import type { Room } from "../room/room";
import type { RoomState } from "../room/state";
import { strings } from "../strings";
import { button, iconButton } from "./buttons";
import { CoachPill } from "./coaching";
import { ConnectionBanner } from "./connection";
import { h } from "./element_builder";
import { RoomChip } from "./room_chip";

export interface RoomActions {
  home: () => void;
  share: () => void;
  openChat: () => void;
  openPeople: () => void;
  /** The way into the world: AR where the browser has it, else the camera; absent where there is neither. */
  goOut?: { kind: "ar" | "camera"; run: () => void };
}

export class RoomScreen {
  readonly element: HTMLElement;
  readonly #coach = new CoachPill();
  readonly #badge = h("span", { class: "badge" });
  readonly #empty: HTMLElement;
  readonly #addPin: HTMLButtonElement;
  readonly #banner: ConnectionBanner;
  readonly #chip: RoomChip;
  readonly #unsubscribe: () => void;
  #placing = false;

  constructor(room: Room, actions: RoomActions) {
    const words = strings.room;
    this.#banner = new ConnectionBanner(room);
    this.#chip = new RoomChip(room, actions.openPeople);
    this.#empty = h(
      "div",
      { class: "room-empty card", hidden: true },
      h("b", {}, words.emptyTitle),
      h("p", {}, words.empty),
    );
    this.#addPin = button(words.addPin, () => this.setPlacing(!this.#placing), {
      icon: "pinAdd",
      kind: "primary",
      action: "add-pin",
    });
    const { goOut } = actions;
    this.element = h(
      "main",
      {
        class: "overlay",
        onkeydown: (event: KeyboardEvent) => {
          if (event.key === "Escape" && this.#placing) this.setPlacing(false);
        },
      },
      h(
        "div",
        { class: "overlay-top" },
        this.#chip.element,
        h(
          "div",
          { class: "overlay-corner" },
          iconButton("share", words.share, actions.share, { action: "share" }),
          iconButton("home", words.home, actions.home, { action: "leave" }),
        ),
      ),
      h("div", { class: "overlay-middle" }, this.#banner.element, this.#empty),
      h(
        "div",
        { class: "overlay-bottom" },
        this.#coach.element,
        h(
          "div",
          { class: "overlay-actions" },
          h(
            "span",
            { class: "overlay-side" },
            iconButton("chat", words.chat, actions.openChat, { action: "open-chat" }),
            this.#badge,
          ),
          this.#addPin,
          goOut &&
            iconButton(
              goOut.kind === "ar" ? "ar" : "camera",
              goOut.kind === "ar" ? strings.start.ar : strings.start.camera,
              goOut.run,
              {
                action: `start-${goOut.kind}`,
              },
            ),
        ),
      ),
    );
    this.#unsubscribe = room.subscribe((state) => this.#show(state));
  }

  /** Whether a tap on the floor puts a pin. */
  get placing(): boolean {
    return this.#placing;
  }

  setPlacing(placing: boolean): void {
    this.#placing = placing;
    this.#addPin.setAttribute("aria-pressed", String(placing));
    const label = this.#addPin.querySelector("span");
    if (label) label.textContent = placing ? strings.room.cancel : strings.room.addPin;
    this.#addPin.classList.toggle("button-primary", !placing);
    this.#coach.show(placing ? "tap" : undefined, strings.room.tapFloor);
    this.#empty.classList.toggle("visually-hidden", placing);
  }

  unread(count: number): void {
    this.#badge.textContent = count > 0 ? String(count) : "";
  }

  dispose(): void {
    this.#unsubscribe();
    this.#banner.dispose();
    this.#chip.dispose();
  }

  #show(state: RoomState): void {
    this.#empty.hidden = state.annotations.some((annotation) => annotation.placed);
  }
}
