//! What goes out to one connection: frames, written straight to the socket while it takes them, queued while it does
//! not. [`closing`] has the reasons for which a connection ends, [`dialect`] how messages look on it.
//!
//! Whoever pushes never waits. A queue that is full is told to who pushes; what that means is theirs to decide: a room
//! lets the connection catch up from the log, an answer that finds no place ends the connection.

pub(crate) mod closing;
pub(crate) mod dialect;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use bytes::Bytes;
use chat_relay_protocol::ServerMessage;
use futures_util::task::AtomicWaker;
use prometheus_client::metrics::counter::Counter;
use tokio::net::TcpStream;

pub(crate) use closing::Closing;
pub(crate) use dialect::{Broadcast, Dialect, SharedMessage, broadcast};

/// The frame did not fit into the queue, and was not put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// What others push to, and the connection's own task writes from. Clones are the same outbox.
#[derive(Debug, Clone)]
pub(crate) struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dialect: Dialect,
    capacity_bytes: usize,
    /// The socket, where what is pushed can be written to it at once; TLS and event streams go through the task.
    direct: Option<Arc<TcpStream>>,
    /// Counts what is written, over all connections.
    sent_bytes: Counter,
    queue: Mutex<Queue>,
    task: AtomicWaker,
    /// Something was written since it was last asked.
    written: AtomicBool,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Bytes beyond the capacity that were granted, until the queue is empty.
    granted: usize,
    closing: Option<Box<Closing>>,
    /// Frames were refused: there is something to catch up with.
    behind: bool,
}

impl Outbox {
    /// An outbox that takes `capacity_bytes` while the socket takes nothing.
    pub(crate) fn new(
        dialect: Dialect,
        capacity_bytes: usize,
        direct: Option<Arc<TcpStream>>,
        sent_bytes: Counter,
    ) -> Self {
        Self(Arc::new(Inner {
            dialect,
            capacity_bytes,
            direct,
            sent_bytes,
            queue: Mutex::default(),
            task: AtomicWaker::new(),
            written: AtomicBool::new(false),
        }))
    }

    /// How messages look here.
    pub(crate) fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Writes or queues a frame.
    ///
    /// # Errors
    /// [`Full`] when it has no place; an empty queue takes a frame of any size.
    pub(crate) fn push(&self, frame: Bytes) -> Result<(), Full> {
        let mut queue = self.lock();
        if queue.closing.is_some() {
            return Ok(());
        }
        if queue.frames.is_empty() {
            let Some(rest) = self.write_directly(&mut queue, frame) else {
                return Ok(());
            };
            queue.bytes = rest.len();
            queue.frames.push_back(rest);
        } else {
            if queue.bytes + frame.len() > self.0.capacity_bytes + queue.granted {
                return Err(Full);
            }
            queue.bytes += frame.len();
            queue.frames.push_back(frame);
        }
        drop(queue);
        self.0.task.wake();
        Ok(())
    }

    /// Pushes an answer to this connection alone; without a place for it, the connection ends.
    pub(crate) fn answer(&self, message: &ServerMessage) {
        if self.push(self.0.dialect.message(message)).is_err() {
            self.close(Closing::lagged());
        }
    }

    /// Pushes what everybody has to know and is small, as who came: where it does not fit, as much again is granted.
    ///
    /// # Errors
    /// [`Full`] when that is used up, too.
    pub(crate) fn push_needed(&self, frame: Bytes) -> Result<(), Full> {
        if self.push(frame.clone()).is_ok() {
            return Ok(());
        }
        let mut queue = self.lock();
        if queue.granted + frame.len() > self.0.capacity_bytes {
            return Err(Full);
        }
        self.grant(&mut queue, frame);
        Ok(())
    }

    fn grant(&self, queue: &mut Queue, frame: Bytes) {
        if queue.closing.is_none() {
            queue.bytes += frame.len();
            queue.granted += frame.len();
            queue.frames.push_back(frame);
            self.0.task.wake();
        }
    }

    /// Has the connection's task look again whether it may read.
    pub(crate) fn wake_reader(&self) {
        self.0.task.wake();
    }

    /// Pushes a frame that is of no use later, only while nothing waits. Tells whether it did.
    pub(crate) fn push_if_idle(&self, frame: Bytes) -> bool {
        self.is_idle() && self.push(frame).is_ok()
    }

    /// Whether nothing waits to be written.
    pub(crate) fn is_idle(&self) -> bool {
        self.lock().frames.is_empty()
    }

    /// How many bytes wait.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Notes that the connection is to catch up from the log once its queue is empty.
    pub(crate) fn fall_behind(&self) {
        self.lock().behind = true;
        self.0.task.wake();
    }

    /// Whether the connection is to catch up now; asked by its task.
    pub(crate) fn take_behind(&self) -> bool {
        let mut queue = self.lock();
        queue.behind && queue.frames.is_empty() && std::mem::take(&mut queue.behind)
    }

    /// Ends the connection; the first reason given holds.
    pub(crate) fn close(&self, reason: Closing) {
        self.lock().closing.get_or_insert(Box::new(reason));
        self.0.task.wake();
    }

    /// Why the connection is to end, if it is.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.lock().closing.as_deref().cloned()
    }

    /// Has the connection's task woken when there is something to write, to catch up with, or a reason to end.
    pub(crate) fn register(&self, waker: &Waker) {
        self.0.task.register(waker);
    }

    /// Hands what waits to `write`, frame by frame, until it takes no more. `write` says how many bytes it took.
    ///
    /// # Errors
    /// What `write` failed with; what is `WouldBlock` is none.
    pub(crate) fn drain(
        &self,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let mut queue = self.lock();
        while let Some(front) = queue.frames.front() {
            match write(front) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.note_written(written);
                    queue.take(written);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // An idle connection keeps no queue.
        queue.frames = VecDeque::new();
        queue.granted = 0;
        Ok(())
    }

    /// Takes what waits.
    pub(crate) fn take_frames(&self) -> VecDeque<Bytes> {
        let mut queue = self.lock();
        self.note_written(std::mem::take(&mut queue.bytes));
        queue.granted = 0;
        std::mem::take(&mut queue.frames)
    }

    /// Whether something was written since this was asked before.
    pub(crate) fn take_written(&self) -> bool {
        self.0.written.load(Ordering::Relaxed) && self.0.written.swap(false, Ordering::Relaxed)
    }

    /// What the socket did not take, if anything; an error is the connection's end.
    fn write_directly(&self, queue: &mut Queue, frame: Bytes) -> Option<Bytes> {
        let Some(socket) = &self.0.direct else {
            return Some(frame);
        };
        match send(socket, &frame) {
            Ok(written) if written == frame.len() => {
                self.note_written(written);
                None
            }
            Ok(written) => {
                self.note_written(written);
                Some(frame.slice(written..))
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                Some(frame)
            }
            Err(_) => {
                queue.closing.get_or_insert(Box::new(Closing::Gone));
                self.0.task.wake();
                None
            }
        }
    }

    fn note_written(&self, bytes: usize) {
        self.0.sent_bytes.inc_by(bytes as u64);
        self.0.written.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what the system takes at once. It goes past the runtime's own view of the socket, which lies elsewhere in
/// memory for each of thousands; the connection's task asks that view when the system takes no more.
#[cfg(unix)]
fn send(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(
        socket,
        bytes,
        rustix::net::SendFlags::NOSIGNAL,
    )?)
}

#[cfg(not(unix))]
fn send(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    socket.try_write(bytes)
}

impl Queue {
    fn take(&mut self, written: usize) {
        self.bytes -= written;
        if let Some(front) = self.frames.front_mut() {
            if written < front.len() {
                bytes::Buf::advance(front, written);
            } else {
                self.frames.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::Codec;

    use super::*;

    fn outbox(capacity_bytes: usize) -> Outbox {
        let dialect = Dialect::WebSocket(Codec::Json);
        Outbox::new(dialect, capacity_bytes, None, Counter::default())
    }

    #[tokio::test]
    async fn a_full_queue_says_so_and_takes_again_once_it_is_written() {
        let outbox = outbox(8);
        assert_eq!(outbox.push("12345".into()), Ok(()));
        assert_eq!(outbox.push("678".into()), Ok(()));
        assert_eq!(outbox.push("9".into()), Err(Full));
        let mut written = Vec::new();
        outbox
            .drain(|bytes| {
                let some = bytes.len().min(3);
                written.extend_from_slice(&bytes[..some]);
                Ok(some)
            })
            .unwrap();
        assert_eq!(written, b"12345678");
        assert!(outbox.is_idle());
        assert_eq!(outbox.push("longer than it".into()), Ok(()));
    }

    #[tokio::test]
    async fn what_is_granted_beyond_the_bound_leaves_it_as_it_was() {
        let outbox = outbox(8);
        outbox.push("12345".into()).unwrap();
        assert_eq!(outbox.push_needed("abcdef".into()), Ok(()));
        assert_eq!(outbox.push("678".into()), Ok(()));
        assert_eq!(outbox.push("9".into()), Err(Full));
        outbox.take_frames();
        outbox.push("12345".into()).unwrap();
        assert_eq!(outbox.push("6789".into()), Err(Full));
        assert_eq!(outbox.push_needed("6789".into()), Ok(()));
        assert_eq!(outbox.push_needed("abcdefg".into()), Err(Full));
    }

    #[tokio::test]
    async fn a_socket_that_takes_a_part_gets_the_rest_later() {
        let outbox = outbox(100);
        outbox.push("abcdef".into()).unwrap();
        let mut budget = 4;
        let mut written = Vec::new();
        let mut write = |bytes: &[u8]| {
            if budget == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let some = bytes.len().min(budget);
            budget -= some;
            written.extend_from_slice(&bytes[..some]);
            Ok(some)
        };
        outbox.drain(&mut write).unwrap();
        assert_eq!(outbox.queued_bytes(), 2);
        outbox
            .drain(|bytes| {
                written.extend_from_slice(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(written, b"abcdef");
    }

    #[tokio::test]
    async fn the_first_reason_to_close_holds_and_nothing_is_queued_after_it() {
        let outbox = outbox(100);
        outbox.close(Closing::replaced());
        outbox.close(Closing::lagged());
        outbox.push("x".into()).unwrap();
        assert_eq!(outbox.closing(), Some(Closing::replaced()));
        assert!(outbox.is_idle());
    }

    #[tokio::test]
    async fn catching_up_waits_until_the_queue_is_empty() {
        let outbox = outbox(100);
        outbox.push("x".into()).unwrap();
        outbox.fall_behind();
        assert!(!outbox.take_behind());
        outbox.take_frames();
        assert!(outbox.take_behind());
        assert!(!outbox.take_behind());
    }
}
