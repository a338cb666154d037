/**
 * Which stored device this tab is. Two tabs in one room are two devices, a reload is the same device again: a
 * tab holds a Web Lock on its device for as long as it lives, and remembers the device for its reload.
 */

const LOCK_PREFIX = "sightline:device:";
const REMEMBERED_PREFIX = "sightline:device-of:";

/** A reloaded page may come up before the old one's lock is let go. */
const RELOAD_PATIENCE_MILLIS = 1500;

/** Lets go of a device. */
export type Release = () => void;

/** The device that this tab was in a room before its reload. */
export function rememberedDevice(roomCode: string): string | undefined {
  try {
    return sessionStorage.getItem(REMEMBERED_PREFIX + roomCode) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers the device for the next reload of this tab. */
export function rememberDevice(roomCode: string, device: string): void {
  try {
    sessionStorage.setItem(REMEMBERED_PREFIX + roomCode, device);
  } catch {
    // Without storage a reload is a new device.
  }
}

/**
 * Takes the first of `candidates` that no other tab is. The one that this tab was before is waited for a
 * moment; without Web Locks it is the only one that can be known to be free.
 */
export async function claimDevice<T extends { device: string }>(
  candidates: readonly T[],
  remembered: string | undefined,
): Promise<{ stored: T; release: Release } | undefined> {
  const mineFirst = [...candidates].sort(
    (a, b) => Number(b.device === remembered) - Number(a.device === remembered),
  );
  for (const stored of mineFirst) {
    const wasMine = stored.device === remembered;
    if (!navigator.locks) {
      if (wasMine) return { stored, release: () => {} };
      continue;
    }
    const release = await lockDevice(stored.device, wasMine ? RELOAD_PATIENCE_MILLIS : 0);
    if (release) return { stored, release };
  }
  return undefined;
}

/** Holds the lock of a device until released; undefined when another tab holds it. */
export function lockDevice(device: string, patienceMillis: number): Promise<Release | undefined> {
  if (!navigator.locks) return Promise.resolve(() => {});
  const options: LockOptions =
    patienceMillis > 0 ? { signal: AbortSignal.timeout(patienceMillis) } : { ifAvailable: true };
  return new Promise((resolve) => {
    navigator.locks
      .request(LOCK_PREFIX + device, options, (lock) => {
        if (!lock) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(() => resolve(undefined)); // The patience ran out.
  });
}
