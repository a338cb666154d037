/**
 * The page about streams: a scene goes through a poor connection within the page; what arrives is shown as it is, and
 * beside it post-processed.
 */

import type { ViewBackend } from "../capabilities";
import { codeOf } from "../errors";
import { type StreamAdjustments, StreamView } from "../stream_view";
import { button } from "../ui/buttons";
import { h, setText } from "../ui/element_builder";
import { mark } from "../ui/mark";
import { noticeScreen } from "../ui/notice";
import { Adjusting } from "./adjusting";
import { Comparison } from "./comparison";
import { choice } from "./controls";
import { canLink, type LinkFigures, PoorLink } from "./poor_link";
import type { SceneName } from "./scenes";
import { Sender } from "./sender";
import { words } from "./words";

/** What the page shows, in `document.documentElement.dataset.state`. */
export type StreamsState =
  | "loading"
  | "playing"
  | "no-webrtc"
  | "no-link"
  | "no-view"
  | "view-lost"
  | "failed";

const RATES_KBIT = ["60", "100", "250", "600"] as const;
const FIRST_RATE_KBIT = "100";
const FIRST_CONTENT: SceneName = "lesson";
const FIGURES_EVERY_MILLIS = 1000;

export class StreamsPage {
  view: StreamView | undefined;
  figures: LinkFigures | undefined;
  adjusting: Adjusting | undefined;
  readonly video = h("video", {
    class: "stream-picture",
    muted: true,
    playsinline: true,
    "aria-label": words.video,
  });
  comparison: Comparison | undefined;
  #sender: Sender | undefined;
  #link: PoorLink | undefined;
  readonly #received = h("p", { class: "stream-figures" });
  readonly #drawnBy = h("p", { class: "stream-figures" });
  readonly #second = h("div", { class: "stream-second" });
  readonly #groups = h("div", { class: "stream-adjusting" });

  /** @param host the page's content goes in here. */
  constructor(
    private readonly host: HTMLElement,
    private readonly backend: ViewBackend | undefined,
  ) {}

  get state(): StreamsState {
    return document.documentElement.dataset.state as StreamsState;
  }

  /** Shows the page and connects. Never fails: what goes wrong is shown. */
  async begin(): Promise<void> {
    this.#is("loading");
    if (!canLink()) return this.#notice("no-webrtc", words.noWebRtc);
    try {
      this.#sender = new Sender(FIRST_CONTENT);
      this.#link = await PoorLink.open(this.#sender.track, { kbitPerSec: Number(FIRST_RATE_KBIT) });
    } catch (thrown) {
      console.warn(thrown);
      this.#sender?.stop();
      return this.#notice("no-link", words.noLink, () => void this.begin());
    }
    this.video.muted = true;
    this.video.srcObject = this.#link.received;
    // A browser that does not play by itself begins at the first touch.
    this.video
      .play()
      .catch(() => addEventListener("pointerdown", () => void this.video.play(), { once: true }));
    setInterval(() => void this.#measure(), FIGURES_EVERY_MILLIS);
    this.#build();
    await this.#openView();
  }

  /** As the sliders say, with the border where its handle stands. */
  adjust(adjustments: StreamAdjustments = this.adjusting?.values ?? {}): void {
    this.view?.adjust({ ...adjustments, split: this.comparison?.split });
    if (!this.#sender?.paused) return;
    try {
      this.view?.redraw();
    } catch (thrown) {
      this.#lost(thrown);
    }
  }

  async #openView(): Promise<void> {
    const status = h("p", { class: "stream-status", role: "status" }, words.loading(undefined));
    const comparison = new Comparison(() => this.adjust());
    this.comparison = comparison;
    this.#second.replaceChildren(comparison.element, status);
    try {
      const view = await StreamView.open(comparison.canvas, {
        ...(this.backend && { backend: this.backend }),
        onProgress: ({ loaded, total }) => setText(status, words.loading(total && loaded / total)),
      });
      status.remove();
      this.view = view;
      this.adjusting ??= new Adjusting(
        view.poorStream,
        {
          whole: () => this.view?.grayGains(this.video),
          pick: () => this.#pickGray(),
          cancel: () => this.#picked?.(undefined),
        },
        (adjustments) => this.adjust(adjustments),
      );
      this.#groups.replaceChildren(this.adjusting.element);
      setText(this.#drawnBy, words.backends[view.backend]);
      this.adjust();
      comparison.show(view);
      view.follow(this.video, (thrown) => this.#lost(thrown));
      this.#is("playing");
    } catch (thrown) {
      const code = codeOf(thrown);
      const isGone = code === "module-unreachable";
      this.#instead(isGone ? words.noModule : words.noView, isGone);
      this.#is("no-view");
      if (code === "unknown") console.error(thrown);
    }
  }

  #lost(thrown: unknown): void {
    console.warn(thrown);
    this.view?.dispose();
    this.view = undefined;
    this.#instead(words.lost, true);
    this.#is("view-lost");
  }

  /** A sentence in the place of the second picture. */
  #instead(sentence: string, retry: boolean): void {
    this.comparison?.dispose();
    setText(this.#drawnBy, "");
    this.#groups.replaceChildren();
    this.#second.replaceChildren(
      h(
        "div",
        { class: "stream-frame stream-instead", role: "alert" },
        h("p", {}, sentence),
        retry && button(words.retry, () => void this.#openView(), { action: "retry" }),
      ),
    );
  }

  #picked: ((pixel: { x: number; y: number } | undefined) => void) | undefined;

  async #pickGray(): Promise<readonly [number, number, number] | undefined> {
    const pixel = await new Promise<{ x: number; y: number } | undefined>((resolve) => {
      this.#picked = resolve;
      this.comparison?.pick(resolve);
    });
    this.comparison?.pick(undefined);
    return pixel && this.view?.grayGains(this.video, pixel);
  }

  #build(): void {
    const pause = button(words.pause, () => this.#pause(pause), { icon: "pause", action: "pause" });
    const rates = RATES_KBIT.map((value) => ({ value, words: value }));
    const contents = (Object.keys(words.contents) as SceneName[]).map((value) => ({
      value,
      words: words.contents[value],
    }));
    const picture = (title: string, figures: HTMLElement, frame: HTMLElement) =>
      h("figure", { class: "stream-figure" }, frame, h("figcaption", {}, h("h2", {}, title), figures));
    this.host.replaceChildren(
      h(
        "header",
        { class: "streams-head" },
        mark("streams-mark"),
        h("h1", {}, words.title),
        h("p", {}, words.promise),
      ),
      h(
        "main",
        { class: "streams-main" },
        h(
          "div",
          { class: "stream-pictures" },
          picture(words.plain, this.#received, h("div", { class: "stream-frame" }, this.video)),
          picture(words.processed, this.#drawnBy, this.#second),
        ),
        h(
          "div",
          { class: "stream-controls" },
          h(
            "section",
            { class: "stream-group" },
            h("h2", {}, words.connection),
            choice("rate", words.rate, rates, FIRST_RATE_KBIT, (rate) => {
              void this.#link?.setRate(Number(rate));
            }),
            choice("content", words.content, contents, FIRST_CONTENT, (name) => this.#sender?.show(name)),
            pause,
          ),
          this.#groups,
        ),
      ),
    );
  }

  #pause(pressed: HTMLButtonElement): void {
    if (!this.#sender) return;
    this.#sender.paused = !this.#sender.paused;
    const label = pressed.querySelector("span");
    if (label) setText(label, this.#sender.paused ? words.play : words.pause);
  }

  async #measure(): Promise<void> {
    this.figures = await this.#link?.figures();
    const { codec, kbitPerSec, framesPerSec } = this.figures ?? {};
    if (codec === undefined || kbitPerSec === undefined || framesPerSec === undefined) return;
    setText(this.#received, words.figures(codec, kbitPerSec, framesPerSec));
  }

  #notice(state: StreamsState, said: { title: string; text: string }, retry?: () => void): void {
    this.host.replaceChildren(noticeScreen(said, retry ? [{ words: words.retry, run: retry }] : []));
    this.#is(state);
  }

  #is(state: StreamsState): void {
    document.documentElement.dataset.state = state;
  }
}
