//! The data folder: one process at a time, and whether the last one ended well.
//!
//! The lock file holds a word while a process writes the database, and nothing once it has ended in order. A
//! database that was left in the middle is looked through before it is used.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::history::OpenError;

const LOCK: &str = "relay.lock";
const DATABASE: &str = "relay.sqlite";
const MARK: &[u8] = b"in use\n";
const HEADER: &[u8] = b"SQLite format 3\0";

/// A folder that is this process' own until it is dropped.
#[derive(Debug)]
pub(in crate::history) struct Folder {
    path: PathBuf,
    lock: File,
    /// Whether the last process did not end in order.
    pub(in crate::history) ended_badly: bool,
}

impl Folder {
    /// Takes the folder, which is made when absent.
    ///
    /// # Errors
    /// [`OpenError::Folder`], [`OpenError::InUse`].
    pub(in crate::history) fn take(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder {
            path: path.to_path_buf(),
            source,
        };
        fs::create_dir_all(path).map_err(unusable)?;
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse {
                    path: path.to_path_buf(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let mut mark = Vec::new();
        lock.read_to_end(&mut mark).map_err(unusable)?;
        Ok(Self {
            path: path.to_path_buf(),
            lock,
            ended_badly: !mark.is_empty(),
        })
    }

    /// The database's file.
    pub(in crate::history) fn database(&self) -> PathBuf {
        database(&self.path)
    }

    /// Notes that writing begins, so that the next process knows when it did not end.
    ///
    /// # Errors
    /// [`OpenError::Folder`].
    pub(in crate::history) fn begin(&mut self) -> Result<(), OpenError> {
        let mut mark = || {
            self.lock.rewind()?;
            self.lock.write_all(MARK)?;
            self.lock.sync_all()
        };
        mark().map_err(|source| OpenError::Folder {
            path: self.path.clone(),
            source,
        })
    }

    /// Notes that writing ended in order. The folder stays taken until this is dropped.
    pub(in crate::history) fn end(&self) -> io::Result<()> {
        self.lock.set_len(0)
    }
}

/// The database's file in a data folder.
pub(in crate::history) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Looks at the database's files before SQLite does, which takes an empty file for a new database and clears what
/// lies beside it away. Gives what is wrong.
pub(in crate::history) fn fault(database: &Path) -> io::Result<Option<&'static str>> {
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let length = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    };
    // A rollback journal puts the file right: it is there while the database is made, and with the first version.
    if length(&beside("-journal"))? > 0 {
        return Ok(None);
    }
    let database_bytes = length(database)?;
    let log_bytes = length(&beside("-wal"))?;
    if database_bytes == 0 {
        let orphan = "it is empty or missing, while its write-ahead log is there";
        return Ok((log_bytes > 0).then_some(orphan));
    }
    let mut header = [0; 32];
    let mut file = File::open(database)?;
    let begins_right = match file.read_exact(&mut header) {
        Ok(()) => &header[..16] == HEADER,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(error),
    };
    if !begins_right {
        return Ok(Some("it does not begin as an SQLite database does"));
    }
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        bytes => u64::from(bytes),
    };
    let pages = u64::from(u32::from_be_bytes([
        header[28], header[29], header[30], header[31],
    ]));
    // With a log beside it, the header may be ahead of the file.
    let cut = log_bytes == 0 && database_bytes < pages * page_bytes;
    Ok(cut.then_some("it is shorter than it says, its end was cut off"))
}
