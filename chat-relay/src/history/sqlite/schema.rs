//! How the database is opened for writing: looked at first, changed only when all is well.

use rusqlite::Connection;

use super::{
    config::SqliteConfig,
    connection::{self, Place, Purpose, open_error},
    files, migrate,
    query::number,
    tables::{TABLES, VERSION},
};
use crate::history::OpenError;

/// Opens the database for writing, and makes or checks its tables.
///
/// # Errors
/// [`OpenError`]; the files are then as they were.
pub(in crate::history) fn open(
    place: &Place,
    config: &SqliteConfig,
    look_through: bool,
) -> Result<Connection, OpenError> {
    let failed = |source| open_error(&place.path, source);
    let damaged = |reason: String| OpenError::Damaged {
        path: place.path.clone(),
        reason,
    };
    let fault = files::fault(&place.path).map_err(|source| OpenError::Folder {
        path: place.path.clone(),
        source,
    })?;
    if let Some(fault) = fault {
        return Err(damaged(fault.into()));
    }
    let mut connection = connection::open(place, Purpose::Write).map_err(failed)?;
    connection
        .busy_timeout(config.busy_timeout)
        .map_err(failed)?;
    let found = version(&connection).map_err(failed)?;
    if found > VERSION {
        return Err(OpenError::Version {
            path: place.path.clone(),
            found,
            known: VERSION,
        });
    }
    if look_through && let Some(reason) = first_fault(&connection).map_err(failed)? {
        return Err(damaged(reason));
    }
    connection::configure(&connection, Purpose::Write, config.busy_timeout).map_err(failed)?;
    limit(&connection, config.max_bytes).map_err(failed)?;
    match found {
        0 => create(&mut connection),
        1 => migrate::from_1(&mut connection),
        _ => Ok(()),
    }
    .map_err(failed)?;
    Ok(connection)
}

/// The version of the tables, 0 for a new database.
pub(in crate::history) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Looks the whole file through.
fn first_fault(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((answer != "ok").then_some(answer))
}

fn limit(connection: &Connection, max_bytes: Option<u64>) -> rusqlite::Result<()> {
    let Some(bytes) = max_bytes else {
        return Ok(());
    };
    let page_bytes = connection.query_row("PRAGMA page_size", [], |row| number(row, 0))?;
    // SQLite answers with the limit that holds now, which is never below the present size.
    connection.query_row(
        &format!(
            "PRAGMA max_page_count = {}",
            (bytes / page_bytes.max(1)).max(1)
        ),
        [],
        |_| Ok(()),
    )
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
