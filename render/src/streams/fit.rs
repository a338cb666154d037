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
    /// Which pixel of the picture (column, row) is seen at a place in the target; `None` beside the picture. A size
    /// of 0 counts as 1.
    ///
    /// `in_target`: target pixels from its top left corner, edges at integers, as a pointer event gives them, times
    /// the pixel ratio.
    pub fn pixel_under(
        self,
        picture_px: [u32; 2],
        target_px: [u32; 2],
        in_target: [f32; 2],
    ) -> Option<[u32; 2]> {
        let (scale, offset) = self.place(picture_px, target_px);
        let pixel = [0, 1].map(|axis| ((in_target[axis] - offset[axis]) / scale).floor());
        let inside =
            |axis: usize| pixel[axis] >= 0.0 && pixel[axis] < picture_px[axis].max(1) as f32;
        (inside(0) && inside(1)).then(|| pixel.map(|place| place as u32))
    }

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

    #[test]
    fn a_place_in_the_target_shows_a_pixel() {
        let [contain, cover] = [StreamFit::Contain, StreamFit::Cover]
            .map(|fit| move |in_target| fit.pixel_under([80, 60], [200, 120], in_target));
        // Bars of 20 pixels, then two target pixels a pixel.
        assert_eq!(contain([19.9, 5.0]), None);
        assert_eq!(contain([20.1, 0.1]), Some([0, 0]));
        assert_eq!(contain([179.9, 119.9]), Some([79, 59]));
        assert_eq!(contain([180.1, 119.9]), None);
        // Six rows cut away above, 2.5 target pixels a pixel.
        assert_eq!(cover([0.1, 0.1]), Some([0, 6]));
        assert_eq!(cover([f32::NAN, 1.0]), None);
    }
}
