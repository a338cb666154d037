/** How the connection to the room is: nothing while all is well, else one sentence and what to do. */

import type { Room } from "../room/room";
import type { RoomState } from "../room/state";
import { problemSentence, strings } from "../strings";
import { button } from "./buttons";
import { h, setText } from "./element_builder";

/** What the banner says, without the count-down. */
export interface ConnectionWords {
  words: string;
  pending?: string;
  retry: boolean;
  trust: boolean;
}

/** What there is to say; undefined while connected with nothing left to send. */
export function connectionWords(
  state: Pick<RoomState, "connection" | "problem" | "pending">,
  socketRefused: boolean,
): ConnectionWords | undefined {
  const words = strings.connection;
  const pending = state.pending > 0 ? { pending: words.pending(state.pending) } : {};
  if (state.connection === "online") return undefined;
  if (socketRefused) return { words: words.refused, ...pending, retry: true, trust: true };
  if (state.problem && !state.problem.retry) {
    return { words: problemSentence(state.problem), ...pending, retry: false, trust: false };
  }
  if (state.connection === "offline") return { words: words.offline, ...pending, retry: false, trust: false };
  if (state.connection === "closed") return { words: words.closed, ...pending, retry: false, trust: false };
  const retry = state.connection === "reconnecting";
  return { words: words[state.connection], ...pending, retry, trust: false };
}

/** The banner, kept in step with the room. */
export class ConnectionBanner {
  readonly element = h("div", { class: "connection card", role: "status", hidden: true });
  readonly #dot = h("span", { class: "dot" });
  readonly #words = h("span", {});
  readonly #pending = h("b", {});
  readonly #retry: HTMLButtonElement;
  readonly #trust: HTMLAnchorElement;
  readonly #room: Room;
  #retryAtMillis: number | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: () => void;

  constructor(room: Room) {
    this.#room = room;
    this.#retry = button(strings.connection.retry, () => room.retryNow(), { kind: "quiet", action: "retry" });
    this.#trust = h(
      "a",
      { class: "button button-quiet", href: trustHref(room.relay.origin) },
      strings.connection.trust,
    );
    this.element.append(
      h("span", { class: "connection-words" }, this.#dot, this.#words),
      this.#pending,
      this.#retry,
      this.#trust,
    );
    this.#timer = setInterval(() => this.#count(), 1000);
    this.#unsubscribe = room.subscribe((state) => this.#show(state));
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #show(state: RoomState): void {
    const say = connectionWords(state, this.#room.socketRefused);
    this.element.hidden = !say;
    if (!say) return;
    this.#dot.dataset.connection = state.connection;
    this.#retryAtMillis =
      state.retryInMillis === undefined ? undefined : performance.now() + state.retryInMillis;
    this.#retry.hidden = !say.retry;
    this.#trust.hidden = !say.trust;
    this.#pending.hidden = say.pending === undefined;
    setText(this.#pending, say.pending ?? "");
    this.element.dataset.words = say.words;
    this.#count();
  }

  #count(): void {
    if (this.element.hidden) return;
    const seconds = Math.ceil(((this.#retryAtMillis ?? 0) - performance.now()) / 1000);
    const words = this.element.dataset.words ?? "";
    // The count-down is for the eyes; a screen reader is told the sentence once.
    this.element.title = seconds > 0 ? strings.connection.retryIn(seconds) : "";
    setText(this.#words, words);
  }
}

/** The relay's page about its certificate: served over plain HTTP too, under the same path. */
function trustHref(origin: string): string {
  return new URL("/trust", origin).href;
}
