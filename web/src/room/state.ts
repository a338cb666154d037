/** The state of a room as the wasm `Room` tells it, and small questions about it. Types mirror `xr-core`. */

export type Connection = "connecting" | "online" | "reconnecting" | "offline" | "closed";
export type ViewMode = "page" | "camera" | "ar" | "room3d";
export type TrackingState = "none" | "limited" | "good";

export type Role = "owner" | "editor" | "viewer";

/** Somebody in the room, as far as every mention of them tells. */
export interface Author {
  /** Who: the same on all their devices. */
  member: string;
  name: string;
  /** 0 to 7: picks the hue and the shape. */
  hue: number;
}

/** A connected device, and whose it is: somebody with two devices stands in the list twice. */
export interface Member extends Author {
  device: string;
  role: Role;
  muted: boolean;
  presence: { mode: ViewMode; tracking: TrackingState; aligned: boolean; typing: boolean };
  /** Whether it is this very device. */
  self: boolean;
}

export interface ChatMessage extends Author {
  /** The same before and after the relay has it. */
  key: string;
  /** Its name for replies, edits and reactions; absent until the relay has it. */
  seq?: number;
  /** Empty once it is deleted. */
  text: string;
  atMillis: number;
  /** It, or a change of it, is not yet with the relay. */
  pending: boolean;
  /** It, or a change of it, waits for an owner's approval. */
  held: boolean;
  mine: boolean;
  edited: boolean;
  deleted: boolean;
  /** The message that it answers. */
  replyTo?: number;
  /** Members who are meant to notice. */
  mentions: string[];
  /** Members who reacted, by emoji. */
  reactions: Record<string, string[]>;
}

/** Something that waits for an owner's approval: an own one, and for an owner everybody's. */
export interface Held extends Author {
  /** With the counter, its name for `approve` and `reject`. */
  device: string;
  counter: number;
  atMillis: number;
  mine: boolean;
  kind: "chat" | "edit" | "reaction" | "annotation";
  text: string;
}

/** A message between two members; the author is who wrote it. */
export interface DirectMessage extends Author {
  key: string;
  /** The member that it is for. */
  to: string;
  text: string;
  atMillis: number;
  pending: boolean;
  mine: boolean;
}

export interface Annotation extends Author {
  id: string;
  kind: string;
  label: string;
  atMillis?: number;
  /** Whether its place in the room is known. */
  placed: boolean;
  /** In the room, metres. */
  position?: [number, number, number];
  pending: boolean;
  /** It, or a change of it, waits for an owner's approval. */
  held: boolean;
  /** Only its maker and owners may change it. */
  locked: boolean;
  mine: boolean;
}

/** How the room is set. */
export interface Settings {
  /** Only owners may write. */
  locked: boolean;
  /** What others than owners write waits for approval. */
  approval: boolean;
  /** The code admits nobody new. */
  closed: boolean;
  lockedAnnotations: string[];
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
  self: Author & { device: string; role: Role; muted: boolean };
  members: Member[];
  settings: Settings;
  chat: ChatMessage[];
  /** There are messages before the first one here; `moreHistory` asks for them. */
  moreHistory: boolean;
  fetchingHistory: boolean;
  /** How far this member has read, on whichever device, and how many messages of others come after that. */
  readSeq: number;
  unread: number;
  held: Held[];
  inbox: DirectMessage[];
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

/** Why this member cannot write just now; undefined when it can. */
export function silencedBy({
  self,
  settings,
}: Pick<RoomState, "self" | "settings">): "muted" | "locked" | "viewer" | undefined {
  if (self.muted) return "muted";
  if (self.role === "viewer") return "viewer";
  return settings.locked && self.role !== "owner" ? "locked" : undefined;
}
