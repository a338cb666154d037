//! The connection to the relay: when to connect, to greet, to ping, to give up, to wait. It knows nothing of the
//! room's contents.

use chat_relay_protocol::Seq;

/// How long a connection may take from opening to the relay's welcome.
pub(crate) const WELCOME_WITHIN_MILLIS: u64 = 12_000;

/// How long the answer to a ping may take when the network is in doubt.
const ANSWER_WITHIN_IN_DOUBT_MILLIS: u64 = 3_000;

/// Tells one connection from the ones before it: what an older one still brings is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The connection in a word, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// For the first time, or so soon after the last connection that nobody needs to know.
    Connecting,
    /// In the room.
    Online,
    /// Again, after something went wrong.
    Reconnecting,
    /// The system says that there is no network.
    Offline,
    /// For good.
    Closed,
}

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

/// A connection that the relay has welcomed. Each side says something at least once an interval: who has sent or heard
/// nothing for so long asks the other, and who gets no answer within another interval gives the connection up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) connection: ConnectionId,
    /// The log is complete, as far as the relay has said, from here on.
    pub(crate) complete_at: Seq,
    interval_millis: u64,
    last_sent_millis: u64,
    last_heard_millis: u64,
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
        let mut joined = Joined {
            connection,
            complete_at,
            interval_millis: 0,
            last_sent_millis: now_millis,
            last_heard_millis: now_millis,
            unanswered_since_millis: None,
            patience_millis: 0,
        };
        joined.set_heartbeat(heartbeat_secs);
        joined
    }

    /// The interval from now on.
    pub(crate) fn set_heartbeat(&mut self, secs: u32) {
        self.interval_millis = u64::from(secs.max(1)) * 1000;
        self.patience_millis = self.interval_millis;
    }

    /// Anything came from the relay.
    pub(crate) fn heard(&mut self, now_millis: u64) {
        self.last_heard_millis = now_millis;
        self.unanswered_since_millis = None;
        self.patience_millis = self.interval_millis;
    }

    /// Anything was sent to the relay.
    pub(crate) fn sent(&mut self, now_millis: u64) {
        self.last_sent_millis = now_millis;
    }

    /// A question is on its way; its answer is awaited.
    pub(crate) fn asked(&mut self, now_millis: u64) {
        self.unanswered_since_millis.get_or_insert(now_millis);
    }

    /// The network changed or is gone: the relay is being asked, and its answer is not waited for long.
    pub(crate) fn doubt(&mut self, now_millis: u64) {
        self.asked(now_millis);
        self.patience_millis = ANSWER_WITHIN_IN_DOUBT_MILLIS;
    }

    /// What is due. A `Ping` counts as asked.
    pub(crate) fn need(&mut self, now_millis: u64) -> Need {
        if self
            .unanswered_since_millis
            .is_some_and(|since| now_millis >= since + self.patience_millis)
        {
            return Need::Drop;
        }
        if now_millis >= self.ping_due_millis() {
            self.asked(now_millis);
            self.last_sent_millis = now_millis;
            return Need::Ping;
        }
        Need::Nothing
    }

    pub(crate) fn wake_millis(&self) -> u64 {
        let ping = self.ping_due_millis();
        self.unanswered_since_millis
            .map_or(ping, |since| ping.min(since + self.patience_millis))
    }

    /// A little before the interval is over: the message takes a while to get there.
    fn ping_due_millis(&self) -> u64 {
        let interval = self.interval_millis - self.interval_millis / 8;
        let sent = self.last_sent_millis + interval;
        match self.unanswered_since_millis {
            Some(_) => sent,
            None => sent.min(self.last_heard_millis + interval),
        }
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
        Joined::new(ConnectionId(1), 0, 32, 1_000)
    }

    #[test]
    fn a_quiet_connection_is_asked_after_an_interval_and_gone_after_two() {
        let mut link = joined();
        assert_eq!(link.need(28_999), Need::Nothing);
        assert_eq!(link.wake_millis(), 29_000);
        assert_eq!(link.need(29_000), Need::Ping);
        assert_eq!(link.need(57_000), Need::Ping);
        assert_eq!(link.need(60_999), Need::Nothing);
        assert_eq!(link.need(61_000), Need::Drop);
    }

    #[test]
    fn an_answer_keeps_it() {
        let mut link = joined();
        assert_eq!(link.need(29_000), Need::Ping);
        link.heard(30_000);
        assert_eq!(link.need(61_000), Need::Ping);
        assert_eq!(link.need(92_999), Need::Ping);
        assert_eq!(link.need(93_000), Need::Drop);
    }

    #[test]
    fn who_only_sends_still_asks_whether_the_other_is_there() {
        let mut link = joined();
        for second in 1..29 {
            link.sent(second * 1_000);
        }
        assert_eq!(link.need(29_000), Need::Ping);
    }

    #[test]
    fn who_only_hears_still_says_something() {
        let mut link = joined();
        for second in 1..29 {
            link.heard(second * 1_000);
        }
        assert_eq!(link.need(29_000), Need::Ping);
    }

    #[test]
    fn in_doubt_the_answer_is_awaited_for_three_seconds() {
        let mut link = joined();
        link.doubt(10_000);
        assert_eq!(link.wake_millis(), 13_000);
        assert_eq!(link.need(12_999), Need::Nothing);
        assert_eq!(link.need(13_000), Need::Drop);
    }

    #[test]
    fn another_interval_holds_from_now_on() {
        let mut link = joined();
        link.set_heartbeat(8);
        assert_eq!(link.need(7_999), Need::Nothing);
        assert_eq!(link.need(8_000), Need::Ping);
    }
}
