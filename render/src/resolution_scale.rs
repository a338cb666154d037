//! How many pixels to draw so that the frame rate holds: fewer when frames take too long, more again
//! when there is time. Pure; whoever draws measures frames and passes the scale to
//! [`crate::Renderer::set_resolution_scale`].

/// Follows the time that frames take.
#[derive(Clone, Debug)]
pub struct ResolutionScale {
    config: ResolutionScaleConfig,
    scale: f32,
    /// Smoothed.
    frame_millis: Option<f32>,
    /// Frames since the last change.
    settled_frames: u32,
}

/// What a [`ResolutionScale`] aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResolutionScaleConfig {
    /// What a frame may take; 1000 / 60 for 60 a second.
    pub budget_millis: f32,
    /// The fewest own pixels per target pixel, each way.
    pub least: f32,
    /// The most; 1 is the target's own size.
    pub most: f32,
}

impl Default for ResolutionScaleConfig {
    fn default() -> Self {
        ResolutionScaleConfig {
            budget_millis: 1000.0 / 60.0,
            least: 0.5,
            most: 1.0,
        }
    }
}

/// A new size needs some frames before their times mean anything.
const SETTLING_FRAMES: u32 = 20;
/// Below this part of the budget there is time for more pixels.
const ROOM: f32 = 0.75;
/// Changes smaller than this are not worth the new textures.
const LEAST_CHANGE: f32 = 0.05;

impl ResolutionScale {
    /// Starts at the most.
    pub fn new(config: ResolutionScaleConfig) -> Self {
        ResolutionScale {
            scale: config.most,
            config,
            frame_millis: None,
            settled_frames: 0,
        }
    }

    /// The scale for the next frame.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Takes what the last frame took, in milliseconds: of the device where it tells, else from frame to
    /// frame. What is no number, or longer than a second (a page in the background), is left out.
    /// Returns the scale for the next frame.
    pub fn frame_took(&mut self, millis: f32) -> f32 {
        if !(0.0..1000.0).contains(&millis) {
            return self.scale;
        }
        self.settled_frames += 1;
        if self.settled_frames <= SETTLING_FRAMES / 2 {
            return self.scale;
        }
        let before = self.frame_millis.unwrap_or(millis);
        let smoothed = before + 0.15 * (millis - before);
        self.frame_millis = Some(smoothed);
        let part = smoothed / self.config.budget_millis;
        if self.settled_frames < SETTLING_FRAMES || (ROOM..=1.0).contains(&part) {
            return self.scale;
        }
        // Time goes with the number of pixels, which goes with the square.
        let wanted = self.scale * (0.5 * (ROOM + 1.0) / part).sqrt();
        let wanted = wanted.clamp(self.config.least, self.config.most);
        if (wanted - self.scale).abs() >= LEAST_CHANGE * self.scale {
            self.scale = wanted;
            self.settled_frames = 0;
            self.frame_millis = None;
        }
        self.scale
    }
}

impl Default for ResolutionScale {
    fn default() -> Self {
        ResolutionScale::new(ResolutionScaleConfig::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device that takes `fixed` milliseconds and `per_pixel` more for a full picture. Returns the
    /// scales over the frames.
    fn run(scaler: &mut ResolutionScale, fixed: f32, per_pixel: f32, frames: u32) -> Vec<f32> {
        (0..frames)
            .map(|frame| {
                let scale = scaler.scale();
                let jitter = 1.0 + 0.1 * ((frame * 7 % 11) as f32 / 5.0 - 1.0);
                scaler.frame_took((fixed + per_pixel * scale * scale) * jitter)
            })
            .collect()
    }

    #[test]
    fn a_slow_device_comes_within_the_budget_and_stays() {
        let mut scaler = ResolutionScale::default();
        let scales = run(&mut scaler, 3.0, 25.0, 600);
        let end = scaler.scale();
        let millis = 3.0 + 25.0 * end * end;
        assert!(millis <= 1000.0 / 60.0 * 1.02, "{millis} at {end}");
        assert!(millis > 10.0, "not fewer pixels than needed: {millis}");
        let changes = scales.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 3, "{changes} changes");
        assert!(
            scales[300..].iter().all(|scale| *scale == end),
            "it does not swing"
        );
    }

    #[test]
    fn a_fast_device_keeps_all_pixels_and_gets_them_back() {
        let mut scaler = ResolutionScale::default();
        assert!(
            run(&mut scaler, 2.0, 4.0, 200)
                .iter()
                .all(|scale| *scale == 1.0)
        );
        run(&mut scaler, 2.0, 40.0, 300);
        assert!(scaler.scale() < 0.7);
        run(&mut scaler, 2.0, 4.0, 300);
        assert_eq!(scaler.scale(), 1.0);
    }

    #[test]
    fn it_keeps_within_its_bounds_and_takes_no_nonsense() {
        let mut scaler = ResolutionScale::default();
        run(&mut scaler, 200.0, 100.0, 500);
        assert_eq!(scaler.scale(), 0.5);
        for nonsense in [f32::NAN, f32::INFINITY, -1.0, 5000.0] {
            let before = scaler.scale();
            (0..100).for_each(|_| {
                scaler.frame_took(nonsense);
            });
            assert_eq!(scaler.scale(), before);
        }
    }
}
