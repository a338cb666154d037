//! What an adjustment found, written back to the map.
//!
//! Frames were tracked and keyframes made while the adjustment ran: what was not part of it moves with the keyframe
//! nearest to it in time.

use nalgebra::{Isometry3, Point3};

use super::{Mapper, Shared};
use crate::bundle::Intrinsics;
use crate::map::KeyframeId;

/// Squared normalised residuals beyond this are outliers: the 99% of a chi-square of two degrees of freedom.
const OUTLIER: f32 = 9.21;

/// Fewer residuals, or fewer beyond what was fitted, tell nothing of the noise.
const FEWEST_RESIDUALS: usize = 200;

/// The least and the most that the variance of observations is of what they claim.
const NOISE: [f64; 2] = [0.02, 4.0];

impl Mapper {
    pub(super) fn write_back(&mut self, shared: &mut Shared<'_>) -> u32 {
        self.adjuster.evaluate();
        let noise = self.measure_noise();
        let map = &mut *shared.map;
        let newest_adjusted = self.window.views.iter().map(|(id, _)| *id).max();
        let mut newest_motion: Option<Isometry3<f64>> = None;
        for (index, (id, loaded)) in self.window.views.iter().enumerate() {
            let adjusted = self.adjuster.poses()[index].inverse();
            let motion = adjusted * loaded.inverse();
            if Some(*id) == newest_adjusted {
                newest_motion = Some(motion);
            }
            if let Some(keyframe) = map.keyframe_mut(*id) {
                keyframe.world_from_camera = motion * keyframe.world_from_camera;
                keyframe.world_from_camera.rotation.renormalize();
            }
        }
        for (index, id) in self.window.points.iter().enumerate() {
            let loaded = self.window.problem.points[index].point_in_world;
            let adjusted = self.adjuster.points()[index];
            let covariance = self
                .adjuster
                .point_covariances()
                .get(index)
                .copied()
                .flatten();
            if let Some(landmark) = map.landmark_mut(*id) {
                landmark.point_in_world += adjusted - loaded;
                if let Some(covariance) = covariance {
                    landmark.covariance = covariance * noise;
                }
            }
        }
        if let (Some(newest), Some(motion)) = (newest_adjusted, newest_motion)
            && !shared.posed
        {
            self.carry_along(map, newest, &motion);
        }
        if let (Intrinsics::Refine { .. }, [camera]) =
            (self.window.problem.intrinsics, self.adjuster.cameras())
        {
            let shared_ones = map.keyframes_mut().iter_mut().filter(|k| k.shares_camera);
            for keyframe in shared_ones {
                keyframe.camera = camera.at_size(keyframe.camera.size_px);
            }
            *shared.camera = camera.at_size(shared.camera.size_px);
        }
        self.drop_outliers(shared);
        self.window.work()
    }

    /// How large the residuals are against the standard deviations that observations claim: the variance factor of the
    /// adjustment (Mikhail, Observations and Least Squares, 1976, section 4.6), from the median, which outliers do not
    /// move. What an observation claims is for the worst that cameras do; a sharp picture from a global shutter is five
    /// times better, and its points are known so much better.
    fn measure_noise(&mut self) -> f64 {
        let fitted = self.adjuster.outcomes().iter().filter(|o| !o.is_behind);
        self.squares.clear();
        self.squares.extend(fitted.map(|o| o.squared_sigmas));
        let count = self.squares.len();
        let views = self.window.free_views();
        // Two numbers an observation, less what was fitted to them.
        let left = (2 * count).saturating_sub(3 * self.window.points.len() + 6 * views);
        if count >= FEWEST_RESIDUALS && left >= FEWEST_RESIDUALS {
            let (_, median, _) = self
                .squares
                .select_nth_unstable_by(count / 2, f32::total_cmp);
            // Of a chi-square of two degrees of freedom.
            let factor = f64::from(*median) / (2.0 * std::f64::consts::LN_2);
            let measured = factor * (2 * count) as f64 / left as f64;
            self.noise = measured.clamp(NOISE[0], NOISE[1]);
        }
        self.noise
    }

    /// Moves what is newer than the newest keyframe of the adjustment.
    fn carry_along(&self, map: &mut crate::map::Map, newest: KeyframeId, motion: &Isometry3<f64>) {
        for keyframe in map.keyframes_mut() {
            if keyframe.id > newest {
                keyframe.world_from_camera = motion * keyframe.world_from_camera;
            }
        }
        let known = &self.window.points;
        let later: Vec<_> = map
            .landmarks()
            .iter()
            .filter(|l| l.observations.first().is_some_and(|o| o.keyframe > newest))
            .map(|l| l.id)
            .filter(|id| known.binary_search(id).is_err())
            .collect();
        for id in later {
            if let Some(landmark) = map.landmark_mut(id) {
                landmark.point_in_world = (motion * Point3::from(landmark.point_in_world)).coords;
            }
        }
    }

    /// Forgets observations that the adjusted map does not explain.
    fn drop_outliers(&mut self, shared: &mut Shared<'_>) {
        let outcomes = self.adjuster.outcomes();
        for (observation, outcome) in self.window.problem.observations.iter().zip(outcomes) {
            if outcome.squared_sigmas <= OUTLIER {
                continue;
            }
            let landmark = self.window.points[observation.point as usize];
            let (keyframe, _) = self.window.views[observation.view as usize];
            shared.map.unobserve(landmark, keyframe);
        }
        let mut gone = Vec::new();
        for id in &self.window.points {
            if shared
                .map
                .landmark(*id)
                .is_some_and(|l| l.observations.len() < 2)
            {
                shared.map.remove_landmark(*id);
                gone.push(*id);
            }
            shared.map.turn_toward_cameras(*id);
        }
        self.index.remove_landmarks(&gone);
    }
}
