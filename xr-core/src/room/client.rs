//! The client of one room: its inputs, its outputs, and the order in which things happen.

use std::collections::VecDeque;

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, DeviceId, Event, Hello, Member, OpId, PROTOCOL_VERSION,
    Presence, Scene,
};

use super::{
    backoff::Backoff,
    device_frame::DeviceFrame,
    link::{ConnectionId, Joined, Link, Need, WELCOME_WITHIN_MILLIS},
    log::Log,
    members::Members,
    options::{Options, PresenceChange},
    outbox::Outbox,
    storage::Stored,
};
use crate::error::Error;

/// Changes that are not own ops are saved at most this often.
const SAVE_EVERY_MILLIS: u64 = 2_000;

/// Presence is sent at most this often.
const PRESENCE_EVERY_MILLIS: u64 = 100;

/// A point in time, twice: for waits, and to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Never goes back; from any origin.
    pub monotonic_millis: u64,
    /// Since the Unix epoch, as the device's clock has it.
    pub unix_millis: i64,
}

/// What the edge is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Open a socket with the subprotocol of [`chat_relay_protocol::SUBPROTOCOL_JSON`].
    Connect {
        /// Names it from here on.
        connection: ConnectionId,
        /// Where.
        url: String,
    },
    /// Close the socket; nothing that it still brings matters.
    Disconnect {
        /// Which.
        connection: ConnectionId,
    },
    /// Send a text message.
    Send {
        /// On which socket.
        connection: ConnectionId,
        /// The message.
        text: String,
    },
    /// Save this durably in place of what was saved before, then call [`Client::saved`].
    Persist {
        /// Names what is saved; rises.
        revision: u64,
        /// What to save.
        stored_json: String,
    },
    /// The state has changed.
    Changed,
}

/// Something that is wrong with the connection, or an op that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) retry: bool,
}

/// See the [module](super).
#[derive(Debug)]
pub struct Client {
    pub(super) options: Options,
    pub(super) code: String,
    pub(super) link: Link,
    pub(super) log: Log,
    pub(super) outbox: Outbox,
    pub(super) members: Members,
    pub(super) me: Member,
    pub(super) frame: Option<DeviceFrame>,
    pub(super) problem: Option<Problem>,
    pub(super) notice: Option<(u64, Problem)>,
    pub(super) online: bool,
    /// The log's scene with the pending ops on top; absent while nothing is pending.
    scene_with_pending: Option<Scene>,
    backoff: Backoff,
    connections: u64,
    pings: u64,
    presence_sent: Option<Presence>,
    presence_not_before_millis: u64,
    revision: u64,
    saved_revision: u64,
    save_due_millis: Option<u64>,
    effects: VecDeque<Effect>,
}

impl Client {
    /// A client that has what was stored, and is not connected. `seed` makes the waits between attempts differ from
    /// other devices'.
    pub fn new(options: Options, seed: u64, now: Moment) -> Client {
        let stored = options
            .stored_json
            .as_deref()
            .and_then(|json| Stored::read(json, &options.room, &options.device));
        // Without stored state, counters start at the time: above all that this device may have used before its
        // storage was lost.
        let first_counter = u64::try_from(now.unix_millis).unwrap_or(0).max(1);
        let (log, outbox, members) = match stored {
            Some(stored) => {
                let mut outbox = Outbox::new(options.device.clone(), stored.next_counter);
                for pending in stored.pending {
                    outbox.restore(pending.op, pending.at);
                }
                let log = stored
                    .log
                    .map_or_else(Log::default, |log| Log::restored(log.epoch, log.events));
                for event in log.events() {
                    outbox.settle(&event.op_id);
                }
                (log, outbox, Members::restored(stored.known))
            }
            None => (
                Log::default(),
                Outbox::new(options.device.clone(), first_counter),
                Members::default(),
            ),
        };
        let (_, hue) = members.name_and_hue(&options.device);
        let mut client = Client {
            code: options.code.clone(),
            me: Member {
                device: options.device.clone(),
                name: options.name.clone(),
                hue,
                presence: Presence::default(),
            },
            backoff: Backoff::new(options.backoff, seed),
            options,
            link: Link::Idle,
            log,
            outbox,
            members,
            frame: None,
            problem: None,
            notice: None,
            online: true,
            scene_with_pending: None,
            connections: 0,
            pings: 0,
            presence_sent: None,
            presence_not_before_millis: 0,
            revision: 0,
            saved_revision: 0,
            save_due_millis: None,
            effects: VecDeque::new(),
        };
        client.fold();
        client
    }

    /// Connects for the first time.
    pub fn start(&mut self, now: Moment) {
        if self.link == Link::Idle {
            self.connect(now);
        }
    }

    /// The next thing for the edge to do.
    pub fn take_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Client::tick`] is due, on the monotonic clock.
    pub fn next_wake_millis(&self) -> Option<u64> {
        let joined = matches!(self.link, Link::Joined(_));
        let presence = (joined && self.presence_waits()).then_some(self.presence_not_before_millis);
        let held = self.outbox.held_until_millis().filter(|_| joined);
        [
            self.link.wake_millis(),
            self.save_due_millis,
            presence,
            held,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due by now.
    pub fn tick(&mut self, now: Moment) {
        let millis = now.monotonic_millis;
        match &mut self.link {
            Link::Waiting { until_millis } if millis >= *until_millis => self.connect(now),
            Link::Connecting { since_millis, .. }
                if millis >= *since_millis + WELCOME_WITHIN_MILLIS =>
            {
                self.unreachable("the relay does not answer", now);
            }
            Link::Joined(joined) => match joined.need(millis) {
                Need::Ping => {
                    self.pings += 1;
                    self.send(&ClientMessage::Ping { nonce: self.pings }, now);
                }
                Need::Drop => self.unreachable("the relay has fallen silent", now),
                Need::Nothing => {}
            },
            Link::Idle | Link::Waiting { .. } | Link::Connecting { .. } | Link::Closed => {}
        }
        if self.save_due_millis.is_some_and(|due| millis >= due) {
            self.save();
        }
        self.flush(now);
    }

    /// The socket is open: greets.
    pub fn socket_opened(&mut self, connection: ConnectionId, now: Moment) {
        let Link::Connecting {
            connection: current,
            greeted,
            ..
        } = &mut self.link
        else {
            return;
        };
        if *current != connection || *greeted {
            return;
        }
        *greeted = true;
        let hello = ClientMessage::Hello(Hello {
            version: PROTOCOL_VERSION,
            token: self.options.token.clone(),
            name: self.options.name.clone(),
            resume: self.log.resume(),
        });
        self.send(&hello, now);
    }

    /// The socket is closed or could not be opened.
    pub fn socket_closed(&mut self, connection: ConnectionId, now: Moment) {
        if self.link.connection() == Some(connection) {
            self.unreachable("the connection to the relay is gone", now);
        }
    }

    /// The state of this revision, and all before it, is saved (or cannot be: then waiting on helps nobody).
    pub fn saved(&mut self, revision: u64, now: Moment) {
        self.saved_revision = self.saved_revision.max(revision);
        self.flush(now);
    }

    /// What the browser thinks of the network. A connection that works is kept; while there is none, `true` tries
    /// at once.
    pub fn set_online(&mut self, online: bool, now: Moment) {
        self.online = online;
        match (&mut self.link, online) {
            (Link::Joined(joined), false) => joined.doubt(),
            (Link::Waiting { .. }, true) => self.retry_now(now),
            _ => {}
        }
        self.changed();
    }

    /// Tries to connect at once, if the client waits for its next attempt.
    pub fn retry_now(&mut self, now: Moment) {
        if matches!(self.link, Link::Waiting { .. }) {
            self.backoff.reset();
            self.connect(now);
        }
    }

    /// Ends the connection for good; ops not sent stay stored.
    pub fn close(&mut self) {
        self.save();
        self.end(None);
    }

    /// What this page does just now.
    pub fn set_presence(&mut self, change: PresenceChange, now: Moment) {
        let presence = &mut self.me.presence;
        presence.mode = change.mode.unwrap_or(presence.mode);
        presence.tracking = change.tracking.unwrap_or(presence.tracking);
        presence.typing = change.typing.unwrap_or(presence.typing);
        self.changed();
        self.flush(now);
    }

    /// The name to show from now on; told with a new hello.
    pub fn set_name(&mut self, name: &str, now: Moment) {
        self.options.name = name
            .chars()
            .take(chat_relay_protocol::MAX_NAME_CHARS)
            .collect();
        self.me.name.clone_from(&self.options.name);
        if let Some(connection) = self.link.connection() {
            self.effects.push_back(Effect::Disconnect { connection });
            self.outbox.connection_lost();
            self.connect(now);
        }
        self.changed();
    }

    /// The scene with what is pending on top: what this device shows.
    pub fn scene(&self) -> &Scene {
        self.scene_with_pending
            .as_ref()
            .unwrap_or_else(|| self.log.scene())
    }

    /// The scene of the relay's log, without what is pending.
    pub fn confirmed_scene(&self) -> &Scene {
        self.log.scene()
    }

    /// The relay's log as far as this device has it.
    pub fn events(&self) -> &[Event] {
        self.log.events()
    }

    /// Ops that the relay's log does not hold yet.
    pub fn pending_count(&self) -> usize {
        self.outbox.len()
    }

    /// This device.
    pub fn device(&self) -> &DeviceId {
        &self.options.device
    }

    /// Whether an own op about this annotation is pending.
    pub(super) fn is_pending(&self, id: &AnnotationId) -> bool {
        self.outbox
            .pending()
            .any(|pending| matches!(&pending.op.body, Body::Scene { op } if op.id() == id))
    }

    /// Makes an op: shown at once, saved, then sent.
    pub(super) fn push(&mut self, body: Body, now: Moment) -> Result<OpId, Error> {
        if self.link == Link::Closed {
            return Err(Error::Closed);
        }
        body.check().map_err(|error| Error::BadArgument {
            what: "op",
            reason: error.to_string(),
        })?;
        let op_id = self.outbox.push(body, now.unix_millis, self.revision + 1);
        self.save();
        self.fold();
        Ok(op_id)
    }

    /// Folds the scene again and lets the alignment follow it.
    pub(super) fn refold(&mut self, now: Moment) {
        self.fold();
        self.follow_alignment(now);
        self.changed();
    }

    fn fold(&mut self) {
        if self.outbox.len() == 0 {
            self.scene_with_pending = None;
            return;
        }
        let mut scene = self.log.scene().clone();
        for (seq, pending) in (self.log.last_seq() + 1..).zip(self.outbox.pending()) {
            scene.apply(&Event {
                seq,
                at: pending.made_at_unix_millis,
                from: self.options.device.clone(),
                op_id: pending.op.op_id.clone(),
                body: pending.op.body.clone(),
            });
        }
        self.scene_with_pending = Some(scene);
    }

    pub(super) fn changed(&mut self) {
        if self.effects.back() != Some(&Effect::Changed) {
            self.effects.push_back(Effect::Changed);
        }
    }

    /// Something is worth saving, though nothing is lost when it is not.
    pub(super) fn save_soon(&mut self, now: Moment) {
        self.save_due_millis
            .get_or_insert(now.monotonic_millis + SAVE_EVERY_MILLIS);
    }

    fn save(&mut self) {
        self.save_due_millis = None;
        self.revision += 1;
        let stored = Stored::new(
            &self.options.room,
            &self.options.device,
            &self.outbox,
            &self.log,
            self.members.known(),
        );
        self.effects.push_back(Effect::Persist {
            revision: self.revision,
            stored_json: stored.to_json(),
        });
    }

    /// Sends what may be sent now: the next op once the log is complete, and presence.
    pub(super) fn flush(&mut self, now: Moment) {
        let Link::Joined(joined) = self.link else {
            return;
        };
        let millis = now.monotonic_millis;
        if self.log.last_seq() >= joined.complete_at
            && let Some(op) = self.outbox.take_next(self.saved_revision, millis)
        {
            let message = ClientMessage::Op(op.clone());
            self.send(&message, now);
        }
        if self.presence_waits() && millis >= self.presence_not_before_millis {
            self.presence_not_before_millis = millis + PRESENCE_EVERY_MILLIS;
            self.presence_sent = Some(self.me.presence.clone());
            self.send(&ClientMessage::Presence(self.me.presence.clone()), now);
        }
    }

    fn presence_waits(&self) -> bool {
        self.presence_sent.as_ref() != Some(&self.me.presence)
    }

    /// No presence before this time: the relay asked for less.
    pub(super) fn hold_presence(&mut self, until_millis: u64) {
        self.presence_sent = None;
        self.presence_not_before_millis = until_millis;
    }

    pub(super) fn send(&mut self, message: &ClientMessage, now: Moment) {
        if let Some(connection) = self.link.connection() {
            if let Link::Joined(joined) = &mut self.link {
                joined.sent(now.monotonic_millis);
            }
            self.effects.push_back(Effect::Send {
                connection,
                text: message.to_json(),
            });
        }
    }

    fn connect(&mut self, now: Moment) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.link = Link::Connecting {
            connection,
            since_millis: now.monotonic_millis,
            greeted: false,
        };
        self.effects.push_back(Effect::Connect {
            connection,
            url: self.options.socket_url(),
        });
        self.changed();
    }

    /// The relay has said welcome.
    pub(super) fn join(&mut self, joined: Joined) {
        self.link = Link::Joined(joined);
        self.presence_sent = None;
        self.presence_not_before_millis = 0;
        self.problem = None;
        self.backoff.reset();
    }

    /// The connection is gone: waits, then connects again.
    fn unreachable(&mut self, message: &str, now: Moment) {
        if self.problem.is_none() {
            self.problem = Some(Problem {
                code: "unreachable".into(),
                message: message.into(),
                retry: true,
            });
        }
        self.reconnect_after(0, now);
    }

    /// Drops the connection and connects again, not before `after_millis` from now.
    pub(super) fn reconnect_after(&mut self, after_millis: u64, now: Moment) {
        if let Some(connection) = self.link.connection() {
            self.effects.push_back(Effect::Disconnect { connection });
        }
        self.outbox.connection_lost();
        self.link = Link::Waiting {
            until_millis: now.monotonic_millis + after_millis + self.backoff.next_millis(),
        };
        self.changed();
    }

    /// Ends the connection for good.
    pub(super) fn end(&mut self, problem: Option<Problem>) {
        if let Some(connection) = self.link.connection() {
            self.effects.push_back(Effect::Disconnect { connection });
        }
        self.outbox.connection_lost();
        self.link = Link::Closed;
        self.problem = problem;
        self.changed();
    }
}
