//! What a disk holds, and what it would hold if the power went away.

use std::{
    collections::BTreeMap,
    fs, mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock},
};

use chat_relay_protocol::Seq;

use super::seed::Seed;
use crate::history::RoomKey;

/// The last acknowledged event of each room, and the rooms that were acknowledged to be there.
pub(super) type Acknowledged = Arc<Mutex<BTreeMap<RoomKey, Seq>>>;

/// Bytes that are written whole or not at all.
const SECTOR_BYTES: usize = 512;
/// Writes between two pictures at most.
const STRIDE: u64 = 60;

/// What a file was told since it was last synchronised.
enum Pending {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

#[derive(Default)]
struct File {
    /// None while its name may be lost, too.
    synced: Option<Vec<u8>>,
    pending: Vec<Pending>,
}

/// What a power cut left.
pub(super) struct Picture {
    files: BTreeMap<String, Vec<u8>>,
    /// What had been acknowledged before.
    pub(super) acknowledged: BTreeMap<RoomKey, Seq>,
    /// Writes that did not reach the disk whole.
    pub(super) lost: usize,
}

impl Picture {
    /// Makes the folder that the next start finds.
    pub(super) fn write(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        fs::write(folder.join("relay.lock"), "in use\n").unwrap();
    }
}

struct Folder {
    files: BTreeMap<String, File>,
    /// Files that are gone, but come back with a power cut: the folder was not synchronised since.
    deleted: BTreeMap<String, Vec<u8>>,
    seed: Seed,
    /// Writes until the next picture.
    left: u64,
    acknowledged: Acknowledged,
    pictures: Vec<Picture>,
    lying: bool,
}

/// The folders that are watched.
static FOLDERS: OnceLock<Mutex<BTreeMap<PathBuf, Folder>>> = OnceLock::new();

fn folders() -> MutexGuard<'static, BTreeMap<PathBuf, Folder>> {
    FOLDERS.get_or_init(Mutex::default).lock().unwrap()
}

/// A folder that is watched.
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) fn watch(
        folder: &Path,
        mut seed: Seed,
        acknowledged: Acknowledged,
        lying: bool,
    ) -> Self {
        let folder = folder.canonicalize().unwrap();
        let left = 1 + seed.below(STRIDE);
        let watched = Folder {
            files: BTreeMap::new(),
            deleted: BTreeMap::new(),
            seed,
            left,
            acknowledged,
            pictures: Vec::new(),
            lying,
        };
        folders().insert(folder.clone(), watched);
        Self(folder)
    }

    pub(super) fn pictures(&self) -> usize {
        folders()[&self.0].pictures.len()
    }

    pub(super) fn take(self) -> Vec<Picture> {
        folders().remove(&self.0).unwrap().pictures
    }
}

/// Has `change` happen to the file at `path`, and takes a picture before it when it is time.
fn change(path: &Path, change: impl FnOnce(&mut Folder, String)) {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let name = name.to_str().unwrap().to_owned();
    if let Some(folder) = folders().get_mut(parent) {
        folder.left -= 1;
        if folder.left == 0 {
            folder.left = 1 + folder.seed.below(STRIDE);
            let picture = folder.picture();
            folder.pictures.push(picture);
        }
        change(folder, name);
    }
}

pub(super) fn written(path: &Path, offset: usize, bytes: &[u8]) {
    let bytes = bytes.to_vec();
    change(path, |folder, name| {
        let file = folder.files.entry(name).or_default();
        file.pending.push(Pending::Write { offset, bytes });
    });
}

pub(super) fn truncated(path: &Path, length: usize) {
    change(path, |folder, name| {
        let file = folder.files.entry(name).or_default();
        file.pending.push(Pending::Truncate { length });
    });
}

pub(super) fn synced(path: &Path) {
    change(path, |folder, name| {
        if !folder.lying {
            let file = folder.files.entry(name).or_default();
            // With a new file, SQLite synchronises the folder.
            if file.synced.is_none() {
                folder.deleted.clear();
            }
            let mut bytes = file.synced.take().unwrap_or_default();
            for pending in mem::take(&mut file.pending) {
                apply(&mut bytes, &pending);
            }
            file.synced = Some(bytes);
        }
    });
}

/// With `sync_folder`, for good.
pub(super) fn deleted(path: &Path, sync_folder: bool) {
    change(path, |folder, name| {
        let file = folder.files.remove(&name);
        if sync_folder {
            folder.deleted.clear();
        } else if let Some(bytes) = file.and_then(|file| file.synced) {
            folder.deleted.insert(name, bytes);
        }
    });
}

fn apply(bytes: &mut Vec<u8>, pending: &Pending) {
    match pending {
        Pending::Truncate { length } => bytes.truncate(*length),
        Pending::Write { offset, bytes: new } => {
            let end = offset + new.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset..end].copy_from_slice(new);
        }
    }
}

impl Folder {
    fn picture(&mut self) -> Picture {
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        // Each cut has a temper of its own: hardly anything lost, or nearly all.
        let (whole, part) = (self.seed.below(101), self.seed.below(101));
        let seed = &mut self.seed;
        let mut lost = 0;
        let mut files = self.deleted.clone();
        files.retain(|_, _| seed.below(2) == 0);
        for (name, file) in &self.files {
            if file.synced.is_none() && seed.below(2) == 0 {
                lost += file.pending.len();
                continue;
            }
            let mut bytes = file.synced.clone().unwrap_or_default();
            for pending in &file.pending {
                if seed.below(100) < whole {
                    apply(&mut bytes, pending);
                    continue;
                }
                lost += 1;
                if let Pending::Write { offset, bytes: new } = pending
                    && seed.below(100) < part
                {
                    for (number, sector) in new.chunks(SECTOR_BYTES).enumerate() {
                        if seed.below(2) == 0 {
                            let offset = offset + number * SECTOR_BYTES;
                            let bytes_of_sector = sector.to_vec();
                            apply(
                                &mut bytes,
                                &Pending::Write {
                                    offset,
                                    bytes: bytes_of_sector,
                                },
                            );
                        }
                    }
                }
            }
            files.insert(name.clone(), bytes);
        }
        Picture {
            files,
            acknowledged,
            lost,
        }
    }
}
