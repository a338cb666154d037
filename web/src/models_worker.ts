/**
 * The worker that reads models: owns the wasm module `models`. A file comes in, the names of the others that it needs
 * go out; they come in, and the model goes out, packed for the views.
 */

import { codeOf, messageOf } from "./errors";
import type { FromModelsWorker, ToModelsWorker } from "./models_protocol";
import { importGlue } from "./modules";
import type { ModelsArtefact } from "./wasm";

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToModelsWorker>) => void) | null;
  postMessage(message: FromModelsWorker, transfer?: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

let glue: Promise<ModelsArtefact> | undefined;
let started: Promise<ModelsArtefact> | undefined;
const files = new Map<number, Uint8Array>();

scope.onmessage = ({ data: message }) => {
  receive(message).catch((thrown: unknown) => {
    const said = { code: codeOf(thrown), message: messageOf(thrown) };
    // What the reader itself refuses leaves it as it was; anything else is a fault of its own.
    if ("file" in message && said.code === "model") {
      files.delete(message.file);
      scope.postMessage({ type: "refused", file: message.file, ...said });
    } else {
      scope.postMessage({ type: "error", ...said });
    }
  });
};

async function receive(message: ToModelsWorker): Promise<void> {
  switch (message.type) {
    case "import":
      glue = importGlue<ModelsArtefact>(message.glueUrl);
      glue.catch(() => {}); // Reported when the start awaits it.
      break;
    case "start":
      started = start(message.module);
      await started;
      break;
    case "open": {
      const bytes = new Uint8Array(message.bytes);
      files.set(message.file, bytes);
      const uris = (await reader()).resourceUris(bytes);
      scope.postMessage({ type: "needs", file: message.file, uris });
      break;
    }
    case "read": {
      const bytes = files.get(message.file);
      if (!bytes) throw new Error("read before open");
      const resources = new Map<string, Uint8Array>();
      for (const [uri, buffer] of message.resources) resources.set(uri, new Uint8Array(buffer));
      const packed = (await reader()).readModel(bytes, resources);
      files.delete(message.file);
      scope.postMessage({ type: "model", file: message.file, packed: packed.buffer }, [packed.buffer]);
      break;
    }
    case "forget":
      files.delete(message.file);
      break;
  }
}

async function start(module: WebAssembly.Module): Promise<ModelsArtefact> {
  const artefact = await glue;
  if (!artefact) throw new Error("start before import");
  await artefact.default({ module_or_path: module });
  return artefact;
}

async function reader(): Promise<ModelsArtefact> {
  if (!started) throw new Error("a file before the start");
  return started;
}
