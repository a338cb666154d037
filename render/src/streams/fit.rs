//! How a stream's picture lies in the target.

use crate::picture_fit;

/// How a picture of another shape than the target's is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamFit {
    /// All of the picture is seen; what is left of the target is transparent.
    #[default]
    Contain,
    /// The target is filled; the picture is cut at two sides.
    Cover,
}

impl StreamFit {
    /// Target pixels per picture pixel, and where the picture's top left edge lies in the target.
    pub(super) fn place(self, picture_px: [u32; 2], target_px: [u32; 2]) -> (f32, [f32; 2]) {
        match self {
            StreamFit::Cover => {
                let fit = picture_fit(picture_px, target_px);
                (fit.scale, fit.offset_px)
            }
            StreamFit::Contain => {
                // The picture covers the target where the target is fitted into the picture.
                let fit = picture_fit(target_px, picture_px);
                (
                    fit.scale.recip(),
                    fit.offset_px.map(|offset| -offset / fit.scale),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contain_leaves_bars_and_cover_cuts() {
        for (fit, scale, offset_px) in [
            (StreamFit::Contain, 2.0, [20.0, 0.0]),
            (StreamFit::Cover, 2.5, [0.0, -15.0]),
        ] {
            let (actual, offset) = fit.place([80, 60], [200, 120]);
            assert!((actual - scale).abs() < 1e-5, "{fit:?}: {actual}");
            for axis in 0..2 {
                assert!(
                    (offset[axis] - offset_px[axis]).abs() < 1e-3,
                    "{fit:?}: {offset:?}"
                );
            }
        }
        assert_eq!(StreamFit::Contain.place([7, 5], [7, 5]), (1.0, [0.0, 0.0]));
    }
}
