/** Files that are fetched while somebody watches how much has come of all of them together. */

import { type Progress, rawLength } from "./modules";

/** Adds up files; the total is told once it is known of each. */
export class TotalProgress {
  readonly #files: Progress[] = [];

  constructor(private readonly listener?: (progress: Progress) => void) {}

  /** One more file; what is given back is called with its progress. */
  file(): (progress: Progress) => void {
    const at = this.#files.push({ loaded: 0 }) - 1;
    return (progress) => {
      this.#files[at] = progress;
      this.#tell();
    };
  }

  #tell(): void {
    const loaded = this.#files.reduce((sum, file) => sum + file.loaded, 0);
    const total = this.#files.reduce((sum, file) => sum + (file.total ?? Number.NaN), 0);
    this.listener?.(Number.isNaN(total) ? { loaded } : { loaded, total });
  }
}

/**
 * Fetches a file.
 *
 * @throws Error with the reason, or the signal's reason.
 */
export async function fetchBytes(
  url: URL,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`the server answered ${response.status}.`);
  const total = rawLength(response.headers);
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    loaded += value.byteLength;
    onProgress(total === undefined ? { loaded } : { loaded, total: Math.max(total, loaded) });
  }
  onProgress({ loaded, total: loaded });
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes.buffer;
}
