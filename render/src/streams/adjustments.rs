//! What a person sets on a stream, and the ranges it is kept in.

/// How a stream is changed on its way to the target. The default changes nothing.
///
/// Values out of range are brought to the nearest end of it; what is not a number counts as the
/// default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamAdjustments {
    /// Evens out the block edges and the noise of a poor bit rate, before anything else: 0 (off) to 1.
    pub deblocking: f32,
    /// Contrast-adaptive sharpening: 0 (off) to 1.
    pub sharpness: f32,
    /// Doublings of the light, -8 to 8. What would pass white is rolled off softly.
    pub exposure_stops: f32,
    /// Factors of red, green and blue in linear light, 0 to 16, such as
    /// [`white_balance_from_gray`](super::white_balance_from_gray) gives; before `temperature` and `tint`.
    pub white_gains: [f32; 3],
    /// Colour of the light: -1 (blue) to 1 (amber), along daylight.
    pub temperature: f32,
    /// Colour of the light across daylight: -1 (green) to 1 (magenta).
    pub tint: f32,
    /// 0 (gray) to 3; 1 changes nothing.
    pub saturation: f32,
    /// Before and after: the part of the target, from its left, that shows the plain video, with a
    /// line 2 pixels wide at its end. No line at 0 and 1; `None`: all is processed.
    pub split: Option<f32>,
}

impl Default for StreamAdjustments {
    fn default() -> Self {
        StreamAdjustments {
            deblocking: 0.0,
            sharpness: 0.0,
            exposure_stops: 0.0,
            white_gains: [1.0; 3],
            temperature: 0.0,
            tint: 0.0,
            saturation: 1.0,
            split: None,
        }
    }
}

impl StreamAdjustments {
    /// What helps videos at a poor bit rate; all else is left as it is.
    ///
    /// The strengths bring VP8 and VP9 at 100 to 600 kbit/s (640 x 360) nearer to their source by SSIM in the mean over
    /// writing, grass and a photograph. More deblocking helps writing further and takes the grain off grass; more
    /// sharpening looks crisper and is farther from the source: `cargo xtask bench streams --sweep` shows it.
    pub fn poor_stream() -> StreamAdjustments {
        StreamAdjustments {
            deblocking: 0.2,
            sharpness: 0.2,
            ..StreamAdjustments::default()
        }
    }

    /// The same with every value a number within its range.
    pub fn clamped(&self) -> StreamAdjustments {
        let within = |value: f32, default: f32, least: f32, most: f32| {
            if value.is_nan() {
                default
            } else {
                value.clamp(least, most)
            }
        };
        StreamAdjustments {
            deblocking: within(self.deblocking, 0.0, 0.0, 1.0),
            sharpness: within(self.sharpness, 0.0, 0.0, 1.0),
            exposure_stops: within(self.exposure_stops, 0.0, -8.0, 8.0),
            white_gains: self.white_gains.map(|gain| within(gain, 1.0, 0.0, 16.0)),
            temperature: within(self.temperature, 0.0, -1.0, 1.0),
            tint: within(self.tint, 0.0, -1.0, 1.0),
            saturation: within(self.saturation, 1.0, 0.0, 3.0),
            split: self
                .split
                .filter(|split| !split.is_nan())
                .map(|split| split.clamp(0.0, 1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_counts_as_the_default() {
        let nothing = StreamAdjustments {
            deblocking: f32::NAN,
            sharpness: f32::NAN,
            exposure_stops: f32::NAN,
            white_gains: [f32::NAN; 3],
            temperature: f32::NAN,
            tint: f32::NAN,
            saturation: f32::NAN,
            split: Some(f32::NAN),
        };
        assert_eq!(nothing.clamped(), StreamAdjustments::default());
    }

    #[test]
    fn values_in_range_stay_and_others_go_to_its_ends() {
        let fine = StreamAdjustments {
            deblocking: 0.5,
            exposure_stops: -3.0,
            split: Some(0.25),
            ..StreamAdjustments::default()
        };
        assert_eq!(fine.clamped(), fine);
        let far = StreamAdjustments {
            sharpness: f32::INFINITY,
            exposure_stops: f32::NEG_INFINITY,
            saturation: -1.0,
            split: Some(7.0),
            ..fine
        }
        .clamped();
        assert_eq!(
            (far.sharpness, far.exposure_stops, far.saturation, far.split),
            (1.0, -8.0, 0.0, Some(1.0))
        );
    }
}
