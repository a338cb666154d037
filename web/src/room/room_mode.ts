/**
 * The room as a 3D view on a stage: draws it, moves the eye by pointer, wheel and keys, and turns a tap into a
 * place on the floor or a pin.
 */

import { codeOf } from "../errors";
import type { Stage } from "../stage";
import { Orbit } from "./orbit";
import type { Room } from "./room";

export interface RoomModeEvents {
  /** A tap on the floor, in the room, in metres. */
  onFloor?: (position: [number, number, number]) => void;
  /** A tap on an annotation. */
  onAnnotation?: (id: string) => void;
  /** The graphics device is lost: gives another stage to go on with, or nothing to end. */
  onViewLost?: () => Promise<Stage | undefined>;
  /** Drawing failed; the mode has stopped. */
  onEnd?: (thrown: unknown) => void;
}

/** A press that moves less than this is a tap. */
const TAP_SLOP_PX = 8;

export class RoomMode {
  readonly orbit = new Orbit();
  #stage: Stage;
  readonly #room: Room;
  readonly #events: RoomModeEvents;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #abort = new AbortController();
  #stopped = false;
  #travelPx = 0;
  #frame = 0;
  /** When the animation frame began that drew last. */
  #drawnMillis: number | undefined;
  /** Whether the eye was put where it sees what stands in the room; from then on only the person moves it. */
  #framed = false;

  constructor(stage: Stage, room: Room, events: RoomModeEvents = {}) {
    this.#stage = stage;
    this.#room = room;
    this.#events = events;
    this.#listen();
    this.#frame = requestAnimationFrame(this.#draw);
  }

  stop(): void {
    this.#stopped = true;
    this.#pause();
  }

  #pause(): void {
    this.#abort.abort();
    cancelAnimationFrame(this.#frame);
    this.#pointers.clear();
    this.#drawnMillis = undefined;
  }

  /** Goes on where it was on another stage, where there is one. */
  async #replaceStage(lost: unknown): Promise<void> {
    this.#pause();
    const stage = await this.#events.onViewLost?.().catch(() => undefined);
    if (this.#stopped) return;
    if (!stage) {
      this.stop();
      this.#events.onEnd?.(lost);
      return;
    }
    this.#stage = stage;
    this.#abort = new AbortController();
    this.#listen();
    this.#frame = requestAnimationFrame(this.#draw);
  }

  readonly #draw = (timeMillis: number) => {
    this.#frameOnce();
    if (this.#drawnMillis !== undefined) this.#stage.frameCameAfter(timeMillis - this.#drawnMillis);
    this.#drawnMillis = timeMillis;
    try {
      this.#stage.view.drawRoom(this.#room.wasm, this.orbit.toArray(), timeMillis);
    } catch (thrown) {
      if (codeOf(thrown) === "device") {
        void this.#replaceStage(thrown);
        return;
      }
      this.stop();
      this.#events.onEnd?.(thrown);
      return;
    }
    this.#frame = requestAnimationFrame(this.#draw);
  };

  #frameOnce(): void {
    const { synced, annotations } = this.#room.state;
    if (this.#framed || !(synced || annotations.length > 0)) return;
    this.#framed = true;
    this.orbit.frame(annotations.flatMap(({ position }) => (position ? [position] : [])));
  }

  #listen(): void {
    const { canvas } = this.#stage;
    const options = { signal: this.#abort.signal };
    canvas.addEventListener("pointerdown", this.#down, options);
    canvas.addEventListener("pointermove", this.#move, options);
    canvas.addEventListener("pointerup", this.#up, options);
    canvas.addEventListener("pointercancel", this.#cancel, options);
    canvas.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    canvas.addEventListener("keydown", this.#key, options);
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.orbit.zoom(Math.exp(event.deltaY * 0.0012));
      },
      { ...options, passive: false },
    );
  }

  readonly #down = (event: PointerEvent) => {
    this.#stage.canvas.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 0) this.#travelPx = 0;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };

  readonly #move = (event: PointerEvent) => {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#travelPx += Math.hypot(dx, dy);
    if (other) {
      const spread = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y);
      this.orbit.zoom(spread(before) / Math.max(1, spread(now)));
      this.orbit.pan(dx / 2, dy / 2, this.#stage.canvas.clientHeight);
      this.#travelPx += TAP_SLOP_PX; // Two fingers never tap.
    } else if (event.buttons & 2 || event.shiftKey) {
      this.orbit.pan(dx, dy, this.#stage.canvas.clientHeight);
    } else if (this.#travelPx > TAP_SLOP_PX) {
      this.orbit.turn(dx, dy);
    }
    this.#pointers.set(event.pointerId, now);
  };

  readonly #up = (event: PointerEvent) => {
    const pressed = this.#pointers.delete(event.pointerId);
    if (pressed && this.#pointers.size === 0 && this.#travelPx <= TAP_SLOP_PX && event.button === 0) {
      this.#tap(event.clientX, event.clientY);
    }
  };

  readonly #cancel = (event: PointerEvent) => {
    this.#pointers.delete(event.pointerId);
  };

  readonly #key = (event: KeyboardEvent) => {
    const step = 24;
    const pan = event.shiftKey;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [step, 0],
      ArrowRight: [-step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move && pan) this.orbit.pan(move[0], move[1], this.#stage.canvas.clientHeight);
    else if (move) this.orbit.turn(...move);
    else if (event.key === "+" || event.key === "=") this.orbit.zoom(0.9);
    else if (event.key === "-") this.orbit.zoom(1 / 0.9);
    else if (event.key === "Enter") this.#tapCentre();
    else return;
    event.preventDefault();
  };

  #tapCentre(): void {
    const { left, top, width, height } = this.#stage.canvas.getBoundingClientRect();
    this.#tap(left + width / 2, top + height / 2);
  }

  #tap(clientX: number, clientY: number): void {
    const { canvas, view, sizePx } = this.#stage;
    const box = canvas.getBoundingClientRect();
    const x = ((clientX - box.left) * sizePx[0]) / box.width;
    const y = ((clientY - box.top) * sizePx[1]) / box.height;
    const orbit = this.orbit.toArray();
    const id = view.pickAnnotation?.(this.#room.wasm, orbit, x, y);
    if (id) {
      this.#events.onAnnotation?.(id);
      return;
    }
    const [px, py, pz] = view.pickRoom(orbit, x, y) ?? [];
    if (px !== undefined && py !== undefined && pz !== undefined) this.#events.onFloor?.([px, py, pz]);
  }
}
