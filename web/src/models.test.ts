import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { codeOf, messageOf } from "./errors";
import { readModel, resourceUrl } from "./models";
import type { FromModelsWorker, ToModelsWorker } from "./models_protocol";

/** A worker for which a file is text: the names of the others that it needs, one a line, or `broken` or `fatal`. */
class FakeWorker {
  static all: FakeWorker[] = [];
  onmessage: ((event: { data: FromModelsWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  terminated = false;
  readonly received: ToModelsWorker["type"][] = [];

  constructor() {
    FakeWorker.all.push(this);
  }

  postMessage(message: ToModelsWorker): void {
    this.received.push(message.type);
    queueMicrotask(() => {
      const answer = this.#answer(message);
      if (answer) this.onmessage?.({ data: answer });
    });
  }

  #answer(message: ToModelsWorker): FromModelsWorker | undefined {
    if (message.type === "open") {
      const { file } = message;
      const text = new TextDecoder().decode(message.bytes);
      if (text === "broken") return { type: "refused", file, code: "model", message: "it is broken" };
      if (text === "fatal") return { type: "error", code: "unknown", message: "unreachable" };
      return text === "endless"
        ? undefined
        : { type: "needs", file, uris: text.split("\n").filter((line) => line) };
    }
    if (message.type !== "read") return undefined;
    const all = [...message.resources].map(([uri, bytes]) => `${uri}=${new TextDecoder().decode(bytes)}`);
    const packed = new TextEncoder().encode(all.join()).buffer as ArrayBuffer;
    return { type: "model", file: message.file, packed };
  }

  terminate(): void {
    this.terminated = true;
  }
}

const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const served: Record<string, string> = {
  "https://a.b/models/chair.gltf": "wood 100%.png\nhttps://c.d/metal.png",
  "https://a.b/models/wood%20100%25.png": "wood",
  "https://c.d/metal.png": "metal",
  "https://a.b/models/half.gltf": "not here.bin",
  "https://a.b/models/broken.glb": "broken",
};
Object.assign(globalThis, {
  Worker: FakeWorker,
  location: { origin: "null" },
  document: { baseURI: "https://a.b/page/" },
  fetch: async (url: URL) => {
    if (url.href.endsWith(".wasm")) {
      return new Response(EMPTY_MODULE, { headers: { "content-type": "application/wasm" } });
    }
    const text = served[url.href];
    return new Response(text ?? "", { status: text === undefined ? 404 : 200 });
  },
});
const bytesOf = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
const textOf = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);

beforeEach(() => {
  FakeWorker.all = FakeWorker.all.filter((worker) => !worker.terminated);
});

test("a model comes with the files that it names, beside it or elsewhere", async () => {
  const heard: { loaded: number; total?: number }[] = [];
  const model = await readModel("../models/chair.gltf", { onProgress: (progress) => heard.push(progress) });
  assert.equal(textOf(model), "wood 100%.png=wood,https://c.d/metal.png=metal");
  const all = ["chair.gltf", "wood%20100%25.png"].map((name) => served[`https://a.b/models/${name}`] ?? "");
  const total = all.join("").length + "metal".length;
  assert.deepEqual(heard.at(-1), { loaded: total, total });
});

test("one worker reads all models", async () => {
  await Promise.all([readModel(bytesOf("")), readModel(bytesOf("")), readModel(new Blob([""]))]);
  assert.equal(FakeWorker.all.length, 1);
});

test("what does not come is named", async () => {
  const absent = await readModel("absent.glb").catch((thrown) => thrown);
  assert.equal(codeOf(absent), "model-unreachable");
  assert.match(messageOf(absent), /absent\.glb.*404/);
  const half = await readModel("../models/half.gltf").catch((thrown) => thrown);
  assert.equal(codeOf(half), "model-unreachable");
  assert.match(messageOf(half), /"not here\.bin".*404/);
  const nowhere = await readModel(bytesOf("beside.bin")).catch((thrown) => thrown);
  assert.equal(codeOf(nowhere), "model-unreachable");
  assert.match(messageOf(nowhere), /"beside\.bin"/);
});

test("a model that is refused leaves the worker to the next", async () => {
  const refused = await readModel("../models/broken.glb").catch((thrown) => thrown);
  assert.deepEqual([codeOf(refused), messageOf(refused)], ["model", "it is broken"]);
  assert.equal(textOf(await readModel(bytesOf(""))), "");
  assert.equal(FakeWorker.all.length, 1);
});

test("a worker that dies takes its models with it, and the next one gets a new worker", async () => {
  const waiting = readModel(bytesOf("endless")).catch((thrown) => thrown);
  const fatal = await readModel(bytesOf("fatal")).catch((thrown) => thrown);
  assert.equal(codeOf(fatal), "model");
  assert.equal(codeOf(await waiting), "model");
  assert.equal(FakeWorker.all[0]?.terminated, true);
  assert.equal(textOf(await readModel(bytesOf(""))), "");
  assert.equal(FakeWorker.all.length, 2);
});

test("a signal ends the wait", async () => {
  const controller = new AbortController();
  const waiting = readModel(bytesOf("endless"), { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve));
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  assert.equal(FakeWorker.all.at(-1)?.received.at(-1), "forget");
});

test("names are addresses again", () => {
  const base = new URL("https://a.b/c/d.gltf?e");
  assert.equal(resourceUrl("50%.bin", base).href, "https://a.b/c/50%25.bin");
  assert.equal(resourceUrl("a#b.png", base).href, "https://a.b/c/a%23b.png");
  assert.equal(resourceUrl("../x y.png", base).href, "https://a.b/x%20y.png");
  assert.equal(resourceUrl("https://f.g/h.png?i", undefined).href, "https://f.g/h.png?i");
});
