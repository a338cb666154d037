/** What a person sets on the picture: sliders, the gray spot, and the way back. */

import type { StreamAdjustments } from "../stream_view";
import { button } from "../ui/buttons";
import { h } from "../ui/element_builder";
import { type Slider, slider } from "./controls";
import { words } from "./words";

/** What white balance takes of the page: each answers with factors for red, green and blue. */
export interface GrayFinder {
  /** Of the whole picture. */
  whole: () => readonly [number, number, number] | undefined;
  /** Asks the person for a spot; `undefined` when they gave up. */
  pick: () => Promise<readonly [number, number, number] | undefined>;
  /** Ends the asking. */
  cancel: () => void;
}

type Amount = "deblocking" | "sharpness" | "exposureStops" | "temperature" | "tint" | "saturation";

type Values = Required<Pick<StreamAdjustments, Amount>> & {
  whiteGains?: readonly [number, number, number] | undefined;
};

const NOTHING = { deblocking: 0, sharpness: 0, exposureStops: 0, temperature: 0, tint: 0, saturation: 1 };

export class Adjusting {
  readonly element: HTMLElement;
  readonly #sliders: Record<Amount, Slider>;
  readonly #hint = h("p", { class: "field-hint pick-hint", role: "status" });
  readonly #pick: HTMLButtonElement;
  #values: Values;
  #isPicking = false;

  /** @param preset what it starts with and goes back to. */
  constructor(
    private readonly preset: StreamAdjustments,
    private readonly gray: GrayFinder,
    private readonly onChange: (adjustments: StreamAdjustments) => void,
  ) {
    this.#values = { ...NOTHING, ...preset };
    const make = (
      amount: Amount,
      title: string,
      range: { min: number; max: number; step: number },
      inWords: (value: number) => string,
    ) =>
      slider(amount, title, { ...range, value: this.#values[amount] }, inWords, (value) =>
        this.#set({ [amount]: value }),
      );
    const share = { min: 0, max: 1, step: 0.05 };
    const both = { min: -1, max: 1, step: 0.05 };
    this.#sliders = {
      sharpness: make("sharpness", words.sharpness, share, words.percent),
      deblocking: make("deblocking", words.deblocking, share, words.percent),
      exposureStops: make("exposureStops", words.exposure, { min: -3, max: 3, step: 0.1 }, words.stops),
      temperature: make("temperature", words.temperature, both, words.signedPercent),
      tint: make("tint", words.tint, both, words.signedPercent),
      saturation: make("saturation", words.saturation, { min: 0, max: 2, step: 0.05 }, words.percent),
    };
    this.#pick = button(words.pick, () => void this.#askForSpot(), { icon: "pick", action: "pick-gray" });
    this.#pick.setAttribute("aria-pressed", "false");
    const { sharpness, deblocking, exposureStops, saturation, temperature, tint } = this.#sliders;
    const group = (title: string, ...children: Node[]) =>
      h("section", { class: "stream-group" }, h("h2", {}, title), ...children);
    this.element = h(
      "div",
      { class: "stream-groups" },
      group(
        words.picture,
        sharpness.element,
        deblocking.element,
        exposureStops.element,
        button(words.reset, () => this.#reset(), { icon: "reset", action: "reset" }),
      ),
      group(
        words.light,
        saturation.element,
        temperature.element,
        tint.element,
        h(
          "div",
          { class: "stream-buttons" },
          this.#pick,
          button(words.balance, () => this.#set({ whiteGains: this.gray.whole() }), {
            icon: "balance",
            action: "balance",
          }),
        ),
        this.#hint,
      ),
    );
  }

  get values(): StreamAdjustments {
    const { whiteGains, ...amounts } = this.#values;
    return { ...amounts, ...(whiteGains && { whiteGains }) };
  }

  #set(change: Partial<Values>): void {
    this.#values = { ...this.#values, ...change };
    this.onChange(this.values);
  }

  #reset(): void {
    const values = { ...NOTHING, ...this.preset };
    for (const amount of Object.keys(NOTHING) as Amount[]) this.#sliders[amount].set(values[amount]);
    this.#set({ ...values, whiteGains: undefined });
  }

  async #askForSpot(): Promise<void> {
    if (this.#isPicking) return this.gray.cancel();
    this.#picks(true);
    const gains = await this.gray.pick();
    this.#picks(false);
    if (gains) this.#set({ whiteGains: gains });
  }

  #picks(is: boolean): void {
    this.#isPicking = is;
    this.#hint.textContent = is ? words.picking : "";
    this.#pick.setAttribute("aria-pressed", String(is));
  }
}
