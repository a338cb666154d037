/**
 * The processed picture: a canvas of the size that it is seen at, and over it the handle that moves the border between
 * before and after. The handle is a slider that covers the picture, so that pointer, touch and keys all move it.
 */

import type { StreamView } from "../stream_view";
import { h } from "../ui/element_builder";
import { icon } from "../ui/icons";
import { words } from "./words";

/** More than this many device pixels a CSS pixel are not seen in a video. */
const LARGEST_PIXEL_RATIO = 2;

export class Comparison {
  readonly element: HTMLElement;
  readonly canvas = h("canvas", { class: "stream-picture", role: "img", "aria-label": words.canvas });
  readonly #handle = h(
    "div",
    { class: "compare-handle", "aria-hidden": "true" },
    h("span", {}, icon("compare")),
  );
  readonly #input: HTMLInputElement;
  readonly #resizing = new ResizeObserver(() => this.#fit());
  #view: StreamView | undefined;
  #onPick: ((pixel: { x: number; y: number }) => void) | undefined;

  /** @param onSplit hears the part of the picture, from its left, that is shown as it came. */
  constructor(private readonly onSplit: (split: number) => void) {
    this.#input = h("input", {
      type: "range",
      class: "compare-input",
      min: 0,
      max: 100,
      value: 50,
      "aria-label": words.compare,
      oninput: () => this.#moved(),
    });
    this.element = h("div", { class: "stream-frame compare" }, this.canvas, this.#handle, this.#input);
    this.canvas.addEventListener("click", (event) => this.#clicked(event));
    this.#moved();
  }

  /** The part of the picture, from its left, that is shown as it came. */
  get split(): number {
    return this.#input.valueAsNumber / 100;
  }

  /** The view that draws on the canvas. */
  show(view: StreamView): void {
    this.#view = view;
    this.#resizing.observe(this.canvas);
  }

  /** The next click on the picture goes to `onPick`; absent: clicks move the border again. */
  pick(onPick: ((pixel: { x: number; y: number }) => void) | undefined): void {
    this.#onPick = onPick;
    this.element.classList.toggle("compare-picking", onPick !== undefined);
  }

  dispose(): void {
    this.#resizing.disconnect();
    this.#view = undefined;
  }

  #moved(): void {
    this.#handle.style.left = `${this.#input.value}%`;
    this.#input.setAttribute("aria-valuetext", words.compareValue(this.#input.valueAsNumber));
    this.onSplit(this.split);
  }

  #fit(): void {
    const ratio = Math.min(devicePixelRatio, LARGEST_PIXEL_RATIO);
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#view?.resize(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio));
    try {
      this.#view?.redraw();
    } catch {
      // A device that is lost is told of by the next picture.
    }
  }

  #clicked(event: MouseEvent): void {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
    const pixel = this.#view?.pixelUnder(x * this.canvas.width, y * this.canvas.height);
    if (pixel) this.#onPick?.(pixel);
  }
}
