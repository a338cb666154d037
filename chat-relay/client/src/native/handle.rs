//! What a program holds of a running device.

use tokio::sync::{mpsc, oneshot, watch};

use crate::{Client, Moment};

/// Something to be done with a client.
pub(super) type Command = Box<dyn FnOnce(&mut Client, Moment) + Send>;

/// A running device. When all its handles are dropped it leaves.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) changes: watch::Receiver<u64>,
}

impl Handle {
    /// Does something with the client, in its task; `None` when that has ended.
    pub async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Client, Moment) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let command: Command = Box::new(move |client, now| {
            // Who asked may have stopped waiting.
            let _unheard = answer.send(change(client, now));
        });
        self.commands.send(command).await.ok()?;
        answered.await.ok()
    }

    /// Has something done with the client and does not wait for it. `false` when too much waits already, or the task
    /// has ended.
    pub fn post(&self, change: impl FnOnce(&mut Client, Moment) + Send + 'static) -> bool {
        self.commands.try_send(Box::new(change)).is_ok()
    }

    /// Waits until something holds of the client; `false` when its task ended before.
    pub async fn until(
        &self,
        holds: impl Fn(&Client) -> bool + Send + Sync + Clone + 'static,
    ) -> bool {
        let mut changes = self.changes.clone();
        loop {
            changes.mark_unchanged();
            let check = holds.clone();
            match self.update(move |client, _| check(client)).await {
                Some(true) => return true,
                Some(false) => {}
                None => return false,
            }
            if changes.changed().await.is_err() {
                return false;
            }
        }
    }

    /// Counts up whenever the client's state has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Leaves the room.
    pub async fn close(&self) {
        self.update(|client, _| client.close()).await;
    }
}
