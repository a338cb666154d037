//! What a program is told: what is wrong, what a person should know, and what happened.

use chat_relay_protocol::{Direct, Event, MemberPresence, Seq, WireError};

/// Something that is wrong with the connection, or an op that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// For programs: the relay's code, or `unreachable`, or `rejected`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Whether the client tries again by itself.
    pub retry: bool,
}

/// What a person is told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Counts up: a notice with a new number is a new one.
    pub number: u64,
    /// What it is.
    pub problem: Problem,
}

/// What happened, one by one, for programs that count; see [`Options::tells_news`](crate::Options::tells_news).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// The relay said welcome.
    Welcome,
    /// A snapshot took the place of what was here.
    Snapshot {
        /// The event that it stands for.
        seq: Seq,
    },
    /// An event was folded in: each once, in order, without gaps but for snapshots.
    Event(Box<Event>),
    /// A direct message came.
    Direct(Box<Direct>),
    /// An event came that is here already. Nothing is wrong but the relay, or the network between.
    Duplicate {
        /// Which.
        seq: Seq,
    },
    /// An event came before one that has to come first: the connection is given up, and the log is asked for again.
    Gap {
        /// The last event that is here.
        after: Seq,
        /// The one that came.
        seq: Seq,
    },
    /// A batch of presence came.
    Presence {
        /// The latest of those that changed.
        members: Vec<MemberPresence>,
    },
    /// The relay found this device too slow; the events follow late.
    Missed {
        /// The last event that came in time.
        after: Seq,
        /// The last one that follows late.
        last: Seq,
    },
    /// The relay refused something.
    Refused(WireError),
    /// The connection was lost or given up.
    Disconnected,
}
