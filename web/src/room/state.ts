/** The state of a room as the wasm `Room` tells it, and small questions about it. Types mirror `xr-core`. */

export type Connection = "connecting" | "online" | "reconnecting" | "offline" | "closed";
export type ViewMode = "page" | "camera" | "ar" | "room3d";
export type TrackingState = "none" | "limited" | "good";

export interface Member {
  device: string;
  name: string;
  /** 0 to 7: picks the hue and the shape. */
  hue: number;
  presence: { mode: ViewMode; tracking: TrackingState; aligned: boolean; typing: boolean };
  self: boolean;
}

export interface ChatMessage {
  key: string;
  device: string;
  name: string;
  hue: number;
  text: string;
  atMillis: number;
  pending: boolean;
  mine: boolean;
}

export interface Annotation {
  id: string;
  kind: string;
  label: string;
  device: string;
  name: string;
  hue: number;
  atMillis?: number;
  /** Whether its place in the room is known. */
  placed: boolean;
  /** In the room, metres. */
  position?: [number, number, number];
  pending: boolean;
  mine: boolean;
}

export interface Alignment {
  state: "undefined" | "unaligned" | "first-spot" | "aligned";
  residualM?: number;
  definedByOther: boolean;
}

export interface RoomState {
  room: string;
  code: string;
  connection: Connection;
  retryInMillis?: number;
  problem?: { code: string; message: string; retry: boolean };
  notice?: { number: number; code: string; message: string };
  pending: number;
  synced?: boolean;
  self: { device: string; name: string; hue: number };
  members: Member[];
  chat: ChatMessage[];
  annotations: Annotation[];
  alignment: Alignment;
}

/** The six characters of a code without what people write between them; undefined when it is no code. */
export function normalizeCode(text: string): string | undefined {
  const code = text.replace(/[\s\-–—_.]/g, "").toUpperCase();
  return /^[A-Z0-9]{6}$/.test(code) ? code : undefined;
}

/** A code as it is read aloud: in two groups of three. */
export function spokenCode(code: string): string {
  return code.length === 6 ? `${code.slice(0, 3)} ${code.slice(3)}` : code;
}

/** How many messages came from others after the one with the key `lastReadKey`. */
export function unreadCount(chat: readonly ChatMessage[], lastReadKey: string | undefined): number {
  const lastRead = chat.findIndex((message) => message.key === lastReadKey);
  return chat.slice(lastRead + 1).filter((message) => !message.mine).length;
}
