//! The JavaScript class `Room`: the room's client with a socket, a timer, and the page's callbacks.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

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
                shared.with_client(Client::tick);
            }
        });
        *shared.on_timer.borrow_mut() = Some(on_timer);
        Room { shared }
    }

    /// Enters the room: `{wsUrl, room, code, device, token, name, storedJson?}`. A room that was open before is left.
    ///
    /// # Errors
    /// `bad-json`, `bad-argument`.
    pub fn open(&self, options_json: &str) -> Result<(), JsValue> {
        let options = Options::from_json(options_json)?;
        self.shared.hang_up();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "any bits do as a seed"
        )]
        let seed = (js_sys::Math::random() * 9e15) as u64;
        *self.shared.client.borrow_mut() = Some(Client::new(options, seed, clock::now()));
        self.shared.with_client(Client::start);
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
        self.edit(|client, now| client.chat(text, now))
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
            .with_client(|client, now| client.set_name(name, now));
    }

    /// What this page does: `{mode?, tracking?, typing?}`; what is left out stays.
    ///
    /// # Errors
    /// `bad-json`.
    #[wasm_bindgen(js_name = setPresence)]
    pub fn set_presence(&self, json: &str) -> Result<(), JsValue> {
        let change = PresenceChange::from_json(json)?;
        self.shared
            .with_client(|client, now| client.set_presence(change, now));
        Ok(())
    }

    /// What the browser says of the network.
    #[wasm_bindgen(js_name = setOnline)]
    pub fn set_online(&self, online: bool) {
        self.shared
            .with_client(|client, now| client.set_online(online, now));
    }

    /// Tries to connect at once.
    #[wasm_bindgen(js_name = retryNow)]
    pub fn retry_now(&self) {
        self.shared.with_client(Client::retry_now);
    }

    /// Leaves the room. What was not sent stays stored.
    pub fn close(&self) {
        self.shared.with_client(|client, _| client.close());
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

    fn carry_out(self: &Rc<Self>) {
        while let Some(effect) = self.take_effect() {
            match effect {
                Effect::Connect { connection, url } => self.connect(connection, &url),
                Effect::Disconnect { connection } => self.disconnect(connection),
                Effect::Send { connection, text } => {
                    if let Some((current, socket)) = &*self.socket.borrow()
                        && *current == connection
                    {
                        socket.send(&text);
                    }
                }
                Effect::Persist {
                    revision,
                    stored_json,
                } => self.persist(revision, &stored_json),
                Effect::Changed => self.tell_change(),
            }
        }
        let due = self.read(Client::next_wake_millis).flatten();
        if let Some(on_timer) = &*self.on_timer.borrow() {
            self.timer
                .borrow_mut()
                .set(due, on_timer.as_ref().unchecked_ref());
        }
    }

    fn take_effect(&self) -> Option<Effect> {
        self.client.borrow_mut().as_mut()?.take_effect()
    }

    fn connect(self: &Rc<Self>, connection: ConnectionId, url: &str) {
        self.hang_up();
        let weak = Rc::downgrade(self);
        let listener = move |event: SocketEvent| {
            let Some(shared) = Weak::upgrade(&weak) else {
                return;
            };
            shared.with_client(|client, now| match event {
                SocketEvent::Opened => client.socket_opened(connection, now),
                SocketEvent::Text(text) => client.socket_message(connection, &text, now),
                SocketEvent::Closed => client.socket_closed(connection, now),
            });
        };
        match Socket::open(url, listener.clone()) {
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
                    shared.with_client(|client, now| client.saved(revision, now));
                });
            }
            None => {
                if let Some(client) = self.client.borrow_mut().as_mut() {
                    client.saved(revision, clock::now());
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
