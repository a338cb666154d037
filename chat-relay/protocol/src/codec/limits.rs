//! How much of a message is read.

use crate::error::DecodeError;

/// How deep maps and lists may stand in each other in a client's message: what the bounds of an op allow, and some.
pub const MAX_CLIENT_DEPTH: usize = 24;

/// How deep maps and lists may stand in each other in a message of the relay, which wraps what a client sent.
pub const MAX_SERVER_DEPTH: usize = 32;

/// The most memory that decoding a client's message takes at once, for each byte of its body, apart from 64 KiB. It is
/// so much because of maps of one entry: three bytes in MessagePack, a node of a tree here.
pub const MAX_MEMORY_PER_BYTE: usize = 256;

/// How deep maps and lists may stand in each other in JSON that came from no socket.
pub(super) const MAX_JSON_DEPTH: usize = 64;

/// Refuses a body that is longer than `limit_bytes`.
pub(super) fn check_length(body: &[u8], limit_bytes: usize) -> Result<(), DecodeError> {
    if body.len() > limit_bytes {
        return Err(DecodeError::TooLarge { limit_bytes });
    }
    Ok(())
}
