/**
 * What a device keeps of its rooms, in IndexedDB: who it is there and what it has not sent yet. Where the
 * browser keeps nothing (private windows of some), the page works without, from memory.
 */

import type { Joined } from "./relay";

/** A device's place in a room, without its short-lived token, and the room's own record. */
export interface StoredDevice extends Omit<Joined, "token" | "expires_at"> {
  /** The relay's origin. */
  relay: string;
  /** What `Room.onPersist` gave last. */
  storedJson: string | null;
  usedAtMillis: number;
}

const DATABASE = "sightline";
const DEVICES = "devices";

export class DeviceStore {
  readonly #database: Promise<IDBDatabase | undefined> = openDatabase();
  readonly #memory = new Map<string, StoredDevice>();

  /** The devices that this browser was in the room with this code, the last used first. */
  async withCode(relay: string, code: string): Promise<StoredDevice[]> {
    const all = await this.#all();
    return all
      .filter((stored) => stored.relay === relay && stored.code === code && isWhole(stored))
      .sort((a, b) => b.usedAtMillis - a.usedAtMillis);
  }

  /** Saves, and settles when it is safe on the disk. */
  async save(stored: StoredDevice): Promise<void> {
    this.#memory.set(stored.device, stored);
    const database = await this.#database;
    if (!database) return;
    const transaction = database.transaction(DEVICES, "readwrite", { durability: "strict" });
    transaction.objectStore(DEVICES).put(stored);
    await settled(transaction);
  }

  /** Forgets a device that the relay no longer knows. */
  async forget(device: string): Promise<void> {
    this.#memory.delete(device);
    const database = await this.#database;
    if (!database) return;
    const transaction = database.transaction(DEVICES, "readwrite");
    transaction.objectStore(DEVICES).delete(device);
    await settled(transaction);
  }

  async #all(): Promise<StoredDevice[]> {
    const database = await this.#database;
    if (!database) return [...this.#memory.values()];
    const request = database.transaction(DEVICES).objectStore(DEVICES).getAll() as IDBRequest<StoredDevice[]>;
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}

/** Records of earlier versions have no member and no secret: such a device is not known any more. */
export function isWhole(stored: Partial<StoredDevice>): boolean {
  return typeof stored.member === "string" && typeof stored.secret === "string";
}

function openDatabase(): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(DEVICES, { keyPath: "device" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
