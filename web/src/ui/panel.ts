/** The room's panel: chat, pins, people. A sheet from below on a phone, at the side on a wide screen. */

import type { Room } from "../room/room";
import { type RoomState, unreadCount } from "../room/state";
import { strings } from "../strings";
import { iconButton } from "./buttons";
import { ChatPanel } from "./chat_panel";
import { ConnectionBanner } from "./connection";
import { h } from "./element_builder";
import { type ListActions, peopleList, pinsList } from "./lists";

const TABS = ["chat", "pins", "people"] as const;
export type PanelTab = (typeof TABS)[number];

export class Panel {
  readonly element: HTMLElement;
  readonly #room: Room;
  readonly #actions: ListActions;
  readonly #chat: ChatPanel;
  readonly #banner: ConnectionBanner;
  readonly #body = h("div", { class: "panel-body", role: "tabpanel", id: "panel-body" });
  readonly #tabs = new Map<PanelTab, HTMLButtonElement>();
  readonly #badge = h("span", { class: "badge" });
  readonly #unsubscribe: () => void;
  readonly #onUnread: (count: number) => void;
  #tab: PanelTab = "chat";
  #lastReadKey: string | undefined;
  #sawFirstState = false;
  #openedBy: Element | null = null;

  constructor(room: Room, actions: ListActions, onUnread: (count: number) => void) {
    this.#room = room;
    this.#actions = actions;
    this.#onUnread = onUnread;
    this.#chat = new ChatPanel(room);
    this.#banner = new ConnectionBanner(room);
    this.#banner.element.classList.remove("card");
    const labels = { chat: strings.room.chat, pins: strings.room.pins, people: strings.room.people };
    for (const tab of TABS) {
      this.#tabs.set(
        tab,
        h(
          "button",
          {
            type: "button",
            class: "tab",
            role: "tab",
            "aria-controls": "panel-body",
            "data-tab": tab,
            onclick: () => this.select(tab),
          },
          labels[tab],
          tab === "chat" && this.#badge,
        ),
      );
    }
    this.element = h(
      "aside",
      {
        class: "panel",
        hidden: true,
        "aria-label": strings.room.panel,
        "data-keeps-taps": true,
        onkeydown: (event: KeyboardEvent) => this.#key(event),
      },
      h(
        "div",
        { class: "panel-head" },
        h("div", { class: "tabs", role: "tablist" }, ...this.#tabs.values()),
        iconButton("close", strings.room.close, () => this.close(), {
          kind: "bare",
          action: "close-panel",
        }),
      ),
      this.#banner.element,
      this.#body,
    );
    this.#unsubscribe = room.subscribe((state) => this.#show(state));
    this.select("chat");
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Opens at a tab; over a camera or the world in glass. The focus comes back when it closes. */
  open(tab: PanelTab, focus = true): void {
    if (!this.isOpen) this.#openedBy = document.activeElement;
    this.element.hidden = false;
    document.documentElement.dataset.panel = "open";
    this.select(tab);
    this.#chat.scrollToEnd();
    if (!focus) return;
    // A phone's keyboard would cover what was opened to be read.
    if (tab === "chat" && matchMedia("(pointer: fine)").matches) this.#chat.focus();
    else this.#tabs.get(tab)?.focus({ preventScroll: true });
  }

  close(): void {
    this.element.hidden = true;
    document.documentElement.dataset.panel = "closed";
    if (this.#openedBy instanceof HTMLElement && this.#openedBy.isConnected) this.#openedBy.focus();
    this.#show(this.#room.state);
  }

  select(tab: PanelTab): void {
    this.#tab = tab;
    for (const [name, element] of this.#tabs) {
      element.setAttribute("aria-selected", String(name === tab));
      element.tabIndex = name === tab ? 0 : -1;
    }
    if (tab === "chat") this.#body.replaceChildren(this.#chat.element);
    this.#show(this.#room.state);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#banner.dispose();
    this.element.remove();
    document.documentElement.dataset.panel = "closed";
  }

  #show(state: RoomState): void {
    this.#chat.show(state);
    if (this.#tab === "pins") this.#replaceList(pinsList(state, this.#room, this.#actions));
    if (this.#tab === "people") this.#replaceList(peopleList(state, this.#actions));
    // What was said before one came in is not new.
    const isReading = this.isOpen && this.#tab === "chat";
    if (isReading || !this.#sawFirstState) this.#lastReadKey = state.chat.at(-1)?.key;
    const lastSeq = state.chat.reduce((last, { seq }) => seq ?? last, 0);
    if (isReading && lastSeq > state.readSeq) this.#room.markRead(lastSeq);
    if (state.synced !== false && state.connection === "online") this.#sawFirstState = true;
    const unread = unreadCount(state.chat, this.#lastReadKey);
    this.#badge.textContent = unread > 0 ? String(unread) : "";
    this.#onUnread(unread);
  }

  /** Swaps the list and keeps the scroll and the focus where they were. */
  #replaceList(list: HTMLElement): void {
    const old = this.#body.firstElementChild;
    const scrollTop = old?.scrollTop ?? 0;
    const label = document.activeElement?.closest(".list")
      ? document.activeElement.getAttribute("aria-label")
      : undefined;
    this.#body.replaceChildren(list);
    list.scrollTop = scrollTop;
    if (label) list.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`)?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.close();
      return;
    }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || !(event.target instanceof Element) || !event.target.matches(".tab")) return;
    const next = TABS[(TABS.indexOf(this.#tab) + step + TABS.length) % TABS.length] ?? "chat";
    this.select(next);
    this.#tabs.get(next)?.focus();
  }
}
