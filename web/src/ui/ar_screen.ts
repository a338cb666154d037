/** The overlay of an AR session: pins are the main thing; placing the room is coached step by step. */

import type { Room } from "../room/room";
import type { RoomState } from "../room/state";
import type { ArSession, SessionEvent } from "../session";
import { strings } from "../strings";
import { button, iconButton } from "./buttons";
import { CoachPill, spotsDrawing, type Toasts } from "./coaching";
import { ConnectionBanner } from "./connection";
import { h, setText } from "./element_builder";
import { RoomChip } from "./room_chip";

export interface ArActions {
  leave: () => void;
  openChat: () => void;
  openPeople: () => void;
  /** Asks for the name of a pin that was just placed. */
  namePin: (id: string) => void;
}

/** Controls fade after so long without a touch, while the person is placing something. */
const QUIET_MILLIS = 3000;

export class ArScreen {
  readonly element: HTMLElement;
  readonly #room: Room;
  readonly #session: ArSession;
  readonly #actions: ArActions;
  readonly #toasts: Toasts;
  readonly #coach = new CoachPill();
  readonly #badge = h("span", { class: "badge" });
  readonly #label: HTMLInputElement;
  readonly #labelRow: HTMLElement;
  readonly #align: HTMLButtonElement;
  readonly #card: HTMLElement;
  readonly #cardWords = h("p", { role: "status" });
  readonly #unaligned = h(
    "p",
    { class: "unaligned card", role: "status", hidden: true },
    strings.ar.unaligned,
  );
  readonly #banner: ConnectionBanner;
  readonly #chip: RoomChip;
  readonly #unsubscribe: () => void;
  #mode: "pin" | "align" = "pin";
  #spots: 0 | 1 | 2 = 0;
  #hit = false;
  #tracking: "none" | "limited" | "good" = "good";
  #placedAny = false;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room, session: ArSession, toasts: Toasts, actions: ArActions) {
    const words = strings.ar;
    this.#room = room;
    this.#session = session;
    this.#toasts = toasts;
    this.#actions = actions;
    this.#banner = new ConnectionBanner(room);
    this.#chip = new RoomChip(room, actions.openPeople);
    this.#label = h("input", {
      class: "input",
      name: "label",
      placeholder: words.labelNext,
      "aria-label": words.labelNext,
      maxlength: 80,
      autocomplete: "off",
      enterkeyhint: "done",
      oninput: () => session.setLabel(this.#label.value.trim()),
      onkeydown: (event: KeyboardEvent) => event.key === "Enter" && this.#label.blur(),
    });
    this.#labelRow = h("div", { class: "label-row" }, this.#label);
    this.#align = button(words.align, () => this.setMode(this.#mode === "align" ? "pin" : "align"), {
      icon: "pin",
      action: "align",
    });
    this.#card = h("div", { class: "align-coach card", hidden: true });
    this.element = h(
      "main",
      { class: "overlay glass", onpointerdown: () => this.#wake() },
      h(
        "div",
        { class: "overlay-top" },
        this.#chip.element,
        h(
          "div",
          { class: "overlay-corner" },
          iconButton("close", words.leave, actions.leave, { action: "leave" }),
        ),
      ),
      h("div", { class: "overlay-middle" }, this.#banner.element, this.#unaligned),
      h(
        "div",
        { class: "overlay-bottom" },
        this.#coach.element,
        this.#card,
        this.#labelRow,
        h(
          "div",
          { class: "overlay-actions" },
          h(
            "span",
            { class: "overlay-side" },
            iconButton("chat", strings.room.chat, actions.openChat, { action: "open-chat" }),
            this.#badge,
          ),
          this.#align,
        ),
      ),
    );
    this.#unsubscribe = room.subscribe((state) => this.#show(state));
    session.onEvent((event) => this.#event(event));
    this.setMode("pin");
    this.#wake();
  }

  setMode(mode: "pin" | "align"): void {
    this.#mode = mode;
    this.#spots = 0;
    this.#session.setMode(mode);
    const aligning = mode === "align";
    this.#labelRow.hidden = aligning;
    this.#card.hidden = !aligning;
    this.#show(this.#room.state);
  }

  unread(count: number): void {
    this.#badge.textContent = count > 0 ? String(count) : "";
  }

  dispose(): void {
    clearTimeout(this.#quietTimer);
    this.#unsubscribe();
    this.#banner.dispose();
    this.#chip.dispose();
  }

  #event(event: SessionEvent): void {
    const words = strings.ar;
    switch (event.type) {
      case "pin":
        this.#placedAny = true;
        this.#pinned(event.id, event.placed !== false);
        break;
      case "spot":
        this.#spots = event.index === 0 ? 1 : 2;
        break;
      case "aligned":
        this.#toasts.show(event.defined ? words.defined : words.aligned((event.residualM * 100).toFixed(1)));
        this.setMode("pin");
        break;
      case "align-refused":
        this.#spots = 0;
        this.#toasts.show(event.code === "degenerate-spots" ? words.tooClose : words.differ);
        break;
      case "no-hit":
        this.#toasts.show(words.noHit);
        break;
      case "hit":
        this.#hit = event.visible;
        break;
      case "tracking":
        this.#tracking = event.state;
        break;
      case "reset":
        this.#toasts.show(words.reset);
        break;
      case "error":
        this.#toasts.show(event.message);
        break;
      default:
        break;
    }
    this.#show(this.#room.state);
  }

  #pinned(id: string, placed: boolean): void {
    const words = strings.ar;
    const named = this.#label.value.trim() !== "";
    this.#label.value = "";
    this.#session.setLabel("");
    const say = placed ? words.pinned : words.pinnedUnaligned;
    this.#toasts.show(say, named ? undefined : { words: words.nameIt, run: () => this.#actions.namePin(id) });
  }

  #show(state: RoomState): void {
    const words = strings.ar;
    const aligned = state.alignment.state === "aligned";
    // Others' pins have no place here until then: said, so that nobody looks for them.
    this.#unaligned.hidden = aligned || !state.alignment.definedByOther || this.#mode === "align";
    const label = this.#align.querySelector("span");
    if (label) setText(label, this.#mode === "align" ? words.cancel : aligned ? words.again : words.align);
    this.#align.classList.toggle(
      "button-primary",
      !aligned && this.#mode === "pin" && state.alignment.definedByOther,
    );
    if (this.#mode === "align") {
      setText(this.#cardWords, this.#alignWords(state));
      this.#card.replaceChildren(spotsDrawing(this.#spots), this.#cardWords);
      this.#coach.show(this.#hit ? undefined : "surface", words.lookAround);
      return;
    }
    if (this.#tracking !== "good") {
      this.#coach.show("move", this.#tracking === "none" ? words.lost : words.limited);
    } else if (!this.#hit) this.#coach.show("surface", words.lookAround);
    else this.#coach.show(this.#placedAny ? undefined : "tap", words.tapSurface);
  }

  #alignWords(state: RoomState): string {
    const words = strings.ar;
    const first = this.#spots === 0;
    if (state.alignment.state === "undefined" || !state.alignment.definedByOther) {
      return first ? words.spotsFirst : words.spotsSecond;
    }
    return first ? words.spotsFirstSame(words.someone) : words.spotsSecondSame;
  }

  #wake(): void {
    this.element.classList.remove("overlay-quiet");
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => {
      const busy = this.element.contains(document.activeElement) && document.activeElement?.matches("input");
      if (!busy) this.element.classList.add("overlay-quiet");
    }, QUIET_MILLIS);
  }
}
