/** The mark, a horizon line with a ring resting on it in one stroke, and the picture on the start page. */

import { strings } from "../strings";
import { svg } from "./element_builder";

/** The mark as a drawing. */
export function mark(className: string): SVGSVGElement {
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 96" fill="none" stroke="currentColor"
      stroke-width="2.5" stroke-linecap="round"><path d="M8 84H80a34 34 0 1 0-.01 0H152"/></svg>`,
    className,
  );
}

/** The circumference that progress is measured in: the ring is a path of this length. */
const RING_LENGTH = 100;

/** The mark whose ring fills with progress; `set(undefined)` lets it turn. */
export function progressMark(): { element: SVGSVGElement; set: (share: number | undefined) => void } {
  const element = svg(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 96" fill="none" stroke="currentColor"
      stroke-width="2.5" stroke-linecap="round">
      <path d="M8 84H152"/>
      <circle class="ring-rest" cx="80" cy="48" r="34"/>
      <circle class="ring-done ring-unknown" cx="80" cy="48" r="34" pathLength="${RING_LENGTH}"
        stroke-dasharray="25 75" transform="rotate(90 80 48)"/>
    </svg>`,
    "notice-picture",
  );
  const ring = element.querySelector(".ring-done");
  return {
    element,
    set(share) {
      ring?.classList.toggle("ring-unknown", share === undefined);
      const done = Math.round((share ?? 0.25) * RING_LENGTH);
      ring?.setAttribute("stroke-dasharray", `${done} ${RING_LENGTH - done + 1}`);
    },
  };
}

/** The floor's dots fade out before this depth. */
const FAR = 11;
const HORIZON_Y = 280;

/** The start page's picture: the mark as a landscape, with the dot grid of a plane and two pins in it. */
export function hero(): SVGSVGElement {
  return svg(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 560" preserveAspectRatio="xMidYMid slice">
    <defs>
      <radialGradient id="own" cx="0.36" cy="0.3" r="0.8">
        <stop stop-color="#ffb199"/><stop offset="0.45" stop-color="#ff6a3d"/><stop offset="1" stop-color="#c23c14"/>
      </radialGradient>
      <radialGradient id="other" cx="0.36" cy="0.3" r="0.8">
        <stop stop-color="#9cc3ff"/><stop offset="0.45" stop-color="#2f7df6"/><stop offset="1" stop-color="#164f9f"/>
      </radialGradient>
      <radialGradient id="soft"><stop stop-color="#10151c" stop-opacity="0.9"/>
        <stop offset="1" stop-color="#10151c" stop-opacity="0"/></radialGradient>
    </defs>
    ${dots()}
    <path class="hero-line" d="M-800 ${HORIZON_Y}H400a66 66 0 1 0-.01 0H1600"/>
    ${pin(272, 372, 0.92, "other", strings.hero.other, "")}
    ${pin(520, 428, 1.25, "own", strings.hero.own, "hero-late")}
  </svg>`);
}

function dots(): string {
  let text = "";
  for (let row = 0; row < 13; row++) {
    const depth = 1.15 + row * 0.42 + row * row * 0.035;
    const fade = Math.max(0, 1 - depth / FAR);
    const y = HORIZON_Y + 270 / depth;
    for (let column = -14; column <= 14; column++) {
      const x = 400 + (column * 92) / depth;
      const side = Math.max(0, 1 - Math.abs(x - 400) / 560);
      const opacity = 0.75 * fade * side;
      if (opacity < 0.03) continue;
      const radius = Math.max(0.7, 3 / depth);
      text += `<circle class="hero-dot" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(2)}" opacity="${opacity.toFixed(2)}"/>`;
    }
  }
  return text;
}

function pin(x: number, y: number, scale: number, gradient: string, label: string, late: string): string {
  const width = 26 + label.length * 8.4;
  return `<g transform="translate(${x} ${y}) scale(${scale})">
    <ellipse class="hero-shadow ${late}" cx="13" cy="1" rx="25" ry="6" style="fill:url(#soft)"/>
    <g class="hero-pin ${late}">
      <path class="hero-stem" d="M0 0V-58"/>
      <circle cx="0" cy="-66" r="12" fill="url(#${gradient})"/>
      <rect class="hero-card" x="${-width / 2}" y="-120" width="${width}" height="32" rx="8"/>
      <text y="-99">${label}</text>
    </g>
  </g>`;
}
