import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { claimDevice, lockDevice } from "./device_lock";

/** Web Locks of one browser, as far as they are used here. */
class FakeLocks {
  readonly held = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    use: (lock: object | null) => Promise<unknown> | undefined,
  ): Promise<void> {
    const holder = this.held.get(name);
    if (holder && options.ifAvailable) {
      use(null);
      return;
    }
    if (holder) {
      options.signal?.throwIfAborted();
      const aborted = new Promise<never>((_, reject) => {
        options.signal?.addEventListener("abort", () => reject(options.signal?.reason));
      });
      await Promise.race([holder, aborted]);
    }
    const using = Promise.resolve(use({}));
    this.held.set(name, using);
    await using;
    this.held.delete(name);
  }
}

beforeEach(() => {
  Object.defineProperty(globalThis, "navigator", { value: { locks: new FakeLocks() }, configurable: true });
});

const devices = [{ device: "d1" }, { device: "d2" }];

test("a second tab is another device", async () => {
  const first = await claimDevice(devices, undefined);
  const second = await claimDevice(devices, undefined);
  assert.equal(first?.stored.device, "d1");
  assert.equal(second?.stored.device, "d2");
  assert.equal(await claimDevice(devices, undefined), undefined);
});

test("a reload is the same device, also while the old page still holds it for a moment", async () => {
  const old = await lockDevice("d2", 0);
  const claiming = claimDevice(devices, "d2");
  old?.();
  assert.equal((await claiming)?.stored.device, "d2");
});

test("a duplicated tab does not wait for ever for the device it remembers", async (t) => {
  t.mock.method(AbortSignal, "timeout", () => AbortSignal.abort());
  await lockDevice("d1", 0);
  const other = await claimDevice(devices, "d1");
  assert.equal(other?.stored.device, "d2");
});
