//! Why a connection ends, and what the other side is told: an `error` message, then a close frame whose reason
//! is the error's code.

use chat_relay_protocol::{
    ErrorCode, MAX_HELLO_BYTES, MAX_MESSAGE_BYTES, OpId, PROTOCOL_VERSION, Retry, WireError,
};

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Closing {
    /// The other side closed, or is gone: there is nobody to tell.
    Gone,
    /// Nothing came from the other side for two heartbeat intervals.
    Silent,
    /// The other side is told.
    Told {
        /// What went wrong.
        error: WireError,
        /// The close frame's code.
        code: u16,
    },
}

/// The refusal of one op.
pub(crate) fn op_error(
    code: ErrorCode,
    message: impl Into<String>,
    retry: Retry,
    op_id: OpId,
) -> WireError {
    WireError {
        op_id: Some(op_id),
        ..WireError::new(code, message, retry)
    }
}

const POLICY: u16 = 1008;
const RESTART: u16 = 1012;
const TRY_LATER: u16 = 1013;
/// Application-defined: the same device connected again.
const REPLACED: u16 = 4001;
/// Application-defined: the member was removed from the room, or the device logged out.
const REMOVED: u16 = 4003;
/// Application-defined: the room is gone.
const EXPIRED: u16 = 4004;

impl Closing {
    fn told(code: u16, error: ErrorCode, message: impl Into<String>, retry: Retry) -> Self {
        Closing::Told {
            error: WireError::new(error, message, retry),
            code,
        }
    }

    /// The reason in a word, for counting.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Closing::Gone => "gone",
            Closing::Silent => "heartbeat",
            Closing::Told { error, .. } => error.code.name(),
        }
    }

    pub(crate) fn late_hello() -> Self {
        Self::told(
            POLICY,
            ErrorCode::HelloExpected,
            "No hello came in time. Connect again and say hello first.",
            Retry::Later { after_millis: 1000 },
        )
    }

    pub(crate) fn no_hello() -> Self {
        Self::told(
            POLICY,
            ErrorCode::HelloExpected,
            "The first message has to be a hello.",
            Retry::Never,
        )
    }

    pub(crate) fn bad_hello(reason: &str) -> Self {
        Self::told(
            POLICY,
            ErrorCode::BadMessage,
            format!("The first message cannot be read: {reason}."),
            Retry::Never,
        )
    }

    pub(crate) fn large_hello() -> Self {
        Self::told(
            1009,
            ErrorCode::TooLarge,
            format!("The first message may have {MAX_HELLO_BYTES} bytes."),
            Retry::Never,
        )
    }

    pub(crate) fn version(theirs: u32) -> Self {
        Self::told(
            POLICY,
            ErrorCode::Version,
            format!("This relay speaks version {PROTOCOL_VERSION}, not {theirs}. Reload the page."),
            Retry::Never,
        )
    }

    pub(crate) fn unauthorized() -> Self {
        Self::told(
            POLICY,
            ErrorCode::Unauthorized,
            "This device is not admitted to the room. Join it again with its code.",
            Retry::Rejoin,
        )
    }

    pub(crate) fn token_expired() -> Self {
        Self::told(
            POLICY,
            ErrorCode::TokenExpired,
            "The token has expired. Get a new one with the device's secret.",
            Retry::Renew,
        )
    }

    pub(crate) fn removed() -> Self {
        Self::told(
            REMOVED,
            ErrorCode::Removed,
            "You were removed from this room.",
            Retry::Never,
        )
    }

    pub(crate) fn logged_out() -> Self {
        Self::told(
            REMOVED,
            ErrorCode::Unauthorized,
            "This device was logged out.",
            Retry::Rejoin,
        )
    }

    pub(crate) fn room_expired() -> Self {
        Self::told(
            EXPIRED,
            ErrorCode::RoomExpired,
            "This room was not used for a long time and is gone. Make a new one.",
            Retry::Never,
        )
    }

    pub(crate) fn too_many_devices() -> Self {
        Self::told(
            TRY_LATER,
            ErrorCode::TooManyConnections,
            "You are connected with too many devices. Close one of them.",
            Retry::Later {
                after_millis: 10_000,
            },
        )
    }

    pub(crate) fn flooding(after_millis: u64) -> Self {
        Self::told(
            POLICY,
            ErrorCode::RateLimited,
            "This device kept sending far more than it may.",
            Retry::Later { after_millis },
        )
    }

    pub(crate) fn room_not_found() -> Self {
        Self::told(
            POLICY,
            ErrorCode::RoomNotFound,
            "There is no such room on this relay.",
            Retry::Rejoin,
        )
    }

    pub(crate) fn room_full() -> Self {
        Self::told(
            TRY_LATER,
            ErrorCode::RoomFull,
            "The room is full. Try again when somebody has left.",
            Retry::Later {
                after_millis: 10_000,
            },
        )
    }

    pub(crate) fn storage() -> Self {
        Self::told(
            1011,
            ErrorCode::Storage,
            "The relay cannot read or write its store just now.",
            Retry::Later { after_millis: 2000 },
        )
    }

    /// An op was refused because the store failed: the device has to send it, and what followed, again.
    pub(crate) fn op_not_stored(op_id: OpId) -> Self {
        Closing::Told {
            error: op_error(
                ErrorCode::Storage,
                "The relay cannot store anything just now. What you did is kept on this device.",
                Retry::Later { after_millis: 2000 },
                op_id,
            ),
            code: 1011,
        }
    }

    pub(crate) fn wrong_kind() -> Self {
        Self::told(
            1003,
            ErrorCode::BadMessage,
            "This subprotocol has messages of the other kind: text for JSON, binary for the others.",
            Retry::Never,
        )
    }

    pub(crate) fn too_large() -> Self {
        Self::told(
            1009,
            ErrorCode::TooLarge,
            format!("A message may have {MAX_MESSAGE_BYTES} bytes."),
            Retry::Never,
        )
    }

    pub(crate) fn malformed_frame() -> Self {
        Self::told(
            1002,
            ErrorCode::BadMessage,
            "That was no WebSocket frame.",
            Retry::Never,
        )
    }

    pub(crate) fn not_utf8() -> Self {
        Self::told(
            1007,
            ErrorCode::BadMessage,
            "A text message has to be UTF-8.",
            Retry::Never,
        )
    }

    pub(crate) fn too_many_bad_messages() -> Self {
        Self::told(
            POLICY,
            ErrorCode::BadMessage,
            "Too many messages could not be read.",
            Retry::Never,
        )
    }

    pub(crate) fn lagged() -> Self {
        Self::told(
            TRY_LATER,
            ErrorCode::Lagged,
            "This device fell too far behind. Connect again and resume.",
            Retry::Later { after_millis: 100 },
        )
    }

    pub(crate) fn replaced() -> Self {
        Self::told(
            REPLACED,
            ErrorCode::Replaced,
            "This device has connected again elsewhere.",
            Retry::Never,
        )
    }

    /// `after_millis` differs between connections, so that they do not all come back at once.
    pub(crate) fn shutting_down(after_millis: u64) -> Self {
        Self::told(
            RESTART,
            ErrorCode::ShuttingDown,
            "The relay is shutting down. Everything it took is kept.",
            Retry::Later { after_millis },
        )
    }
}
