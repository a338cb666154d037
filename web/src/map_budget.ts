/**
 * How much map work one step may do, so that no frame waits for long behind it: the time of a unit is measured, and
 * the step is cut to a time. Pure.
 */

/** A frame that comes in the middle of a step waits for so long at most, in milliseconds. */
const STEP_MILLIS = 3;

const LEAST_UNITS = 1;
const MOST_UNITS = 400;

/** How much a new measurement counts. */
const NEW_SHARE = 0.2;

export class MapBudget {
  #millisAUnit = 0.3;

  /** Units of work for the next step. */
  get units(): number {
    const units = Math.round(STEP_MILLIS / this.#millisAUnit);
    return Math.min(MOST_UNITS, Math.max(LEAST_UNITS, units));
  }

  /** A step has taken so long for so many units. */
  measured(units: number, millis: number): void {
    if (units <= 0) return;
    // A unit that cost more than it was thought to is believed at once: the next frame must not wait.
    const now = Math.max(millis / units, 0.001);
    const share = now > this.#millisAUnit ? 0.5 : NEW_SHARE;
    this.#millisAUnit += (now - this.#millisAUnit) * share;
  }
}
