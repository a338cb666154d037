//! The pose of a frame in the map.
//!
//! First from the tracks that are landmarks; from that pose on, every landmark that should be visible is found as the
//! patch that its keyframe saw, which does not drift as tracks do; last from all of these together.

use nalgebra::{Isometry3, Point3, Vector2};

use super::links::Links;
use super::sight::{Sight, Sighting, Target};
use crate::camera::Camera;
use crate::front_end::TrackedPoint;
use crate::map::{LandmarkId, Map};
use crate::pyramid::Pyramid;
use crate::ransac::Rng;
use crate::resection::{
    Correspondence, FinalLoss, RansacConfig, RefineConfig, Refined, locate, refine_pose,
};

/// Fewer landmarks than this carry no pose.
pub(super) const FEWEST_INLIERS: usize = 12;

/// Recognised points that must agree on a pose before their surroundings are looked at.
const FEWEST_RECOGNIZED: usize = 6;

/// Samples that find such a few among fifty with some certainty.
const MOST_SAMPLES_RECOGNIZED: usize = 1500;

/// Landmarks that a pose found again must be based on.
const FEWEST_FOUND_AGAIN: usize = 25;

/// One standard deviation of where a track is, that was not aligned with its landmark's patch.
const TRACK_SIGMA_PX: f64 = 1.2;

/// A pose from which landmarks are at most this far from where they are expected is a sure one.
const MOST_SURE_PX: f32 = 2.0;

/// Landmarks without a track that are looked for in a frame.
const MOST_UNTRACKED: usize = 160;

/// A landmark without a track that was missed this often in a row is looked for in one of so many frames: what is
/// hidden stays so for a while.
const MISSED_OFTEN: u32 = 3;
const RARE_LOOKS: u32 = 4;

/// A landmark found in the frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) landmark: LandmarkId,
    pub(super) position_px: [f32; 2],
    pub(super) sigma_px: f32,
    /// The track that follows it.
    pub(super) track: Option<u32>,
    /// Found as the patch of its keyframe, not as a track alone.
    pub(super) aligned: bool,
    /// Agrees with the pose.
    pub(super) inlier: bool,
}

impl Measured {
    fn pair(&self, map: &Map) -> Option<Correspondence> {
        let landmark = map.landmark(self.landmark)?;
        Some(Correspondence {
            point_in_world: landmark.point_in_world,
            position_px: wide(self.position_px),
            sigma_px: f64::from(self.sigma_px),
        })
    }
}

/// How many of the landmarks looked for a pose is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Support {
    /// Landmarks found, as patches or by their tracks alone, and those of them that agree with the pose.
    pub(super) measured: usize,
    pub(super) inliers: usize,
    /// The same of patches alone.
    pub(super) patches: usize,
    pub(super) patches_agreeing: usize,
    /// Landmarks that should be in sight.
    pub(super) expected: usize,
}

impl Support {
    /// Whether a pose that continues the last ones stands. In hand-held sequences, half occluded ones among them, no
    /// fewer than 44% of what was found agreed.
    pub(super) fn is_followed(&self) -> bool {
        self.inliers >= FEWEST_INLIERS && 4 * self.inliers >= self.measured
    }

    /// Whether the map can be built on the pose.
    pub(super) fn is_strong(&self) -> bool {
        3 * self.inliers >= self.measured
    }

    /// Whether a pose that was found without a prediction may be the true one. True returns had from 30% to 86% of what
    /// was expected and from 53% to 94% of what was found; a wrong pose finds some patches by chance, which do not agree.
    /// One that passes is not alone yet: where a place repeats itself the true pose has more.
    pub(super) fn is_recognised(&self) -> bool {
        self.patches_agreeing >= FEWEST_FOUND_AGAIN
            && 5 * self.patches_agreeing >= self.expected
            && 2 * self.patches_agreeing >= self.patches
    }
}

/// A landmark that should be visible.
#[derive(Debug, Clone, Copy)]
struct Visible {
    landmark: LandmarkId,
    track: Option<(u32, [f32; 2])>,
    worth: u32,
}

/// A frame whose pose is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) camera: &'a Camera,
    pub(super) pyramid: &'a Pyramid,
    pub(super) points: &'a [TrackedPoint],
    pub(super) links: &'a Links,
}

/// The buffers of one frame's localisation.
#[derive(Debug, Default)]
pub(super) struct Localizer {
    pub(super) measured: Vec<Measured>,
    pairs: Vec<Correspondence>,
    inliers: Vec<bool>,
    visible: Vec<Visible>,
    sight: Sight,
    /// Looks for all landmarks so far.
    looks: u32,
}

impl Localizer {
    pub(super) fn with_capacity(tracks: usize) -> Self {
        let room = tracks + MOST_UNTRACKED;
        Self {
            measured: Vec::with_capacity(room),
            pairs: Vec::with_capacity(room),
            inliers: Vec::with_capacity(room),
            visible: Vec::with_capacity(8 * room),
            sight: Sight::default(),
            looks: 0,
        }
    }

    /// A pose from the tracks that are landmarks: `camera_from_world`.
    pub(super) fn pose_by_tracks(
        &mut self,
        map: &Map,
        seen: &Seen<'_>,
        predicted: &Isometry3<f64>,
        rng: &mut Rng,
    ) -> Option<Isometry3<f64>> {
        self.pairs.clear();
        for point in seen.points {
            let landmark = seen.links.get(point.id).and_then(|id| map.landmark(id));
            if let Some(landmark) = landmark {
                self.pairs.push(Correspondence {
                    point_in_world: landmark.point_in_world,
                    position_px: wide(point.position_px),
                    sigma_px: TRACK_SIGMA_PX,
                });
            }
        }
        self.pose_of_pairs(seen.camera, predicted, rng)
    }

    /// The pose of other pairs, as a relocalisation proposes them: most of them are wrong, and a few that agree are worth
    /// a look at the landmarks' patches, which decide.
    pub(super) fn pose_by_pairs(
        &mut self,
        camera: &Camera,
        pairs: impl Iterator<Item = Correspondence>,
        rng: &mut Rng,
    ) -> Option<Isometry3<f64>> {
        self.pairs.clear();
        self.pairs.extend(pairs);
        let config = RansacConfig {
            min_inliers: FEWEST_RECOGNIZED,
            max_iterations: MOST_SAMPLES_RECOGNIZED,
            ..RansacConfig::default()
        };
        self.locate(camera, &config, rng)
    }

    fn pose_of_pairs(
        &mut self,
        camera: &Camera,
        predicted: &Isometry3<f64>,
        rng: &mut Rng,
    ) -> Option<Isometry3<f64>> {
        if self.pairs.len() < FEWEST_INLIERS {
            return None;
        }
        let config = pose_config();
        let refined = refine_pose(camera, predicted, &self.pairs, &config, &mut self.inliers);
        let most = self.pairs.len() / 2;
        match refined {
            Some(refined) if refined.inliers >= most.max(FEWEST_INLIERS) => {
                Some(refined.camera_from_world)
            }
            _ => {
                let config = RansacConfig {
                    // Of many that left their landmarks, a few agree on any pose.
                    min_inliers: FEWEST_INLIERS.max(self.pairs.len() / 4),
                    ..RansacConfig::default()
                };
                self.locate(camera, &config, rng)
            }
        }
    }

    fn locate(
        &mut self,
        camera: &Camera,
        config: &RansacConfig,
        rng: &mut Rng,
    ) -> Option<Isometry3<f64>> {
        let located = locate(camera, &self.pairs, config, rng)?;
        Some(located.camera_from_world)
    }

    /// Looks for every landmark that should be visible from `camera_from_world`, at most `uncertainty_px` from where
    /// it is expected, and refines the pose over what was found.
    pub(super) fn pose_by_landmarks(
        &mut self,
        map: &mut Map,
        seen: &Seen<'_>,
        camera_from_world: &Isometry3<f64>,
        uncertainty_px: f32,
    ) -> Option<Refined> {
        self.measure_all(map, seen, &camera_from_world.inverse(), uncertainty_px);
        self.pairs.clear();
        self.pairs
            .extend(self.measured.iter().filter_map(|m| m.pair(map)));
        let config = pose_config();
        let refined = refine_pose(
            seen.camera,
            camera_from_world,
            &self.pairs,
            &config,
            &mut self.inliers,
        )?;
        for (measured, inlier) in self.measured.iter_mut().zip(&self.inliers) {
            measured.inlier = *inlier;
        }
        Some(refined)
    }

    /// What the frame measured last has to say for its pose.
    pub(super) fn support(&self) -> Support {
        let is_patch = |m: &&Measured| m.aligned;
        let aligned = self.measured.iter().filter(is_patch);
        let unsure = self.measured.iter().filter(|m| !m.aligned).count();
        Support {
            measured: self.measured.len(),
            inliers: self.measured.iter().filter(|m| m.inlier).count(),
            patches: aligned.clone().count(),
            patches_agreeing: aligned.filter(|m| m.inlier).count(),
            // Tracks may have left their landmarks while the place was lost.
            expected: self.visible.len() - unsure,
        }
    }

    /// Notes which landmarks the frame should have seen and which it did, once the pose they were looked for from stands.
    pub(super) fn count_sightings(&self, map: &mut Map) {
        for visible in &self.visible {
            if let Some(landmark) = map.landmark_mut(visible.landmark) {
                let rested = visible.track.is_none() && landmark.missed >= MISSED_OFTEN;
                let frames = if rested { RARE_LOOKS } else { 1 };
                landmark.expected += frames;
                landmark.missed += frames;
            }
        }
        for measured in &self.measured {
            if let Some(landmark) = map.landmark_mut(measured.landmark) {
                if measured.aligned {
                    landmark.missed = 0;
                }
                landmark.found += u32::from(measured.inlier);
            }
        }
    }

    /// The pose of the frame measured last after its landmarks were moved: `camera_from_world`.
    pub(super) fn pose_again(
        &mut self,
        map: &Map,
        camera: &Camera,
        camera_from_world: &Isometry3<f64>,
    ) -> Option<Isometry3<f64>> {
        self.pairs.clear();
        let inliers = self.measured.iter().filter(|m| m.inlier);
        self.pairs.extend(inliers.filter_map(|m| m.pair(map)));
        let enough = self.pairs.len() / 2;
        let config = pose_config();
        let refined = refine_pose(
            camera,
            camera_from_world,
            &self.pairs,
            &config,
            &mut self.inliers,
        )?;
        (refined.inliers > enough.max(FEWEST_INLIERS)).then_some(refined.camera_from_world)
    }

    /// Looks for every landmark that should be visible from a pose that is given; agreeing is being where it should be.
    pub(super) fn check_given(
        &mut self,
        map: &mut Map,
        seen: &Seen<'_>,
        world_from_camera: &Isometry3<f64>,
    ) {
        const UNCERTAINTY_PX: f32 = 2.0;
        const MOST_ERROR_PX: f64 = 4.0;
        self.measure_all(map, seen, world_from_camera, UNCERTAINTY_PX);
        for measured in &mut self.measured {
            let Some(landmark) = map.landmark(measured.landmark) else {
                continue;
            };
            let point =
                world_from_camera.inverse_transform_point(&Point3::from(landmark.point_in_world));
            let error = seen
                .camera
                .project(&point.coords)
                .map(|at| (at - wide(measured.position_px)).norm());
            measured.inlier = error.is_some_and(|error| error < MOST_ERROR_PX);
        }
        self.count_sightings(map);
    }

    fn measure_all(
        &mut self,
        map: &mut Map,
        seen: &Seen<'_>,
        world_from_camera: &Isometry3<f64>,
        uncertainty_px: f32,
    ) {
        self.looks = self.looks.wrapping_add(1);
        // From a pose that is known roughly, everything counts.
        let thorough = uncertainty_px > MOST_SURE_PX;
        self.find_visible(map, seen, &world_from_camera.inverse(), thorough);
        self.measured.clear();
        for index in 0..self.visible.len() {
            let visible = self.visible[index];
            let target = Target {
                camera: seen.camera,
                world_from_camera,
                pyramid: seen.pyramid,
                uncertainty_px,
            };
            if let Some(measured) = self.measure(map, &target, &visible) {
                self.measured.push(measured);
            }
        }
    }

    fn measure(
        &mut self,
        map: &mut Map,
        target: &Target<'_>,
        visible: &Visible,
    ) -> Option<Measured> {
        let (mut landmarks, keyframes) = map.parts();
        let landmark = landmarks.get_mut(visible.landmark)?;
        let sighting = self
            .sight
            .see(landmark, keyframes, target, visible.track.map(|(_, at)| at));
        let measured = Measured {
            landmark: visible.landmark,
            position_px: [0.0; 2],
            sigma_px: 0.0,
            track: visible.track.map(|(track, _)| track),
            aligned: false,
            inlier: false,
        };
        match (sighting, visible.track) {
            (
                Sighting::Aligned {
                    position_px,
                    sigma_px,
                },
                _,
            ) => Some(Measured {
                position_px,
                sigma_px,
                aligned: true,
                ..measured
            }),
            (Sighting::Unsure, Some((_, position_px))) => Some(Measured {
                position_px,
                sigma_px: TRACK_SIGMA_PX as f32,
                ..measured
            }),
            _ => None,
        }
    }

    fn find_visible(
        &mut self,
        map: &Map,
        seen: &Seen<'_>,
        camera_from_world: &Isometry3<f64>,
        thorough: bool,
    ) {
        let Seen {
            camera,
            points,
            links,
            ..
        } = *seen;
        self.visible.clear();
        for point in points {
            if let Some(landmark) = links.get(point.id) {
                self.visible.push(Visible {
                    landmark,
                    track: Some((point.id, point.position_px)),
                    worth: u32::MAX,
                });
            }
        }
        let tracked = self.visible.len();
        let camera_in_world = camera_from_world
            .inverse_transform_point(&Point3::origin())
            .coords;
        for landmark in map.landmarks() {
            if landmark
                .track
                .is_some_and(|track| links.get(track) == Some(landmark.id))
            {
                continue;
            }
            if !(thorough || is_due(landmark.missed, landmark.id, self.looks)) {
                continue;
            }
            let toward = camera_in_world - landmark.point_in_world;
            // Seen from a side that no keyframe saw it from, it does not look like its patch.
            if toward.dot(&landmark.toward_cameras) < SEEN_WITHIN_COS * toward.norm() {
                continue;
            }
            let point = camera_from_world
                .transform_point(&Point3::from(landmark.point_in_world))
                .coords;
            let is_seen = camera
                .project(&point)
                .is_some_and(|at| is_inside(camera, at, MARGIN_PX));
            if is_seen {
                let proven = landmark.found * 8 / (landmark.expected + 4);
                self.visible.push(Visible {
                    landmark: landmark.id,
                    track: None,
                    worth: landmark.observations.len() as u32 + proven,
                });
            }
        }
        let untracked = &mut self.visible[tracked..];
        if untracked.len() > MOST_UNTRACKED {
            untracked.sort_unstable_by_key(|v| (std::cmp::Reverse(v.worth), v.landmark));
            self.visible.truncate(tracked + MOST_UNTRACKED);
        }
    }
}

/// Whether a landmark without a track is looked for this time. Those that rest take turns.
fn is_due(missed: u32, id: LandmarkId, looks: u32) -> bool {
    missed < MISSED_OFTEN || looks.wrapping_add(id.0).is_multiple_of(RARE_LOOKS)
}

/// How poses are refined: landmarks count less from two standard deviations on and nothing from five on; those within
/// 2.8, 98% of what is right, are inliers.
pub(super) fn pose_config() -> RefineConfig {
    RefineConfig {
        huber_sigmas: 2.0,
        final_loss: FinalLoss::Tukey(5.0),
        inlier_chi2: 7.84,
        ..RefineConfig::default()
    }
}

/// Cosine of the widest angle between a view of a landmark and its mean view: 50 degrees.
const SEEN_WITHIN_COS: f64 = 0.64;

/// Landmarks nearer than this to the picture's edge are not looked for.
const MARGIN_PX: f64 = 8.0;

pub(super) fn is_inside(camera: &Camera, at: Vector2<f64>, margin_px: f64) -> bool {
    let [width, height] = camera.size_px.map(|side| side as f64 - 1.0);
    at.x >= margin_px
        && at.y >= margin_px
        && at.x <= width - margin_px
        && at.y <= height - margin_px
}

pub(super) fn wide(position_px: [f32; 2]) -> Vector2<f64> {
    Vector2::new(f64::from(position_px[0]), f64::from(position_px[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_that_were_missed_often_take_turns() {
        for looks in [0, 1, 7, u32::MAX] {
            let due = |missed| (0..40).filter(move |id| is_due(missed, LandmarkId(*id), looks));
            assert_eq!(due(0).count(), 40);
            assert_eq!(due(MISSED_OFTEN - 1).count(), 40);
            assert_eq!(due(MISSED_OFTEN).count(), 40 / RARE_LOOKS as usize);
            let next = |id| is_due(MISSED_OFTEN, LandmarkId(id), looks.wrapping_add(1));
            assert!(!due(MISSED_OFTEN).any(next), "twice in a row");
        }
    }
}
