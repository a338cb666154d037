/**
 * A page that speaks to the relay by docs/protocol.md alone, with what the browser has: over a `WebSocket`, or over
 * `fetch` with the event stream. Both carry the same messages, so they come out as the same connection.
 */

/** How long the relay may take for any answer. */
const PATIENCE_MILLIS = 20_000;

/** Calls over HTTP; gives the status and the answer. */
async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, answer: await answer.json() };
}

/** The messages of a connection in order, each looked at once. */
class Inbox {
  #messages = [];
  #wake = () => {};

  put(message) {
    this.#messages.push(message);
    this.#wake();
  }

  /** The next message of a type, past others. */
  async next(type) {
    const end = performance.now() + PATIENCE_MILLIS;
    for (;;) {
      while (this.#messages.length > 0) {
        const message = this.#messages.shift();
        if (message.type === type) return message;
      }
      if (performance.now() > end) throw new Error(`no ${type} came`);
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000);
      });
    }
  }

  /** The next so many events, however they are batched. */
  async events(count) {
    const events = [];
    while (events.length < count) events.push(...(await this.next("events")).events);
    return events;
  }
}

/** Over a WebSocket. */
class Socket extends Inbox {
  static async open(room, hello) {
    const address = `${location.origin.replace("http", "ws")}/v1/ws?room=${room}`;
    const one = new Socket();
    one.socket = new WebSocket(address, "sightline.v1.json");
    one.socket.onmessage = ({ data }) => one.put(JSON.parse(data));
    one.closed = new Promise((resolve) => {
      one.socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    await new Promise((resolve, reject) => {
      one.socket.onopen = resolve;
      one.socket.onerror = () => reject(new Error(`${address} does not open`));
    });
    await one.send(hello);
    return one;
  }

  async send(message) {
    this.socket.send(JSON.stringify(message));
  }

  breakOff() {
    this.socket.close();
  }
}

/** Over the event stream. */
class Stream extends Inbox {
  #abort = new AbortController();
  #session;

  static async open(room, hello) {
    const one = new Stream();
    const answer = await fetch(`/v1/stream?room=${room}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(hello),
      signal: one.#abort.signal,
    });
    if (!answer.ok) {
      one.put({ ...(await answer.json()), type: "error" });
      return one;
    }
    const opened = new Promise((resolve) => {
      one.closed = one.#read(answer.body, resolve);
    });
    one.#session = await opened;
    return one;
  }

  /** Takes server-sent events apart: fields line by line, an empty line after each event. */
  async #read(body, opened) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
        const events = text.split("\n\n");
        text = events.pop();
        for (const event of events) {
          const field = (name) =>
            event
              .split("\n")
              .filter((line) => line.startsWith(`${name}:`))
              .map((line) => line.slice(name.length + 1).trim())
              .join("\n");
          // Lines that begin with a colon are comments.
          if (field("data") === "") continue;
          const message = JSON.parse(field("data"));
          if (field("event") === "session") opened(message.session);
          else this.put(message);
        }
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }

  async send(message) {
    const answer = await fetch(`/v1/stream/${this.#session}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
    if (answer.status !== 202) throw new Error(`not sent: ${answer.status} ${await answer.text()}`);
  }

  breakOff() {
    this.#abort.abort();
  }
}

const TRANSPORTS = { socket: Socket, stream: Stream };

const greet = (token, more = {}) => ({ type: "hello", version: 1, token, name: "", ...more });

const chat = (device, counter, text) => ({
  type: "op",
  op_id: { device, counter },
  body: { kind: "chat", text },
});

/** Two members and what they get to see; runs here and is judged by who called. */
async function story(name) {
  const Transport = TRANSPORTS[name];
  const { answer: ada } = await post("/v1/rooms", { name: "Ada" });
  const joining = await post("/v1/rooms/join", { code: ada.code, name: "Ben" });
  const ben = joining.answer;
  const one = await Transport.open(ada.room, greet(ada.token));
  await one.next("welcome");
  const two = await Transport.open(ben.room, greet(ben.secret, { presence_millis: 33 }));
  const welcome = await two.next("welcome");
  const joined = await one.next("joined");

  await one.send(chat(ada.device, 1, "Hello, 你好"));
  const said = [...(await one.events(1)), ...(await two.events(1))];

  const place = [0.5, 1, -0.25, 0, 0, 0, 1];
  const put = {
    type: "put",
    id: `${ben.device}-1`,
    fields: { kind: "pin", label: "Heart", parent: "room", parent_from_object: place },
  };
  await two.send({ type: "op", op_id: { device: ben.device, counter: 1 }, body: { kind: "scene", op: put } });
  const [built] = await one.events(1);
  await two.events(1);

  const presence = {
    mode: "ar",
    tracking: "good",
    aligned: true,
    typing: true,
    room_from_head: [1, 1.6, 0, 0, 0, 0, 1],
  };
  await one.send({ type: "presence", ...presence });
  const moved = await two.next("presence");

  const direct = { type: "direct", op_id: { device: ada.device, counter: 2 }, to: ben.member, text: "Psst" };
  await one.send(direct);
  const { entries: whispered } = await two.next("inbox");

  await two.send(chat(ben.device, 2, "Did this arrive?"));
  const [first] = await one.events(1);
  two.breakOff();
  const left = await one.next("left");
  await one.send(chat(ada.device, 3, "It did."));
  const [second] = await one.events(1);
  const resume = { epoch: welcome.epoch, seq: 2, inbox: 1 };
  const again = await Transport.open(ben.room, greet(ben.secret, { resume }));
  const back = await again.next("welcome");
  const missed = await again.events(2);
  await again.send(chat(ben.device, 2, "Did this arrive?"));
  const ack = await again.next("ack");
  await again.send(chat(ben.device, 3, ""));
  const refused = await again.next("error");
  await again.send({ type: "ping", nonce: 7 });
  const pong = await again.next("pong");
  one.breakOff();
  again.breakOff();

  const stranger = await Transport.open(ada.room, greet("made up"));
  const unauthorized = await stranger.next("error");
  const end = await stranger.closed;
  return {
    ada,
    ben,
    welcome,
    joined,
    said,
    put,
    built,
    presence,
    moved,
    whispered,
    events: [first, second],
    left,
    back,
    missed,
    ack,
    refused,
    pong,
    unauthorized,
    end,
  };
}

window.story = story;
