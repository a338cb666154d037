/**
 * What drawing costs, for people who ask for it: milliseconds a pass, on the processor and, where the device tells,
 * on the GPU; how many pixels are drawn; how long getting ready took. Nothing is measured while it is not shown.
 */

import type { Stage } from "../stage";
import { strings } from "../strings";
import type { PassTimes } from "../wasm";
import { h, setText } from "./element_builder";

/** Means over so long, in milliseconds: faster changes cannot be read. */
const INTERVAL_MILLIS = 500;

export class PassTimesCard {
  readonly element: HTMLElement;
  readonly #rows = h("tbody");
  readonly #resolution = h("p", { "data-figure": "resolution" });
  readonly #ready = h("p", { "data-figure": "pipelines" });
  readonly #adapter = h("p");
  readonly #stage: () => Stage | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #timed: Stage | undefined;

  /** @param stage the one that is drawn on now. */
  constructor(stage: () => Stage | undefined) {
    const words = strings.times;
    this.#stage = stage;
    const head = (text: string) => h("th", { scope: "col" }, text);
    const card = h(
      "section",
      { class: "card", "aria-label": words.title },
      h(
        "table",
        {},
        h("caption", {}, words.title),
        h("thead", {}, h("tr", {}, head(words.pass), head(words.cpu), head(words.gpu))),
        this.#rows,
      ),
      this.#resolution,
      this.#ready,
      this.#adapter,
    );
    this.element = h("div", { class: "pass-times" }, card);
    this.#timer = setInterval(() => this.#show(), INTERVAL_MILLIS);
    this.#show();
  }

  /** Puts it over what is drawn, where that is. */
  place(host: HTMLElement, onStage: boolean, glass: boolean): void {
    this.element.classList.toggle("glass", glass);
    if (onStage) host.append(this.element);
  }

  /** Ends the measuring. */
  dispose(): void {
    clearInterval(this.#timer);
    this.#timed?.timePasses(false);
    this.element.remove();
  }

  #show(): void {
    const stage = this.#stage();
    if (!stage || document.hidden) return;
    if (stage !== this.#timed) {
      this.#timed = stage;
      stage.timePasses(true);
      this.#describe(stage);
    }
    const { passes, resolutionScale } = stage.passTimes();
    const drawn = passes.filter(({ frames }) => frames > 0);
    if (drawn.length === 0) return; // No frame came since: what was shown stays true.
    this.#rows.replaceChildren(...drawn.map(row));
    setText(this.#resolution, strings.times.resolution(Math.round(resolutionScale * 100)));
  }

  #describe({ description: { backend, adapter, software, pipelines } }: Stage): void {
    const words = strings.times;
    setText(
      this.#ready,
      words.pipelines(pipelines.made, pipelines.totalMillis, pipelines.longest, pipelines.longestMillis),
    );
    setText(this.#adapter, words.adapter(backend, adapter, software));
  }
}

function row({ name, cpuMillis, gpuMillis }: PassTimes["passes"][number]): HTMLElement {
  return h(
    "tr",
    { "data-pass": name },
    h("th", { scope: "row" }, name),
    h("td", {}, cpuMillis.toFixed(2)),
    h("td", {}, gpuMillis === undefined ? strings.times.untold : gpuMillis.toFixed(2)),
  );
}
