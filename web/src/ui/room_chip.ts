/** The room in a corner: connection, code, who is there, what is unread. A tap opens the panel. */

import type { Room } from "../room/room";
import { type RoomState, spokenCode } from "../room/state";
import { strings } from "../strings";
import { avatarRow } from "./avatar";
import { h } from "./element_builder";

/** On a narrow screen the styles show one less. */
const MOST_AVATARS = 3;

export class RoomChip {
  readonly element: HTMLButtonElement;
  readonly #unsubscribe: () => void;

  constructor(room: Room, open: () => void) {
    this.element = h("button", {
      type: "button",
      class: "button room-chip",
      "data-action": "open-people",
      onclick: open,
    });
    this.#unsubscribe = room.subscribe((state) => this.#show(state));
  }

  dispose(): void {
    this.#unsubscribe();
  }

  #show(state: RoomState): void {
    const here = strings.people.here(Math.max(1, state.members.length));
    const label = `${strings.room.title} ${spokenCode(state.code)}, ${strings.connection[state.connection]}, ${here}`;
    this.element.setAttribute("aria-label", label);
    this.element.replaceChildren(
      h("span", { class: "dot", "data-connection": state.connection }),
      h("span", {}, spokenCode(state.code)),
    );
    if (state.members.length > 0) this.element.append(avatarRow(state.members, MOST_AVATARS));
    if (state.members.length > 2) this.element.append(h("span", {}, String(state.members.length)));
  }
}
