//! The world that callers see: the map's, moved so that corrections of the map do not make poses jump.
//!
//! When the map is corrected, the last pose changes in it. The public world is displaced by just that change, and the
//! displacement fades over the frames that follow. Everything that is given to callers, poses, points, planes, goes
//! through the same displacement, so that things stay where they are in the picture.

use nalgebra::{Isometry3, Translation3, UnitQuaternion};

/// The part of the displacement that is left after a second.
const LEFT_AFTER_A_SECOND: f64 = 0.01;

/// `public_from_map`, and how it fades.
#[derive(Debug, Clone, Default)]
pub(super) struct PublicPose {
    public_from_map: Option<Isometry3<f64>>,
}

impl PublicPose {
    /// The displacement as it stands.
    pub(super) fn public_from_map(&self) -> Isometry3<f64> {
        self.public_from_map.unwrap_or_else(Isometry3::identity)
    }

    /// The last pose was `before` in the map, and is `after` in the corrected one.
    pub(super) fn map_corrected(&mut self, before: &Isometry3<f64>, after: &Isometry3<f64>) {
        let public = self.public_from_map() * before;
        self.public_from_map = Some(public * after.inverse());
    }

    /// Time went by.
    pub(super) fn fade(&mut self, elapsed_secs: f64) {
        let Some(displacement) = self.public_from_map else {
            return;
        };
        let left = LEFT_AFTER_A_SECOND.powf(elapsed_secs.clamp(0.0, 10.0));
        let translation = displacement.translation.vector * left;
        let axis = displacement.rotation.scaled_axis() * left;
        let settled = translation.norm() < 1e-9 && axis.norm() < 1e-9;
        self.public_from_map = (!settled).then(|| {
            Isometry3::from_parts(
                Translation3::from(translation),
                UnitQuaternion::from_scaled_axis(axis),
            )
        });
    }

    /// The public world is the map's again, at once.
    pub(super) fn reset(&mut self) {
        self.public_from_map = None;
    }
}
