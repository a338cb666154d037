//! Reading, each query on one connection and, where it reads twice, in one transaction.

pub(super) mod chat;
pub(in crate::history) mod events;
pub(super) mod find;
pub(super) mod inbox;
pub(in crate::history) mod load;
pub(super) mod ops;

use chat_relay_protocol::{DeviceId, IdError, MemberId, Role, RoomId};
use rusqlite::{Row, types::Type};

/// What a role is called in the tables.
pub(in crate::history) fn role_text(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Editor => "editor",
        Role::Viewer => "viewer",
    }
}

/// The role of a name; one of a later version looks on.
pub(in crate::history) fn role(text: &str) -> Role {
    match text {
        "owner" => Role::Owner,
        "editor" => Role::Editor,
        _ => Role::Viewer,
    }
}

pub(in crate::history) fn room_id(row: &Row<'_>, column: usize) -> rusqlite::Result<RoomId> {
    RoomId::new(row.get::<_, String>(column)?).map_err(|error| malformed(column, error))
}

pub(in crate::history) fn member_id(row: &Row<'_>, column: usize) -> rusqlite::Result<MemberId> {
    MemberId::new(row.get::<_, String>(column)?).map_err(|error| malformed(column, error))
}

pub(in crate::history) fn device_id(row: &Row<'_>, column: usize) -> rusqlite::Result<DeviceId> {
    DeviceId::new(row.get::<_, String>(column)?).map_err(|error| malformed(column, error))
}

/// A number that is never negative.
pub(in crate::history) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

fn malformed(column: usize, error: IdError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
