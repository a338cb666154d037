/**
 * The page: which screen is shown, and the ways between them. Each way takes a turn number; a way that was
 * overtaken by another one stops at its next step.
 */

import { type Camera, closeCamera, openCamera } from "../camera/camera";
import { CameraMode, type Shown } from "../camera/camera_mode";
import type { CameraPin } from "../camera/camera_pins";
import { cameraSource } from "../camera/camera_source";
import { MotionSensor } from "../camera/motion";
import type { PictureSource } from "../camera/source";
import type { Capabilities } from "../capabilities";
import { Engine, savesData, type ViewWishes } from "../engine";
import { codeOf, messageOf, SightlineError } from "../errors";
import { keepName, ownName } from "../room/names";
import { Room } from "../room/room";
import { RoomMode } from "../room/room_mode";
import { type Annotation, normalizeCode } from "../room/state";
import { ArSession } from "../session";
import type { Stage } from "../stage";
import { type CameraStats, NO_CAMERA_STATS } from "../stats";
import { strings } from "../strings";
import { listenForTaps } from "../taps";
import { ArScreen } from "./ar_screen";
import { nameCameraPin, showCameraPins } from "./camera_pins_dialog";
import { CameraScreen } from "./camera_screen";
import { Toasts } from "./coaching";
import { askOwnName, askPinLabel, joinDialog, shareDialog } from "./dialogs";
import { type FailureState, failureFor } from "./failures";
import { LoadingScreen, type NoticeAction, noticeScreen } from "./notice";
import { Panel, type PanelTab } from "./panel";
import { PassTimesCard } from "./pass_times";
import { RoomScreen } from "./room_screen";
import { watchRoom } from "./room_watch";
import { startScreen } from "./start_screen";

export type PageState = "loading" | "start" | "camera" | "ar" | "room3d" | FailureState;

interface Screen {
  element: HTMLElement;
  unread?: (count: number) => void;
  dispose?: () => void;
}

/** From this width on the panel stands beside the 3D view and is open from the start. */
const WIDE = "(min-width: 1100px)";

export class App {
  readonly #engine: Engine;
  readonly #ui: HTMLElement;
  readonly #stageHost: HTMLElement;
  readonly #toasts = new Toasts();
  #found: Capabilities | undefined;
  #turn = 0;
  #state: PageState = "loading";
  #screen: Screen | undefined;
  #loading: LoadingScreen | undefined;
  #room: Room | undefined;
  #panel: Panel | undefined;
  #unread = 0;
  #unsubscribeNotices: (() => void) | undefined;
  #camera: CameraMode | undefined;
  #cameraTaps: AbortController | undefined;
  #roomMode: RoomMode | undefined;
  #session: ArSession | undefined;
  #times: PassTimesCard | undefined;

  constructor(stageHost: HTMLElement, ui: HTMLElement, wishes: ViewWishes) {
    this.#stageHost = stageHost;
    this.#ui = ui;
    this.#engine = new Engine(stageHost, wishes, {
      onProgress: (part, progress) => this.#loading?.progress(part, progress),
      onPipelines: (made, of) => this.#loading?.pipelines(made, of),
    });
    addEventListener("hashchange", () => this.#followHash());
  }

  get state(): PageState {
    return this.#state;
  }

  get capabilities(): Capabilities | undefined {
    return this.#found;
  }

  get room(): Room | undefined {
    return this.#room;
  }

  get stage(): Stage | undefined {
    return this.#engine.openStage;
  }

  get session(): ArSession | undefined {
    return this.#session;
  }

  get cameraStats(): CameraStats {
    return this.#camera?.stats ?? NO_CAMERA_STATS;
  }

  /** What camera mode shows: a picture's answer and its pins. */
  get cameraShown(): Shown | undefined {
    return this.#camera?.shown;
  }

  /** The pins in the camera's world. */
  get cameraPins(): readonly CameraPin[] {
    return this.#camera?.pins.all ?? [];
  }

  /** Shows what the address asks for: a room, the camera, or the start page. */
  async begin(startCamera: boolean): Promise<void> {
    const code = normalizeCode(location.hash.slice(1));
    if (startCamera) {
      const started = this.startCamera();
      this.#found = await this.#engine.capabilities;
      await started;
      if (code) await this.#enterRoom(code).catch(() => {}); // The camera goes on; the room can be joined later.
      return;
    }
    if (code) {
      await this.joinRoom(code);
      return;
    }
    await this.home();
  }

  /** The start page. A room stays open behind it. */
  async home(): Promise<void> {
    const turn = this.#leaveModes();
    this.#found ??= await this.#engine.capabilities;
    if (turn !== this.#turn) return;
    this.#panel?.close();
    this.#show("start", {
      element: startScreen(this.#found, this.#room?.code, {
        startCamera: () => void this.startCamera(),
        startAr: () => void this.startAr(),
        openRoom: () => void this.openRoom(),
        joinRoom: () => this.#askToJoin(),
        backToRoom: () => void this.showRoom(),
      }),
    });
    this.#room?.setPresence({ mode: "page" });
    this.#prefetch();
  }

  /** Camera mode. Call it in the person's gesture where the browser has to ask, for the camera and the motion sensors. */
  async startCamera(): Promise<void> {
    const motion = MotionSensor.open();
    const opening = openCamera();
    opening.catch(() => {}); // Awaited below, after the screen has changed.
    const turn = this.#leaveModes();
    this.#showLoading(strings.loading.title, strings.loading.camera);
    // The tracker was loaded ahead; what it knows of an earlier visit may be another place.
    const tracker = this.#engine.tracker();
    tracker.restart();
    let camera: Camera | undefined;
    try {
      const stage = this.#engine.stage();
      stage.catch(() => {});
      camera = await opening;
      const opened = await stage;
      if (turn !== this.#turn) {
        closeCamera(camera);
        motion.close();
        return;
      }
      const again = () => void this.startCamera();
      const source = cameraSource(camera);
      if (!source.moves) motion.close();
      this.#runCamera(opened, source, tracker, again, source.moves ? motion : undefined);
    } catch (thrown) {
      if (camera) closeCamera(camera);
      motion.close();
      if (turn === this.#turn) this.#fail(thrown, "camera", () => void this.startCamera());
    }
  }

  /** Camera mode with pictures from elsewhere, in a world of its own. */
  async startSource(source: PictureSource): Promise<void> {
    const turn = this.#leaveModes();
    this.#showLoading(strings.loading.title);
    const again = () => void this.startSource(source);
    try {
      const stage = await this.#engine.stage();
      if (turn === this.#turn) this.#runCamera(stage, source, this.#engine.freshTracker(), again);
    } catch (thrown) {
      if (turn === this.#turn) this.#fail(thrown, "camera", again);
    }
  }

  /** An AR session. Call it in the person's gesture. */
  async startAr(): Promise<void> {
    const stage = this.#engine.stage();
    const room = this.#room ? Promise.resolve(this.#room) : this.#createRoom();
    room.catch(() => {}); // Reported by the start below.
    const starting = ArSession.start(stage, room, this.#ui, () => this.#engine.freshTracker());
    const turn = this.#leaveModes();
    this.#showLoading(strings.loading.title, strings.loading.ar);
    try {
      const session = await starting;
      if (turn !== this.#turn) {
        await session.end();
        return;
      }
      this.#runAr(session, await room);
    } catch (thrown) {
      if (turn === this.#turn) this.#fail(thrown, "ar", () => void this.startAr());
    }
  }

  /** Opens a new room and shows it. */
  async openRoom(): Promise<void> {
    const turn = this.#leaveModes();
    this.#showLoading(strings.loading.room);
    try {
      if (!this.#room) await this.#createRoom();
      if (turn === this.#turn) await this.showRoom();
    } catch (thrown) {
      if (turn === this.#turn) this.#fail(thrown, "room", () => void this.openRoom());
    }
  }

  /** Joins a room by its code and shows it. */
  async joinRoom(code: string): Promise<void> {
    const turn = this.#leaveModes();
    this.#showLoading(strings.loading.room);
    try {
      await this.#enterRoom(code);
      if (turn === this.#turn) await this.showRoom();
    } catch (thrown) {
      if (turn === this.#turn) this.#fail(thrown, "room", () => void this.joinRoom(code));
    }
  }

  /** The room as a 3D view. */
  async showRoom(): Promise<void> {
    const room = this.#room;
    if (!room) return this.home();
    const turn = this.#leaveModes();
    this.#found ??= await this.#engine.capabilities;
    const stage = await this.#engine.stage();
    if (turn !== this.#turn) return;
    stage.describe(strings.room.view);
    const screen = new RoomScreen(room, {
      home: () => void this.home(),
      share: () => this.#share(),
      openChat: () => this.#openPanel("chat"),
      openPeople: () => this.#openPanel("people"),
      ...this.#wayOut(),
    });
    this.#show("room3d", screen);
    this.#roomMode = new RoomMode(stage, room, {
      onFloor: (position) => void this.#placePin(room, screen, position),
      onAnnotation: (id) => {
        const pin = room.state.annotations.find((annotation) => annotation.id === id);
        if (pin) void this.#renamePin(pin);
      },
      onViewLost: async () => {
        const another = await this.#engine.anotherStage();
        another?.describe(strings.room.view);
        return another;
      },
      onEnd: (thrown) => this.#fail(thrown, "room", () => void this.showRoom()),
    });
    room.setPresence({ mode: "room3d", tracking: "none" });
    if (matchMedia(WIDE).matches) this.#panel?.open("chat", false);
  }

  /** Shows what drawing costs over whatever is drawn, or no more. */
  showTimes(on: boolean): void {
    if (on === (this.#times !== undefined)) return;
    this.#times?.dispose();
    this.#times = on ? new PassTimesCard(() => this.#engine.openStage) : undefined;
    this.#times?.place(this.#ui, this.#onStage, this.#overPicture);
  }

  /** Leaves the room for good: the next one is another. */
  leaveRoom(): void {
    this.#unsubscribeNotices?.();
    this.#panel?.dispose();
    this.#room?.leave();
    this.#panel = undefined;
    this.#room = undefined;
    this.#unread = 0;
  }

  #runCamera(
    stage: Stage,
    source: PictureSource,
    tracker: ReturnType<Engine["tracker"]>,
    again: () => void,
    motion?: MotionSensor,
  ): void {
    let screen: CameraScreen | undefined;
    const camera = new CameraMode(
      stage,
      tracker,
      source,
      {
        onPaint: (stats, advice) => {
          // The first picture ends the loading screen, so that nobody sees an empty view.
          screen ??= this.#showCameraScreen();
          if (this.#screen instanceof CameraScreen) screen = this.#screen;
          screen.show(stats, advice);
          screen.showPins(camera.pins.all.length);
        },
        onViewLost: async () => {
          const another = await this.#engine.anotherStage();
          if (another && this.#camera === camera) this.#openToTaps(another, camera);
          return another;
        },
        onPinsLost: (count) => this.#toasts.show(strings.camera.pinsLost(count)),
        onEnd: (reason) => this.#fail(reason, "camera", again),
      },
      motion,
    );
    this.#camera = camera;
    this.#openToTaps(stage, camera);
  }

  #openToTaps(stage: Stage, camera: CameraMode): void {
    stage.describe(strings.camera.view);
    this.#cameraTaps?.abort();
    this.#cameraTaps = new AbortController();
    listenForTaps(stage, this.#cameraTaps.signal, (x, y) => void this.#tapWorld(camera, x, y));
  }

  /** A tap on a pin shows it in the list; one on a surface leaves a pin there. */
  async #tapWorld(camera: CameraMode, xPx: number, yPx: number): Promise<void> {
    const tapped = camera.pinAt(xPx, yPx);
    if (tapped) {
      showCameraPins(this.#ui, camera, tapped);
      return;
    }
    const words = strings.camera;
    const placed = await camera.place(xPx, yPx);
    if (this.#camera !== camera) return;
    if (typeof placed === "string") {
      this.#toasts.show(words.noPlace[placed]);
      return;
    }
    this.#toasts.show(words.pinned, {
      words: words.nameIt,
      run: () => void nameCameraPin(this.#ui, camera, placed),
    });
  }

  #showCameraScreen(): CameraScreen {
    const screen = new CameraScreen(this.#room, {
      leave: () => void (this.#room ? this.showRoom() : this.home()),
      showPins: () => this.#camera && showCameraPins(this.#ui, this.#camera),
      startAgain: () => this.#camera?.startAgain(),
      openRoom: () => void this.#openRoomBesideCamera(),
      openChat: () => this.#openPanel("chat"),
      openPeople: () => this.#openPanel("people"),
      showRoom: () => void this.showRoom(),
    });
    this.#show("camera", screen);
    this.#room?.setPresence({ mode: "camera", tracking: "limited" });
    return screen;
  }

  /** A room opened from the camera leaves the camera on. */
  async #openRoomBesideCamera(): Promise<void> {
    try {
      await this.#createRoom();
      if (this.#state !== "camera") return;
      this.#showCameraScreen();
      this.#share();
    } catch (thrown) {
      this.#toasts.show(
        failureFor(asThrown(thrown), "room", navigator).words.text ?? strings.states.roomFailed.title,
      );
    }
  }

  #runAr(session: ArSession, room: Room): void {
    this.#session = session;
    let leaving = false;
    const screen = new ArScreen(room, session, this.#toasts, {
      leave: () => {
        leaving = true;
        void session.end();
      },
      openChat: () => this.#openPanel("chat"),
      openPeople: () => this.#openPanel("people"),
      namePin: (id) => {
        const pin = room.state.annotations.find((annotation) => annotation.id === id);
        if (pin) void this.#renamePin(pin);
      },
    });
    this.#show("ar", screen);
    room.setPresence({ mode: "ar" });
    session.xr.addEventListener(
      "end",
      () => {
        this.#session = undefined;
        if (this.#state !== "ar") return;
        if (leaving) void this.showRoom();
        else this.#showArEnded();
      },
      { once: true },
    );
  }

  #showArEnded(): void {
    const words = strings.states.arEnded;
    this.#leaveModes();
    this.#showNotice("ar-ended", words, [
      { words: words.again, icon: "ar", run: () => void this.startAr() },
      { words: words.room, icon: "room3d", run: () => void this.showRoom() },
    ]);
  }

  async #createRoom(): Promise<Room> {
    const { artefact } = await this.#engine.stage();
    return this.#adopt(await Room.create(artefact, { name: ownName() }));
  }

  async #enterRoom(code: string, name = ownName()): Promise<Room> {
    if (this.#room?.code === code) return this.#room;
    const { artefact } = await this.#engine.stage();
    const room = await Room.join(artefact, code, { name });
    this.leaveRoom();
    return this.#adopt(room);
  }

  #adopt(room: Room): Room {
    this.#room = room;
    if (normalizeCode(location.hash.slice(1)) !== room.code) {
      history.replaceState(null, "", `${location.pathname}${location.search}#${room.code}`);
    }
    this.#panel = new Panel(
      room,
      {
        renamePin: (pin) => void this.#renamePin(pin),
        renameSelf: () => void this.#renameSelf(),
        share: () => this.#share(),
      },
      (count) => {
        this.#unread = count;
        this.#screen?.unread?.(count);
      },
    );
    this.#ui.append(this.#panel.element);
    this.#unsubscribeNotices = watchRoom(room, this.#toasts, (problem) => {
      if (this.#room !== room) return;
      void this.#session?.end();
      this.leaveRoom();
      this.#fail(new SightlineError(problem.code, problem.message), "room", () => void this.openRoom());
    });
    return room;
  }

  #askToJoin(): void {
    joinDialog(this.#ui, { name: ownName() }, async (code, name) => {
      keepName(name);
      await this.#enterRoom(code, name);
      await this.showRoom();
    });
  }

  #followHash(): void {
    const code = normalizeCode(location.hash.slice(1));
    if (code && code !== this.#room?.code) void this.joinRoom(code);
  }

  async #placePin(room: Room, screen: RoomScreen, position: [number, number, number]): Promise<void> {
    if (!screen.placing) return;
    const label = await askPinLabel(this.#ui, "", strings.pins.place, false);
    if (label === undefined) return;
    screen.setPlacing(false);
    room.placePin(position, label);
  }

  async #renamePin(pin: Annotation): Promise<void> {
    const label = await askPinLabel(this.#ui, pin.label, strings.pins.save, this.#overPicture);
    if (label !== undefined && label !== pin.label) this.#room?.relabel(pin.id, label);
  }

  async #renameSelf(): Promise<void> {
    const name = await askOwnName(this.#ui, this.#room?.state.self.name ?? ownName(), this.#overPicture);
    if (!name) return;
    keepName(name);
    this.#room?.rename(name);
  }

  #share(): void {
    const room = this.#room;
    if (room)
      shareDialog(
        this.#ui,
        this.#overPicture,
        room.code,
        room.relay.info().catch(() => undefined),
      );
  }

  #openPanel(tab: PanelTab): void {
    this.#panel?.element.classList.toggle("glass", this.#overPicture);
    this.#panel?.open(tab);
  }

  get #onStage(): boolean {
    return this.#state === "room3d" || this.#overPicture;
  }

  get #overPicture(): boolean {
    return this.#state === "camera" || this.#state === "ar";
  }

  #wayOut(): { goOut?: { kind: "ar" | "camera"; run: () => void } } {
    if (this.#found?.immersiveAr) return { goOut: { kind: "ar", run: () => void this.startAr() } };
    if (this.#found?.camera && this.#found.secureContext) {
      return { goOut: { kind: "camera", run: () => void this.startCamera() } };
    }
    return {};
  }

  /** Loads ahead what the next tap needs, unless the person saves data. */
  #prefetch(): void {
    if (savesData()) return;
    this.#engine.stage().catch(() => {}); // Said when it is needed.
    if (this.#found?.camera && this.#found.secureContext && !this.#found.immersiveAr) {
      this.#engine.tracker().ready.catch(() => {});
    }
  }

  /** Stops whatever runs on the stage and takes the next turn. */
  #leaveModes(): number {
    this.#turn += 1;
    this.#camera?.stop();
    this.#camera = undefined;
    this.#cameraTaps?.abort();
    this.#roomMode?.stop();
    this.#roomMode = undefined;
    return this.#turn;
  }

  #fail(thrown: unknown, doing: "camera" | "ar" | "room", again: () => void): void {
    this.#leaveModes();
    const failure = failureFor(asThrown(thrown), doing, navigator);
    if (failure.state === "view-lost" || failure.state === "failed") this.#engine.reset();
    const words = strings.states;
    const actions: NoticeAction[] = [];
    if (failure.retry) {
      actions.push({ words: failure.state === "denied" ? words.denied.retry : words.retry, run: again });
    }
    const roomHelps = doing !== "room" && failure.state !== "unsupported" && failure.state !== "unreachable";
    if (roomHelps) {
      actions.push(
        this.#room
          ? { words: words.arEnded.room, icon: "room3d", run: () => void this.showRoom() }
          : { words: words.openRoom, icon: "room3d", run: () => void this.openRoom() },
      );
    }
    actions.push({ words: words.back, icon: "home", run: () => void this.home() });
    this.#showNotice(failure.state, failure.words, actions);
  }

  #showNotice(
    state: FailureState,
    words: { title: string; text?: string; help?: string },
    actions: NoticeAction[],
  ): void {
    this.#panel?.close();
    this.#show(state, { element: noticeScreen(words, actions) });
  }

  #showLoading(title: string, why?: string): void {
    const loading = new LoadingScreen(title, why);
    this.#panel?.close();
    this.#show("loading", loading);
    this.#loading = loading;
  }

  #show(state: PageState, screen: Screen): void {
    this.#screen?.dispose?.();
    this.#screen = screen;
    this.#loading = undefined;
    this.#state = state;
    document.documentElement.dataset.state = state;
    this.#stageHost.hidden = !this.#onStage;
    this.#toasts.clear();
    this.#toasts.element.classList.toggle("glass", this.#overPicture);
    const kept: Node[] = this.#panel ? [this.#panel.element] : [];
    this.#panel?.element.classList.toggle("glass", this.#overPicture);
    this.#ui.replaceChildren(screen.element, this.#toasts.element, ...kept);
    this.#times?.place(this.#ui, this.#onStage, this.#overPicture);
    screen.unread?.(this.#unread);
    this.#engine.openStage?.fit();
  }
}

function asThrown(thrown: unknown): { code: string; message: string } {
  return { code: codeOf(thrown), message: messageOf(thrown) };
}
