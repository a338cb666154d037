/**
 * Two people in one room: what one writes and pins the other sees, and neither a reload, nor a relay that dies, nor a
 * lost network loses anything or says it twice. In the end the one who opened the room tidies up.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchChromium, SIZES } from "../chromium.mjs";
import {
  openRoom,
  outlast,
  picture,
  say,
  until,
  untilRoom,
  untilRoomState,
  untilSaid,
  untilState,
} from "../page.mjs";
import { startRelay } from "../relay.mjs";

let relay;
let browsers;
let ada;
let ben;
let code;

before(async () => {
  relay = await startRelay();
  browsers = [
    await launchChromium({ viewport: SIZES.laptop }),
    await launchChromium({ viewport: SIZES.phonePortrait, colorScheme: "dark" }),
  ];
  ada = await browsers[0].page(relay.url);
  await untilState(ada, "start");
  await picture(ada, "start-laptop-light.png");
  code = await openRoom(ada);
  ben = await browsers[1].page(relay.url);
  await untilState(ben, "start");
  await picture(ben, "start-phone-dark.png");
});

after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await relay.close();
});

/** How long a pin drops. */
const DROP_MILLIS = 1200;

/** Where the pin with a label is, once the relay has it; runs in the page. */
const placeOf = ({ annotations }, wanted) =>
  annotations.find(({ label, placed, pending }) => label === wanted && placed && !pending)?.position;

/** Whether a text stands anywhere in the origin's databases; runs in the page. */
async function isStored(text) {
  const answer = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await answer(database.transaction(store).objectStore(store).getAll());
      if (JSON.stringify(rows).includes(text)) return true;
    }
    database.close();
  }
  return false;
}

const state = (page) => page.evaluate(() => window.sightline.room.state);

test("the second person joins by the code, however it is typed", async () => {
  await ben.getByRole("button", { name: "Join with a code" }).click();
  const typed = `${code.slice(0, 3)} ${code.slice(3)}`.toLowerCase();
  await ben.getByRole("textbox", { name: "Code" }).fill(typed);
  await ben.getByRole("textbox", { name: "Your name" }).fill("Ben");
  await picture(ben, "join-phone-dark.png");
  await ben.locator("dialog").getByRole("button", { name: "Join" }).click();
  assert.equal(await untilRoom(ben), code);
  for (const page of [ada, ben]) {
    await untilRoomState(page, "two members", ({ members }) => members.length === 2);
  }
  const names = (await state(ada)).members.map(({ name }) => name);
  assert.ok(names.includes("Ben"), `${names}`);
});

test("messages go both ways", async () => {
  await say(ada, "The north wall is where the map hangs.");
  await untilSaid(ben, "The north wall is where the map hangs.");
  await say(ben, "I see it.");
  await untilSaid(ada, "I see it.");
  await ada.getByRole("log").getByText("I see it.").waitFor();
});

test("pins go both ways, at the same place", async () => {
  await ada.getByRole("button", { name: "Add a pin" }).click();
  const canvas = await ada.locator("canvas.stage").boundingBox();
  await ada.mouse.click(canvas.x + canvas.width * 0.4, canvas.y + canvas.height * 0.62);
  await ada.locator("dialog").getByRole("textbox").fill("Start here");
  await ada.locator("dialog").getByRole("button", { name: "Place the pin" }).click();
  const there = await untilRoomState(ben, "the pin of the other", placeOf, "Start here");
  const here = await untilRoomState(ada, "the own pin", placeOf, "Start here");
  assert.deepEqual(there, here);
  assert.ok(Math.abs(here[1]) < 1e-6, `a pin on the floor has height 0, not ${here[1]}`);

  await ben.evaluate(() => window.sightline.room.placePin([0, 0.5, -0.5], "Model of the bridge"));
  const back = await untilRoomState(ada, "the pin of the other", placeOf, "Model of the bridge");
  back.forEach((value, axis) => {
    assert.ok(Math.abs(value - [0, 0.5, -0.5][axis]) < 1e-6);
  });
  await outlast(ada, DROP_MILLIS);
  await picture(ada, "room-two-pages-laptop-light.png");
  await ben.locator('[data-action="close-panel"]').click();
  await picture(ben, "room-two-pages-phone-dark.png");
  await ben.locator('[data-action="open-chat"]').click();
  await picture(ben, "room-chat-phone-dark.png");
});

test("a reload is the same device, and loses nothing", async () => {
  const earlier = await state(ben);
  await ben.reload();
  await untilRoom(ben);
  await untilRoomState(
    ben,
    "the whole room again",
    (now, [messages, pins]) => now.synced && now.chat.length === messages && now.annotations.length === pins,
    [earlier.chat.length, earlier.annotations.length],
  );
  const later = await state(ben);
  assert.equal(later.self.device, earlier.self.device);
  assert.equal(later.self.name, earlier.self.name);
  assert.deepEqual(
    later.chat.map(({ text }) => text),
    earlier.chat.map(({ text }) => text),
  );
});

test("what is done while the relay is down is sent once it is back", async () => {
  await relay.kill();
  for (const page of [ada, ben]) {
    await untilRoomState(page, "a lost connection", ({ connection }) => connection === "reconnecting");
  }
  await say(ada, "Is anybody there?");
  await ada.evaluate(() => window.sightline.room.placePin([1, 0, 1], "Made alone"));
  await say(ben, "Nobody answers.");
  await untilRoomState(ada, "two things that wait", ({ pending }) => pending === 2);
  await until(ada, "words about what waits", () => document.body.textContent.includes("waiting to be sent"));
  await picture(ada, "room-reconnecting-laptop-light.png");
  await picture(ben, "room-reconnecting-phone-dark.png");

  await relay.restart();
  for (const page of [ada, ben]) {
    await untilSaid(page, "Is anybody there?");
    await untilSaid(page, "Nobody answers.");
    await untilRoomState(page, "nothing that waits", ({ pending }) => pending === 0);
    await untilRoomState(page, "the pin", ({ annotations }) =>
      annotations.some(({ label, pending }) => label === "Made alone" && !pending),
    );
  }
  const [adas, bens] = [await state(ada), await state(ben)];
  const texts = adas.chat.map(({ text }) => text);
  assert.equal(new Set(texts).size, texts.length, `nothing twice: ${texts}`);
  assert.deepEqual(
    bens.chat.map(({ text }) => text),
    texts,
  );
  assert.equal(adas.annotations.filter(({ label }) => label === "Made alone").length, 1);
});

test("what was written before a reload without a relay is sent by the next page, once", async () => {
  // The relay serves the page, too: it dies after the op was stored and before it could be acknowledged.
  await relay.kill();
  await untilRoomState(ben, "a lost connection", ({ connection }) => connection === "reconnecting");
  await say(ben, "Kept over a reload.");
  await untilRoomState(ben, "one thing that waits", ({ pending }) => pending === 1);
  await until(ben, "the message in the browser's storage", isStored, "Kept over a reload.");
  const { self } = await state(ben);
  await ben.goto("about:blank");
  await relay.restart();
  await ben.goto(`${relay.url}/#${code}`);
  await untilRoom(ben);
  assert.equal((await state(ben)).self.device, self.device);
  for (const page of [ada, ben]) await untilSaid(page, "Kept over a reload.");
  const { chat } = await state(ada);
  assert.equal(chat.filter(({ text }) => text === "Kept over a reload.").length, 1);
});

test("without a network the page says so and keeps what is done", async () => {
  await browsers[1].context.setOffline(true);
  await untilRoomState(ben, "no network", ({ connection }) => connection === "offline");
  await ben.getByText("No network. What you do is kept").filter({ visible: true }).first().waitFor();
  await say(ben, "Written in the tunnel.");
  await picture(ben, "room-offline-phone-dark.png");
  await browsers[1].context.setOffline(false);
  await untilSaid(ada, "Written in the tunnel.");
});

test("an unknown code is refused with a sentence", async () => {
  const page = await browsers[0].page(`${relay.url}/#ZZZZ22`);
  await untilState(page, "room-failed");
  await page.getByText("No room has this code").waitFor();
  await picture(page, "room-unknown-laptop-light.png");
  await page.close();
});

test("where the browser refuses the socket alone, the page says why", async () => {
  const page = await browsers[0].page();
  await page.routeWebSocket(/\/v1\/ws/, (socket) => socket.close());
  await page.goto(`${relay.url}/#${code}`);
  const seen = { visible: true };
  await page.getByText("This browser refused the connection to the room.").filter(seen).first().waitFor();
  await page.getByRole("link", { name: "How to trust it" }).filter(seen).first().waitFor();
  await picture(page, "room-refused-laptop-light.png");
  await page.close();
});

/** Does something with the page's room. */
const inRoom = (page, action, ...args) =>
  page.evaluate(([name, values]) => window.sightline.room[name](...values), [action, args]);

const openChat = async (page) => {
  if (await page.locator("aside.panel").isHidden()) await page.locator('[data-action="open-chat"]').click();
  await page.locator('[data-tab="chat"]').click();
};

test("an edited message is marked, a deleted one says so", async () => {
  await openChat(ben);
  await say(ada, "Meet at the dor.");
  await untilSaid(ben, "Meet at the dor.");
  const { seq } = (await state(ada)).chat.at(-1);
  await inRoom(ada, "editMessage", seq, "Meet at the door.");
  await ben.getByRole("log").getByText("Meet at the door.").waitFor();
  await ben.getByRole("log").getByText("edited", { exact: true }).waitFor();
  await inRoom(ada, "deleteMessage", seq);
  await ben.getByRole("log").getByText("This message was deleted.").waitFor();
});

test("what waits for approval is marked until it is approved", async () => {
  await inRoom(ada, "setApproval", true);
  await untilRoomState(ben, "approval", ({ settings }) => settings.approval);
  await say(ben, "May I say something?");
  await ben.getByRole("log").getByText("waiting for approval").waitFor();
  const [held] = await untilRoomState(ada, "something that waits", ({ held }) => held.length === 1 && held);
  assert.equal(held.text, "May I say something?");
  assert.ok(!(await state(ada)).chat.some(({ text }) => text === held.text));
  await picture(ben, "room-held-phone-dark.png");
  await inRoom(ada, "approve", held);
  await untilSaid(ada, held.text);
  await untilRoomState(ben, "nothing that waits", ({ chat }) => chat.every((message) => !message.held));
  await inRoom(ada, "setApproval", false);
});

test("who is muted is told so and cannot write", async () => {
  const { self } = await state(ben);
  await inRoom(ada, "mute", self.member, true);
  await ben.getByText("You are muted: you can read, but not write.").waitFor();
  assert.ok(await ben.getByRole("textbox", { name: "Write a message" }).isDisabled());
  await inRoom(ada, "mute", self.member, false);
  await untilRoomState(ben, "a voice", ({ self }) => !self.muted);
  assert.ok(await ben.getByRole("textbox", { name: "Write a message" }).isEnabled());
});

test("who is removed sees a screen that says so, and is another device afterwards", async () => {
  const { self } = await state(ben);
  await inRoom(ada, "removeMember", self.member);
  await untilState(ben, "removed");
  await ben.getByText("You were removed from this room.").waitFor();
  await picture(ben, "room-removed-phone-dark.png");
  await ben.goto("about:blank");
  await ben.goto(`${relay.url}/#${code}`);
  await untilRoom(ben);
  assert.notEqual((await state(ben)).self.device, self.device);
});
