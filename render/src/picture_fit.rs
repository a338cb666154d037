//! How a camera picture is fitted into a view, the same formula as `picture_backdrop.wgsl` and
//! `image_points.wgsl` use.

/// The cover fit of a picture in a view: the picture fills the view, keeps its shape and is cut at
/// the two sides that stand over.
///
/// View pixels are measured from the view's top left corner, edges at integers (as a pointer event
/// gives them, times the pixel ratio). Picture pixels have their centres at integers (as trackers
/// give them).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureFit {
    /// View pixels per picture pixel.
    pub scale: f32,
    /// Where the picture's top left edge lies in the view; at most 0 on both axes.
    pub offset_px: [f32; 2],
}

/// The cover fit of a picture of `picture_size_px` in a view of `view_size_px`, both width, height.
///
/// A size of 0 counts as 1.
pub fn picture_fit(picture_size_px: [u32; 2], view_size_px: [u32; 2]) -> PictureFit {
    let picture = picture_size_px.map(|size| size.max(1) as f32);
    let view = view_size_px.map(|size| size.max(1) as f32);
    let scale = (view[0] / picture[0]).max(view[1] / picture[1]);
    PictureFit {
        scale,
        offset_px: [
            (view[0] - picture[0] * scale) * 0.5,
            (view[1] - picture[1] * scale) * 0.5,
        ],
    }
}

impl PictureFit {
    /// Where a picture's pixel is seen in the view.
    pub fn view_from_picture(&self, position_px: [f32; 2]) -> [f32; 2] {
        [
            (position_px[0] + 0.5) * self.scale + self.offset_px[0],
            (position_px[1] + 0.5) * self.scale + self.offset_px[1],
        ]
    }

    /// Which pixel of the picture is seen at a place in the view.
    pub fn picture_from_view(&self, position_px: [f32; 2]) -> [f32; 2] {
        [
            (position_px[0] - self.offset_px[0]) / self.scale - 0.5,
            (position_px[1] - self.offset_px[1]) / self.scale - 0.5,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(actual: [f32; 2], expected: [f32; 2]) {
        assert!(
            (actual[0] - expected[0]).abs() < 1e-3 && (actual[1] - expected[1]).abs() < 1e-3,
            "{actual:?} is not {expected:?}"
        );
    }

    #[test]
    fn same_shape_only_scales() {
        let fit = picture_fit([640, 480], [320, 240]);
        assert_eq!(fit.scale, 0.5);
        assert_eq!(fit.offset_px, [0.0, 0.0]);
    }

    #[test]
    fn portrait_view_cuts_left_and_right_alike() {
        let fit = picture_fit([640, 480], [390, 844]);
        assert_close([fit.scale, 0.0], [844.0 / 480.0, 0.0]);
        assert_close(fit.view_from_picture([319.5, 239.5]), [195.0, 422.0]);
        assert!(fit.offset_px[0] < -300.0 && fit.offset_px[1] == 0.0);
    }

    #[test]
    fn wide_view_cuts_top_and_bottom() {
        let fit = picture_fit([480, 640], [844, 390]);
        assert!(fit.offset_px[0] == 0.0 && fit.offset_px[1] < -300.0);
        assert_close(fit.view_from_picture([-0.5, 319.5]), [0.0, 195.0]);
    }

    #[test]
    fn both_ways_agree_and_the_view_is_covered() {
        for view in [[390, 844], [844, 390], [1280, 800], [1, 1000], [333, 333]] {
            for picture in [[640, 480], [480, 640], [1920, 1080]] {
                let fit = picture_fit(picture, view);
                for corner in [
                    [0.0, 0.0],
                    [view[0] as f32, 0.0],
                    [view[0] as f32, view[1] as f32],
                ] {
                    let pixel = fit.picture_from_view(corner);
                    assert!(pixel[0] >= -0.501 && pixel[0] <= picture[0] as f32 - 0.499);
                    assert!(pixel[1] >= -0.501 && pixel[1] <= picture[1] as f32 - 0.499);
                    assert_close(fit.view_from_picture(pixel), corner);
                }
            }
        }
    }
}
