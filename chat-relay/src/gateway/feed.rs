//! What tungstenite reads from and writes to: bytes that the connection's task has read already, and the answers to
//! control frames, which the task then pushes into the outbox like everything else.
//!
//! Buffers are lent while there is something to read, and shared by all connections of a thread: one that is idle
//! holds none.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
};

/// What is read from a socket at a time.
const BUFFER_BYTES: usize = 16 * 1024;
/// So many buffers are kept by a thread.
const KEPT: usize = 4;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Feed {
    input: Vec<u8>,
    start: usize,
    end: usize,
    output: Vec<u8>,
}

impl Feed {
    /// Fills the input by `read`, which says how many bytes it put there. To be called when all was read.
    pub(super) fn fill<T>(&mut self, read: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
        debug_assert_eq!(self.start, self.end, "what is there is read first");
        if self.input.is_empty() {
            let kept = BUFFERS.with_borrow_mut(Vec::pop);
            self.input = kept.unwrap_or_else(|| vec![0; BUFFER_BYTES]);
        }
        let (end, answer) = read(&mut self.input);
        self.start = 0;
        self.end = end;
        if end == 0 {
            self.give_back();
        }
        answer
    }

    /// The answers to control frames, framed.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn give_back(&mut self) {
        let buffer = std::mem::take(&mut self.input);
        BUFFERS.with_borrow_mut(|buffers| {
            if buffers.len() < KEPT {
                buffers.push(buffer);
            }
        });
    }
}

impl Read for Feed {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = (self.end - self.start).min(target.len());
        target[..read].copy_from_slice(&self.input[self.start..self.start + read]);
        self.start += read;
        if self.start == self.end {
            self.give_back();
        }
        Ok(read)
    }
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
