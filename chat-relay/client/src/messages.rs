//! What each message of the relay changes.

use chat_relay_protocol::{
    Body, Direct, Event, HeldOp, Member, RoomChange, Seq, ServerMessage, SnapshotPart, Welcome,
};

use crate::{
    client::Client,
    inbox::Inbox,
    incoming::Incoming,
    link::{ConnectionId, Joined, Link},
    log::Log,
    moment::Moment,
    news::{News, Problem},
    reading::{Reading, TO_THE_SNAPSHOT},
};

impl Client {
    /// The socket brought a message of the codec.
    pub fn socket_message(&mut self, connection: ConnectionId, bytes: &[u8], now: Moment) {
        if self.link.connection() != Some(connection) {
            return;
        }
        if let Link::Joined(joined) = &mut self.link {
            joined.heard(now.monotonic_millis);
        }
        let Ok(message) = self.options.codec.decode_server(bytes) else {
            return self.unreadable(now);
        };
        // Held ops follow a welcome or its snapshot at once: what comes next says that all of them were told.
        let held_follow = matches!(
            message,
            ServerMessage::Welcome(_) | ServerMessage::Snapshot(_) | ServerMessage::Held { .. }
        );
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(connection, welcome, now),
            ServerMessage::Snapshot(part) => self.snapshot(part, now),
            ServerMessage::Events { events } => self.events_came(events, now),
            ServerMessage::Ack { op_id, seq } => self.outbox.acknowledge(&op_id, seq),
            ServerMessage::Held { ops } => self.held_came(ops, now),
            ServerMessage::Inbox { entries } => self.inbox_came(entries, now),
            ServerMessage::Joined { member } => {
                self.stands(&member);
                self.members.joined(member);
                self.save_soon(now);
                self.changed();
            }
            ServerMessage::Left { device } => {
                self.members.left(&device);
                self.changed();
            }
            ServerMessage::Presence { members } => {
                self.tell(|| News::Presence {
                    members: members.clone(),
                });
                if self.members.presence(members) {
                    self.changed();
                }
            }
            ServerMessage::Read { seq, unread } => {
                self.reading.told(seq, unread, self.counted_to());
                self.save_soon(now);
                self.changed();
            }
            ServerMessage::History {
                before,
                messages,
                more,
            } => {
                self.log.fetched(before, messages, more);
                self.changed();
            }
            ServerMessage::Missed { after, last } => {
                if let Link::Joined(joined) = &mut self.link {
                    joined.complete_at = joined.complete_at.max(last);
                }
                self.tell(|| News::Missed { after, last });
                self.changed();
            }
            ServerMessage::Heartbeat { secs } => {
                if let Link::Joined(joined) = &mut self.link {
                    joined.set_heartbeat(secs);
                }
            }
            ServerMessage::Error(error) => self.refused(error, now),
            ServerMessage::Pong { .. } | ServerMessage::Unknown => {}
        }
        let (last_seq, inbox_is_whole) = (self.log.last_seq(), self.inbox.is_whole());
        let is_settled = self.outbox.settle_reached(last_seq, inbox_is_whole);
        let is_decided = !held_follow && self.is_synced() && self.held.forget_old();
        if is_settled || is_decided {
            self.save_soon(now);
            self.rebased();
        }
        self.flush(now);
    }

    /// Up to which event the relay counts just now, as far as this device can tell.
    fn counted_to(&self) -> Seq {
        match self.link {
            _ if self.incoming.is_some() => TO_THE_SNAPSHOT,
            Link::Joined(joined) => self.log.last_seq().max(joined.complete_at),
            _ => self.log.last_seq(),
        }
    }

    /// A message is broken. Where the log is complete, the next event's number tells whether it mattered; before that it
    /// may have been a part of what is awaited, which nothing else would bring.
    fn unreadable(&mut self, now: Moment) {
        if matches!(self.link, Link::Joined(_)) && !self.is_synced() {
            self.unreachable("the relay cannot be understood", now);
        }
    }

    fn welcome(&mut self, connection: ConnectionId, welcome: Welcome, now: Moment) {
        if !matches!(self.link, Link::Connecting { .. }) {
            return;
        }
        let same_log = self.log.epoch() == Some(welcome.epoch.as_str());
        // The relay's log may end before ours though it is the same one, as after a backup was restored.
        let is_cut = same_log && welcome.seq < self.log.last_seq();
        if !same_log || welcome.inbox < self.inbox.last_seq() {
            self.inbox = Inbox::default();
        }
        if !same_log || is_cut {
            self.reading = Reading::default();
        }
        if is_cut {
            // Nothing may go on from here: by then the relay's log could be as long as ours, and another one.
            self.start_over(&welcome.epoch);
        }
        self.incoming = None;
        if welcome.snapshot {
            // What is here stays until all of the snapshot is.
            self.incoming = Some(Incoming::new(welcome.epoch));
        } else if welcome.from_start || !same_log {
            self.start_over(&welcome.epoch);
        } else if is_cut {
            self.rebased();
            self.reconnect_after(0, now);
            return;
        }
        self.log.stop_fetching();
        self.log.settings.set_room(&welcome.settings);
        for person in &welcome.past_members {
            let standing = self.log.settings.standing(&person.member);
            self.log.settings.set_standing(
                &person.member,
                chat_relay_protocol::settings::Standing {
                    role: person.role,
                    ..standing
                },
            );
        }
        for member in &welcome.members {
            self.stands(member);
        }
        self.stands(&welcome.you);
        self.code = welcome.code;
        self.members.welcome(welcome.members, welcome.past_members);
        self.inbox.welcome(welcome.inbox);
        self.reading
            .welcome(welcome.read_seq, welcome.unread, welcome.seq);
        self.held.welcome();
        self.join(Joined::new(
            connection,
            welcome.seq,
            welcome.heartbeat_secs,
            now.monotonic_millis,
        ));
        self.tell(|| News::Welcome);
        self.save_soon(now);
        self.rebased();
    }

    /// The log begins anew.
    fn start_over(&mut self, epoch: &str) {
        self.log = Log::empty(epoch.to_owned());
        self.forget_undo();
    }

    /// The log is another one, and what took changes back by their numbers would take back somebody else's.
    fn forget_undo(&mut self) {
        self.undo.forget();
        self.outbox.forget_undos();
    }

    /// What the relay says of a member holds; events that follow may be older, but the last one says the same.
    fn stands(&mut self, member: &Member) {
        let standing = self.log.settings.standing(&member.member);
        self.log.settings.set_standing(
            &member.member,
            chat_relay_protocol::settings::Standing {
                role: member.role,
                muted: member.muted,
                ..standing
            },
        );
        if member.device == self.options.device {
            self.me.name.clone_from(&member.name);
            self.me.hue = member.hue;
            self.me.member.clone_from(&member.member);
        }
    }

    fn snapshot(&mut self, part: SnapshotPart, now: Moment) {
        let Some(incoming) = &mut self.incoming else {
            return;
        };
        let epoch = incoming.epoch().to_owned();
        let whole = match incoming.push(part) {
            Ok(Some(whole)) => whole,
            Ok(None) => return,
            Err(_gap) => return self.unreachable("the relay's snapshot is not whole", now),
        };
        self.incoming = None;
        self.tell(|| News::Snapshot { seq: whole.seq });
        if self.log.epoch() != Some(epoch.as_str()) || whole.seq < self.log.last_seq() {
            self.forget_undo();
        }
        // Own ops that were under way when this connection began: their events do not come any more.
        for message in &whole.messages {
            self.outbox.settle(&message.op_id);
        }
        self.reading.snapshot(whole.seq);
        self.log = Log::of_snapshot(epoch, whole, &self.log);
        self.save_soon(now);
        self.rebased();
    }

    fn events_came(&mut self, events: Vec<Event>, now: Moment) {
        let mut news = false;
        for event in events {
            if event.seq == self.log.last_seq() + 1 && event.op_id.device == self.options.device {
                self.undo.logged(&event, &self.log.scene);
            }
            match self.log.push(&event) {
                Ok(true) => {
                    self.happened(&event);
                    self.tell(|| News::Event(Box::new(event)));
                    news = true;
                }
                Ok(false) => self.tell(|| News::Duplicate { seq: event.seq }),
                Err(_gap) => {
                    let after = self.log.last_seq();
                    self.tell(|| News::Gap {
                        after,
                        seq: event.seq,
                    });
                    self.rebased();
                    self.reconnect_after(0, now);
                    return;
                }
            }
        }
        if news {
            self.save_soon(now);
            self.rebased();
        }
    }

    /// What an event means beside what it says: an own op arrived, or one that was held was decided.
    fn happened(&mut self, event: &Event) {
        self.outbox.settle(&event.op_id);
        match &event.body {
            Body::Room {
                change: RoomChange::Approve { op_id },
            } => {
                self.held.decided(op_id);
                self.outbox.settle(op_id);
            }
            Body::Room {
                change: RoomChange::Reject { op_id },
            } => {
                let was_held = self.held.rejected(op_id, &self.log.scene);
                let was_pending = self.outbox.settle(op_id);
                let by_others = event.from != self.me.member;
                if by_others && op_id.device == self.options.device && (was_held || was_pending) {
                    self.note(Problem {
                        code: "rejected".into(),
                        message: "What you made was not approved.".into(),
                        retry: false,
                    });
                }
            }
            _ => {}
        }
    }

    fn held_came(&mut self, ops: Vec<HeldOp>, now: Moment) {
        for held in ops {
            self.outbox.settle(&held.op.op_id);
            self.held.told(held);
        }
        self.save_soon(now);
        self.rebased();
    }

    fn inbox_came(&mut self, entries: Vec<Direct>, now: Moment) {
        for direct in entries {
            let op_id = direct.op_id.clone();
            match self.inbox.push(direct.clone()) {
                Ok(true) => {
                    self.outbox.settle(&op_id);
                    self.tell(|| News::Direct(Box::new(direct)));
                }
                Ok(false) => {}
                Err(_gap) => {
                    self.reconnect_after(0, now);
                    return;
                }
            }
        }
        self.save_soon(now);
        self.rebased();
    }
}
