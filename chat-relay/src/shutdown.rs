//! The end: a signal that everything long-lived watches, and a way to wait until the connections have gone.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use crate::secrets;

/// Shared by all that ends with the relay.
#[derive(Debug)]
pub(crate) struct Shutdown {
    begun: watch::Sender<bool>,
    /// Cloned into every connection, and dropped when the shutdown waits: what is left are the connections'.
    alive: Mutex<Option<mpsc::Sender<Infallible>>>,
    ended: tokio::sync::Mutex<mpsc::Receiver<Infallible>>,
}

/// Held by a connection while it lives.
#[derive(Debug)]
pub(crate) struct Alive(
    #[allow(dead_code, reason = "held, not read")] Option<mpsc::Sender<Infallible>>,
);

/// Waits for the shutdown to begin.
#[derive(Debug)]
pub(crate) struct ShutdownWatch(watch::Receiver<bool>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        let (alive, ended) = mpsc::channel(1);
        Self {
            begun: watch::Sender::new(false),
            alive: Mutex::new(Some(alive)),
            ended: tokio::sync::Mutex::new(ended),
        }
    }

    pub(crate) fn subscribe(&self) -> ShutdownWatch {
        ShutdownWatch(self.begun.subscribe())
    }

    /// A mark of life for a connection.
    pub(crate) fn alive(&self) -> Alive {
        Alive(
            self.alive
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    }

    /// Whether it has begun.
    pub(crate) fn is_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Tells everybody.
    pub(crate) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Waits until all connections have ended, `grace` at most.
    pub(crate) async fn wait(&self, grace: Duration) {
        drop(
            self.alive
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let mut ended = self.ended.lock().await;
        if tokio::time::timeout(grace, ended.recv()).await.is_err() {
            tracing::warn!("some connections did not close in {grace:?}");
        }
    }
}

impl ShutdownWatch {
    /// Waits for [`Shutdown::begin`].
    pub(crate) async fn begun(&mut self) {
        // An error means that the relay itself is gone, which is an end as well.
        let _ = self.0.wait_for(|begun| *begun).await;
    }
}

/// When a device is to come back: half a second to two and a half, so that not all come at once.
pub(crate) fn spread_millis() -> u64 {
    let bytes = secrets::random::<2>().unwrap_or_default();
    500 + u64::from(u16::from_le_bytes(bytes)) % 2000
}

/// Waits for Ctrl-C, or SIGTERM where there is one.
///
/// # Errors
/// What the system said when it gave no signals.
pub async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
