/**
 * Loads the wasm artefacts: the bytes stream into the compiler while they are counted for the progress display,
 * and the glue script comes in parallel. Each artefact is fetched once a page, however often it is asked for.
 */

import type { ViewBackend } from "./capabilities";
import { SightlineError } from "./errors";
import type {
  ModelsArtefact,
  ModelViewArtefact,
  StreamsArtefact,
  TrackerArtefact,
  ViewArtefact,
} from "./wasm";

export type ArtefactName =
  | "tracker"
  | `view_${ViewBackend}`
  | `model_view_${ViewBackend}`
  | "models"
  | `streams_${ViewBackend}`;

/** How much of an artefact has come. */
export interface Progress {
  /** Bytes so far, after decompression. */
  loaded: number;
  /** Bytes in all, after decompression; absent where the server does not say. */
  total?: number;
}

/** The header in which a server tells the length before compression. */
const RAW_LENGTH_HEADER = "x-content-length-raw";

let base = new URL("./wasm/", import.meta.url);

/** Says where the artefacts lie, when that is not the folder `wasm` beside this script. */
export function setArtefactBase(url: string | URL): void {
  base = new URL(url, document.baseURI);
}

/** The address of an artefact's glue script. */
export function glueUrl(name: ArtefactName): string {
  return new URL(`sightline_${name}.js`, base).href;
}

interface Load {
  module: Promise<WebAssembly.Module>;
  progress: Progress;
  listeners: Set<() => void>;
}

const loads = new Map<ArtefactName, Load>();

/**
 * Fetches and compiles an artefact, or joins the load that runs already. A failed load is forgotten, so that
 * asking again tries again.
 *
 * @throws SightlineError `module-unreachable` when it does not come, `module-unsupported` when it does not compile.
 */
export function loadModule(
  name: ArtefactName,
  onProgress?: (progress: Progress) => void,
): Promise<WebAssembly.Module> {
  let load = loads.get(name);
  if (!load) {
    const progress: Progress = { loaded: 0 };
    const listeners = new Set<() => void>();
    const module = fetchAndCompile(name, progress, () => {
      for (const listener of listeners) listener();
    });
    load = { module, progress, listeners };
    loads.set(name, load);
    module.catch(() => loads.delete(name));
  }
  if (onProgress) {
    const { progress, listeners } = load;
    listeners.add(() => onProgress(progress));
    onProgress(progress);
  }
  return load.module;
}

/** Starts to load a view artefact that will most likely be wanted. */
export function preloadView(backend: ViewBackend): void {
  const name: ArtefactName = `view_${backend}`;
  loadModule(name).catch(() => {}); // Whoever needs it asks again and is told.
  importGlue<ViewArtefact>(glueUrl(name)).catch(() => {});
}

/** Loads a view artefact ready for use. */
export function loadView(
  backend: ViewBackend,
  onProgress?: (progress: Progress) => void,
): Promise<ViewArtefact> {
  return loadReady<ViewArtefact>(`view_${backend}`, onProgress);
}

/** The same for the view that shows models alone, a build of its own: no other page pays for it. */
export function loadModelView(
  backend: ViewBackend,
  onProgress?: (progress: Progress) => void,
): Promise<ModelViewArtefact> {
  return loadReady<ModelViewArtefact>(`model_view_${backend}`, onProgress);
}

/** The same for the post-processing of videos. */
export function loadStreams(
  backend: ViewBackend,
  onProgress?: (progress: Progress) => void,
): Promise<StreamsArtefact> {
  return loadReady<StreamsArtefact>(`streams_${backend}`, onProgress);
}

async function loadReady<T extends ViewArtefact | ModelViewArtefact | StreamsArtefact>(
  name: ArtefactName,
  onProgress?: (progress: Progress) => void,
): Promise<T> {
  const [artefact, module] = await Promise.all([importGlue<T>(glueUrl(name)), loadModule(name, onProgress)]);
  await artefact.default({ module_or_path: module });
  return artefact;
}

/** Imports a glue script; for views here, for the others in their workers. */
export async function importGlue<
  T extends TrackerArtefact | ViewArtefact | ModelViewArtefact | ModelsArtefact | StreamsArtefact,
>(url: string): Promise<T> {
  try {
    return (await import(url)) as T;
  } catch (cause) {
    throw new SightlineError("module-unreachable", `The script ${url} did not load.`, { cause });
  }
}

async function fetchAndCompile(
  name: ArtefactName,
  progress: Progress,
  changed: () => void,
): Promise<WebAssembly.Module> {
  const url = new URL(`sightline_${name}_bg.wasm`, base);
  const response = await fetch(url).catch((cause: unknown) => {
    throw new SightlineError("module-unreachable", `${url.pathname} did not load.`, { cause });
  });
  if (!response.ok) {
    throw new SightlineError("module-unreachable", `${url.pathname} answered ${response.status}.`);
  }
  const total = rawLength(response.headers);
  if (total !== undefined) progress.total = total;
  // The original response goes to the compiler, so that the browser can cache the compiled code with it.
  const counted = count(response.clone(), progress, changed);
  try {
    const module = await compile(response);
    await counted;
    return module;
  } catch (cause) {
    throw new SightlineError("module-unsupported", `${url.pathname} did not compile.`, { cause });
  }
}

/** The length after decompression: the server's word for it, else `content-length` where nothing is compressed. */
export function rawLength(headers: Headers): number | undefined {
  const stated = headers.get(RAW_LENGTH_HEADER);
  if (stated) return Number(stated) || undefined;
  if (headers.get("content-encoding")) return undefined;
  return Number(headers.get("content-length")) || undefined;
}

async function count(response: Response, progress: Progress, changed: () => void): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    progress.loaded += value.byteLength;
    changed();
  }
  progress.total = progress.loaded;
  changed();
}

async function compile(response: Response): Promise<WebAssembly.Module> {
  const type = response.headers.get("content-type") ?? "";
  if (typeof WebAssembly.compileStreaming === "function" && type.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
