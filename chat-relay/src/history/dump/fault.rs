//! What is wrong with a line of a dump.

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Not JSON, not of a known type, or a field is missing, misspelt or malformed.
    #[error("{reason}")]
    Shape {
        /// What the reader said.
        reason: String,
    },
    /// Longer than any line may be.
    #[error("it is longer than {limit_bytes} bytes")]
    Long {
        /// The limit.
        limit_bytes: usize,
    },
    /// The body is none of the protocol's.
    #[error("the body cannot be read: {reason}")]
    Body {
        /// What the reader said.
        reason: String,
    },
    /// The code cannot be typed by anybody.
    #[error("{code:?} is no room code: six of CDFGHJKMNPQRTVWXY3479")]
    Code {
        /// The code.
        code: String,
    },
    /// There are eight hues.
    #[error("the hue is 0 to 7, not {actual}")]
    Hue {
        /// What it is.
        actual: u8,
    },
    /// Not 32 bytes in hexadecimal.
    #[error("secret_sha256 is 64 hexadecimal digits")]
    Secret,
    /// Not base64.
    #[error("body_base64 is no base64")]
    Base64,
    /// The id, code or secret is there already.
    #[error(
        "the {what} {id} is there already: drop it from the dump, or import into another folder"
    )]
    Taken {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// What the line refers to did not come before it.
    #[error("the {what} {id} does not come before it in this dump")]
    Missing {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// The device is another member's.
    #[error("the device {device} is not {member}'s")]
    NotTheirs {
        /// The device.
        device: String,
        /// The member.
        member: String,
    },
    /// The number is not the next one.
    #[error("{field} is {actual}, the next one is {expected}")]
    Order {
        /// Of which field.
        field: &'static str,
        /// What comes next.
        expected: u64,
        /// What it is.
        actual: u64,
    },
    /// The event is earlier than the one before.
    #[error("at is {actual}, the event before is at {before}")]
    Time {
        /// Of the event before.
        before: i64,
        /// What it is.
        actual: i64,
    },
    /// The op has come before.
    #[error("the op {counter} of the device {device} is there already")]
    Op {
        /// The device.
        device: String,
        /// The counter.
        counter: u64,
    },
    /// An inbox has gaps.
    #[error("{member}'s inbox has {count} messages, but goes up to {last}")]
    Inbox {
        /// Whose.
        member: String,
        /// How many there are.
        count: u64,
        /// The last one's number.
        last: u64,
    },
    /// The snapshot is not of an event that is there, or does not stand for those that are not.
    #[error("its log goes from {pruned_seq} to {last_seq}, it needs a snapshot in there")]
    Snapshot {
        /// Events up to this one are not there.
        pruned_seq: u64,
        /// The last event.
        last_seq: u64,
    },
    /// A number above what JavaScript holds exactly.
    #[error("{field} is above 2^53 - 1")]
    Large {
        /// Of which field.
        field: &'static str,
    },
}
