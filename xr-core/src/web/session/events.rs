//! What a session tells the page, as JSON.

use serde::Serialize;

use crate::{error::Error, room::AlignmentEvent};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(super) enum SessionEvent {
    Pin {
        id: String,
        position: [f64; 3],
        placed: bool,
    },
    Spot {
        index: u8,
        position: [f64; 3],
    },
    Aligned {
        residual_m: f64,
        defined: bool,
    },
    AlignRefused {
        code: &'static str,
        message: String,
    },
    NoHit,
    Hit {
        visible: bool,
    },
    Tracking {
        state: chat_relay_protocol::Tracking,
    },
    Visibility {
        state: String,
    },
    Reset,
    Error {
        code: &'static str,
        message: String,
    },
    Ended,
}

impl From<Error> for SessionEvent {
    fn from(error: Error) -> SessionEvent {
        SessionEvent::Error {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl From<AlignmentEvent> for SessionEvent {
    fn from(event: AlignmentEvent) -> SessionEvent {
        match event {
            AlignmentEvent::Spot {
                index,
                point_in_device,
            } => SessionEvent::Spot {
                index,
                position: point_in_device.to_array(),
            },
            AlignmentEvent::Aligned {
                residual_m,
                defined,
            } => SessionEvent::Aligned {
                residual_m,
                defined,
            },
            AlignmentEvent::Refused(error) => SessionEvent::AlignRefused {
                code: error.code(),
                message: error.to_string(),
            },
        }
    }
}
