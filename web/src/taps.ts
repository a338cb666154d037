/** Taps on a stage: presses that stay where they are, and Enter for the middle. Places in device pixels. */

import type { Stage } from "./stage";

/** A press that moves more than this many CSS pixels is no tap. */
const SLOP_PX = 10;

/** Nor is one that lasts longer. */
const LONG_MILLIS = 600;

/** Calls back with each tap until `signal` aborts. */
export function listenForTaps(
  stage: Stage,
  signal: AbortSignal,
  onTap: (xPx: number, yPx: number) => void,
): void {
  const { canvas } = stage;
  let press: { id: number; x: number; y: number; atMillis: number } | undefined;
  const tap = (clientX: number, clientY: number) => {
    const box = canvas.getBoundingClientRect();
    const [width, height] = stage.sizePx;
    onTap(((clientX - box.left) * width) / box.width, ((clientY - box.top) * height) / box.height);
  };
  const down = (event: PointerEvent) => {
    // A second finger is no tap, and the first none any more.
    press =
      press || event.button !== 0
        ? undefined
        : { id: event.pointerId, x: event.clientX, y: event.clientY, atMillis: event.timeStamp };
  };
  const up = (event: PointerEvent) => {
    const first = press;
    press = undefined;
    if (!first || first.id !== event.pointerId || event.timeStamp - first.atMillis > LONG_MILLIS) return;
    if (Math.hypot(event.clientX - first.x, event.clientY - first.y) > SLOP_PX) return;
    tap(event.clientX, event.clientY);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const { left, top, width, height } = canvas.getBoundingClientRect();
    tap(left + width / 2, top + height / 2);
  };
  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", () => (press = undefined), { signal });
  canvas.addEventListener("keydown", key, { signal });
}
