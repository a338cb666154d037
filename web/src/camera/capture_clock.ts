/**
 * Turns a stream's own timestamps into the page's time. Frames arrive late by a varying amount; the smallest
 * lateness seen is taken as the offset between the two clocks, so that the intervals are the camera's own.
 */
export class CaptureClock {
  #offsetMillis = Number.POSITIVE_INFINITY;

  /**
   * @param streamMillis the frame's timestamp on the stream's clock
   * @param arrivedMillis when the page got it, since `timeOrigin`
   * @returns when it was captured, since `timeOrigin`; never later than `arrivedMillis`. What every frame is late
   * by at least cannot be seen from here and is not in it.
   */
  captureMillis(streamMillis: number, arrivedMillis: number): number {
    const offset = arrivedMillis - streamMillis;
    // A jump of more than a second is a new stream, not lateness.
    if (Math.abs(offset - this.#offsetMillis) > 1000) this.#offsetMillis = offset;
    this.#offsetMillis = Math.min(this.#offsetMillis, offset);
    return streamMillis + this.#offsetMillis;
  }
}
