/** Buttons: with words, or round with an icon and a label for screen readers. */

import { h } from "./element_builder";
import { type IconName, icon } from "./icons";

export interface ButtonOptions {
  icon?: IconName;
  /** `quiet`: a link in words; `bare`: without a frame. */
  kind?: "primary" | "quiet" | "bare";
  /** Stable name for tests: `data-action`. */
  action?: string;
  class?: string;
}

export function button(words: string, onclick: () => void, options: ButtonOptions = {}): HTMLButtonElement {
  const kind = options.kind ? ` button-${options.kind}` : "";
  return h(
    "button",
    {
      type: "button",
      class: `button${kind}${options.class ? ` ${options.class}` : ""}`,
      "data-action": options.action,
      onclick,
    },
    options.icon && icon(options.icon),
    h("span", {}, words),
  );
}

export function iconButton(
  name: IconName,
  label: string,
  onclick: () => void,
  options: Omit<ButtonOptions, "icon"> = {},
): HTMLButtonElement {
  const kind = options.kind ? ` button-${options.kind}` : "";
  return h(
    "button",
    {
      type: "button",
      class: `button button-icon${kind}${options.class ? ` ${options.class}` : ""}`,
      "aria-label": label,
      title: label,
      "data-action": options.action,
      onclick,
    },
    icon(name),
  );
}
