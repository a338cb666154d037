//! Direct messages.

use chat_relay_protocol::Seq;
use rusqlite::{Connection, params};

use super::{device_id, member_id, number};
use crate::history::{DirectRow, MemberKey, sqlite::connection::to_sql};

pub(in crate::history::sqlite) fn after(
    connection: &Connection,
    member: MemberKey,
    after: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<DirectRow>> {
    connection
        .prepare_cached(
            "SELECT i.seq, i.at, s.id, r.id, d.id, i.counter, i.body FROM inbox i
             JOIN members s ON s.key = i.sender JOIN members r ON r.key = i.receiver
             JOIN devices d ON d.key = i.device WHERE i.member = ?1 AND i.seq > ?2 ORDER BY i.seq LIMIT ?3",
        )?
        .query_map(params![member.0, to_sql(after), to_sql(limit as u64)], |row| {
            Ok(DirectRow {
                seq: number(row, 0)?,
                at: row.get(1)?,
                from: member_id(row, 2)?,
                to: member_id(row, 3)?,
                device: device_id(row, 4)?,
                counter: number(row, 5)?,
                text: row.get_ref(6)?.as_str()?.into(),
            })
        })?
        .collect()
}
