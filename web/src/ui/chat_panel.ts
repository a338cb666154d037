/** The room's chat: messages, who is writing, and the line to write in. */

import type { Room } from "../room/room";
import { type ChatMessage, type RoomState, silencedBy } from "../room/state";
import { strings } from "../strings";
import { avatar, nameOf } from "./avatar";
import { h, setText } from "./element_builder";
import { icon } from "./icons";

/** Messages of one person within this time stand under one name. */
const GROUP_MILLIS = 5 * 60_000;
/** Somebody who stops writing without sending is no longer shown as writing after this. */
const TYPING_MILLIS = 4000;
const MAX_CHAT_CHARS = 4000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export class ChatPanel {
  readonly element: HTMLElement;
  readonly #room: Room;
  readonly #messages = h("ol", {
    class: "messages",
    role: "log",
    "aria-label": strings.room.chat,
    tabindex: "0",
  });
  readonly #typing = h("p", { class: "typing", "aria-live": "polite" });
  readonly #silenced = h("p", { class: "silenced", role: "status", hidden: true });
  readonly #input: HTMLTextAreaElement;
  readonly #rows = new Map<string, { element: HTMLElement; shape: string }>();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room) {
    this.#room = room;
    this.#input = h("textarea", {
      class: "input",
      name: "message",
      rows: 1,
      maxlength: MAX_CHAT_CHARS,
      placeholder: strings.chat.placeholder,
      "aria-label": strings.chat.placeholder,
      enterkeyhint: "send",
      oninput: () => this.#wrote(),
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#send();
      },
    });
    const compose = h(
      "form",
      {
        class: "compose",
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          this.#send();
        },
      },
      this.#input,
      h(
        "button",
        {
          class: "button button-icon button-primary",
          "aria-label": strings.chat.send,
          title: strings.chat.send,
          "data-action": "send",
        },
        icon("send"),
      ),
    );
    this.element = h("div", { class: "chat" }, this.#messages, this.#typing, this.#silenced, compose);
  }

  focus(): void {
    this.#input.focus({ preventScroll: true });
  }

  show(state: RoomState): void {
    const atEnd =
      this.#messages.scrollHeight - this.#messages.scrollTop - this.#messages.clientHeight < 64 ||
      this.#messages.clientHeight === 0;
    const before = this.#messages.childElementCount;
    this.#showMessages(state.chat);
    if (atEnd || (before < state.chat.length && state.chat.at(-1)?.mine)) this.scrollToEnd();
    const silenced = silencedBy(state);
    this.#input.disabled = silenced !== undefined;
    this.#silenced.hidden = silenced === undefined;
    setText(this.#silenced, silenced === undefined ? "" : strings.silenced[silenced]);
    const writing = state.members.filter((member) => !member.self && member.presence.typing);
    const [first] = writing;
    setText(
      this.#typing,
      writing.length > 1 ? strings.chat.typingMany : first ? strings.chat.typing(nameOf(first)) : "",
    );
  }

  scrollToEnd(): void {
    this.#messages.scrollTop = this.#messages.scrollHeight;
  }

  #showMessages(chat: readonly ChatMessage[]): void {
    if (chat.length === 0) {
      this.#rows.clear();
      this.#messages.replaceChildren(h("li", { class: "panel-empty" }, strings.chat.empty));
      return;
    }
    const rows = chat.map((message, i) => {
      const shape = shapeOf(message, chat[i - 1]);
      const kept = this.#rows.get(message.key);
      if (kept?.shape === shape) return kept.element;
      const element = messageRow(message, follows(message, chat[i - 1]));
      this.#rows.set(message.key, { element, shape });
      return element;
    });
    // Only what differs is touched: a screen reader reads a log by what is added to it.
    rows.forEach((row, i) => {
      const there = this.#messages.children[i];
      if (there !== row) this.#messages.insertBefore(row, there ?? null);
    });
    while (this.#messages.childElementCount > rows.length) this.#messages.lastElementChild?.remove();
  }

  #send(): void {
    const text = this.#input.value;
    if (!text.trim() || this.#input.disabled) return;
    this.#room.chat(text);
    this.#input.value = "";
    this.#fit();
    this.#stopTyping();
  }

  #wrote(): void {
    this.#fit();
    if (this.#typingTimer === undefined) this.#room.setPresence({ typing: true });
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#stopTyping(), TYPING_MILLIS);
  }

  #stopTyping(): void {
    if (this.#typingTimer === undefined) return;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = undefined;
    this.#room.setPresence({ typing: false });
  }

  #fit(): void {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight + 2}px`;
  }
}

/** Whether a message stands under the name of the one before it. */
export function follows(message: ChatMessage, before: ChatMessage | undefined): boolean {
  return before?.member === message.member && message.atMillis - before.atMillis < GROUP_MILLIS;
}

/** What a row shows, to tell whether it has to be made anew. */
function shapeOf(message: ChatMessage, before: ChatMessage | undefined): string {
  const { pending, held, edited, deleted, name, hue, text } = message;
  return [pending, held, edited, deleted, name, hue, text, follows(message, before)].join(" ");
}

function messageRow(message: ChatMessage, isFollowing: boolean): HTMLElement {
  const classes = ["message"];
  if (message.mine) classes.push("message-mine");
  if (isFollowing) classes.push("message-follows");
  const head = !message.mine && !isFollowing;
  const note = message.pending ? strings.chat.pending : message.held ? strings.chat.held : undefined;
  return h(
    "li",
    {
      class: classes.join(" "),
      "data-key": message.key,
      "data-pending": message.pending ? "true" : undefined,
      "data-held": message.held ? "true" : undefined,
    },
    head && avatar(message),
    head &&
      h(
        "div",
        { class: "message-head" },
        h("b", {}, nameOf(message)),
        h("time", { datetime: new Date(message.atMillis).toISOString() }, clock.format(message.atMillis)),
      ),
    message.deleted
      ? h("div", { class: "message-text message-deleted" }, strings.chat.deleted)
      : h("div", { class: "message-text" }, message.text),
    note !== undefined && h("div", { class: "message-pending" }, icon("clock"), note),
    note === undefined && message.edited && h("div", { class: "message-edited" }, strings.chat.edited),
  );
}
