//! Reading, on connections of its own, beside the writer. Queries run on blocking threads.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chat_relay_protocol::{DeviceId, Member, Presence, RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{DeviceRecord, RoomRecord, StoreError, StoredEvent};

/// Connections kept for the next reader; more are opened when needed and closed after.
const KEPT: usize = 4;
/// The most devices of a room's past that a newcomer is told of, the latest.
const PAST_MEMBERS: i64 = 500;

/// Connections that read.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    path: PathBuf,
    busy_timeout: Duration,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// Whom a token admits, and where.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    pub(crate) room: RoomRecord,
    pub(crate) device: DeviceRecord,
}

impl Readers {
    pub(super) fn new(path: PathBuf, busy_timeout: Duration) -> Self {
        Self {
            path,
            busy_timeout,
            idle: Arc::default(),
        }
    }

    /// Whom a token admits.
    pub(crate) async fn admission(
        &self,
        token_hash: [u8; 32],
    ) -> Result<Option<Admission>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT r.key, r.id, r.code, r.epoch, d.key, d.id, d.name, d.hue
                     FROM devices d JOIN rooms r ON r.key = d.room WHERE d.token_hash = ?1",
                )?
                .query_row([token_hash], |row| {
                    Ok(Admission {
                        room: room(row)?,
                        device: DeviceRecord {
                            key: row.get(4)?,
                            id: device_id(row, 5)?,
                            name: row.get(6)?,
                            hue: row.get(7)?,
                        },
                    })
                })
                .optional()
        })
        .await
    }

    /// The room that a code admits to.
    pub(crate) async fn room_by_code(
        &self,
        code: String,
    ) -> Result<Option<RoomRecord>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT key, id, code, epoch FROM rooms WHERE code = ?1")?
                .query_row([code], room)
                .optional()
        })
        .await
    }

    /// Whether there is such a room.
    pub(crate) async fn has_room(&self, id: RoomId) -> Result<bool, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM rooms WHERE id = ?1)")?
                .query_row([id.as_str()], |row| row.get(0))
        })
        .await
    }

    /// The last event of a room's log, 0 for none.
    pub(crate) async fn last_seq(&self, room: i64) -> Result<Seq, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT last_seq FROM rooms WHERE key = ?1")?
                .query_row([room], |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
        })
        .await
    }

    /// Those of a room who have said something, the latest to join first.
    pub(crate) async fn past_members(&self, room: i64) -> Result<Vec<Member>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT id, name, hue FROM devices WHERE room = ?1 AND last_counter > 0
                     ORDER BY key DESC LIMIT ?2",
                )?
                .query_map(params![room, PAST_MEMBERS], |row| {
                    Ok(Member {
                        device: device_id(row, 0)?,
                        name: row.get(1)?,
                        hue: row.get::<_, Option<u8>>(2)?.unwrap_or(0),
                        presence: Presence::default(),
                    })
                })?
                .collect()
        })
        .await
    }

    /// Consecutive events after `after`, up to `last`: at least one if there is one, then as many as fit into
    /// `chunk_bytes` of JSON.
    pub(crate) async fn events(
        &self,
        room: i64,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT e.seq, e.at, d.id, e.counter, e.body FROM events e JOIN devices d ON d.key = e.device
                 WHERE e.room = ?1 AND e.seq > ?2 AND e.seq <= ?3 ORDER BY e.seq",
            )?;
            let mut rows = statement.query(params![room, to_sql(after), to_sql(last)])?;
            let mut events = Vec::new();
            let mut bytes = 0;
            while bytes < chunk_bytes
                && let Some(row) = rows.next()?
            {
                let event = StoredEvent::new(
                    row.get::<_, i64>(0)?.unsigned_abs(),
                    row.get(1)?,
                    &device_id(row, 2)?,
                    row.get::<_, i64>(3)?.unsigned_abs(),
                    row.get_ref(4)?.as_str()?,
                );
                bytes += event.json.len();
                events.push(event);
            }
            Ok(events)
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.clone();
        tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let answer = query(&connection)?;
            readers.put_back(connection);
            Ok(answer)
        })
        .await
        .map_err(|error| StoreError::new(error.to_string()))?
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let connection = Connection::open(&self.path)?;
                connection.busy_timeout(self.busy_timeout)?;
                connection.pragma_update(None, "query_only", true)?;
                Ok(connection)
            }
        }
    }

    /// A connection whose query failed is not put back but closed.
    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}

fn room(row: &Row<'_>) -> rusqlite::Result<RoomRecord> {
    Ok(RoomRecord {
        key: row.get(0)?,
        id: RoomId::new(row.get::<_, String>(1)?).map_err(|error| malformed(1, error))?,
        code: row.get(2)?,
        epoch: row.get(3)?,
    })
}

fn device_id(row: &Row<'_>, column: usize) -> rusqlite::Result<DeviceId> {
    DeviceId::new(row.get::<_, String>(column)?).map_err(|error| malformed(column, error))
}

fn malformed(column: usize, error: chat_relay_protocol::IdError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

fn to_sql(number: Seq) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
