/** The panel's lists: the pins of the room, and the people in it. */

import type { Room } from "../room/room";
import type { Annotation, Member, RoomState } from "../room/state";
import { strings } from "../strings";
import { avatar, nameOf } from "./avatar";
import { button, iconButton } from "./buttons";
import { h } from "./element_builder";

export interface ListActions {
  renamePin: (pin: Annotation) => void;
  renameSelf: () => void;
  share: () => void;
}

/** All pins, also those whose place is not known yet. */
export function pinsList(state: RoomState, room: Room, actions: ListActions): HTMLElement {
  if (state.annotations.length === 0) {
    return h("div", { class: "list" }, h("p", { class: "panel-empty" }, strings.pins.empty));
  }
  return h(
    "div",
    { class: "list" },
    h("ul", {}, ...state.annotations.map((pin) => pinRow(pin, room, actions))),
  );
}

function pinRow(pin: Annotation, room: Room, actions: ListActions): HTMLElement {
  const words = strings.pins;
  const facts = [pin.mine ? words.byYou : words.by(nameOf(pin))];
  if (!pin.placed) facts.push(words.unplaced);
  if (pin.pending) facts.push(strings.chat.pending);
  else if (pin.held) facts.push(strings.chat.held);
  return h(
    "li",
    { class: "list-row", "data-pin": pin.id, "data-placed": String(pin.placed) },
    avatar(pin),
    h(
      "span",
      { class: "list-words" },
      h("b", {}, pin.label || words.unnamed),
      h("span", {}, facts.join(" · ")),
    ),
    iconButton("edit", `${words.rename}: ${pin.label || words.unnamed}`, () => actions.renamePin(pin), {
      kind: "bare",
    }),
    pin.mine &&
      iconButton("remove", `${words.remove}: ${pin.label || words.unnamed}`, () => room.remove(pin.id), {
        kind: "bare",
      }),
  );
}

/** Everybody who is connected. */
export function peopleList(state: RoomState, actions: ListActions): HTMLElement {
  return h(
    "div",
    { class: "list" },
    h("ul", {}, ...state.members.map((member) => memberRow(member, actions))),
    button(strings.share.title, actions.share, { icon: "share", class: "panel-action", action: "share" }),
  );
}

function memberRow(member: Member, actions: ListActions): HTMLElement {
  const words = strings.people;
  const { presence } = member;
  const facts: string[] = [words.modes[presence.mode] ?? words.modes.page];
  if (presence.aligned) facts.push(words.aligned);
  return h(
    "li",
    { class: "list-row", "data-device": member.device },
    avatar(member),
    h(
      "span",
      { class: "list-words" },
      h("b", {}, member.self ? `${nameOf(member)} (${words.you})` : nameOf(member)),
      h("span", {}, facts.join(" · ")),
    ),
    member.self && iconButton("edit", words.rename, actions.renameSelf, { kind: "bare" }),
  );
}
