//! The camera of one frame in the map that the tracker makes: the ray of a pixel, also after the map was corrected, and
//! where things have to be drawn so that they lie on the pixels of a bent lens.

use nalgebra::{Isometry3, Point3, Vector2, Vector3};
use slam::{
    camera::Camera,
    world::{Hit, best_hit},
};

/// What is less likely than this is no surface to put a pin on: the page says that nothing is known there yet.
const LEAST_CONFIDENCE: f64 = 0.2;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct MapView {
    pub(super) map_from_camera: Isometry3<f64>,
    pub(super) camera: Camera,
}

impl MapView {
    /// What a pixel shows, in today's public world.
    pub(super) fn hit(&self, tracker: &slam::Tracker, pixel: [f64; 2]) -> Option<Hit> {
        let direction = self.camera.unproject(Vector2::from(pixel))?;
        let public_from_camera = tracker.public_from_map() * self.map_from_camera;
        let hits = tracker.hit_test_ray(
            &public_from_camera.translation.vector,
            &(public_from_camera.rotation * direction),
        );
        best_hit(&hits)
            .filter(|hit| hit.confidence >= LEAST_CONFIDENCE)
            .copied()
    }

    /// Where a pinhole without a lens would have to see a point to show it at the same pixel as this camera does: the
    /// point moved sideways, at the same depth. The point itself where the camera does not show it.
    pub(super) fn as_pinhole_sees(&self, point_in_map: Vector3<f64>) -> Vector3<f64> {
        let in_camera = self
            .map_from_camera
            .inverse_transform_point(&point_in_map.into());
        let Some(pixel) = self.camera.project(&in_camera.coords) else {
            return point_in_map;
        };
        let [fx, fy] = self.camera.focal_px;
        let [cx, cy] = self.camera.center_px;
        let z = in_camera.z;
        let moved = Vector3::new((pixel.x - cx) / fx * z, (pixel.y - cy) / fy * z, z);
        (self.map_from_camera * Point3::from(moved)).coords
    }
}
