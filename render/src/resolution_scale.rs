//! How many pixels to draw so that the frame rate holds: fewer when frames take too long, more again
//! when there is time. Pure; whoever draws measures frames and passes the scale to
//! [`crate::Renderer::set_resolution_scale`].
//!
//! Where the device tells what a frame took, that says all. Where only the time from frame to frame is
//! known, a screen hides the rest: a frame never comes before the screen is ready for it, and it may come
//! late for other reasons than pixels. Then fewer pixels are a trial that is taken back when it does not
//! help, and more pixels are one that is taken back when frames come late.

/// Follows the time that frames take.
#[derive(Clone, Debug)]
pub struct ResolutionScale {
    config: ResolutionScaleConfig,
    scale: f32,
    /// Smoothed.
    frame_millis: Option<f32>,
    /// Frames since the last change.
    settled_frames: u32,
    waits: Waits,
}

/// What is known from times between frames.
#[derive(Clone, Debug)]
struct Waits {
    window: [f32; WINDOW_FRAMES],
    filled: usize,
    trial: Option<Trial>,
    /// Windows without late frames since the last change.
    calm: u32,
    /// So many such windows before more pixels are tried.
    patience: u32,
    /// Windows before fewer pixels are tried again, and how many the next time.
    rest: u32,
    next_rest: u32,
}

#[derive(Clone, Copy, Debug)]
enum Trial {
    Fewer { before: f32, before_millis: f32 },
    More { before: f32 },
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

/// Frames that are judged together, by their median: half a second at 60 a second.
const WINDOW_FRAMES: usize = 30;
/// Frames come late when they take more than this part of the budget: screens are no exact clocks.
const LATE: f32 = 1.25;
/// Fewer pixels must save this part of the time, or something else takes it.
const LEAST_SAVING: f32 = 0.08;
/// More pixels are tried in steps of this factor,
const STEP: f32 = 1.15;
/// after so many calm windows at first, at most, twice as many each time that it went wrong.
const PATIENCE: (u32, u32) = (8, 64);
/// The same for trying fewer pixels again after they did not help.
const REST: (u32, u32) = (20, 320);

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
            waits: Waits::default(),
        }
    }

    /// The scale for the next frame.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Takes what the last frame took the device, in milliseconds, where it tells. What is no number, or
    /// longer than a second, is left out. Returns the scale for the next frame.
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
        // `clamp` would bring the formatting of floats with it, for its panic.
        let wanted = wanted.max(self.config.least).min(self.config.most);
        if (wanted - self.scale).abs() >= LEAST_CHANGE * self.scale {
            self.scale = wanted;
            self.settled_frames = 0;
            self.frame_millis = None;
        }
        self.scale
    }

    /// Takes how long after the last frame this one came, in milliseconds, where nothing better is known;
    /// only of frames that were drawn one after the other. What is no number, or longer than a second (a
    /// page in the background), is left out. Returns the scale for the next frame.
    pub fn frame_came_after(&mut self, millis: f32) -> f32 {
        if !(0.0..1000.0).contains(&millis) {
            return self.scale;
        }
        self.settled_frames += 1;
        if self.settled_frames <= SETTLING_FRAMES / 2 {
            return self.scale;
        }
        self.waits.window[self.waits.filled] = millis;
        self.waits.filled += 1;
        if self.waits.filled == WINDOW_FRAMES {
            self.waits.filled = 0;
            self.judge(median(&self.waits.window));
        }
        self.scale
    }

    /// What follows from a window of frames.
    fn judge(&mut self, millis: f32) {
        let late = millis > LATE * self.config.budget_millis;
        self.waits.rest = self.waits.rest.saturating_sub(1);
        match self.waits.trial.take() {
            Some(Trial::Fewer {
                before,
                before_millis,
            }) if millis > (1.0 - LEAST_SAVING) * before_millis => {
                self.waits.rest = self.waits.next_rest;
                self.waits.next_rest = (2 * self.waits.next_rest).min(REST.1);
                return self.change_to(before);
            }
            Some(Trial::Fewer { .. }) => self.waits.next_rest = REST.0,
            Some(Trial::More { before }) if late => {
                self.waits.patience = (2 * self.waits.patience).min(PATIENCE.1);
                return self.change_to(before);
            }
            Some(Trial::More { .. }) | None => {}
        }
        let before = self.scale;
        if late {
            let part = millis / self.config.budget_millis;
            let wanted = (before * (0.5 * (ROOM + 1.0) / part).sqrt()).max(self.config.least);
            if self.waits.rest == 0 && before - wanted >= LEAST_CHANGE * before {
                self.change_to(wanted);
                self.waits.trial = Some(Trial::Fewer {
                    before,
                    before_millis: millis,
                });
            }
            self.waits.calm = 0;
        } else if before < self.config.most {
            self.waits.calm += 1;
            if self.waits.calm >= self.waits.patience {
                self.change_to((before * STEP).min(self.config.most));
                self.waits.trial = Some(Trial::More { before });
            }
        }
    }

    fn change_to(&mut self, scale: f32) {
        self.scale = scale;
        self.settled_frames = 0;
        self.waits.calm = 0;
    }
}

/// The value that half of the others are not above. Counted: a sort for so few would be more code than all
/// of this.
fn median(values: &[f32; WINDOW_FRAMES]) -> f32 {
    let not_above = |value: f32| values.iter().filter(|other| **other <= value).count();
    values
        .iter()
        .copied()
        .filter(|value| not_above(*value) > WINDOW_FRAMES / 2)
        .fold(f32::INFINITY, f32::min)
}

impl Default for Waits {
    fn default() -> Self {
        Waits {
            window: [0.0; WINDOW_FRAMES],
            filled: 0,
            trial: None,
            calm: 0,
            patience: PATIENCE.0,
            rest: 0,
            next_rest: REST.0,
        }
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

    /// A screen of 60 frames a second that shows frames of a device (see `run`), each a little early or
    /// late. Returns the scales over the frames.
    fn on_screen(
        scaler: &mut ResolutionScale,
        fixed: f32,
        per_pixel: f32,
        screen_millis: f32,
        frames: u32,
    ) -> Vec<f32> {
        (0..frames)
            .map(|frame| {
                let scale = scaler.scale();
                let work = fixed + per_pixel * scale * scale;
                let shown_for = (work / screen_millis).ceil().max(1.0) * screen_millis;
                let jitter = (frame * 7 % 11) as f32 / 5.0 - 1.0;
                // A page stops for a while now and then.
                let stop = if frame % 97 == 50 { 120.0 } else { 0.0 };
                scaler.frame_came_after(shown_for + jitter + stop)
            })
            .collect()
    }

    #[test]
    fn a_median_is_the_middle_one() {
        let values = std::array::from_fn(|index| (index * 7 % WINDOW_FRAMES) as f32);
        assert_eq!(median(&values), (WINDOW_FRAMES / 2) as f32);
        assert_eq!(median(&[3.0; WINDOW_FRAMES]), 3.0);
    }

    #[test]
    fn frames_that_fit_the_screen_keep_all_pixels() {
        for screen_millis in [1000.0 / 60.0, 1000.0 / 120.0] {
            let mut scaler = ResolutionScale::default();
            let scales = on_screen(&mut scaler, 2.0, 5.0, screen_millis, 3000);
            assert!(scales.iter().all(|scale| *scale == 1.0));
        }
    }

    #[test]
    fn frames_that_come_late_for_their_pixels_get_fewer_and_then_as_many_as_fit() {
        let mut scaler = ResolutionScale::default();
        // 22 ms for all pixels; 16.7 for 0.86 of each side.
        let scales = on_screen(&mut scaler, 2.0, 20.0, 1000.0 / 60.0, 6000);
        let at_the_end = &scales[4000..];
        let late = at_the_end
            .iter()
            .filter(|scale| 2.0 + 20.0 * *scale * *scale > 1000.0 / 60.0)
            .count();
        assert!(late < 100, "{late} of {} frames late", at_the_end.len());
        let mean = at_the_end.iter().sum::<f32>() / at_the_end.len() as f32;
        assert!(mean > 0.7, "{mean}");
        on_screen(&mut scaler, 2.0, 5.0, 1000.0 / 60.0, 6000);
        assert_eq!(scaler.scale(), 1.0, "the load is gone");
    }

    #[test]
    fn frames_that_come_late_for_another_reason_keep_their_pixels() {
        // A phone that saves its battery shows 30 frames a second; a page that is busy with something else.
        for (fixed, screen_millis) in [(5.0, 1000.0 / 30.0), (40.0, 1000.0 / 60.0)] {
            let mut scaler = ResolutionScale::default();
            let scales = on_screen(&mut scaler, fixed, 4.0, screen_millis, 6000);
            let fewer = scales.iter().filter(|scale| **scale < 1.0).count();
            assert!(fewer > 0, "it was tried");
            assert!(fewer < 300, "{fewer} frames with fewer pixels for nothing");
            assert_eq!(scaler.scale(), 1.0);
        }
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
                scaler.frame_came_after(nonsense);
            });
            assert_eq!(scaler.scale(), before);
        }
    }
}
