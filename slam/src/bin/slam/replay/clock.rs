//! The clock of `--realtime`.

use slam::dataset::Frames;

/// The clock of `--realtime`, on the playback's time.
#[derive(Debug, Default)]
pub(super) struct RealTime {
    now_nanos: Option<i64>,
}

impl RealTime {
    /// Leaves out the frames that newer ones have replaced while the tracker was busy.
    pub(super) fn drop_frames(&self, frames: &mut Frames<'_>) -> usize {
        let mut dropped = 0;
        while self.now_nanos.is_some() && frames.second_time_nanos() <= self.now_nanos {
            if frames.second_time_nanos().is_none() {
                break;
            }
            frames.skip_frame();
            dropped += 1;
        }
        dropped
    }

    pub(super) fn take(&mut self, capture_time_nanos: i64, secs: f64) {
        let now = self.now_nanos.unwrap_or(i64::MIN).max(capture_time_nanos);
        self.now_nanos = Some(now);
        self.advance(secs);
    }

    pub(super) fn advance(&mut self, secs: f64) {
        if let Some(now) = &mut self.now_nanos {
            *now = now.saturating_add((secs * 1e9) as i64);
        }
    }

    pub(super) fn is_due(&self, next_nanos: Option<i64>) -> bool {
        matches!((self.now_nanos, next_nanos), (Some(now), Some(next)) if now >= next)
    }
}
