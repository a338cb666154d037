/**
 * What the page and the worker that reads models say to each other. Each file has a number of its own; several may be
 * under way. Buffers are transferred both ways.
 */

export type ToModelsWorker =
  | { type: "import"; glueUrl: string }
  | { type: "start"; module: WebAssembly.Module }
  /** A file has come: which others does it need? The worker keeps it until `read` or `forget`. */
  | { type: "open"; file: number; bytes: ArrayBuffer }
  /** The others have come, by the addresses that the file names: read it. */
  | { type: "read"; file: number; resources: Map<string, ArrayBuffer> }
  /** Nobody wants it any more. */
  | { type: "forget"; file: number };

export type FromModelsWorker =
  | { type: "needs"; file: number; uris: string[] }
  | { type: "model"; file: number; packed: ArrayBuffer }
  /** The file cannot be read; others can. */
  | { type: "refused"; file: number; code: string; message: string }
  /** The worker is of no use any more. */
  | { type: "error"; code: string; message: string };
