/** The sending side's camera: a scene drawn on a canvas thirty times a second, as a track. */

import { FRAMES_PER_SEC, SCENE_PX, type Scene, type SceneName, scene } from "./scenes";

export class Sender {
  readonly track: MediaStreamTrack;
  readonly #context: CanvasRenderingContext2D;
  readonly #timer: ReturnType<typeof setInterval>;
  #scene: Scene;
  #frame = 0;
  paused = false;

  /** @throws Error where a canvas cannot be drawn to or captured. */
  constructor(name: SceneName) {
    const canvas = document.createElement("canvas");
    canvas.width = SCENE_PX.width;
    canvas.height = SCENE_PX.height;
    const context = canvas.getContext("2d");
    const [track] = canvas.captureStream(FRAMES_PER_SEC).getVideoTracks();
    if (!context || !track) throw new Error("This browser does not capture a canvas.");
    this.#context = context;
    this.track = track;
    this.#scene = scene(name);
    this.#draw();
    this.#timer = setInterval(() => {
      if (!this.paused) this.#draw();
    }, 1000 / FRAMES_PER_SEC);
  }

  show(name: SceneName): void {
    this.#scene = scene(name);
    this.#draw();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.track.stop();
  }

  #draw(): void {
    this.#scene(this.#context, this.#frame++);
  }
}
