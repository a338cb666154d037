/**
 * The readout of camera mode: where the tracker stands in a word, then points, times, latency, rate. The word changes
 * at once, the figures a few times a second at most.
 */

import type { CameraStats } from "../stats";
import { strings } from "../strings";
import { h, setText } from "./element_builder";

/** Faster changes cannot be read. */
const INTERVAL_MILLIS = 250;

export class Readout {
  readonly element: HTMLElement;
  readonly #state = h("span", { "data-figure": "state" });
  readonly #dot = h("span", { class: "dot", "aria-hidden": "true" });
  readonly #values = new Map<string, HTMLElement>();
  #shownAtMillis = Number.NEGATIVE_INFINITY;

  constructor() {
    const words = strings.camera;
    this.element = h(
      "section",
      { class: "readout card", "aria-label": words.readout },
      h("p", { class: "readout-state", role: "status" }, this.#dot, this.#state),
      h("dl", { class: "readout-points" }, ...this.#pair("points", words.points)),
      h(
        "dl",
        { class: "readout-rows" },
        h("div", {}, ...this.#pair("track", words.track)),
        h("div", {}, ...this.#pair("map", words.map)),
        h("div", {}, ...this.#pair("latency", words.latency)),
        h("div", {}, ...this.#pair("fps", words.fps)),
      ),
    );
  }

  show(stats: CameraStats, nowMillis: number): void {
    const limited = stats.state === "tracking" && stats.reason !== "good";
    this.#dot.dataset.tracking = limited ? "limited" : stats.state;
    setText(this.#state, limited ? strings.camera.limited : strings.camera.states[stats.state]);
    if (nowMillis - this.#shownAtMillis < INTERVAL_MILLIS) return;
    this.#shownAtMillis = nowMillis;
    this.#set("points", stats.points.toLocaleString("en"));
    this.#set("track", stats.trackMillisMedian.toFixed(1));
    this.#set("map", stats.mapMillisMean.toFixed(1));
    this.#set("latency", stats.latencyMillisMedian.toFixed(0));
    this.#set("fps", stats.fps.toFixed(0));
  }

  #pair(name: string, label: string): [HTMLElement, HTMLElement] {
    const value = h("dd", { "data-figure": name }, "–");
    this.#values.set(name, value);
    return [h("dt", {}, label), value];
  }

  #set(name: string, text: string): void {
    const element = this.#values.get(name);
    if (element) setText(element, text);
  }
}
