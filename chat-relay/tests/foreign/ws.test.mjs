/**
 * The relay through `ws` of npm: JSON over a WebSocket, by docs/protocol.md alone.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { startRelay } from "../../../web/tests/relay.mjs";

/** How long the relay may take for any answer. */
const PATIENCE_MILLIS = 20_000;

let relay;
before(async () => {
  relay = await startRelay({ web: new URL("page", import.meta.url).pathname });
});
after(() => relay.close());

/** Calls over HTTP; gives the status and the answer. */
async function post(path, body) {
  const answer = await fetch(relay.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
}

/** A socket with its messages in order, each looked at once. */
class Connection {
  #messages = [];
  #wake = () => {};

  constructor(room) {
    const url = `${relay.url.replace("http", "ws")}/v1/ws?room=${room}`;
    this.socket = new WebSocket(url, ["sightline.v1.json"]);
    this.socket.on("message", (data, isBinary) => {
      assert.equal(isBinary, false);
      this.#messages.push(JSON.parse(data));
      this.#wake();
    });
  }

  /** Connects with a hello, and gives the connection with its welcome. */
  static async open({ room }, token, more = {}) {
    const connection = new Connection(room);
    await once(connection.socket, "open");
    assert.equal(connection.socket.protocol, "sightline.v1.json");
    connection.send({ type: "hello", version: 1, token, name: "", ...more });
    connection.welcome = await connection.next("welcome");
    return connection;
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message of a type, past others. */
  async next(type) {
    const end = performance.now() + PATIENCE_MILLIS;
    for (;;) {
      while (this.#messages.length > 0) {
        const message = this.#messages.shift();
        if (message.type === type) return message;
      }
      assert.ok(performance.now() < end, `no ${type} came`);
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000).unref();
      });
    }
  }

  /** The next so many events, however they are batched. */
  async events(count) {
    const events = [];
    while (events.length < count) events.push(...(await this.next("events")).events);
    assert.equal(events.length, count);
    return events;
  }
}

/** A room with its owner and a second member. */
async function room() {
  const [created, ada] = await post("/v1/rooms", { name: "Ada" });
  assert.equal(created, 201);
  assert.equal(ada.role, "owner");
  const typed = `${ada.code.slice(0, 3)}-${ada.code.slice(3)}`.toLowerCase();
  const [joined, ben] = await post("/v1/rooms/join", { code: typed, name: "Ben" });
  assert.equal(joined, 200);
  assert.equal(ben.room, ada.room);
  assert.equal(ben.role, "editor");
  return { ada, ben };
}

const chat = (device, counter, text) => ({
  type: "op",
  op_id: { device, counter },
  body: { kind: "chat", text },
});

const scene = (device, counter, op) => ({
  type: "op",
  op_id: { device, counter },
  body: { kind: "scene", op },
});

test("two members talk, build, move, whisper, lose each other and go on", async () => {
  const { ada, ben } = await room();
  // One comes by its token, the other by its secret.
  const one = await Connection.open(ada, ada.token);
  const two = await Connection.open(ben, ben.secret, { presence_millis: 33 });
  assert.equal(two.welcome.you.member, ben.member);
  assert.deepEqual(two.welcome.members.map(({ name }) => name).sort(), ["Ada", "Ben"]);
  assert.equal((await one.next("joined")).member.device, ben.device);

  one.send(chat(ada.device, 1, "Hello"));
  const [hello] = await one.events(1);
  assert.deepEqual(await two.events(1), [hello]);
  assert.equal(hello.seq, 1);
  assert.equal(hello.from, ada.member);
  assert.deepEqual(hello.op_id, { device: ada.device, counter: 1 });
  assert.equal(hello.body.text, "Hello");

  const pin = `${ben.device}-1`;
  const place = [0.5, 1, -0.25, 0, 0, 0, 1];
  const fields = { kind: "pin", label: "Heart", parent: "room", parent_from_object: place };
  two.send(scene(ben.device, 1, { type: "put", id: pin, fields }));
  const [put] = await one.events(1);
  assert.equal(put.seq, 2);
  assert.deepEqual(put.body.op.fields, fields);
  one.send(scene(ada.device, 2, { type: "patch", id: pin, fields: { label: "The heart" } }));
  const [, patch] = await two.events(2);
  assert.equal(patch.seq, 3);

  const head = [1, 1.6, 0, 0, 0, 0, 1];
  one.send({
    type: "presence",
    mode: "ar",
    tracking: "good",
    aligned: true,
    typing: false,
    room_from_head: head,
  });
  const { members } = await two.next("presence");
  const seen = members.find(({ device }) => device === ada.device);
  assert.deepEqual(seen.presence.room_from_head, head);

  one.send({
    type: "direct",
    op_id: { device: ada.device, counter: 3 },
    to: ben.member,
    text: "Just between us",
  });
  const { entries } = await two.next("inbox");
  assert.deepEqual(
    entries.map(({ seq, from, to, text }) => ({ seq, from, to, text })),
    [{ seq: 1, from: ada.member, to: ben.member, text: "Just between us" }],
  );

  // The connection breaks while an op is under way, and the world goes on.
  two.send(chat(ben.device, 2, "Did this arrive?"));
  await one.events(2);
  two.socket.terminate();
  assert.equal((await one.next("left")).device, ben.device);
  one.send(chat(ada.device, 4, "It did."));
  const [missed] = await one.events(1);

  const { epoch } = two.welcome;
  const again = await Connection.open(ben, ben.secret, { resume: { epoch, seq: 3, inbox: 1 } });
  assert.equal(again.welcome.from_start, false);
  assert.equal(again.welcome.seq, 5);
  const [own, other] = await again.events(2);
  assert.equal(own.body.text, "Did this arrive?");
  assert.deepEqual(other, missed);

  // It did arrive; sent again, it is acknowledged once, and stands in the log once.
  again.send(chat(ben.device, 2, "Did this arrive?"));
  assert.deepEqual(await again.next("ack"), { type: "ack", op_id: own.op_id, seq: own.seq });
  again.send(chat(ben.device, 3, "So it did."));
  const [last] = await again.events(1);
  assert.equal(last.seq, 6);

  again.send(chat(ben.device, 4, " "));
  const refused = await again.next("error");
  assert.equal(refused.code, "invalid_op");
  assert.equal(refused.retry, "never");
  assert.deepEqual(refused.op_id, { device: ben.device, counter: 4 });
  again.send({ type: "ping", nonce: 7 });
  assert.equal((await again.next("pong")).nonce, 7);
  one.socket.close();
  again.socket.close();
});

test("a wrong code and a wrong token are refused in words", async () => {
  const [status, unknown] = await post("/v1/rooms/join", { code: "CCC-CCC", name: "Eve" });
  assert.equal(status, 404);
  assert.equal(unknown.code, "room_not_found");
  const { ada } = await room();
  const socket = new Connection(ada.room);
  await once(socket.socket, "open");
  const closed = once(socket.socket, "close");
  socket.send({ type: "hello", version: 1, token: "made up" });
  const refused = await socket.next("error");
  assert.equal(refused.code, "unauthorized");
  const [code, reason] = await closed;
  assert.equal(code, 1008);
  assert.equal(reason.toString(), "unauthorized");
});
