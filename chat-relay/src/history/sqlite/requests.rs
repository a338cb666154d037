//! What is asked of the writer.

use chat_relay_protocol::Seq;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    leases::{OpenRooms, Opened},
    tails::Tails,
    upkeep::Task,
};
use crate::history::{Change, Done, HistoryError, Lease, MemberKey, NewEntry, RoomAppend, RoomKey};

/// A request to the writer.
pub(super) enum Request {
    Append(Append),
    /// A change of something else, with an answer.
    Work(Box<dyn Work>),
    Open {
        room: RoomKey,
        answer: oneshot::Sender<Result<Opened, HistoryError>>,
    },
    CloseRoom {
        room: RoomKey,
        lease: Lease,
    },
    KeepRead {
        member: MemberKey,
        seq: Seq,
    },
    Touch {
        room: RoomKey,
        now_millis: i64,
    },
    Upkeep(Task),
    Stop,
}

impl Request {
    pub(super) fn append(append: RoomAppend) -> Self {
        Self::Append(Append {
            room: append.room,
            lease: append.lease,
            first_seq: append.first_seq,
            entries: append.entries,
            changes: append.changes,
            done: Callback(Some(append.done)),
        })
    }
}

/// A [`RoomAppend`] under way.
pub(super) struct Append {
    pub(super) room: RoomKey,
    pub(super) lease: Lease,
    pub(super) first_seq: Seq,
    pub(super) entries: Vec<NewEntry>,
    pub(super) changes: Vec<Change>,
    pub(super) done: Callback,
}

/// Calls back exactly once, also where the writer ended before it came to that.
pub(super) struct Callback(Option<Done>);

impl Callback {
    pub(super) fn call(mut self, result: Result<(), HistoryError>) {
        if let Some(done) = self.0.take() {
            done(result);
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            done(Err(HistoryError::Closed));
        }
    }
}

/// What a change sees.
pub(super) struct Context<'a> {
    pub(super) transaction: &'a Connection,
    pub(super) open: &'a OpenRooms,
    pub(super) tails: &'a Tails,
}

/// A change, which runs within a transaction and answers after it.
pub(super) trait Work: Send {
    /// # Errors
    /// What makes the whole group fail. A refusal is an answer, and has to come before the first write.
    fn run(&mut self, context: &mut Context<'_>) -> rusqlite::Result<()>;

    /// Answers with what [`Work::run`] came to, or with why the group failed.
    fn answer(self: Box<Self>, failed: Option<&HistoryError>);
}

struct Asked<T, F> {
    work: Option<F>,
    result: Option<Result<T, HistoryError>>,
    answer: oneshot::Sender<Result<T, HistoryError>>,
}

/// A request for `work`, and where its answer comes.
pub(super) fn asked<T, F>(work: F) -> (Request, oneshot::Receiver<Result<T, HistoryError>>)
where
    T: Send + 'static,
    F: FnOnce(&mut Context<'_>) -> rusqlite::Result<Result<T, HistoryError>> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let asked = Asked {
        work: Some(work),
        result: None,
        answer,
    };
    (Request::Work(Box::new(asked)), answered)
}

impl<T, F> Work for Asked<T, F>
where
    T: Send,
    F: FnOnce(&mut Context<'_>) -> rusqlite::Result<Result<T, HistoryError>> + Send,
{
    fn run(&mut self, context: &mut Context<'_>) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(context)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failed: Option<&HistoryError>) {
        let result = match failed {
            Some(error) => Err(error.clone()),
            None => self.result.unwrap_or(Err(HistoryError::Closed)),
        };
        // Who asked may have gone meanwhile.
        let _ = self.answer.send(result);
    }
}
