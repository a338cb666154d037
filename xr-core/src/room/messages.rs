//! What each message of the relay changes.

use chat_relay_protocol::{ErrorCode, Event, OpId, Retry, ServerMessage, Welcome, WireError};

use super::{
    client::{Client, Moment, Problem},
    link::{ConnectionId, Joined, Link},
    log::Log,
};

impl Client {
    /// The socket brought a text message.
    pub fn socket_message(&mut self, connection: ConnectionId, text: &str, now: Moment) {
        if self.link.connection() != Some(connection) {
            return;
        }
        if let Link::Joined(joined) = &mut self.link {
            joined.heard();
        }
        // What cannot be read is of a later version or broken; the log's numbers tell when it mattered.
        let Ok(message) = ServerMessage::from_json(text) else {
            return;
        };
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(connection, welcome, now),
            ServerMessage::Events { events } => self.events_came(events, now),
            ServerMessage::Ack { op_id, seq } => {
                if self.outbox.acknowledge(&op_id, seq, self.log.last_seq()) {
                    self.save_soon(now);
                    self.refold(now);
                }
            }
            ServerMessage::Joined { member } => {
                self.members.joined(member);
                self.save_soon(now);
                self.changed();
            }
            ServerMessage::Left { device } => {
                self.members.left(&device);
                self.changed();
            }
            ServerMessage::Presence { members } => {
                if self.members.presence(members) {
                    self.changed();
                }
            }
            ServerMessage::Error(error) => self.refused(error, now),
            ServerMessage::Pong { .. } | ServerMessage::Unknown => {}
        }
        self.flush(now);
    }

    fn welcome(&mut self, connection: ConnectionId, welcome: Welcome, now: Moment) {
        let same_log = self.log.epoch() == Some(welcome.epoch.as_str());
        if welcome.from_start || !same_log {
            self.log = Log::empty(welcome.epoch);
        } else if welcome.seq < self.log.last_seq() {
            // The relay's log ends before ours though it is the same one: start over from nothing.
            self.log = Log::empty(welcome.epoch);
            self.refold(now);
            self.reconnect_after(0, now);
            return;
        }
        self.code = welcome.code;
        self.me.name.clone_from(&welcome.you.name);
        self.me.hue = welcome.you.hue;
        self.members.welcome(welcome.members, &welcome.past_members);
        self.join(Joined::new(
            connection,
            welcome.seq,
            welcome.heartbeat_secs,
            now.monotonic_millis,
        ));
        self.save_soon(now);
        self.refold(now);
    }

    fn events_came(&mut self, events: Vec<Event>, now: Moment) {
        let mut news = false;
        for event in events {
            let op_id = event.op_id.clone();
            match self.log.push(event) {
                Ok(true) => {
                    self.outbox.settle(&op_id);
                    news = true;
                }
                Ok(false) => {}
                Err(_gap) => {
                    self.refold(now);
                    self.reconnect_after(0, now);
                    return;
                }
            }
        }
        if news {
            self.save_soon(now);
            self.refold(now);
        }
    }

    fn refused(&mut self, error: WireError, now: Moment) {
        let about_op = matches!(
            error.code,
            ErrorCode::TooLarge
                | ErrorCode::BadMessage
                | ErrorCode::InvalidOp
                | ErrorCode::NotYourDevice
                | ErrorCode::RateLimited
                | ErrorCode::Storage
        );
        let joined = matches!(self.link, Link::Joined(_));
        let op = error
            .op_id
            .clone()
            .or_else(|| self.outbox.under_way().filter(|_| about_op && joined));
        match (op, error.retry) {
            (Some(op_id), Retry::Never) => self.drop_op(&op_id, error, now),
            (Some(_), Retry::Later { after_millis }) => {
                self.outbox
                    .hold(now.monotonic_millis + after_millis.max(50));
            }
            (None, Retry::Later { after_millis }) if about_op && joined => {
                self.hold_presence(now.monotonic_millis + after_millis);
            }
            (None, Retry::Never) if about_op && joined => self.note(problem(error, false)),
            (_, Retry::Rejoin) if error.code == ErrorCode::Lagged => self.reconnect_after(0, now),
            (None, Retry::Later { after_millis }) => {
                self.problem = Some(problem(error, true));
                self.reconnect_after(after_millis, now);
            }
            (_, Retry::Never | Retry::Rejoin) => self.end(Some(problem(error, false))),
        }
    }

    fn drop_op(&mut self, op_id: &OpId, error: WireError, now: Moment) {
        if self.outbox.refuse(op_id).is_some() {
            self.note(problem(error, false));
            self.save_soon(now);
            self.refold(now);
        }
    }

    fn note(&mut self, problem: Problem) {
        let number = self.notice.as_ref().map_or(1, |(number, _)| number + 1);
        self.notice = Some((number, problem));
        self.changed();
    }
}

fn problem(error: WireError, retry: bool) -> Problem {
    // The wire's name of the code, without the quotes of a JSON string.
    let code = serde_json::to_string(&error.code)
        .ok()
        .and_then(|quoted| quoted.get(1..quoted.len() - 1).map(str::to_owned));
    Problem {
        code: code.unwrap_or_else(|| "other".into()),
        message: error.message,
        retry,
    }
}
