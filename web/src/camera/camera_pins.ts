/**
 * The pins that a person left in the world that the camera sees. Each hangs on an anchor of the tracker and is where
 * the anchor is in the picture that is drawn; while the tracker is lost none is drawn. They are this page's own: the
 * tracker's world has no scale that other devices could share.
 */

import { type AnchorNow, readAnchors } from "../tracker_answer";
import type { Tracking, WorldHit } from "../tracker_protocol";

export interface CameraPin {
  readonly id: number;
  readonly anchor: number;
  label: string;
  /** A length in the world at which a pin looks as if it stood a metre away when it was placed. */
  readonly scale: number;
  readonly placedMillis: number;
}

/** What `View.drawCamera` takes. */
export interface DrawnPins {
  numbers: Float32Array;
  labels: string[];
  /** The pins in the order drawn. */
  ids: number[];
}

const NONE: DrawnPins = { numbers: new Float32Array(0), labels: [], ids: [] };

export class CameraPins {
  #pins: CameraPin[] = [];
  #epoch: number | undefined;
  #lastId = 0;

  get all(): readonly CameraPin[] {
    return this.#pins;
  }

  /** Adds a pin on the anchor that the tracker put there. */
  add(hit: WorldHit & { anchor: number }, nowMillis: number): CameraPin {
    this.#lastId += 1;
    const pin = {
      id: this.#lastId,
      anchor: hit.anchor,
      label: "",
      scale: hit.distance,
      placedMillis: nowMillis,
    };
    this.#pins.push(pin);
    return pin;
  }

  rename(id: number, label: string): void {
    const pin = this.#pins.find((one) => one.id === id);
    if (pin) pin.label = label;
  }

  /** Takes a pin away; gives its anchor to release. */
  remove(id: number): number | undefined {
    const pin = this.#pins.find((one) => one.id === id);
    this.#pins = this.#pins.filter((one) => one.id !== id);
    return pin?.anchor;
  }

  /** The pins over one picture. Those of an earlier tracker, whose world is gone, go; `lost` counts them. */
  drawn(tracking: Tracking, nowMillis: number): DrawnPins & { lost: number } {
    let lost = 0;
    if (this.#epoch !== undefined && this.#epoch !== tracking.epoch) {
      lost = this.#pins.length;
      this.#pins = [];
    }
    this.#epoch = tracking.epoch;
    if (tracking.state !== "tracking") return { ...NONE, lost };
    const anchors = readAnchors(tracking.anchors);
    const shown = this.#pins.flatMap((pin) => {
      const anchor = anchors.get(pin.anchor);
      return anchor ? [{ pin, anchor }] : [];
    });
    return {
      numbers: Float32Array.from(shown.flatMap((one) => numbersOf(one.pin, one.anchor, nowMillis))),
      labels: shown.map(({ pin }) => pin.label),
      ids: shown.map(({ pin }) => pin.id),
      lost,
    };
  }
}

function numbersOf(pin: CameraPin, anchor: AnchorNow, nowMillis: number): number[] {
  const scale = pin.scale * anchor.scale;
  return [...anchor.drawnAt, ...anchor.orientation, scale, nowMillis - pin.placedMillis];
}
