//! One frame of an AR session as a plain value: where the viewer is, what each view sees, what a ray meets.
//! Filled from WebXR's objects at the edge, read by everything behind it.

use chat_relay_protocol::Tracking;
use glam::{DVec3, Mat4};

use crate::pose::Rigid;

/// What the session gave for one frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// The frame's time, in milliseconds of the page's clock.
    pub time_millis: f64,
    /// How well the device knows where it is.
    pub tracking: Tracking,
    /// The viewer's pose; absent while nothing is tracked.
    pub device_from_viewer: Option<Rigid>,
    /// The views to draw; those without pixels are left out.
    pub views: Vec<FrameView>,
    /// Width and height of the framebuffer that all views share.
    pub target_size_px: [u32; 2],
    /// The surface in the middle of the view, or under the pointer.
    pub hit: Option<Hit>,
}

/// One view of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameView {
    /// x, y of the top left corner, width, height, y down.
    pub viewport_px: [u32; 4],
    /// As WebXR has it: clip z from -1 to 1.
    pub projection_from_view: Mat4,
    /// The inverse of the view's pose.
    pub view_from_device: Mat4,
}

/// A point on a real surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Origin: the point. +Y: the surface's normal.
    pub device_from_hit: Rigid,
}

impl Hit {
    /// The point, in the device's frame, metres.
    pub fn point(&self) -> DVec3 {
        self.device_from_hit.translation_m
    }

    /// The surface's normal, length 1.
    pub fn normal(&self) -> DVec3 {
        self.device_from_hit.rotation * DVec3::Y
    }
}

/// A WebGL viewport (x, y from the bottom left, width, height) as one from the top left of a target `target_height`
/// pixels high. `None` when it has no pixels or reaches out of the target: a headset that shows one view may still
/// list a second one of width 0.
pub fn viewport_from_top_left(
    bottom_left_px: [i32; 4],
    target_size_px: [u32; 2],
) -> Option<[u32; 4]> {
    let [x, y, width, height] = bottom_left_px.map(|n| u32::try_from(n).ok());
    let (x, y, width, height) = (x?, y?, width?, height?);
    let fits = width > 0
        && height > 0
        && x.checked_add(width)? <= target_size_px[0]
        && y.checked_add(height)? <= target_size_px[1];
    fits.then(|| [x, target_size_px[1] - y - height, width, height])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewports_turn_over() {
        let target = [100, 80];
        assert_eq!(
            viewport_from_top_left([0, 0, 50, 80], target),
            Some([0, 0, 50, 80])
        );
        assert_eq!(
            viewport_from_top_left([50, 10, 50, 20], target),
            Some([50, 50, 50, 20])
        );
    }

    #[test]
    fn views_without_pixels_are_skipped() {
        let target = [100, 80];
        for viewport in [
            [50, 0, 0, 80],
            [0, 0, 50, 0],
            [60, 0, 50, 80],
            [-1, 0, 50, 80],
            [i32::MAX, 0, i32::MAX, 1],
        ] {
            assert_eq!(
                viewport_from_top_left(viewport, target),
                None,
                "{viewport:?}"
            );
        }
    }

    #[test]
    fn a_hit_says_point_and_normal() {
        let hit = Hit {
            device_from_hit: Rigid::on_surface(DVec3::new(1.0, 2.0, 3.0), DVec3::X, DVec3::ZERO),
        };
        assert!((hit.point() - DVec3::new(1.0, 2.0, 3.0)).length() < 1e-12);
        assert!((hit.normal() - DVec3::X).length() < 1e-12);
    }
}
