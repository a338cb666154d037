/**
 * What a person does on the page, in the page's own words. Every wait tells, when it is in vain, what the page showed
 * and logged.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Software rendering on two busy cores is slow; a wait that lasts so long is a failure. */
const PATIENCE_MILLIS = 60_000;

const PICTURES =
  process.env.SIGHTLINE_PICTURES ?? fileURLToPath(new URL("../../target/pictures", import.meta.url));

/** How often the page is asked again. */
const ASK_MILLIS = 30;

/** Asks the page until a function, or the text of an expression, gives something true there; gives that. */
export async function until(page, what, body, argument) {
  const end = performance.now() + PATIENCE_MILLIS;
  for (;;) {
    const value = await page.evaluate(body, argument);
    if (value) return value;
    if (performance.now() > end) throw new Error(`in vain: ${what}\n${await described(page)}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_MILLIS));
  }
}

/** What a page shows and has logged, for people who look for the reason of a failure. */
async function described(page) {
  const state = await page.evaluate(() => document.documentElement.dataset.state).catch(() => "?");
  const text = await page
    .locator("body")
    .ariaSnapshot({ timeout: 1000 })
    .catch(() => "?");
  return `state: ${state}\ntext: ${text}\nlog:\n${(page.log ?? []).slice(-15).join("\n")}`;
}

/** States of the page that nothing comes after by itself. */
const ENDS = [
  "failed",
  "unreachable",
  "unsupported",
  "view-lost",
  "denied",
  "no-camera",
  "ar-failed",
  "room-failed",
  "room-expired",
  "removed",
];

/** Waits until the page says that it shows this; gives up at once when it shows a failure instead. */
export async function untilState(page, wanted) {
  const shown = await until(
    page,
    `the page shows ${wanted}`,
    ([state, ends]) => {
      const now = document.documentElement.dataset.state;
      return (now === state || ends.includes(now)) && now;
    },
    [wanted, ENDS],
  );
  if (shown !== wanted) throw new Error(`the page shows ${shown}, not ${wanted}\n${await described(page)}`);
}

/** Starts camera mode from the start page, and waits for the first points that were followed. */
export async function startCamera(page) {
  await page.getByRole("button", { name: "Start camera" }).click();
  return untilPoints(page);
}

/** Waits for the first points that were followed; gives the figures of that time. */
export async function untilPoints(page) {
  await untilState(page, "camera");
  return until(page, "followed points", () => {
    const stats = window.sightline?.stats();
    return stats && stats.firstPointsMillis > 0 && stats;
  });
}

/** Opens a new room from the start page, and gives its code. */
export async function openRoom(page) {
  await page.getByRole("button", { name: "Open a room" }).click();
  return untilRoom(page);
}

/** Waits until the page is connected to its room, and gives the room's code. */
export function untilRoom(page) {
  return until(page, "a room that is online", () => {
    const room = window.sightline?.room;
    return room?.state.connection === "online" && room.code;
  });
}

/** Waits until the room's state, as the page knows it, satisfies a function. */
export function untilRoomState(page, what, body, argument) {
  // An expression and not a function, because it holds the text of another function; the page's policy allows no eval.
  const expression = `(() => {
    const room = window.sightline?.room;
    return room && (${body})(room.state, ${JSON.stringify(argument ?? null)});
  })()`;
  return until(page, what, expression);
}

/** Waits out an animation, whose end the page does not tell, by the page's own clock. */
export async function outlast(page, millis) {
  const start = await page.evaluate(() => performance.now());
  await until(page, "the end of an animation", (end) => performance.now() >= end, start + millis);
}

/** Saves what the page shows, once its transitions have ended, for people to look at; a name that ends in .jpg makes a smaller file of photographs. */
export async function picture(page, name) {
  await mkdir(PICTURES, { recursive: true });
  const path = join(PICTURES, name);
  await page.evaluate(() => {
    const passing = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
    return Promise.allSettled(passing.map(({ finished }) => finished));
  });
  const jpeg = name.endsWith(".jpg") ? { type: "jpeg", quality: 82 } : {};
  return page.screenshot({ path, ...jpeg });
}

/** Writes a chat message into the room's panel, which is opened first where it is closed. */
export async function say(page, text) {
  const line = page.getByRole("textbox", { name: "Write a message" });
  if (!(await line.isVisible())) await page.locator('[data-action="open-chat"]').click();
  await line.fill(text);
  await line.press("Enter");
}

/** Waits until a message is on the page, from the relay's log. */
export async function untilSaid(page, text) {
  await untilRoomState(
    page,
    `the message ${text}`,
    (state, wanted) => state.chat.some((message) => message.text === wanted && !message.pending),
    text,
  );
}
