//! What is asked of the writer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chat_relay_protocol::{DeviceId, RoomId, Seq};
use tokio::sync::oneshot;

use super::{RoomRecord, StoreError};

/// An op to append to a room's log.
pub(crate) struct Append {
    pub(crate) room: i64,
    pub(crate) room_id: RoomId,
    pub(crate) device: i64,
    pub(crate) device_id: DeviceId,
    pub(crate) counter: u64,
    /// The body as JSON.
    pub(crate) body: String,
    /// Set when an append of this sender failed. The ones after it then fail too: were a later counter taken,
    /// the failed op could never be sent again.
    pub(crate) failed: Arc<AtomicBool>,
    /// Called on the writer's thread after the commit, or after it failed.
    pub(crate) answer: Box<dyn FnOnce(Result<Appended, StoreError>) + Send>,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appended {
    /// It is in the log now; the event goes out by [`OnCommit`](super::OnCommit).
    New,
    /// It has been in the log before.
    Already {
        /// Where.
        seq: Seq,
    },
    /// A later op of this device is in the log, this one is not and never will be.
    Passed,
}

/// A device to add.
pub(super) struct NewDevice {
    pub(super) id: DeviceId,
    pub(super) name: String,
    pub(super) token_hash: [u8; 32],
}

/// A request to the writer.
pub(super) enum Write {
    Append(Append),
    CreateRoom {
        device: NewDevice,
        answer: oneshot::Sender<Result<RoomRecord, StoreError>>,
    },
    AddDevice {
        room: i64,
        device: NewDevice,
        answer: oneshot::Sender<Result<(), StoreError>>,
    },
    KeepDevice {
        key: i64,
        name: String,
        hue: u8,
    },
    Probe {
        answer: oneshot::Sender<Result<(), StoreError>>,
    },
    Stop,
}

/// What a request came to within a transaction that may still fail.
pub(super) enum Applied {
    Appended(Appended),
    Room(RoomRecord),
    Done,
    Refused(StoreError),
}

impl Write {
    /// Answers after the commit, or after it failed. Who asked may have gone meanwhile.
    pub(super) fn answer(self, applied: Result<Applied, StoreError>) {
        let applied = match applied {
            Ok(Applied::Refused(error)) | Err(error) => Err(error),
            Ok(applied) => Ok(applied),
        };
        match self {
            Write::Append(append) => {
                let answer = match applied {
                    Ok(Applied::Appended(appended)) => Ok(appended),
                    Ok(_) => Err(StoreError::new("the append had no outcome")),
                    Err(error) => Err(error),
                };
                if answer.is_err() {
                    append.failed.store(true, Ordering::Release);
                }
                (append.answer)(answer);
            }
            Write::CreateRoom { answer, .. } => {
                let _ = answer.send(match applied {
                    Ok(Applied::Room(room)) => Ok(room),
                    Ok(_) => Err(StoreError::new("the room had no outcome")),
                    Err(error) => Err(error),
                });
            }
            Write::AddDevice { answer, .. } | Write::Probe { answer } => {
                let _ = answer.send(applied.map(|_| ()));
            }
            Write::KeepDevice { .. } | Write::Stop => {}
        }
    }
}
