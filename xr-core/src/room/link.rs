//! The connection to the relay: when to connect, to greet, to ping, to give up, to wait. It knows nothing of the
//! room's contents.

use chat_relay_protocol::Seq;

/// How long a connection may take from opening to the relay's welcome.
pub(crate) const WELCOME_WITHIN_MILLIS: u64 = 12_000;

/// How long the answer to a ping may take when the browser says that the network is gone.
const ANSWER_WITHIN_WHEN_OFFLINE_MILLIS: u64 = 3_000;

/// Tells one connection from the ones before it: what an older one still brings is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Before the start.
    Idle,
    /// Waiting for the next attempt.
    Waiting { until_millis: u64 },
    /// The socket opens, or the hello is on its way.
    Connecting {
        connection: ConnectionId,
        since_millis: u64,
        greeted: bool,
    },
    /// The relay has said welcome.
    Joined(Joined),
    /// For good.
    Closed,
}

/// A connection that the relay has welcomed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) connection: ConnectionId,
    /// The log is complete, as of the welcome, from here on.
    pub(crate) complete_at: Seq,
    heartbeat_millis: u64,
    last_sent_millis: u64,
    unanswered_since_millis: Option<u64>,
    patience_millis: u64,
}

/// What a joined connection needs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Ping,
    Drop,
}

impl Joined {
    pub(crate) fn new(
        connection: ConnectionId,
        complete_at: Seq,
        heartbeat_secs: u32,
        now_millis: u64,
    ) -> Joined {
        let heartbeat_millis = u64::from(heartbeat_secs.max(3)) * 1000;
        Joined {
            connection,
            complete_at,
            heartbeat_millis,
            last_sent_millis: now_millis,
            unanswered_since_millis: None,
            patience_millis: heartbeat_millis,
        }
    }

    /// Anything came from the relay.
    pub(crate) fn heard(&mut self) {
        self.unanswered_since_millis = None;
        self.patience_millis = self.heartbeat_millis;
    }

    /// Anything was sent to the relay.
    pub(crate) fn sent(&mut self, now_millis: u64) {
        self.last_sent_millis = now_millis;
    }

    /// The browser says that the network is gone: ask the relay, and do not wait long for its answer.
    pub(crate) fn doubt(&mut self) {
        self.last_sent_millis = 0;
        self.patience_millis = ANSWER_WITHIN_WHEN_OFFLINE_MILLIS;
    }

    /// What is due. A `Ping` counts as asked.
    pub(crate) fn need(&mut self, now_millis: u64) -> Need {
        if self
            .unanswered_since_millis
            .is_some_and(|since| now_millis >= since + self.patience_millis)
        {
            return Need::Drop;
        }
        if now_millis >= self.last_sent_millis + self.ping_every_millis() {
            self.unanswered_since_millis.get_or_insert(now_millis);
            self.last_sent_millis = now_millis;
            return Need::Ping;
        }
        Need::Nothing
    }

    pub(crate) fn wake_millis(&self) -> u64 {
        let ping = self.last_sent_millis + self.ping_every_millis();
        self.unanswered_since_millis
            .map_or(ping, |since| ping.min(since + self.patience_millis))
    }

    fn ping_every_millis(&self) -> u64 {
        self.heartbeat_millis / 3
    }
}

impl Link {
    /// The connection in use.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self {
            Link::Connecting { connection, .. } => Some(*connection),
            Link::Joined(joined) => Some(joined.connection),
            Link::Idle | Link::Waiting { .. } | Link::Closed => None,
        }
    }

    /// When something is due.
    pub(crate) fn wake_millis(&self) -> Option<u64> {
        match self {
            Link::Waiting { until_millis } => Some(*until_millis),
            Link::Connecting { since_millis, .. } => Some(since_millis + WELCOME_WITHIN_MILLIS),
            Link::Joined(joined) => Some(joined.wake_millis()),
            Link::Idle | Link::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined() -> Joined {
        Joined::new(ConnectionId(1), 0, 30, 1_000)
    }

    #[test]
    fn a_quiet_connection_is_pinged_and_then_dropped() {
        let mut link = joined();
        assert_eq!(link.need(10_999), Need::Nothing);
        assert_eq!(link.need(11_000), Need::Ping);
        assert_eq!(link.need(21_000), Need::Ping);
        assert_eq!(link.need(40_999), Need::Ping);
        assert_eq!(link.need(41_000), Need::Drop);
    }

    #[test]
    fn an_answer_keeps_it() {
        let mut link = joined();
        assert_eq!(link.need(11_000), Need::Ping);
        link.heard();
        assert_eq!(link.need(41_000), Need::Ping);
        assert_eq!(link.need(70_999), Need::Ping);
        assert_eq!(link.need(71_000), Need::Drop);
    }

    #[test]
    fn in_doubt_it_is_asked_at_once_and_for_three_seconds() {
        let mut link = joined();
        link.doubt();
        assert_eq!(link.need(10_000), Need::Ping);
        assert_eq!(link.wake_millis(), 13_000);
        assert_eq!(link.need(13_000), Need::Drop);
    }
}
