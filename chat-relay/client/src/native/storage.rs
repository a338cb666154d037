//! Where a device keeps what it needs after a restart: memory in a test, a file, whatever a program has.

use std::{future::Future, pin::Pin};

/// A state on its way into a storage.
pub type Saving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Keeps the latest state of one device. Implemented by closures that give a future.
pub trait Storage: Send + 'static {
    /// Puts a state in the place of the one before. It is kept once the future is done, and may or may not be when
    /// that is dropped. There is one at a time. A storage that fails ends all the same: waiting on helps nobody.
    fn save(&mut self, stored_json: String) -> Saving;
}

impl<F, Ending> Storage for F
where
    F: FnMut(String) -> Ending + Send + 'static,
    Ending: Future<Output = ()> + Send + 'static,
{
    fn save(&mut self, stored_json: String) -> Saving {
        Box::pin(self(stored_json))
    }
}
