/** What a room tells a person by itself: notices, each once, and that it is over for this device. */

import type { Room } from "../room/room";
import type { RoomState } from "../room/state";
import { problemSentence } from "../strings";
import type { Toasts } from "./coaching";

type Problem = NonNullable<RoomState["problem"]>;

/** Refusals after which the room is left: there is nothing to wait for. */
const ENDINGS = ["removed", "room_expired"];

/** Shows notices as toasts, and calls back once when the room is over. Returns how to stop. */
export function watchRoom(room: Room, toasts: Toasts, onEnd: (problem: Problem) => void): () => void {
  let lastNotice: number | undefined;
  let ended = false;
  return room.subscribe(({ notice, problem, connection }) => {
    if (notice && notice.number !== lastNotice) {
      lastNotice = notice.number;
      toasts.show(problemSentence(notice));
    }
    if (ended || connection !== "closed" || !problem || !ENDINGS.includes(problem.code)) return;
    ended = true;
    // Whoever leaves the room now would do so while it is still telling others.
    queueMicrotask(() => onEnd(problem));
  });
}
