//! Reading a dump. Rooms stand in the database as *importing* until the whole file is through; then all of them live at
//! once. What an import leaves that did not end is cleared away, here or by the next start.

mod checks;
mod lines;
mod room;

use std::{
    io::{BufRead, Read as _},
    path::Path,
};

use rusqlite::Connection;

use super::{DumpError, Dumped, LineFault};
use crate::history::{
    SqliteConfig,
    sqlite::{connection::Place, files::Folder, query::number, schema, upkeep},
};
use checks::{Checked, Refusal};
use room::Room;

/// Bytes in a line at most; the longest are snapshots.
const LINE_BYTES: usize = 64 * 1024 * 1024;
/// Lines and bytes in one transaction.
const PORTION_LINES: u64 = 2000;
const PORTION_BYTES: usize = 4 * 1024 * 1024;

/// Reads a dump into the data folder, which is made when absent and must not be in use. All of it, or nothing.
///
/// # Errors
/// [`DumpError`]; nothing was imported then.
pub fn import(data: &Path, dump: &mut dyn BufRead) -> Result<Dumped, DumpError> {
    let mut folder = Folder::take(data)?;
    let place = Place {
        path: folder.database(),
        vfs: None,
    };
    let connection = schema::open(&place, &SqliteConfig::default(), folder.ended_badly)?;
    folder.begin()?;
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    clear(&connection)?;
    let mut import = Import {
        connection: &connection,
        room: None,
        dumped: Dumped::default(),
    };
    let outcome = import.all(dump);
    if outcome.is_err() {
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        clear(&connection)?;
    }
    let dumped = import.dumped;
    if connection.close().is_ok() {
        // Else the database is looked through at the next start.
        let _ = folder.end();
    }
    outcome.map(|()| dumped)
}

/// Clears away what an import left that did not end.
fn clear(connection: &Connection) -> rusqlite::Result<()> {
    while !upkeep::clear_some(connection)? {}
    Ok(())
}

struct Import<'a> {
    connection: &'a Connection,
    /// The room of the last line.
    room: Option<Room>,
    dumped: Dumped,
}

impl Import<'_> {
    fn all(&mut self, dump: &mut dyn BufRead) -> Result<(), DumpError> {
        let mut line = Vec::new();
        let mut bytes = 0;
        loop {
            line.clear();
            let read = (&mut *dump)
                .take(LINE_BYTES as u64 + 1)
                .read_until(b'\n', &mut line);
            if read.map_err(|source| DumpError::Read { source })? == 0 {
                break;
            }
            self.dumped.lines += 1;
            if self.connection.is_autocommit() {
                self.connection.execute_batch("BEGIN IMMEDIATE")?;
            }
            let number = self.dumped.lines;
            self.line(&line).map_err(|refusal| match refusal {
                Refusal::Fault(fault) => DumpError::Line { number, fault },
                Refusal::Database(error) => error.into(),
            })?;
            bytes += line.len();
            if number.is_multiple_of(PORTION_LINES) || bytes > PORTION_BYTES {
                self.connection.execute_batch("COMMIT")?;
                bytes = 0;
            }
        }
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        self.check_rooms()?;
        self.connection
            .execute_batch("UPDATE rooms SET state = 'live' WHERE state = 'importing'; COMMIT")?;
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Checked<()> {
        if line.len() > LINE_BYTES {
            return Err(LineFault::Long {
                limit_bytes: LINE_BYTES,
            }
            .into());
        }
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let shape = |error: serde_json::Error| LineFault::Shape {
            reason: error.to_string(),
        };
        self.take(serde_json::from_slice(line).map_err(shape)?)
    }

    /// What can only be told at the end.
    fn check_rooms(&self) -> Result<(), DumpError> {
        let mut rooms = self.connection.prepare(
            "SELECT r.id, r.pruned_seq, s.seq, coalesce((SELECT max(e.seq) FROM events e WHERE e.room = r.key), r.pruned_seq)
             FROM rooms r LEFT JOIN snapshots s ON s.room = r.key WHERE r.state = 'importing'",
        )?;
        let mut rooms = rooms.query([])?;
        while let Some(row) = rooms.next()? {
            let (pruned_seq, last_seq) = (number(row, 1)?, number(row, 3)?);
            let fits = match row.get::<_, Option<i64>>(2)? {
                Some(seq) => (pruned_seq..=last_seq).contains(&seq.unsigned_abs()),
                None => pruned_seq == 0,
            };
            if !fits {
                return Err(DumpError::Room {
                    room: row.get(0)?,
                    fault: LineFault::Snapshot {
                        pruned_seq,
                        last_seq,
                    },
                });
            }
        }
        let mut gaps = self.connection.prepare(
            "SELECT r.id, m.id, count(*), max(i.seq) FROM rooms r JOIN members m ON m.room = r.key
             JOIN inbox i ON i.member = m.key WHERE r.state = 'importing' GROUP BY m.key HAVING count(*) <> max(i.seq)",
        )?;
        let mut gaps = gaps.query([])?;
        if let Some(row) = gaps.next()? {
            return Err(DumpError::Room {
                room: row.get(0)?,
                fault: LineFault::Inbox {
                    member: row.get(1)?,
                    count: number(row, 2)?,
                    last: number(row, 3)?,
                },
            });
        }
        Ok(())
    }
}
