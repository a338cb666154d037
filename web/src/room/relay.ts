/** The relay's HTTP calls: create a room, join one, learn how the relay is reached. */

import { SightlineError } from "../errors";
import type { Role } from "./state";

/** A device's place in a room, as the relay gave it out. */
export interface Joined {
  room: string;
  code: string;
  /** Who joined: a person in this room, with one or more devices. */
  member: string;
  device: string;
  role: Role;
  /** Secret: admits this device for a while, until `expires_at` (seconds since 1970). */
  token: string;
  expires_at: number;
  /** Secret: admits this device for as long as the room lives. */
  secret: string;
}

/** How the relay is reached. */
export interface RelayInfo {
  version: string;
  lan_urls: string[];
  trust_url?: string;
}

interface WireError {
  code: string;
  message: string;
}

const TIMEOUT_MILLIS = 10_000;

export class Relay {
  readonly origin: string;

  /** @param address the relay's origin; by default the one that served this page. */
  constructor(address: string | URL = location.origin) {
    this.origin = new URL(address, location.href).origin;
  }

  /** The address of the rooms' sockets; the module adds which room. */
  get socketUrl(): string {
    const url = new URL("/v1/ws", this.origin);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  /** Makes a room and joins it. @throws SightlineError `relay-unreachable`, or the relay's code. */
  createRoom(name: string): Promise<Joined> {
    return this.#call<Joined>("/v1/rooms", { name });
  }

  /** Joins a room by its code. @throws SightlineError `relay-unreachable`, or the relay's code. */
  joinRoom(code: string, name: string): Promise<Joined> {
    return this.#call<Joined>("/v1/rooms/join", { code, name });
  }

  /** How other devices reach this relay. @throws SightlineError `relay-unreachable`. */
  info(): Promise<RelayInfo> {
    return this.#call<RelayInfo>("/v1/info");
  }

  /** Whether plain HTTP calls get through just now. */
  async answers(): Promise<boolean> {
    return this.info().then(
      () => true,
      () => false,
    );
  }

  async #call<T>(path: string, body?: object): Promise<T> {
    const init: RequestInit = { signal: AbortSignal.timeout(TIMEOUT_MILLIS), cache: "no-store" };
    if (body) {
      init.method = "POST";
      init.headers = { "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(new URL(path, this.origin), init);
    } catch (cause) {
      throw new SightlineError("relay-unreachable", "The relay does not answer.", { cause });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw refusal(answer, response.status);
    if (answer === undefined) {
      throw new SightlineError("relay-unreachable", "Something else than the relay answered.");
    }
    return answer as T;
  }
}

function refusal(answer: unknown, status: number): SightlineError {
  const wire = answer as Partial<WireError> | undefined;
  if (typeof wire?.code === "string") return new SightlineError(wire.code, wire.message ?? "");
  return new SightlineError("relay-unreachable", `The relay answered with status ${status}.`);
}
