//! The bounded queue of messages to one connection. Whoever pushes never waits: when the queue is full the
//! connection has lagged, and is closed to resume from the log. [`closing`] has the reasons for which one ends.

pub(crate) mod closing;

use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use closing::Closing;

/// The end that rooms and the store's answers push into. Clones push into the same queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Utf8Bytes>,
    closing: watch::Sender<Option<Closing>>,
}

/// The end that the connection writes from.
#[derive(Debug)]
pub(crate) struct OutboxReader {
    pub(crate) queue: mpsc::Receiver<Utf8Bytes>,
    closing: watch::Receiver<Option<Closing>>,
}

impl Outbox {
    /// A queue for `capacity` messages.
    pub(crate) fn new(capacity: usize) -> (Outbox, OutboxReader) {
        let (queue, reader) = mpsc::channel(capacity);
        let (closing, closed) = watch::channel(None);
        (
            Outbox { queue, closing },
            OutboxReader {
                queue: reader,
                closing: closed,
            },
        )
    }

    /// Queues `message`; a full queue closes the connection as lagged.
    pub(crate) fn push(&self, message: Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(message) {
            self.close(Closing::lagged());
        }
    }

    /// Ends the connection; the first reason given holds.
    pub(crate) fn close(&self, reason: Closing) {
        self.closing.send_if_modified(|closing| {
            let first = closing.is_none();
            closing.get_or_insert(reason);
            first
        });
    }
}

impl OutboxReader {
    /// A second watcher of [`Outbox::close`].
    pub(crate) fn closing(&self) -> ClosingWatch {
        ClosingWatch(self.closing.clone())
    }
}

/// Waits for [`Outbox::close`].
#[derive(Debug)]
pub(crate) struct ClosingWatch(watch::Receiver<Option<Closing>>);

impl ClosingWatch {
    /// The reason, once there is one.
    pub(crate) async fn closed(&mut self) -> Closing {
        match self.0.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(Closing::Gone),
            // Nobody is left who could push or close.
            Err(_) => Closing::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_closes_as_lagged_and_the_first_reason_holds() {
        let (outbox, mut reader) = Outbox::new(2);
        for _ in 0..3 {
            outbox.push("x".into());
        }
        outbox.close(Closing::replaced());
        assert_eq!(reader.closing().closed().await, Closing::lagged());
        assert_eq!(reader.queue.recv().await, Some("x".into()));
    }
}
