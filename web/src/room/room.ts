/**
 * A room as a page uses it: joins over HTTP, is the same device again after a reload, keeps what was not sent,
 * and tells each change. The room's logic is the wasm `Room`; this is its edge to the browser.
 */

import { codeOf, SightlineError } from "../errors";
import type { ViewArtefact, WasmRoom } from "../wasm";
import { claimDevice, lockDevice, type Release, rememberDevice, rememberedDevice } from "./device_lock";
import { type Joined, Relay } from "./relay";
import type { Held, Role, RoomState, ViewMode } from "./state";
import { DeviceStore, type StoredDevice } from "./store";

export interface RoomOptions {
  /** The name to show to others. */
  name: string;
  /** The relay's origin; by default the one that served this page. */
  relay?: string;
}

/** Changes of a room, as the protocol has them. */
type RoomChange =
  | { type: "set_role"; member: string; role: Role }
  | { type: "mute"; member: string; muted: boolean }
  | { type: "remove"; member: string }
  | { type: "lock"; locked: boolean }
  | { type: "lock_annotation"; id: string; locked: boolean }
  | { type: "set_approval"; required: boolean }
  | { type: "set_open"; open: boolean }
  | { type: "approve" | "reject"; op_id: { device: string; counter: number } };

/** After so long without a connection although the relay answers over HTTP, the browser refuses the socket. */
const REFUSED_AFTER_MILLIS = 4000;

const store = new DeviceStore();

export class Room {
  /** The wasm room, for `View.drawRoom` and `Session.start`. */
  readonly wasm: WasmRoom;
  readonly relay: Relay;
  #state: RoomState;
  #stored: StoredDevice;
  #listeners = new Set<(state: RoomState) => void>();
  #release: Release;
  #wasOnline = false;
  #isForgotten = false;
  #socketRefused = false;
  #probe: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    artefact: ViewArtefact,
    relay: Relay,
    stored: StoredDevice,
    release: Release,
    name: string,
  ) {
    this.relay = relay;
    this.#stored = stored;
    this.#release = release;
    this.wasm = artefact.Room.create();
    this.wasm.onPersist((storedJson) => {
      if (this.#isForgotten) return;
      this.#stored = { ...this.#stored, storedJson, usedAtMillis: Date.now() };
      return store.save(this.#stored);
    });
    this.wasm.onChange((json) => this.#changed(JSON.parse(json) as RoomState));
    const { room, code, member, device, role, secret, storedJson } = stored;
    const wsUrl = relay.socketUrl;
    this.wasm.open(JSON.stringify({ wsUrl, room, code, member, device, role, secret, name, storedJson }));
    this.#state = JSON.parse(this.wasm.state()) as RoomState;
    this.wasm.setOnline(navigator.onLine);
    addEventListener("online", this.#online);
    addEventListener("offline", this.#online);
    addEventListener("pagehide", this.#hide);
    this.#watchSocket();
  }

  /** Makes a room. @throws SightlineError `relay-unreachable`, or the relay's code. */
  static async create(artefact: ViewArtefact, options: RoomOptions): Promise<Room> {
    const relay = new Relay(options.relay);
    return Room.#enter(artefact, relay, await relay.createRoom(options.name), options);
  }

  /**
   * Joins a room by its code, as the device that this tab was before, where it was. Without a network a room
   * that this browser was in opens from what it kept.
   *
   * @throws SightlineError `room_not_found`, `relay-unreachable`, or another of the relay's codes.
   */
  static async join(artefact: ViewArtefact, code: string, options: RoomOptions): Promise<Room> {
    const relay = new Relay(options.relay);
    const known = await store.withCode(relay.origin, code).catch(() => []);
    const claimed = await claimDevice(known, rememberedDevice(code));
    if (claimed) {
      rememberDevice(code, claimed.stored.device);
      return new Room(artefact, relay, claimed.stored, claimed.release, options.name);
    }
    return Room.#enter(artefact, relay, await relay.joinRoom(code, options.name), options);
  }

  static async #enter(
    artefact: ViewArtefact,
    relay: Relay,
    joined: Joined,
    options: RoomOptions,
  ): Promise<Room> {
    const { room, code, member, device, role, secret } = joined;
    const stored: StoredDevice = {
      room,
      code,
      member,
      device,
      role,
      secret,
      relay: relay.origin,
      storedJson: null,
      usedAtMillis: Date.now(),
    };
    const release = await lockDevice(joined.device, 0);
    await store.save(stored).catch(() => {}); // The room works without a store; a reload is then a new device.
    rememberDevice(joined.code, joined.device);
    return new Room(artefact, relay, stored, release ?? (() => {}), options.name);
  }

  get state(): RoomState {
    return this.#state;
  }

  get code(): string {
    return this.#stored.code;
  }

  /** Whether the relay answers over HTTP while the browser opens no socket to it. */
  get socketRefused(): boolean {
    return this.#socketRefused;
  }

  /** Calls `listener` now and at each change. Returns how to stop. */
  subscribe(listener: (state: RoomState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  /** Says something; kept and sent later where there is no connection. */
  chat(text: string): void {
    const trimmed = text.trim();
    if (trimmed) this.wasm.chat(trimmed);
  }

  /** Answers a message and makes members notice; without a message it only mentions. */
  reply(seq: number | undefined, text: string, mentions: readonly string[] = []): void {
    this.wasm.reply(seq ?? 0, text, [...mentions]);
  }

  /** Gives an own message another text. @throws SightlineError `no-such-message`. */
  editMessage(seq: number, text: string): void {
    this.wasm.editMessage(seq, text);
  }

  /** Takes an own message back; an owner may take anybody's away. @throws SightlineError `no-such-message`. */
  deleteMessage(seq: number): void {
    this.wasm.deleteMessage(seq);
  }

  /** Reacts to a message with an emoji, or no longer. @throws SightlineError `no-such-message`. */
  react(seq: number, emoji: string, on = true): void {
    this.wasm.react(seq, emoji, on);
  }

  /** The person has read so far: their other devices count from here. */
  markRead(seq: number): void {
    this.wasm.markRead(seq);
  }

  /** Asks for messages before the first one here. Returns whether they are on their way now. */
  moreHistory(): boolean {
    return this.wasm.moreHistory();
  }

  /** Writes to one member alone. */
  direct(member: string, text: string): void {
    this.wasm.direct(member, text);
  }

  /** Takes the last own change of a label back, as far as nobody changed it since. Returns whether there was one. */
  undo(): boolean {
    return this.wasm.undo();
  }

  /** What a member may do. For owners, as the five below; what is not allowed comes back as a notice. */
  setRole(member: string, role: Role): void {
    this.#change({ type: "set_role", member, role });
  }

  mute(member: string, muted = true): void {
    this.#change({ type: "mute", member, muted });
  }

  /** Puts a member out of the room, with all their devices. */
  removeMember(member: string): void {
    this.#change({ type: "remove", member });
  }

  /** Whether only owners may write. */
  lock(locked = true): void {
    this.#change({ type: "lock", locked });
  }

  /** Whether what others than owners write is shown only once an owner approves. */
  setApproval(required = true): void {
    this.#change({ type: "set_approval", required });
  }

  /** Whether the code admits new members. */
  setOpen(open = true): void {
    this.#change({ type: "set_open", open });
  }

  /** Whether only its maker and owners may change an annotation. For them. */
  lockAnnotation(id: string, locked = true): void {
    this.#change({ type: "lock_annotation", id, locked });
  }

  /** Shows what waited for approval. For owners. */
  approve({ device, counter }: Pick<Held, "device" | "counter">): void {
    this.#change({ type: "approve", op_id: { device, counter } });
  }

  /** Drops what waited for approval. For owners. */
  reject({ device, counter }: Pick<Held, "device" | "counter">): void {
    this.#change({ type: "reject", op_id: { device, counter } });
  }

  /** Puts a pin at a place in the room, in metres. Returns its id. */
  placePin(position: readonly [number, number, number], label: string): string {
    return this.wasm.placePin(Float32Array.from(position), label);
  }

  relabel(id: string, label: string): void {
    this.wasm.relabel(id, label);
  }

  remove(id: string): void {
    this.wasm.remove(id);
  }

  rename(name: string): void {
    this.wasm.setName(name);
  }

  /** Tells the others what this device does just now. */
  setPresence(presence: { mode?: ViewMode; tracking?: "none" | "limited" | "good"; typing?: boolean }): void {
    this.wasm.setPresence(JSON.stringify(presence));
  }

  retryNow(): void {
    this.wasm.retryNow();
  }

  /** Leaves for now: the device and what it has not sent stay stored. */
  leave(): void {
    clearTimeout(this.#probe);
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#online);
    removeEventListener("pagehide", this.#hide);
    this.#listeners.clear();
    this.wasm.close();
    this.#release();
  }

  #change(change: RoomChange): void {
    this.wasm.changeRoom(JSON.stringify(change));
  }

  readonly #online = () => this.wasm.setOnline(navigator.onLine);

  readonly #hide = (event: PageTransitionEvent) => {
    if (!event.persisted) this.#release();
  };

  #changed(state: RoomState): void {
    this.#state = state;
    if (state.connection === "online") {
      this.#wasOnline = true;
      this.#socketRefused = false;
    }
    if (state.problem && !state.problem.retry && isNoLongerIn(state.problem.code)) {
      this.#isForgotten = true;
      store.forget(this.#stored.device).catch(() => {}); // At worst it is refused once more.
    }
    for (const listener of this.#listeners) listener(state);
  }

  /** Finds out, once, whether it is the browser that refuses the socket. */
  #watchSocket(): void {
    this.#probe = setTimeout(async () => {
      if (this.#wasOnline || !navigator.onLine || this.#state.problem?.retry === false) return;
      if (!(await this.relay.answers()) || this.#wasOnline) return;
      this.#socketRefused = true;
      this.#changed(this.#state);
    }, REFUSED_AFTER_MILLIS);
  }
}

/** Whether a device is not known, or not wanted, any more: the next visit joins anew. */
function isNoLongerIn(code: string): boolean {
  return ["unauthorized", "room_not_found", "room_expired", "removed"].includes(code);
}

/** Whether another try may help after a failed join. */
export function isTemporary(thrown: unknown): boolean {
  return thrown instanceof SightlineError && ["relay-unreachable", "rate_limited"].includes(codeOf(thrown));
}
