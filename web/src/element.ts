/**
 * `<sightline-scene>`: the smallest embed. Shows a shared room as a 3D view and keeps it live.
 *
 * | attribute | meaning |
 * |---|---|
 * | `room` | the code of the room; absent: a new room, whose code the event `sightline-room` tells |
 * | `relay` | the relay's address; absent: the server of the page |
 * | `name` | the name to show to others |
 * | `mode` | `view` (default): look; `edit`: a tap on the floor puts a pin |
 *
 * Events (all bubble): `sightline-room` with `{ code }`, `sightline-change` with the room's state,
 * `sightline-error` with `{ code, message }`. The properties `room` and `stage` are there after `sightline-room`.
 */

import { detectCapabilities } from "./capabilities";
import { codeOf, messageOf } from "./errors";
import { Retries } from "./retries";
import { Room } from "./room/room";
import { RoomMode } from "./room/room_mode";
import { normalizeCode, spokenCode } from "./room/state";
import { Stage } from "./stage";
import { problemSentence, strings } from "./strings";

const STYLE = `
:host { display: block; position: relative; min-height: 240px; overflow: hidden; border-radius: 14px;
  background: #10151c; color: #f7f6f2; font: 14px/1.4 system-ui, sans-serif; contain: content; }
:host([hidden]) { display: none; }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; outline-offset: -3px; }
canvas:focus-visible { outline: 3px solid #2f7df6; }
p { position: absolute; left: 12px; bottom: 12px; margin: 0; padding: 6px 12px; border-radius: 8px;
  background: rgb(16 21 28 / 0.75); font-variant-numeric: tabular-nums; pointer-events: none; }
p:empty { display: none; }
`;

// In Node there are no elements: importing the package for its types or its pure parts must still work.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class SightlineScene extends Base {
  static readonly tag = "sightline-scene";
  static readonly observedAttributes = ["room", "relay", "mode"];

  #stage: Stage | undefined;
  #room: Room | undefined;
  #mode: RoomMode | undefined;
  #caption: HTMLParagraphElement | undefined;
  readonly #retries = new Retries();
  /** Rises with each start, so that a start overtaken by another one stops. */
  #generation = 0;

  get room(): Room | undefined {
    return this.#room;
  }

  get stage(): Stage | undefined {
    return this.#stage;
  }

  connectedCallback(): void {
    void this.#start();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after || !this.#stage || name === "mode") return;
    this.#stop();
    void this.#start();
  }

  async #start(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.#caption = document.createElement("p");
    this.#caption.setAttribute("role", "status");
    this.#caption.textContent = strings.loading.title;
    root.replaceChildren(style, this.#caption);
    try {
      const stage = await Stage.open(root, await detectCapabilities());
      if (generation !== this.#generation) {
        stage.dispose();
        return;
      }
      this.#stage = stage;
      stage.describe(strings.room.view);
      root.append(this.#caption);
      const room = await this.#enter(stage);
      if (generation !== this.#generation) {
        room.leave();
        return;
      }
      this.#show(stage, room);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #enter(stage: Stage): Promise<Room> {
    const relay = this.getAttribute("relay") ?? undefined;
    const name = this.getAttribute("name") ?? strings.chat.unknown;
    const code = normalizeCode(this.getAttribute("room") ?? "");
    const options = relay === undefined ? { name } : { name, relay };
    return code ? Room.join(stage.artefact, code, options) : Room.create(stage.artefact, options);
  }

  #show(stage: Stage, room: Room): void {
    this.#room = room;
    this.#mode = new RoomMode(stage, room, {
      onFloor: (position) => {
        if (this.getAttribute("mode") === "edit") room.placePin(position, "");
      },
      onViewLost: () => this.#anotherStage(),
      onEnd: (thrown) => this.#fail(thrown),
    });
    this.#tell("sightline-room", { code: room.code });
    room.setPresence({ mode: "room3d" });
    room.subscribe((state) => {
      this.#say(
        state.connection === "online"
          ? strings.embed.code(spokenCode(state.code))
          : state.problem
            ? problemSentence(state.problem)
            : strings.connection[state.connection],
      );
      this.#tell("sightline-change", state);
    });
  }

  /** A stage in the place of one whose device is lost; undefined when that happened too often. */
  async #anotherStage(): Promise<Stage | undefined> {
    const generation = this.#generation;
    const wait = this.#retries.next(performance.now());
    const root = this.shadowRoot;
    if (wait === undefined || !root) return undefined;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (generation !== this.#generation) return undefined;
    this.#stage?.dispose();
    const stage = await Stage.open(root, await detectCapabilities());
    if (generation !== this.#generation) {
      stage.dispose();
      return undefined;
    }
    this.#stage = stage;
    stage.describe(strings.room.view);
    if (this.#caption) root.append(this.#caption);
    return stage;
  }

  #fail(thrown: unknown): void {
    const problem = { code: codeOf(thrown), message: messageOf(thrown) };
    this.#say(
      problem.code === "view-unavailable" || problem.code === "module-unsupported"
        ? strings.states.unsupported.title
        : problemSentence(problem),
    );
    this.#tell("sightline-error", problem);
  }

  #stop(): void {
    this.#generation += 1;
    this.#mode?.stop();
    this.#room?.leave();
    this.#stage?.dispose();
    this.#mode = undefined;
    this.#room = undefined;
    this.#stage = undefined;
  }

  #say(text: string): void {
    if (this.#caption) this.#caption.textContent = text;
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

if (globalThis.customElements && !customElements.get(SightlineScene.tag)) {
  customElements.define(SightlineScene.tag, SightlineScene);
}
