//! A stream whose writes have to get on: one that takes nothing for half a minute fails, and the connection with it. A
//! client that asks and does not read the answer would otherwise hold its place for as long as it likes.
//!
//! This is for HTTP. A WebSocket takes the stream out of it, or lifts the deadline where something lies between, and an
//! event stream lifts it: heartbeats tell both of those when to end.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// How long the other side may take nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct WriteDeadline<S> {
    stream: S,
    lift: Lift,
    /// Runs while a write waits.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// Lifts the deadline of one stream; clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lift(Arc<AtomicBool>);

impl Lift {
    /// From now on writes may wait for as long as they do.
    pub(crate) fn lift(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_lifted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<S> WriteDeadline<S> {
    pub(crate) fn new(stream: S, lift: Lift) -> Self {
        Self {
            stream,
            lift,
            deadline: None,
        }
    }

    /// The stream, without a deadline.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// What came of a write, or its failure where it has waited for too long.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() || self.lift.is_lifted() {
            self.deadline = None;
            return written;
        }
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteDeadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteDeadline<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::{Instant, timeout},
    };

    use super::*;

    /// A stream that takes eight bytes, and its other end.
    fn stream() -> (WriteDeadline<DuplexStream>, DuplexStream, Lift) {
        let (stream, other) = duplex(8);
        let lift = Lift::default();
        (WriteDeadline::new(stream, lift.clone()), other, lift)
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_nobody_takes_fails() {
        let (mut stream, _other, _) = stream();
        let start = Instant::now();
        let failed = stream.write_all(b"more than it takes").await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_gets_on_may_take_long() {
        let (mut stream, mut other, _) = stream();
        let start = Instant::now();
        let reader = async {
            for _ in 0..40 {
                sleep(PATIENCE - Duration::from_secs(1)).await;
                other.read_u8().await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(stream.write_all(&[0; 48]), reader);
        written.unwrap();
        assert!(start.elapsed() > 30 * PATIENCE);
        // Nothing is written: there is nothing to wait for.
        let read = timeout(10 * PATIENCE, stream.read_u8()).await;
        assert!(read.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lifted_deadline_is_none() {
        let (mut stream, _other, lift) = stream();
        lift.lift();
        let written = timeout(10 * PATIENCE, stream.write_all(b"more than it takes")).await;
        assert!(written.is_err());
    }
}
