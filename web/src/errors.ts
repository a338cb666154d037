/**
 * Errors at the JavaScript edge. Everything this package throws, and everything the wasm artefacts throw, is an
 * `Error` with a stable string `code`; words for people are in `strings.ts`, found by that code.
 */

/** Codes of this package's own errors. The artefacts and the relay add theirs, see `xr-core` and the protocol. */
export type OwnErrorCode =
  | "insecure-context"
  | "camera-denied"
  | "camera-missing"
  | "camera-busy"
  | "camera-ended"
  | "module-unreachable"
  | "module-unsupported"
  | "view-unavailable"
  | "tracker-crashed"
  | "replay-unreachable"
  | "model-unreachable"
  | "xr-unsupported"
  | "xr-denied"
  | "relay-unreachable"
  | "relay-refused";

/** An error with a stable code. */
export class SightlineError extends Error {
  override readonly name = "SightlineError";

  constructor(
    readonly code: OwnErrorCode | (string & {}),
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The stable code of anything that was thrown; `"unknown"` where it has none. */
export function codeOf(thrown: unknown): string {
  if (thrown && typeof thrown === "object" && "code" in thrown && typeof thrown.code === "string") {
    return thrown.code;
  }
  return "unknown";
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
