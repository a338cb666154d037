/**
 * Models for `ModelView`: fetched with all that they need, and read in a worker, which is started with the first one
 * and kept. Nothing of it is downloaded before.
 */

import { codeOf, messageOf, SightlineError } from "./errors";
import { fetchBytes, TotalProgress } from "./file_progress";
import type { FromModelsWorker, ToModelsWorker } from "./models_protocol";
import { glueUrl, loadModule, type Progress } from "./modules";
import { openWorker } from "./worker";

/** A model as `ModelView.add` takes it. Its bytes are in the form of this build of the package: not for keeping. */
export class PackedModel {
  constructor(readonly bytes: Uint8Array) {}
}

export interface ReadModelOptions {
  /** Hears how much has come of the file and of all that it needs, together. */
  onProgress?: (progress: Progress) => void;
  /** Gives up: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads a glTF 2.0 file, GLB or JSON. What an address names is fetched; files that it names in turn are looked for
 * beside it, by the rules of `fetch`. A buffer is transferred to the worker and empty afterwards.
 *
 * @throws SightlineError `model` with the reason when it cannot be shown, `model-unreachable` when it or a file that it
 * needs does not come, `module-unreachable` or `module-unsupported` when the reader does not.
 */
export async function readModel(
  source: string | URL | ArrayBuffer | Blob,
  options: ReadModelOptions = {},
): Promise<PackedModel> {
  const { signal } = options;
  signal?.throwIfAborted();
  const progress = new TotalProgress(options.onProgress);
  Reader.running(); // It starts while the file comes.
  let base: URL | undefined;
  let bytes: ArrayBuffer;
  if (source instanceof ArrayBuffer) bytes = source;
  else if (source instanceof Blob) bytes = await blobBytes(source);
  else {
    base = new URL(source, document.baseURI);
    bytes = await fetched(base, `The model ${shortName(base)}`, progress, signal);
  }
  signal?.throwIfAborted();
  const file = Reader.running().file(signal);
  try {
    const uris = await file.open(bytes);
    const resources = await Promise.all(
      uris.map(async (uri) => {
        const what = `"${uri}", which the model needs,`;
        return [uri, await fetched(resourceUrl(uri, base), what, progress, signal)] as const;
      }),
    );
    return new PackedModel(new Uint8Array(await file.read(new Map(resources))));
  } finally {
    file.close();
  }
}

/**
 * Where a file lies that a model names. The name comes with its percent-encoding undone: what would mean something else
 * in an address is encoded again.
 *
 * @throws SightlineError `model-unreachable` for one beside a model that has no address.
 */
export function resourceUrl(uri: string, base: URL | undefined): URL {
  try {
    return new URL(uri.replaceAll("%", "%25").replaceAll("#", "%23"), base);
  } catch (cause) {
    const reason = "lies beside its file: give the model's address, not its bytes";
    throw new SightlineError("model-unreachable", `"${uri}", which the model needs, ${reason}.`, { cause });
  }
}

async function fetched(
  url: URL,
  what: string,
  progress: TotalProgress,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  try {
    return await fetchBytes(url, progress.file(), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new SightlineError("model-unreachable", `${what} did not come: ${messageOf(cause)}`, { cause });
  }
}

async function blobBytes(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    throw new SightlineError("model-unreachable", `The file cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function shortName(url: URL): string {
  return url.pathname.slice(url.pathname.lastIndexOf("/") + 1) || url.href;
}

interface Waiting {
  resolve: (message: FromModelsWorker) => void;
  reject: (reason: unknown) => void;
}

/** The worker as the page sees it; one for all models. */
class Reader {
  static #running: Reader | undefined;
  readonly #worker = openWorker("models_worker.js");
  /** Settles once files can be sent, or never will be. */
  readonly #started: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #lastFile = 0;
  #failure: SightlineError | undefined;

  /** The one that runs, or a new one where none does. */
  static running(): Reader {
    Reader.#running ??= new Reader();
    return Reader.#running;
  }

  private constructor() {
    this.#worker.onmessage = (event: MessageEvent<FromModelsWorker>) => this.#receive(event.data);
    this.#worker.onerror = (event) => this.#fail("model", event.message || "the worker died");
    this.#send({ type: "import", glueUrl: glueUrl("models") });
    this.#started = loadModule("models").then(
      (module) => this.#send({ type: "start", module }),
      (reason: unknown) => this.#fail(codeOf(reason), messageOf(reason)),
    );
  }

  /** A file in the making; each of its steps ends when the signal says so. */
  file(signal: AbortSignal | undefined) {
    this.#lastFile += 1;
    const file = this.#lastFile;
    const ask = (message: ToModelsWorker, transfer: Transferable[]) =>
      new Promise<FromModelsWorker>((resolve, reject) => {
        this.#waiting.set(file, { resolve, reject });
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        const send = () => {
          if (this.#failure) reject(this.#failure);
          else if (this.#waiting.has(file)) this.#send(message, transfer);
        };
        this.#started.then(send).catch(reject);
      });
    return {
      open: async (bytes: ArrayBuffer): Promise<string[]> => {
        const answer = await ask({ type: "open", file, bytes }, [bytes]);
        return answer.type === "needs" ? answer.uris : [];
      },
      read: async (resources: Map<string, ArrayBuffer>): Promise<ArrayBuffer> => {
        const answer = await ask({ type: "read", file, resources }, [...resources.values()]);
        return answer.type === "model" ? answer.packed : new ArrayBuffer(0);
      },
      close: () => {
        this.#waiting.delete(file);
        this.#send({ type: "forget", file });
      },
    };
  }

  #receive(message: FromModelsWorker): void {
    switch (message.type) {
      case "refused":
        this.#waiting.get(message.file)?.reject(new SightlineError(message.code, message.message));
        break;
      case "error":
        this.#fail(message.code, message.message);
        break;
      default:
        this.#waiting.get(message.file)?.resolve(message);
    }
  }

  /** Ends it; the next model gets a new one. */
  #fail(code: string, message: string): void {
    this.#failure = new SightlineError(
      code === "unknown" ? "model" : code,
      code.startsWith("module-") ? message : `The reader of models stopped: ${message}`,
    );
    this.#worker.terminate();
    if (Reader.#running === this) Reader.#running = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }

  #send(message: ToModelsWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
