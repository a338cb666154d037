/**
 * Decides what one sentence helps the person with the camera just now, if any. Pure: figures and time come in.
 * A sentence stays long enough to be read and goes as soon as it is obeyed.
 */

export type Advice = "move" | "light" | "texture";

export interface CoachInput {
  nowMillis: number;
  points: number;
  /** 0 to 255. */
  meanLuma: number;
  /** Median shift of the points since the last picture, in pixels. */
  motionPx: number;
}

/** Below this mean brightness a camera picture is mostly noise. */
const DARK_LUMA = 38;
/** With fewer points than this a pose cannot be told well. */
const FEW_POINTS = 60;
/** A hand that moves sideways shifts the picture by more than this a frame. */
const MOVING_PX = 0.8;
/** How long a cause has to last before it is spoken of. */
const PATIENCE_MILLIS = 700;
/** How long a hand has to have moved before the advice to move goes for good. */
const MOVED_ENOUGH_MILLIS = 1500;

export class Coach {
  #since = new Map<Advice, number>();
  #movedMillis = 0;
  #lastMillis: number | undefined;

  /** The advice for now, worst cause first. */
  advise(input: CoachInput): Advice | undefined {
    const { nowMillis } = input;
    const elapsed = Math.min(200, nowMillis - (this.#lastMillis ?? nowMillis));
    this.#lastMillis = nowMillis;
    if (input.motionPx > MOVING_PX) this.#movedMillis += elapsed;
    const causes: Record<Advice, boolean> = {
      light: input.meanLuma < DARK_LUMA,
      texture: input.points < FEW_POINTS,
      move: this.#movedMillis < MOVED_ENOUGH_MILLIS,
    };
    for (const advice of ["light", "texture", "move"] as const) {
      if (!causes[advice]) this.#since.delete(advice);
      else if (!this.#since.has(advice)) this.#since.set(advice, nowMillis);
    }
    for (const [advice, since] of [...this.#since].sort(byWorst)) {
      if (nowMillis - since >= PATIENCE_MILLIS) return advice;
    }
    return undefined;
  }
}

const ORDER: Record<Advice, number> = { light: 0, texture: 1, move: 2 };

function byWorst([a]: [Advice, number], [b]: [Advice, number]): number {
  return ORDER[a] - ORDER[b];
}
