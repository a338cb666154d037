//! The sessions of open event streams, by the secret name under which each client sends.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::mpsc;

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, mpsc::Sender<Bytes>>>);

impl Sessions {
    pub(super) fn insert(&self, session: String, messages: mpsc::Sender<Bytes>) {
        self.lock().insert(session, messages);
    }

    pub(super) fn remove(&self, session: &str) {
        self.lock().remove(session);
    }

    pub(super) fn get(&self, session: &str) -> Option<mpsc::Sender<Bytes>> {
        self.lock().get(session).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
