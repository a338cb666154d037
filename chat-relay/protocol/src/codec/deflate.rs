//! How a binary body lies in a message: one byte, [`PLAIN`] or [`DEFLATED`], then the body as it is or as raw deflate
//! (RFC 1951).
//!
//! In: bodies that a codec writes or reads. Out: messages. A body is deflated when it is long enough to be worth it
//! and gets shorter; what is inflated stops at a limit, whatever the message promises.
//!
//! A compressor weighs a quarter of a megabyte: to make one takes about 90 us, to compress a page of chat with one that
//! is there 20 us (`cargo xtask bench codec`). So each thread keeps one of each kind and resets it. A relay's rooms
//! live on a few threads, and callers need no state of their own.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::limits::check_length;
use crate::error::DecodeError;

/// The first byte of a message whose body follows as it is.
const PLAIN: u8 = 0;

/// The first byte of a message whose body is deflated.
const DEFLATED: u8 = 1;

/// How hard the compressor looks, of 9. The next levels save 5 to 10 % more bytes for twice to five times the time.
const LEVEL: u32 = 1;

/// What a thread keeps of its buffer from one message to the next.
const KEPT_BYTES: usize = 256 * 1024;

thread_local! {
    static DEFLATER: RefCell<(Compress, Vec<u8>)> =
        RefCell::new((Compress::new(Compression::new(LEVEL), false), Vec::new()));
    static INFLATER: RefCell<(Decompress, Vec<u8>)> =
        RefCell::new((Decompress::new(false), Vec::new()));
}

/// Puts the body that `write` appends into a message at the end of `out`.
pub(super) fn wrap(
    compress_over_bytes: usize,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    out.push(PLAIN);
    write(out);
    let body = start + 1;
    if out.len() - body <= compress_over_bytes {
        return;
    }
    DEFLATER.with_borrow_mut(|(deflater, buffer)| {
        deflater.reset();
        buffer.clear();
        // No more room than what makes it shorter.
        buffer.reserve_exact(out.len() - body);
        let done = deflater.compress_vec(&out[body..], buffer, FlushCompress::Finish);
        if matches!(done, Ok(Status::StreamEnd)) && buffer.len() < out.len() - body {
            out.truncate(start);
            out.push(DEFLATED);
            out.extend_from_slice(buffer);
        }
        buffer.clear();
        buffer.shrink_to(KEPT_BYTES);
    });
}

/// Hands the body of a message to `read`, inflated to at most `limit_bytes`.
pub(super) fn unwrap<T>(
    message: &[u8],
    limit_bytes: usize,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, DecodeError> {
    let (first, body) = message.split_first().ok_or(DecodeError::Empty)?;
    check_length(body, limit_bytes)?;
    match *first {
        PLAIN => Ok(read(body)),
        DEFLATED => INFLATER.with_borrow_mut(|(inflater, buffer)| {
            buffer.clear();
            let read = inflate(inflater, body, limit_bytes, buffer).map(|()| read(buffer));
            buffer.clear();
            buffer.shrink_to(KEPT_BYTES);
            read
        }),
        first_byte => Err(DecodeError::Framing { first_byte }),
    }
}

fn inflate(
    inflater: &mut Decompress,
    mut body: &[u8],
    limit_bytes: usize,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let broken = |reason: &str| DecodeError::Deflate {
        reason: reason.to_owned(),
    };
    inflater.reset(false);
    loop {
        if out.len() == out.capacity() {
            // Doubling, but never past the limit by more than the byte that shows it.
            let more = out.len().max(4 * body.len()).max(1024);
            out.reserve_exact(more.min(limit_bytes + 1 - out.len()));
        }
        let (read_before, written_before) = (inflater.total_in(), out.len());
        let status = inflater
            .decompress_vec(body, out, FlushDecompress::None)
            .map_err(|error| broken(&error.to_string()))?;
        let read = usize::try_from(inflater.total_in() - read_before).unwrap_or(body.len());
        body = &body[read..];
        check_length(out, limit_bytes)?;
        if status == Status::StreamEnd {
            return if body.is_empty() {
                Ok(())
            } else {
                Err(broken("bytes follow the end"))
            };
        }
        if read == 0 && out.len() == written_before {
            return Err(broken("it ends too early"));
        }
    }
}
