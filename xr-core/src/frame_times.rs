//! How long frames take and how often they come, over the last few seconds.

/// Frames that are looked back on.
const KEPT: usize = 240;

/// See the module.
#[derive(Debug, Default)]
pub struct FrameTimes {
    work_millis: Vec<f64>,
    started_millis: Vec<f64>,
    frames: u64,
}

impl FrameTimes {
    /// A frame started at `started_millis` of the page's clock and took `work_millis`.
    pub fn add(&mut self, started_millis: f64, work_millis: f64) {
        self.frames += 1;
        for (list, value) in [
            (&mut self.started_millis, started_millis),
            (&mut self.work_millis, work_millis),
        ] {
            if list.len() == KEPT {
                list.remove(0);
            }
            list.push(value);
        }
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames a second; 0 before there are two.
    pub fn per_second(&self) -> f64 {
        let (Some(first), Some(last)) = (self.started_millis.first(), self.started_millis.last())
        else {
            return 0.0;
        };
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        let intervals = (self.started_millis.len() - 1) as f64;
        let millis = last - first;
        if millis > 0.0 {
            intervals * 1000.0 / millis
        } else {
            0.0
        }
    }

    /// The work of a frame in milliseconds that the given share of frames stays within, as 0.5 for the median; 0
    /// before the first frame.
    pub fn work_millis(&self, share: f64) -> f64 {
        let mut sorted = self.work_millis.clone();
        sorted.sort_by(f64::total_cmp);
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index of a few hundred"
        )]
        let index = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(index).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_shares() {
        let mut times = FrameTimes::default();
        assert_eq!((times.per_second(), times.work_millis(0.5)), (0.0, 0.0));
        for frame in 0..1000 {
            let frame = f64::from(frame);
            times.add(frame * 20.0, frame % 10.0);
        }
        assert_eq!(times.frames(), 1000);
        assert!((times.per_second() - 50.0).abs() < 1e-9);
        assert_eq!(times.work_millis(0.0), 0.0);
        assert!((times.work_millis(0.5) - 4.5).abs() <= 0.5);
        assert_eq!(times.work_millis(1.0), 9.0);
    }
}
