/** Screens of one thing to know and what to do about it: loading, denied, ended, no network, and their like. */

import type { Progress } from "../modules";
import { strings } from "../strings";
import { button } from "./buttons";
import { h, setText } from "./element_builder";
import type { IconName } from "./icons";
import { mark, progressMark } from "./mark";

export interface NoticeAction {
  words: string;
  icon?: IconName;
  run: () => void;
}

export interface NoticeWords {
  title: string;
  text?: string;
  /** How to undo it, step by step. */
  help?: string;
}

/** A screen with words and actions; the first action is the primary one. */
export function noticeScreen(words: NoticeWords, actions: readonly NoticeAction[]): HTMLElement {
  return h(
    "main",
    { class: "screen notice-screen" },
    h(
      "div",
      { class: "notice" },
      mark("notice-picture"),
      h("h1", {}, words.title),
      words.text !== undefined && h("p", {}, words.text),
      words.help !== undefined && h("p", { class: "notice-help" }, words.help),
      h(
        "div",
        { class: "notice-actions" },
        ...actions.map(({ words: label, icon, run }, index) =>
          button(label, run, {
            ...(icon ? { icon } : {}),
            ...(index === 0 ? { kind: "primary" } : {}),
            action: index === 0 ? "notice-primary" : `notice-${index}`,
          }),
        ),
      ),
    ),
  );
}

/** The loading screen, fed with the progress of each artefact, then of the view's pipelines. */
export class LoadingScreen {
  readonly element: HTMLElement;
  readonly #ring = progressMark();
  readonly #words = h("span");
  /** Seen only: a screen reader that reads every number out would read nothing else. */
  readonly #count = h("span", { "aria-hidden": "true" });
  readonly #bytes = h("p", { class: "loading-bytes", role: "status" }, this.#words, this.#count);
  readonly #parts = new Map<string, Progress>();
  #pipelines: [made: number, of: number] | undefined;

  /** @param why what the browser is about to ask, and what for. */
  constructor(title: string, why?: string) {
    this.element = h(
      "main",
      { class: "screen notice-screen" },
      h(
        "div",
        { class: "notice" },
        this.#ring.element,
        h("h1", {}, title),
        this.#bytes,
        why !== undefined && h("p", { class: "notice-help" }, why),
      ),
    );
  }

  /** Takes in how far one part has come. */
  progress(part: string, progress: Progress): void {
    this.#parts.set(part, { ...progress });
    this.#show();
  }

  /** So many of the view's pipelines are made. */
  pipelines(made: number, of: number): void {
    this.#pipelines = [made, of];
    this.#show();
  }

  #show(): void {
    const all = [...this.#parts.values()];
    const loaded = all.reduce((sum, { loaded }) => sum + loaded, 0);
    const total = all.every((one) => one.total !== undefined)
      ? all.reduce((sum, one) => sum + (one.total ?? 0), 0)
      : undefined;
    const words = strings.loading;
    if (total !== undefined && loaded >= total) {
      const [made, of] = this.#pipelines ?? [0, 0];
      if (made < of) this.#say(made / of, words.preparing, ` ${words.preparedOf(made, of)}`);
      else this.#say(1, words.starting);
    } else if (total !== undefined) {
      this.#say(loaded / total, words.bytes(bytesWords(loaded), bytesWords(total)));
    } else {
      this.#say(undefined, words.bytesOnly(bytesWords(loaded)));
    }
  }

  #say(share: number | undefined, words: string, count = ""): void {
    this.#ring.set(share);
    setText(this.#words, words);
    setText(this.#count, count);
  }
}

/** A number of bytes as people read it. */
export function bytesWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000).toLocaleString("en")} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
