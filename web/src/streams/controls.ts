/** The controls of the page about streams: choices of one, and sliders with their value in words. */

import { h, setText } from "../ui/element_builder";

/** One of a few, as radio buttons in a row. */
export function choice<T extends string>(
  name: string,
  title: string,
  options: readonly { value: T; words: string }[],
  chosen: T,
  onChoose: (value: T) => void,
): HTMLElement {
  return h(
    "fieldset",
    { class: "choice" },
    h("legend", { class: "field-label" }, title),
    h(
      "div",
      { class: "choice-row" },
      ...options.map(({ value, words }) =>
        h(
          "label",
          { class: "choice-option" },
          h("input", {
            type: "radio",
            name,
            value,
            checked: value === chosen,
            class: "visually-hidden",
            onchange: () => onChoose(value),
          }),
          h("span", {}, words),
        ),
      ),
    ),
  );
}

/** A slider that can be set from outside, too. */
export interface Slider {
  element: HTMLElement;
  set: (value: number) => void;
}

export interface SliderRange {
  min: number;
  max: number;
  step: number;
  value: number;
}

export function slider(
  name: string,
  title: string,
  range: SliderRange,
  inWords: (value: number) => string,
  onInput: (value: number) => void,
): Slider {
  const output = h("output", { class: "slider-value", for: `slider-${name}` });
  const input = h("input", {
    type: "range",
    id: `slider-${name}`,
    name,
    min: range.min,
    max: range.max,
    step: range.step,
    class: "slider-input",
    oninput: () => {
      tell();
      onInput(input.valueAsNumber);
    },
  });
  const tell = () => {
    const words = inWords(input.valueAsNumber);
    setText(output, words);
    input.setAttribute("aria-valuetext", words);
  };
  const set = (value: number) => {
    input.valueAsNumber = value;
    tell();
  };
  set(range.value);
  const label = h("label", { class: "field-label", for: `slider-${name}` }, title);
  return { element: h("div", { class: "slider" }, label, output, input), set };
}
