/**
 * Decides what one sentence helps the person with the camera just now, if any. Pure: what the tracker says and time
 * come in. A sentence stays long enough to be read and goes as soon as it is obeyed.
 */

import type { TrackingReason, TrackingState } from "../tracker_protocol";

export type Advice = "move" | "light" | "texture" | "slow" | "back" | "again" | "tap";

export interface CoachInput {
  nowMillis: number;
  state: TrackingState;
  /** For how long the place has not been recognised; 0 while it is. */
  lostMillis: number;
  reason: TrackingReason;
  points: number;
  /** 0 to 255. */
  meanLuma: number;
  /** Whether the person has left a pin already. */
  placed: boolean;
}

/** Below this mean brightness a camera picture is mostly noise. */
const DARK_LUMA = 38;
/** With fewer points than this a pose cannot be told well. */
const FEW_POINTS = 60;
/** How long a cause has to last before it is spoken of. */
const PATIENCE_MILLIS = 700;
/** A place that was not recognised for so long may not be there any more: a new start is offered. */
export const GIVE_UP_MILLIS = 5000;

/** What stands in the way comes before what may be done next. */
const ORDER: readonly Advice[] = ["light", "texture", "slow", "again", "back", "move", "tap"];

export class Coach {
  #since = new Map<Advice, number>();

  /** The advice for now, worst cause first. */
  advise(input: CoachInput): Advice | undefined {
    const causes = causesOf(input);
    for (const advice of ORDER) {
      if (!causes[advice]) this.#since.delete(advice);
      else if (!this.#since.has(advice)) this.#since.set(advice, input.nowMillis);
    }
    return ORDER.find((advice) => {
      const since = this.#since.get(advice);
      return since !== undefined && input.nowMillis - since >= PATIENCE_MILLIS;
    });
  }
}

function causesOf(input: CoachInput): Record<Advice, boolean> {
  const { state, lostMillis, reason, points, meanLuma, placed } = input;
  const tracking = state === "tracking";
  return {
    light: reason === "too-dark" || (!tracking && meanLuma < DARK_LUMA),
    texture: reason === "too-few-points" || (!tracking && points < FEW_POINTS),
    slow: reason === "fast-motion",
    again: state === "lost" && lostMillis >= GIVE_UP_MILLIS,
    back: state === "lost",
    move: state === "initializing" || state === "not-started",
    tap: tracking && !placed,
  };
}
