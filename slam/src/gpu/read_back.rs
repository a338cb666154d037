//! The way of an answer to the host: a copy that is mapped when the device has done its work.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::records::{Track, Work};
use super::stopwatch::Stamps;

/// Where the parts of an answer lie in the buffer that is read: counts, times, points.
pub(super) const STAMPS_AT: u64 = size_of::<Work>() as u64;
pub(super) const TRACKS_AT: u64 = STAMPS_AT + size_of::<Stamps>() as u64;

const ON_ITS_WAY: u8 = 0;
const HERE: u8 = 1;
const LOST: u8 = 2;

/// Tells whoever waits for an answer that one came, or that none will come, so that nobody has to ask again and again.
#[derive(Debug, Clone, Default)]
pub struct Signal(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// Not yet noticed by anybody.
    is_new: bool,
    waker: Option<Waker>,
}

impl Signal {
    /// Ready once after each answer; else `waker` is woken by the next one, and no other waker is.
    pub fn poll(&self, waker: &Waker) -> Poll<()> {
        // Nothing that could panic is done while it is locked.
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut told.is_new) {
            return Poll::Ready(());
        }
        told.waker = Some(waker.clone());
        Poll::Pending
    }

    fn tell(&self) {
        let waker = {
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.is_new = true;
            told.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// One answer on its way.
#[derive(Debug)]
pub(super) struct ReadBack {
    buffer: wgpu::Buffer,
    state: Arc<AtomicU8>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    OnItsWay,
    Here,
    Lost,
}

impl ReadBack {
    /// Asks for the buffer's contents, once the work submitted so far is done.
    pub(super) fn ask(buffer: &wgpu::Buffer, signal: &Signal) -> Self {
        let state = Arc::new(AtomicU8::new(ON_ITS_WAY));
        let (told, signal) = (Arc::clone(&state), signal.clone());
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let arrived = if result.is_ok() { HERE } else { LOST };
            told.store(arrived, Ordering::Release);
            signal.tell();
        });
        Self {
            buffer: buffer.clone(),
            state,
        }
    }

    /// Whether it is here; natively this also lets the device tell.
    pub(super) fn arrival(&self, device: &wgpu::Device) -> Arrival {
        let polled = device.poll(wgpu::PollType::Poll);
        match self.state.load(Ordering::Acquire) {
            HERE => Arrival::Here,
            LOST => Arrival::Lost,
            _ if polled.is_err() => Arrival::Lost,
            _ => Arrival::OnItsWay,
        }
    }

    /// Reads an answer that is here; none if the device failed after all.
    pub(super) fn read<T>(
        self,
        read: impl FnOnce(&Work, &Stamps, &mut dyn Iterator<Item = Track>) -> T,
    ) -> Option<T> {
        let range = self.buffer.get_mapped_range(..).ok()?;
        let (work, rest) = range.split_at_checked(size_of::<Work>())?;
        let (stamps, rest) = rest.split_at_checked(size_of::<Stamps>())?;
        // The browser's copy need not lie where a record may.
        let work: Work = bytemuck::pod_read_unaligned(work);
        let stamps: Stamps = bytemuck::pod_read_unaligned(stamps);
        let tracks = rest.chunks_exact(size_of::<Track>());
        let answer = read(
            &work,
            &stamps,
            &mut tracks.map(bytemuck::pod_read_unaligned),
        );
        drop(range);
        self.buffer.unmap();
        Some(answer)
    }

    /// Gives it up.
    pub(super) fn cancel(self) {
        self.buffer.unmap();
    }
}
