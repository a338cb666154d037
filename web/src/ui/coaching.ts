/** Coaching: one sentence and one drawing at a time, which go as soon as they are obeyed. */

import type { Advice } from "../camera/coach";
import { strings } from "../strings";
import { h, svg } from "./element_builder";

const frame = (body: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 32">${body}</svg>`;

const DRAWINGS: Record<Advice | "surface", string> = {
  move: frame(
    '<g class="coach-sway"><rect x="14" y="5" width="12" height="22" rx="2.5"/></g><path class="accent" d="M8 12l-4 4 4 4M32 12l4 4-4 4"/>',
  ),
  light: frame(
    '<circle class="accent" cx="20" cy="16" r="5.5"/><path class="accent" d="M20 4.500v2M20 25.500v2M8.5 16h2M29.5 16h2M11.9 7.900l1.4 1.400M26.7 22.700l1.4 1.400M28.1 7.900l-1.4 1.400M13.3 22.700l-1.4 1.4"/>',
  ),
  texture: frame(
    '<rect x="9" y="5" width="22" height="22" rx="2.5"/><path d="M9 12.300h22M9 19.700h22M16.3 5v22M23.7 5v22"/><g class="accent-fill"><circle cx="16.3" cy="12.3" r="2"/><circle cx="23.7" cy="19.7" r="2"/><circle cx="23.7" cy="12.3" r="2"/></g>',
  ),
  slow: frame(
    '<g class="coach-sway"><rect x="14" y="5" width="12" height="22" rx="2.5"/></g><path class="accent" d="M4 10v12M9 12.500v7M36 10v12M31 12.500v7"/>',
  ),
  back: frame(
    '<rect x="20" y="7" width="15" height="18" rx="2.5" stroke-dasharray="2.5 3"/><path class="accent" d="M28 16H7M13 10l-6 6 6 6"/>',
  ),
  again: frame(
    '<rect x="13" y="5" width="14" height="22" rx="2.5" stroke-dasharray="2.5 3"/><path class="accent" d="M25 16a5 5 0 1 1-1.700-3.800M25 9.500v3h-3"/>',
  ),
  surface: frame(
    '<path d="M4 24l8-12h16l8 12zM10 15h20M7 19.500h26"/><circle class="accent" cx="20" cy="18" r="3.5"/>',
  ),
  tap: frame('<path d="M4 26h32"/><path d="M20 26V12"/><circle class="accent-fill" cx="20" cy="9" r="4"/>'),
};

/** A pill of coaching; empty while there is nothing to say. */
export class CoachPill {
  readonly element = h("div", { class: "coach card", hidden: true, role: "status" });
  #shown: string | undefined;

  show(drawing: keyof typeof DRAWINGS | undefined, words = ""): void {
    const wanted = drawing && `${drawing}:${words}`;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.element.hidden = drawing === undefined;
    if (drawing) this.element.replaceChildren(svg(DRAWINGS[drawing], "coach-drawing"), h("span", {}, words));
    else this.element.replaceChildren();
  }

  advise(advice: Advice | undefined): void {
    this.show(advice, advice && strings.advice[advice]);
  }
}

/** The picture of the two spots that place the room; those done are filled. */
export function spotsDrawing(done: 0 | 1 | 2): SVGSVGElement {
  const spot = (x: number, y: number, index: number) => {
    const filled = done > index;
    const next = done === index;
    const colour = filled ? "var(--good)" : next ? "var(--signal)" : "var(--line-strong)";
    return `<g stroke="${colour}" fill="none" stroke-width="2"><ellipse cx="${x}" cy="${y}" rx="13" ry="6"/>
      <circle cx="${x}" cy="${y}" r="2.5" fill="${filled || next ? colour : "none"}" stroke="none"/></g>
      <text x="${x}" y="${y - 12}" fill="currentColor" font-size="13" font-weight="600" text-anchor="middle">${index + 1}</text>`;
  };
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 168 76" fill="none" stroke="currentColor" stroke-width="1.5"
      stroke-linejoin="round"><g stroke="var(--line-strong)"><path d="M34 26H134L160 66H8Z"/>
      <path d="M52 54L112 40" stroke-dasharray="2 5" stroke-linecap="round"/></g>
      <g stroke="none">${spot(46, 55, 0)}${spot(118, 39, 1)}</g></svg>`,
    "align-drawing",
  );
}

/** Brief notices over the view. */
export class Toasts {
  readonly element = h("div", { class: "toasts", role: "status" });

  /** Shows `words` for a while, with an action where there is one. */
  show(words: string, action?: { words: string; run: () => void }): void {
    const toast = h("div", { class: "toast card" }, h("span", {}, words));
    const remove = () => toast.remove();
    if (action) {
      toast.append(
        h(
          "button",
          {
            type: "button",
            class: "button button-quiet",
            onclick: () => {
              remove();
              action.run();
            },
          },
          action.words,
        ),
      );
    }
    const last = this.element.lastElementChild;
    if (last && last.firstElementChild?.textContent === words) last.remove();
    while (this.element.childElementCount > 1) this.element.firstElementChild?.remove();
    this.element.append(toast);
    setTimeout(remove, action ? 6000 : 3500);
  }

  /** Takes the notices away. */
  clear(): void {
    this.element.replaceChildren();
  }
}
