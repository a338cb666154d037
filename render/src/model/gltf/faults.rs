//! The errors of a file that is being read.

use crate::Error;

/// A file that contradicts itself or the specification: where, and why.
pub(super) fn broken(at: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::ModelBroken {
        at: at.into(),
        reason: reason.into(),
    }
}

/// Refuses what is beyond a limit.
pub(super) fn limited(what: &'static str, actual: usize, limit: usize) -> Result<(), Error> {
    if actual > limit {
        return Err(Error::ModelTooBig {
            what,
            actual,
            limit,
        });
    }
    Ok(())
}
