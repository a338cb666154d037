//! Which rooms are open, to which lease, and where their logs end.

use std::collections::HashMap;

use chat_relay_protocol::Seq;
use rusqlite::Connection;

use super::{
    query::{events, find},
    shared::Shared,
    tails::Tails,
};
use crate::history::{HistoryError, Lease, RoomKey};

/// An open room, as the writer knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// None after a refused write: the room has to be loaded again.
    pub(super) lease: Option<Lease>,
    pub(super) last_seq: Seq,
}

/// Open rooms.
pub(super) type OpenRooms = HashMap<RoomKey, Open>;

/// What loading a room begins with.
#[derive(Debug, Clone, Copy)]
pub(in crate::history) struct Opened {
    pub(in crate::history) lease: Lease,
    pub(in crate::history) last_seq: Seq,
}

/// Opens a room to a new lease, and ends the one before.
pub(super) fn open_room(
    connection: &Connection,
    shared: &Shared,
    open: &mut OpenRooms,
    room: RoomKey,
    lease: Lease,
) -> rusqlite::Result<Result<Opened, HistoryError>> {
    if find::live(connection, room)?.is_none() {
        return Ok(Err(HistoryError::NoRoom));
    }
    let last_seq = match open.get(&room) {
        Some(open) => open.last_seq,
        None => last_seq(connection, &shared.tails, room)?,
    };
    let lease_given = Some(lease);
    open.insert(
        room,
        Open {
            lease: lease_given,
            last_seq,
        },
    );
    Ok(Ok(Opened { lease, last_seq }))
}

/// The end of a room's log, as far as it is committed.
pub(super) fn last_seq(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
) -> rusqlite::Result<Seq> {
    if let Some(seq) = tails.last_seq(room) {
        return Ok(seq);
    }
    let in_table = events::last_in_table(connection, room)?;
    Ok(in_table.max(events::pruned_seq(connection, room)?))
}
