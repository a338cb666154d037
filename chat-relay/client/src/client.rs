//! The client of one room: its inputs, its outputs, and the order in which things happen.

use std::{cell::OnceCell, collections::VecDeque};

use chat_relay_protocol::{ClientMessage, Hello, Member, OpId, PROTOCOL_VERSION, Presence, Scene};

use crate::{
    backoff::Backoff,
    effect::Effect,
    held::Held,
    inbox::Inbox,
    incoming::Incoming,
    link::{ConnectionId, Joined, Link, Need, WELCOME_WITHIN_MILLIS},
    log::Log,
    members::Members,
    moment::Moment,
    news::{News, Notice, Problem},
    options::Options,
    outbox::Outbox,
    reading::Reading,
    storage::Stored,
    undo::Undo,
};

/// Changes that are not own ops are saved at most this often.
const SAVE_EVERY_MILLIS: u64 = 2_000;

/// Presence is sent at most this often, unless the options say otherwise.
const PRESENCE_EVERY_MILLIS: u64 = 100;

/// See the [crate].
#[derive(Debug)]
pub struct Client {
    pub(crate) options: Options,
    pub(crate) code: String,
    pub(crate) link: Link,
    pub(crate) log: Log,
    pub(crate) incoming: Option<Incoming>,
    pub(crate) outbox: Outbox,
    pub(crate) held: Held,
    pub(crate) inbox: Inbox,
    pub(crate) reading: Reading,
    pub(crate) undo: Undo,
    pub(crate) members: Members,
    pub(crate) me: Member,
    pub(crate) problem: Option<Problem>,
    pub(crate) notice: Option<Notice>,
    pub(crate) online: bool,
    /// The log's scene with own ops on top, once it was asked for.
    pub(crate) scene_shown: OnceCell<Scene>,
    pub(crate) scene_version: u64,
    backoff: Backoff,
    connections: u64,
    pings: u64,
    presence_sent: Option<Presence>,
    presence_not_before_millis: u64,
    revision: u64,
    saved_revision: u64,
    save_due_millis: Option<u64>,
    effects: VecDeque<Effect>,
    news: VecDeque<News>,
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
        let mut outbox = Outbox::new(options.device.clone(), first_counter);
        let mut log = Log::default();
        let mut members = Members::default();
        let mut inbox = Inbox::default();
        let mut reading = Reading::default();
        if let Some(mut stored) = stored {
            outbox = stored.take_outbox();
            log = Log::of_stored(&mut stored);
            members = Members::restored(stored.known);
            inbox = Inbox::restored(stored.inbox);
            reading = Reading::restored(stored.read_seq);
        }
        log.settings.admit(&options.member, options.role);
        let (name, hue) = members.name_and_hue(&options.member);
        let name = match options.name.as_str() {
            "" => name.to_owned(),
            chosen => chosen.to_owned(),
        };
        let standing = log.settings.standing(&options.member);
        Client {
            code: options.code.clone(),
            me: Member {
                member: options.member.clone(),
                device: options.device.clone(),
                name,
                hue,
                role: standing.role,
                muted: standing.muted,
                presence: Presence::default(),
            },
            backoff: Backoff::new(options.backoff, seed),
            options,
            link: Link::Idle,
            log,
            incoming: None,
            outbox,
            held: Held::default(),
            inbox,
            reading,
            undo: Undo::default(),
            members,
            problem: None,
            notice: None,
            online: true,
            scene_shown: OnceCell::new(),
            scene_version: 0,
            connections: 0,
            pings: 0,
            presence_sent: None,
            presence_not_before_millis: 0,
            revision: 0,
            saved_revision: 0,
            save_due_millis: None,
            effects: VecDeque::new(),
            news: VecDeque::new(),
        }
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

    /// The next thing that happened, if the options ask for such news.
    pub fn take_news(&mut self) -> Option<News> {
        self.news.pop_front()
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
                Need::Ping => self.ping(now),
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
            token: self.options.secret.clone(),
            name: self.options.name.clone(),
            resume: self.log.resume(self.inbox.last_seq()),
            presence_millis: self.options.presence_millis,
            heartbeat_secs: self.options.heartbeat_secs,
        });
        self.transmit(&hello, now);
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

    /// What the system thinks of the network. A connection that works is kept; while there is none, `true` tries at
    /// once.
    pub fn set_online(&mut self, online: bool, now: Moment) {
        self.online = online;
        match (&mut self.link, online) {
            (Link::Joined(joined), false) => {
                joined.doubt(now.monotonic_millis);
                self.ping(now);
            }
            (Link::Joined(_), true) => self.network_changed(now),
            (Link::Waiting { .. }, true) => self.retry_now(now),
            _ => {}
        }
        self.changed();
    }

    /// The device went into another network: asks whether the relay is still there, and for the shortest heartbeat
    /// interval, which grows again once the connection has been quiet for a while.
    pub fn network_changed(&mut self, now: Moment) {
        if let Link::Joined(joined) = &mut self.link {
            joined.doubt(now.monotonic_millis);
            self.transmit(&ClientMessage::Heartbeat { secs: 1 }, now);
        }
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

    /// What this device does just now, in place of what it did.
    pub fn set_presence(&mut self, presence: Presence, now: Moment) {
        let old = std::mem::replace(&mut self.me.presence, presence);
        let new = &self.me.presence;
        // Heads move without a word.
        if (old.mode, old.tracking, old.aligned, old.typing)
            != (new.mode, new.tracking, new.aligned, new.typing)
        {
            self.changed();
        }
        self.flush(now);
    }

    /// What is shown beside the room has changed: the edge is told together with what the room changes.
    pub fn mark_changed(&mut self) {
        self.changed();
    }

    /// What the next op is called: good for ids that no other device makes.
    pub fn next_op_id(&self) -> OpId {
        self.outbox.next_op_id()
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

    /// The room is another one than before: what is pending is applied to it anew.
    pub(crate) fn rebased(&mut self) {
        if self.is_synced() {
            // A connection that never gets so far is not tried again at once.
            self.backoff.reset();
        }
        let standing = self.log.settings.standing(&self.me.member);
        (self.me.role, self.me.muted) = (standing.role, standing.muted);
        self.scene_shown = OnceCell::new();
        self.scene_version += 1;
        self.changed();
    }

    pub(crate) fn changed(&mut self) {
        if self.effects.back() != Some(&Effect::Changed) {
            self.effects.push_back(Effect::Changed);
        }
    }

    pub(crate) fn tell(&mut self, news: impl FnOnce() -> News) {
        if cfg!(feature = "news") && self.options.tells_news {
            self.news.push_back(news());
        }
    }

    /// Something is worth saving, though nothing is lost when it is not.
    pub(crate) fn save_soon(&mut self, now: Moment) {
        if self.options.persists {
            self.save_due_millis
                .get_or_insert(now.monotonic_millis + SAVE_EVERY_MILLIS);
        }
    }

    /// The revision that [`Client::save`] saves next.
    pub(crate) fn next_revision(&self) -> u64 {
        self.revision + 1
    }

    pub(crate) fn save(&mut self) {
        self.save_due_millis = None;
        self.revision += 1;
        if !self.options.persists {
            self.saved_revision = self.revision;
            return;
        }
        let Options { room, device, .. } = &self.options;
        let mut stored = Stored::new(room, device, &self.me.member, &self.outbox);
        self.log.store(&mut stored);
        stored.known = self.members.known();
        stored.inbox = self.inbox.entries().cloned().collect();
        stored.read_seq = self.reading.read_seq();
        self.effects.push_back(Effect::Persist {
            revision: self.revision,
            stored_json: stored.to_json(),
        });
    }

    /// Sends what may be sent now: the next op once the log is complete, what was read, and presence.
    pub(crate) fn flush(&mut self, now: Moment) {
        if !matches!(self.link, Link::Joined(_)) {
            return;
        }
        let millis = now.monotonic_millis;
        self.outbox.end_hold(millis);
        if self.is_synced()
            && let Some(op) = self.outbox.take_next(self.saved_revision, millis)
        {
            let message = op.request.to_message(op.op_id.clone());
            self.transmit(&message, now);
        }
        if self.is_synced()
            && let Some(seq) = self.reading.take_untold()
        {
            self.transmit(&ClientMessage::Read { seq }, now);
        }
        if self.presence_waits() && millis >= self.presence_not_before_millis {
            let every = self.options.presence_millis.filter(|millis| *millis > 0);
            let every = every.map_or(PRESENCE_EVERY_MILLIS, u64::from);
            self.presence_not_before_millis = millis + every;
            self.presence_sent = Some(self.me.presence.clone());
            self.transmit(&ClientMessage::Presence(self.me.presence.clone()), now);
        }
    }

    fn presence_waits(&self) -> bool {
        self.presence_sent.as_ref() != Some(&self.me.presence)
    }

    /// No presence before this time: the relay asked for less.
    pub(crate) fn hold_presence(&mut self, until_millis: u64) {
        self.presence_sent = None;
        self.presence_not_before_millis = until_millis;
    }

    fn ping(&mut self, now: Moment) {
        self.pings += 1;
        self.transmit(&ClientMessage::Ping { nonce: self.pings }, now);
    }

    pub(crate) fn transmit(&mut self, message: &ClientMessage, now: Moment) {
        if let Some(connection) = self.link.connection() {
            if let Link::Joined(joined) = &mut self.link {
                joined.sent(now.monotonic_millis);
            }
            let codec = self.options.codec;
            let mut bytes = Vec::new();
            codec.encode_client(message, &mut bytes);
            self.effects.push_back(Effect::Send {
                connection,
                bytes,
                codec,
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
            codec: self.options.codec,
        });
        self.changed();
    }

    /// The relay has said welcome.
    pub(crate) fn join(&mut self, joined: Joined) {
        self.link = Link::Joined(joined);
        self.presence_sent = None;
        self.presence_not_before_millis = 0;
        self.problem = None;
    }

    /// The connection is gone: waits, then connects again.
    pub(crate) fn unreachable(&mut self, message: &str, now: Moment) {
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
    pub(crate) fn reconnect_after(&mut self, after_millis: u64, now: Moment) {
        self.hang_up();
        self.link = Link::Waiting {
            until_millis: now.monotonic_millis + after_millis + self.backoff.next_millis(),
        };
        self.changed();
    }

    /// Ends the connection for good.
    pub(crate) fn end(&mut self, problem: Option<Problem>) {
        self.hang_up();
        self.link = Link::Closed;
        self.problem = problem;
        self.changed();
    }

    fn hang_up(&mut self) {
        if let Some(connection) = self.link.connection() {
            self.effects.push_back(Effect::Disconnect { connection });
        }
        self.outbox.connection_lost();
        self.log.stop_fetching();
        self.incoming = None;
        self.tell(|| News::Disconnected);
    }
}
