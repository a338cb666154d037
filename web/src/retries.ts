/**
 * How often, and after which waits, something that was lost is asked for again: at once, then more and more patiently,
 * then no more, until enough time has gone by. Pure; time comes in.
 */

/** Before the first, second, ... try within the window, in milliseconds. */
const WAITS_MILLIS = [0, 1000, 4000, 10_000];

/** Tries older than this are forgotten. */
const WINDOW_MILLIS = 60_000;

export class Retries {
  #tries: number[] = [];

  /** How long to wait before the next try, counted from now on; undefined when it was tried too often. */
  next(nowMillis: number): number | undefined {
    this.#tries = this.#tries.filter((time) => time > nowMillis - WINDOW_MILLIS);
    const wait = WAITS_MILLIS[this.#tries.length];
    if (wait !== undefined) this.#tries.push(nowMillis);
    return wait;
  }
}
