//! Why a load test could not be run, and which setting of the relay lets it.

use std::path::PathBuf;

use chat_relay_client::native::rest::CallError;

use super::options::Options;

/// Why a load test could not be run to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is none that can be tested.
    #[error("{url:?} is no relay to test: name one by plain HTTP, as http://127.0.0.1:8080")]
    Url {
        /// What was given.
        url: String,
    },
    /// A member could not get in.
    #[error("member {member} of {members} did not get in: {reason}{}", hint.as_deref().map_or_else(String::new, |hint| format!("\n{hint}")))]
    Refused {
        /// Which, from 1.
        member: u32,
        /// How many there were to be.
        members: u32,
        /// What the relay said.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A result could not be written.
    #[error("{} cannot be written ({source}): name another place with --report or --json", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// The relay refused a call of a member.
    pub(super) fn of_call(member: u32, options: &Options, error: &CallError) -> Error {
        let hint = match error {
            CallError::Refused { error, .. } => setting(error.code.name(), options),
            _ => None,
        };
        Error::Refused {
            member,
            members: options.members,
            reason: error.to_string(),
            hint,
        }
    }
}

/// The setting of the relay behind a refusal while members come.
pub(super) fn setting(code: &str, options: &Options) -> Option<String> {
    let setting = match code {
        // More than enough, so that a test can be repeated.
        "rate_limited" => format!(
            "an address may join only so often, and this test costs {}: start the relay with --set \
             limits.join_burst={}",
            options.join_cost(),
            options.join_cost().saturating_mul(10).max(100)
        ),
        "too_many_connections" => format!(
            "an address may have only so many connections: start the relay with --set \
             limits.connections_per_address={}",
            options.members.saturating_add(100)
        ),
        "room_full" => format!(
            "a room holds only so many members: start the relay with --set limits.members_per_room={}, or test \
             smaller rooms with --room",
            options.room
        ),
        _ => return None,
    };
    Some(setting)
}

/// The setting of the relay behind a refusal during the load.
pub(super) fn setting_of_load(code: &str) -> Option<&'static str> {
    Some(match code {
        "rate_limited" => {
            "limits.connection_messages_per_sec, limits.room_messages_per_sec or limits.presence_per_sec of the relay"
        }
        "limit_reached" => {
            "limits.annotations_per_room, limits.annotation_bytes or limits.scene_bytes of the relay"
        }
        "lagged" => {
            "this process did not read fast enough, or limits.send_queue_bytes of the relay is too small"
        }
        "storage" => "the relay's disk",
        _ => return None,
    })
}
