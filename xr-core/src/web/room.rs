//! The JavaScript class `Room`: the room's client with a socket, a timer, and the page's callbacks.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use chat_relay_client as relay;
use chat_relay_protocol::{Codec, IdError, MemberId, OpId, RoomChange};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{
    clock::{self, Timer},
    socket::{Socket, SocketEvent},
};
use crate::{
    axes::point_from_gpu,
    error::Error,
    room::{Client, ConnectionId, Effect, Moment, Options, PresenceChange},
};

/// One room, as this device has it.
#[wasm_bindgen]
pub struct Room {
    shared: Rc<SharedRoom>,
}

/// What the room's callbacks and the views share.
#[derive(Default)]
pub(crate) struct SharedRoom {
    client: RefCell<Option<Client>>,
    socket: RefCell<Option<(ConnectionId, Socket)>>,
    timer: RefCell<Timer>,
    on_timer: RefCell<Option<Closure<dyn Fn()>>>,
    on_change: RefCell<Option<Function>>,
    on_persist: RefCell<Option<Function>>,
    change_is_due: Cell<bool>,
}

#[wasm_bindgen]
impl Room {
    /// A room that is not open yet.
    pub fn create() -> Room {
        let shared = Rc::new(SharedRoom::default());
        let weak = Rc::downgrade(&shared);
        let on_timer = Closure::<dyn Fn()>::new(move || {
            if let Some(shared) = Weak::upgrade(&weak) {
                shared.timer.borrow_mut().rang();
                shared.with_relay(relay::Client::tick);
            }
        });
        *shared.on_timer.borrow_mut() = Some(on_timer);
        Room { shared }
    }

    /// Enters the room: `{wsUrl, room, code, member, device, role?, secret, name, storedJson?}`. A room that was open before
    /// is left.
    ///
    /// # Errors
    /// `bad-json`, `bad-argument`.
    pub fn open(&self, options_json: &str) -> Result<(), JsValue> {
        let options = Options::from_json(options_json).map_err(Error::from)?;
        self.shared.hang_up();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "any bits do as a seed"
        )]
        let seed = (js_sys::Math::random() * 9e15) as u64;
        *self.shared.client.borrow_mut() = Some(Client::new(options, seed, clock::now()));
        self.shared.with_relay(relay::Client::start);
        Ok(())
    }

    /// Calls back with the state (JSON) whenever it has changed.
    #[wasm_bindgen(js_name = onChange)]
    pub fn on_change(&self, callback: Function) {
        *self.shared.on_change.borrow_mut() = Some(callback);
    }

    /// Calls back with what is to be saved durably (JSON). When it returns a promise, ops wait for it before they are
    /// sent.
    #[wasm_bindgen(js_name = onPersist)]
    pub fn on_persist(&self, callback: Function) {
        *self.shared.on_persist.borrow_mut() = Some(callback);
    }

    /// Writes a chat message.
    ///
    /// # Errors
    /// `bad-argument`, `closed`.
    pub fn chat(&self, text: &str) -> Result<(), JsValue> {
        self.ask(|relay, now| relay.chat(text, now))
    }

    /// Answers a message (0: none) and makes members notice; `seq` of messages is in the state.
    ///
    /// # Errors
    /// `no-such-message`, `bad-argument`, `closed`.
    pub fn reply(&self, seq: f64, text: &str, mentions: Vec<String>) -> Result<(), JsValue> {
        let mentions: Result<Vec<_>, _> = mentions.into_iter().map(MemberId::new).collect();
        let mentions = mentions.map_err(bad_id)?;
        let reply_to = Some(whole(seq)).filter(|seq| *seq > 0);
        self.ask(|relay, now| relay.reply(reply_to, text, mentions, now))
    }

    /// Gives an own message another text.
    ///
    /// # Errors
    /// `no-such-message`, `bad-argument`, `closed`.
    #[wasm_bindgen(js_name = editMessage)]
    pub fn edit_message(&self, seq: f64, text: &str) -> Result<(), JsValue> {
        self.ask(|relay, now| relay.edit_message(whole(seq), text, now))
    }

    /// Takes a message away: an own one, or, for an owner, anybody's.
    ///
    /// # Errors
    /// `no-such-message`, `closed`.
    #[wasm_bindgen(js_name = deleteMessage)]
    pub fn delete_message(&self, seq: f64) -> Result<(), JsValue> {
        self.ask(|relay, now| relay.delete_message(whole(seq), now))
    }

    /// Reacts to a message with an emoji, or no longer.
    ///
    /// # Errors
    /// `no-such-message`, `bad-argument`, `closed`.
    pub fn react(&self, seq: f64, emoji: &str, on: bool) -> Result<(), JsValue> {
        self.ask(|relay, now| relay.react(whole(seq), emoji, on, now))
    }

    /// The person has read the chat up to an event.
    #[wasm_bindgen(js_name = markRead)]
    pub fn mark_read(&self, seq: f64) {
        self.shared
            .with_relay(|relay, now| relay.mark_read(whole(seq), now));
    }

    /// Asks for older messages; whether they are on their way now.
    #[wasm_bindgen(js_name = moreHistory)]
    pub fn more_history(&self) -> bool {
        self.shared
            .with_relay(relay::Client::fetch_older_messages)
            .unwrap_or_default()
    }

    /// Writes to one member alone.
    ///
    /// # Errors
    /// `bad-argument`, `closed`.
    pub fn direct(&self, member: &str, text: &str) -> Result<(), JsValue> {
        let to = MemberId::new(member).map_err(bad_id)?;
        self.ask(|relay, now| relay.direct(to, text, now))
    }

    /// Takes the last own change of a label back, as far as nobody has changed it since; whether there was one.
    ///
    /// # Errors
    /// `closed`.
    pub fn undo(&self) -> Result<bool, JsValue> {
        let done = self.shared.with_relay(relay::Client::undo);
        done.unwrap_or(Err(relay::Error::Closed))
            .map_err(|error| Error::from(error).into())
    }

    /// Changes the room, as far as this member's role allows it: a `RoomChange` of the protocol as JSON.
    ///
    /// # Errors
    /// `bad-json`, `bad-argument`, `closed`.
    #[wasm_bindgen(js_name = changeRoom)]
    pub fn change_room(&self, change_json: &str) -> Result<(), JsValue> {
        let change: RoomChange =
            chat_relay_protocol::read_json(change_json).map_err(|error| Error::BadJson {
                what: "change",
                reason: error.to_string(),
            })?;
        self.ask(|relay, now| relay.change_room(change, now))
    }

    /// Puts a pin at a point of the room (metres); gives back its id.
    ///
    /// # Errors
    /// `bad-argument`, `closed`.
    #[wasm_bindgen(js_name = placePin)]
    pub fn place_pin(&self, xyz: &[f32], label: &str) -> Result<String, JsValue> {
        let point: [f32; 3] = xyz.try_into().map_err(|_| Error::BadArgument {
            what: "xyz",
            reason: "it takes three numbers".into(),
        })?;
        self.edit(|client, now| client.place_pin_in_room(point_from_gpu(point), label, now))
            .map(String::from)
    }

    /// Changes the label of an annotation.
    ///
    /// # Errors
    /// `no-such-annotation`, `bad-argument`, `closed`.
    pub fn relabel(&self, id: &str, label: &str) -> Result<(), JsValue> {
        self.edit(|client, now| client.relabel(id, label, now))
    }

    /// Removes an annotation.
    ///
    /// # Errors
    /// `no-such-annotation`, `closed`.
    pub fn remove(&self, id: &str) -> Result<(), JsValue> {
        self.edit(|client, now| client.remove(id, now))
    }

    /// The name to show from now on.
    #[wasm_bindgen(js_name = setName)]
    pub fn set_name(&self, name: &str) {
        self.shared
            .with_relay(|relay, now| relay.set_name(name, now));
    }

    /// What this page does: `{mode?, tracking?, typing?}`; what is left out stays.
    ///
    /// # Errors
    /// `bad-json`.
    #[wasm_bindgen(js_name = setPresence)]
    pub fn set_presence(&self, json: &str) -> Result<(), JsValue> {
        let change = PresenceChange::from_json(json)?;
        self.shared
            .with_client(|client, now| client.change_presence(change, now));
        Ok(())
    }

    /// What the browser says of the network.
    #[wasm_bindgen(js_name = setOnline)]
    pub fn set_online(&self, online: bool) {
        self.shared
            .with_relay(|relay, now| relay.set_online(online, now));
    }

    /// Tries to connect at once.
    #[wasm_bindgen(js_name = retryNow)]
    pub fn retry_now(&self) {
        self.shared.with_relay(relay::Client::retry_now);
    }

    /// Leaves the room. What was not sent stays stored.
    pub fn close(&self) {
        self.shared.with_relay(|relay, _| relay.close());
    }

    /// The state as JSON; empty before [`Room::open`].
    pub fn state(&self) -> String {
        self.shared.state()
    }
}

impl Room {
    pub(crate) fn shared(&self) -> Rc<SharedRoom> {
        Rc::clone(&self.shared)
    }

    fn ask(
        &self,
        ask: impl FnOnce(&mut relay::Client, Moment) -> Result<OpId, relay::Error>,
    ) -> Result<(), JsValue> {
        self.edit(|client, now| match client.update(now, ask) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        })
    }

    fn edit<T>(
        &self,
        edit: impl FnOnce(&mut Client, Moment) -> Result<T, Error>,
    ) -> Result<T, JsValue> {
        let done = self
            .shared
            .with_client(edit)
            .unwrap_or(Err(Error::Closed))?;
        Ok(done)
    }
}

impl SharedRoom {
    /// Reads the client; `None` when the room is not open.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Client) -> T) -> Option<T> {
        self.client.borrow().as_ref().map(read)
    }

    /// Changes the client and carries out what it asks for; `None` when the room is not open. Not to be called from
    /// within itself; the page's callbacks run when the client is free again.
    pub(crate) fn with_client<T>(
        self: &Rc<Self>,
        change: impl FnOnce(&mut Client, Moment) -> T,
    ) -> Option<T> {
        let result = {
            let mut client = self.client.borrow_mut();
            client.as_mut().map(|client| change(client, clock::now()))
        };
        self.carry_out();
        result
    }

    /// The same with the relay's client alone.
    fn with_relay<T>(
        self: &Rc<Self>,
        change: impl FnOnce(&mut relay::Client, Moment) -> T,
    ) -> Option<T> {
        self.with_client(|client, now| client.update(now, change))
    }

    fn carry_out(self: &Rc<Self>) {
        while let Some(effect) = self.take_effect() {
            match effect {
                Effect::Connect {
                    connection,
                    url,
                    codec,
                } => self.connect(connection, &url, codec),
                Effect::Disconnect { connection } => self.disconnect(connection),
                Effect::Send {
                    connection, bytes, ..
                } => {
                    if let Some((current, socket)) = &*self.socket.borrow()
                        && *current == connection
                    {
                        socket.send(&bytes);
                    }
                }
                Effect::Persist {
                    revision,
                    stored_json,
                } => self.persist(revision, &stored_json),
                Effect::Changed => self.tell_change(),
                _ => {}
            }
        }
        let due = self
            .read(|client| client.relay().next_wake_millis())
            .flatten();
        if let Some(on_timer) = &*self.on_timer.borrow() {
            self.timer
                .borrow_mut()
                .set(due, on_timer.as_ref().unchecked_ref());
        }
    }

    fn take_effect(&self) -> Option<Effect> {
        self.client.borrow_mut().as_mut()?.take_effect()
    }

    fn connect(self: &Rc<Self>, connection: ConnectionId, url: &str, codec: Codec) {
        self.hang_up();
        let weak = Rc::downgrade(self);
        let listener = move |event: SocketEvent| {
            let Some(shared) = Weak::upgrade(&weak) else {
                return;
            };
            shared.with_relay(|relay, now| match event {
                SocketEvent::Opened => relay.socket_opened(connection, now),
                SocketEvent::Text(text) => {
                    relay.socket_message(connection, text.as_bytes(), now);
                }
                SocketEvent::Closed => relay.socket_closed(connection, now),
            });
        };
        match Socket::open(url, codec, listener.clone()) {
            Ok(socket) => *self.socket.borrow_mut() = Some((connection, socket)),
            Err(_refused) => spawn_local(async move { listener(SocketEvent::Closed) }),
        }
    }

    fn disconnect(&self, connection: ConnectionId) {
        let current = self
            .socket
            .borrow()
            .as_ref()
            .is_some_and(|(current, _)| *current == connection);
        if current {
            self.hang_up();
        }
    }

    /// Drops the socket, but not while one of its own events is being handled.
    fn hang_up(&self) {
        if let Some(old) = self.socket.borrow_mut().take() {
            spawn_local(async move { drop(old) });
        }
    }

    fn persist(self: &Rc<Self>, revision: u64, stored_json: &str) {
        let callback = self.on_persist.borrow().clone();
        let saving = callback.and_then(|callback| {
            callback
                .call1(&JsValue::NULL, &stored_json.into())
                .ok()?
                .dyn_into::<Promise>()
                .ok()
        });
        match saving {
            Some(promise) => {
                let shared = Rc::clone(self);
                spawn_local(async move {
                    // When it cannot be saved, waiting longer does not help the person who wrote it.
                    let _saved = JsFuture::from(promise).await;
                    shared.with_relay(|relay, now| relay.saved(revision, now));
                });
            }
            None => {
                if let Some(client) = self.client.borrow_mut().as_mut() {
                    client.update(clock::now(), |relay, now| relay.saved(revision, now));
                }
            }
        }
    }

    /// Tells the page once the present task is done, however often the state changes within it.
    fn tell_change(self: &Rc<Self>) {
        if self.change_is_due.replace(true) {
            return;
        }
        let shared = Rc::clone(self);
        spawn_local(async move {
            shared.change_is_due.set(false);
            let callback = shared.on_change.borrow().clone();
            if let Some(callback) = callback {
                let state = shared.state();
                if let Err(thrown) = callback.call1(&JsValue::NULL, &state.into()) {
                    web_sys::console::error_1(&thrown);
                }
            }
        });
    }

    fn state(&self) -> String {
        self.read(|client| client.state_json(clock::now()))
            .unwrap_or_default()
    }
}

fn bad_id(error: IdError) -> Error {
    Error::BadArgument {
        what: "id",
        reason: error.to_string(),
    }
}

/// JavaScript's numbers are exact below 2^53, and so are these.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no such number is 0, which names nothing"
)]
fn whole(number: f64) -> u64 {
    number as u64
}
