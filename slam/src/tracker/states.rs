//! What a frame means in each state: tracking, the search after a loss, and keyframes.

use nalgebra::{Isometry3, Point3};

use super::intake::Shot;
use super::localizer::{FEWEST_INLIERS, Seen};
use super::starter::Offer;
use super::{Mapper, Reason, State, Tracker, wide};
use crate::camera::Camera;
use crate::map::{Keyframe, KeyframeId, Observation};
use crate::pyramid::Pyramid;
use crate::resection::{Correspondence, Refined};

/// How wrong the prediction of a landmark is, from a pose that tracks gave.
const TRACKED_UNCERTAINTY_PX: f32 = 1.5;
/// The same after a relocalisation.
const LOCATED_UNCERTAINTY_PX: f32 = 4.0;

/// One standard deviation of where a recognised point is.
const DESCRIBED_SIGMA_PX: f64 = 2.0;

/// A pose is off its prediction by at most this part of the scene's depth, and so much for each second between the
/// frames: three metres a second at 1.5 m...
const LEAST_JUMP: f64 = 0.2;
const FASTEST: f64 = 2.0;
/// ...and by this turn, in radians and for each second. Hands turn a phone by up to six radians a second.
const LEAST_JUMP_RAD: f64 = 0.3;
const FASTEST_RAD: f64 = 8.0;

/// Frames after a return that must agree with it before one becomes a keyframe.
const CONFIRMATIONS: u8 = 3;

/// A keyframe is due after a translation of this part of the scene's depth...
const KEYFRAME_TRANSLATION: f64 = 0.06;
/// ...or a turn of this much, in radians...
const KEYFRAME_TURN_RAD: f64 = 0.2;
/// ...or when this share of the landmarks of the last one is left.
const KEYFRAME_SHARE: f64 = 0.7;

/// Fewer points show nothing that could be recognised.
const FEWEST_SEEN: usize = 30;

/// A map is given up that was not recognised for so long, in pictures that show something, ...
const GIVEN_UP_SECS: f64 = 2.0;
/// ... a pause counts as one picture ...
const LONGEST_COUNTED_SECS: f64 = 0.1;
/// ... if it has fewer keyframes than this and no anchors: a start that went wrong, or a glimpse.
const YOUNG_KEYFRAMES: usize = 8;

/// Landmarks followed by a track, up to which ones that were found again get one.
const ENOUGH_LINKS: usize = 220;

/// Mean luma below which a picture is dark, and spread of luma below which it shows nothing.
const DARK_LUMA: f32 = 24.0;
const FLAT_LUMA: f32 = 6.0;

/// The pose that a frame was found to have.
struct Found {
    pose: Refined,
    /// Whether the place was recognised, rather than followed from the frame before.
    is_return: bool,
}

impl Tracker {
    /// Takes the frame into the state that the tracker is in.
    pub(super) fn advance(&mut self, shot: &Shot, camera: &Camera, predicted: &Isometry3<f64>) {
        if shot.world_from_camera.is_some() {
            self.map_posed(shot, camera, predicted);
            return;
        }
        match self.now.state {
            State::NotStarted | State::Initializing => self.initialize(shot, camera),
            State::Tracking | State::Lost => {
                let was_tracking = self.now.state == State::Tracking;
                match self.find_pose(camera, predicted, was_tracking) {
                    Some(found) => self.tracked(shot, camera, &found),
                    None => {
                        self.lost(camera, predicted);
                        if self.now.lost_seeing_secs > GIVEN_UP_SECS && self.is_worthless() {
                            self.begin_anew();
                        }
                    }
                }
            }
        }
    }

    /// Whether nothing is lost with the map: it is young, and no anchor hangs on it.
    fn is_worthless(&self) -> bool {
        self.map.keyframes().len() < YOUNG_KEYFRAMES && !self.world.has_anchors()
    }

    /// Gives the map up and waits for parallax again; the orientation goes on.
    fn begin_anew(&mut self) {
        let (now, camera, down) = (self.now, self.camera, self.down_in_world);
        self.front_end.forget_points();
        self.forget_map();
        (self.camera, self.down_in_world) = (camera, down);
        self.now.state = State::Initializing;
        self.now.time_nanos = now.time_nanos;
        self.now.camera = now.camera;
        self.now.turn = now.turn;
        self.now.world_from_camera.rotation = now.world_from_camera.rotation;
    }

    fn initialize(&mut self, shot: &Shot, camera: &Camera) {
        self.now.state = State::Initializing;
        self.now.world_from_camera.rotation *= self.now.turn;
        let offer = Offer {
            capture_time_nanos: shot.capture_time_nanos,
            pyramid: self.front_end.pyramid(),
            points: self.front_end.points(),
            camera,
            shares_camera: self.now.shares_camera,
            world_from_camera: self.now.world_from_camera.rotation,
        };
        let started = self.starter.offer(&offer, &mut self.rng);
        self.now.reason = if self.front_end.points().len() < 30 {
            why_no_points(self.front_end.pyramid())
        } else {
            Reason::NoParallax
        };
        if let Some(started) = started {
            self.start(shot, camera, &started);
        }
    }

    /// Looks for the frame's pose in the map. Nothing but the localizer's measurements is changed.
    fn find_pose(
        &mut self,
        camera: &Camera,
        predicted: &Isometry3<f64>,
        was_tracking: bool,
    ) -> Option<Found> {
        let found = self.follow_pose(camera, predicted, was_tracking);
        if let Some(pose) = found {
            let is_return = !was_tracking;
            return Some(Found { pose, is_return });
        }
        let pose = self.relocalize(camera)?;
        let is_return = true;
        Some(Found { pose, is_return })
    }

    /// Looks for the frame's pose by what the last frames saw.
    fn follow_pose(
        &mut self,
        camera: &Camera,
        predicted: &Isometry3<f64>,
        was_tracking: bool,
    ) -> Option<Refined> {
        let camera_from_world = predicted.inverse();
        let seen = Seen {
            camera,
            pyramid: self.front_end.pyramid(),
            points: self.front_end.points(),
            links: &self.links,
        };
        let by_tracks =
            self.localizer
                .pose_by_tracks(&self.map, &seen, &camera_from_world, &mut self.rng);
        if let Some(pose) = by_tracks {
            let found = self.refine(camera, &pose, TRACKED_UNCERTAINTY_PX);
            let found = found.filter(|found| {
                let stands = self.localizer.support().is_followed();
                stands && (!was_tracking || self.is_plausible(&found.camera_from_world, predicted))
            });
            if found.is_some() {
                return found;
            }
        }
        // A look at where the landmarks should be is cheap as long as the prediction is young.
        if !was_tracking {
            return None;
        }
        let found = self.refine_again(camera, &camera_from_world, LOCATED_UNCERTAINTY_PX);
        found.filter(|found| self.is_plausible(&found.camera_from_world, predicted))
    }

    /// Whether a hand can have moved the camera from where it was expected to where it was found.
    fn is_plausible(&self, camera_from_world: &Isometry3<f64>, predicted: &Isometry3<f64>) -> bool {
        let off = camera_from_world * predicted;
        let secs = self.now.elapsed_secs;
        off.translation.vector.norm() < (LEAST_JUMP + FASTEST * secs) * self.now.scene_depth
            && off.rotation.angle() < LEAST_JUMP_RAD + FASTEST_RAD * secs
    }

    /// Refines a pose over all landmarks in sight.
    fn refine(
        &mut self,
        camera: &Camera,
        camera_from_world: &Isometry3<f64>,
        uncertainty_px: f32,
    ) -> Option<Refined> {
        let seen = Seen {
            camera,
            pyramid: self.front_end.pyramid(),
            points: self.front_end.points(),
            links: &self.links,
        };
        self.localizer
            .pose_by_landmarks(&mut self.map, &seen, camera_from_world, uncertainty_px)
    }

    /// Refines a pose that tracks did not give; none unless the place is recognised from it.
    fn refine_again(
        &mut self,
        camera: &Camera,
        camera_from_world: &Isometry3<f64>,
        uncertainty_px: f32,
    ) -> Option<Refined> {
        let refined = self.refine(camera, camera_from_world, uncertainty_px);
        refined.filter(|_| self.localizer.support().is_recognised())
    }

    /// Recognises the place by the look of its landmarks.
    fn relocalize(&mut self, camera: &Camera) -> Option<Refined> {
        let mapper = self.mapper.as_mut()?;
        let candidates = mapper.recognize(&self.map, self.front_end.pyramid());
        // Places repeat themselves, and half of one may look like half of another: all candidates are looked at.
        let mut best: Option<Refined> = None;
        for candidate in candidates {
            let pairs = candidate.iter().map(|pair| Correspondence {
                point_in_world: pair.point_in_world,
                position_px: wide(pair.position_px),
                sigma_px: DESCRIBED_SIGMA_PX,
            });
            let pose = self.localizer.pose_by_pairs(camera, pairs, &mut self.rng);
            // From a few recognised points the pose is rough: half of what the first look finds may be wrong, the second
            // look decides.
            let rough = pose
                .and_then(|pose| self.refine(camera, &pose, LOCATED_UNCERTAINTY_PX))
                .filter(|rough| rough.inliers >= FEWEST_INLIERS);
            let found = rough.and_then(|rough| {
                self.refine_again(camera, &rough.camera_from_world, TRACKED_UNCERTAINTY_PX)
            });
            if found.is_some_and(|found| best.is_none_or(|best| found.inliers > best.inliers)) {
                best = found;
            }
        }
        // The last look stands in the localiser: it has to be that of the best.
        best.and_then(|best| {
            self.refine_again(camera, &best.camera_from_world, TRACKED_UNCERTAINTY_PX)
        })
    }

    /// The frame has a pose: tracks are mended by it, and it may become a keyframe.
    fn tracked(&mut self, shot: &Shot, camera: &Camera, found: &Found) {
        self.now.world_from_camera = found.pose.camera_from_world.inverse();
        self.now.landmarks_seen = found.pose.inliers as u32;
        self.localizer.count_sightings(&mut self.map);
        if self.now.state == State::Lost {
            self.public.reset();
            self.motion.rest();
        }
        self.now.unconfirmed = if found.is_return {
            CONFIRMATIONS
        } else {
            self.now.unconfirmed.saturating_sub(1)
        };
        self.now.state = State::Tracking;
        self.now.lost_seeing_secs = 0.0;
        self.now.reason = if self.now.landmarks_seen < 30 {
            Reason::TooFewPoints
        } else {
            Reason::Good
        };
        self.motion
            .found(shot.capture_time_nanos, self.now.world_from_camera);
        self.mend_tracks();
        self.measure_depth();
        if self.keyframe_is_due() {
            self.make_keyframe(shot, camera);
        }
        if let Some(id) = self.now.keyframe {
            self.trail.add(
                shot.capture_time_nanos,
                id,
                &self.map,
                &self.now.world_from_camera,
            );
        }
    }

    /// The frame has no pose: orientation goes on, the position is held.
    fn lost(&mut self, camera: &Camera, predicted: &Isometry3<f64>) {
        self.now.state = State::Lost;
        if !self.now.turn_is_measured {
            let expected = self.now.world_from_camera.rotation.inverse() * predicted.rotation;
            let turn = self.turn_by_tracks(camera, expected);
            self.now.turn = turn.unwrap_or(expected);
        }
        self.now.world_from_camera.rotation *= self.now.turn;
        self.now.landmarks_seen = 0;
        // Followed points may outlive what they followed by a picture: a covered lens says so itself.
        let sees = self.front_end.points().len() >= FEWEST_SEEN;
        self.now.reason = match why_no_points(self.front_end.pyramid()) {
            Reason::FastMotion if sees => Reason::Relocalizing,
            why => why,
        };
        if sees {
            self.now.lost_seeing_secs += self.now.elapsed_secs.min(LONGEST_COUNTED_SECS);
        }
    }

    /// Moves tracks to where their landmarks' patches are, ends those that left theirs, and gives landmarks that were
    /// found without one a track.
    fn mend_tracks(&mut self) {
        let measured = &self.localizer.measured;
        let links = &mut self.links;
        let map = &mut self.map;
        // Those with a track come first, in the order of the tracks.
        let mut with_track = measured.iter().take_while(|m| m.track.is_some()).peekable();
        self.front_end.amend(|point| {
            while with_track
                .next_if(|m| m.track.is_some_and(|id| id < point.id))
                .is_some()
            {}
            let Some(found) = with_track.peek().filter(|m| m.track == Some(point.id)) else {
                // A landmark's track without a measurement is hidden.
                return match links.get(point.id) {
                    None => true,
                    Some(_) => {
                        links.remove(point.id);
                        false
                    }
                };
            };
            if !found.inlier {
                links.remove(point.id);
                return false;
            }
            point.position_px = found.position_px;
            true
        });
        for found in measured.iter().skip_while(|m| m.track.is_some()) {
            if links.len() >= ENOUGH_LINKS {
                break;
            }
            if !(found.inlier && found.aligned) {
                continue;
            }
            let near = self.front_end.points().iter().find(|point| {
                let [x, y] = [0, 1].map(|axis| point.position_px[axis] - found.position_px[axis]);
                x.abs() < 4.0 && y.abs() < 4.0
            });
            let track = match near {
                Some(point) if links.get(point.id).is_some() => continue,
                Some(point) => Some(point.id),
                None => self.front_end.add(found.position_px),
            };
            if let Some(track) = track {
                links.insert(track, found.landmark);
                if let Some(landmark) = map.landmark_mut(found.landmark) {
                    landmark.track = Some(track);
                }
            }
        }
    }

    /// The median depth of the landmarks seen.
    fn measure_depth(&mut self) {
        self.depths.clear();
        let camera_from_world = self.now.world_from_camera.inverse();
        for measured in self.localizer.measured.iter().filter(|m| m.inlier) {
            if let Some(landmark) = self.map.landmark(measured.landmark) {
                let point = Point3::from(landmark.point_in_world);
                self.depths
                    .push(camera_from_world.transform_point(&point).z);
            }
        }
        let middle = self.depths.len() / 2;
        if middle > 0 {
            let (_, median, _) = self.depths.select_nth_unstable_by(middle, f64::total_cmp);
            self.now.scene_depth = *median;
        }
    }

    fn keyframe_is_due(&self) -> bool {
        let Some(last) = self.now.keyframe.and_then(|id| self.map.keyframe(id)) else {
            return true;
        };
        let backlog = self.mapper.as_ref().map_or(0, Mapper::backlog);
        if self.now.frames_since_keyframe < 2 || backlog > 1 || self.now.unconfirmed > 0 {
            return false;
        }
        if !self.now.posed && !self.localizer.support().is_strong() {
            return false;
        }
        let motion = last.world_from_camera.inverse() * self.now.world_from_camera;
        let left = f64::from(self.now.landmarks_seen);
        motion.translation.vector.norm() > KEYFRAME_TRANSLATION * self.now.scene_depth
            || motion.rotation.angle() > KEYFRAME_TURN_RAD
            || left < KEYFRAME_SHARE * f64::from(self.now.keyframe_landmarks)
    }

    fn make_keyframe(&mut self, shot: &Shot, camera: &Camera) {
        let id = self.map.add_keyframe(Keyframe {
            id: KeyframeId(0),
            capture_time_nanos: shot.capture_time_nanos,
            world_from_camera: self.now.world_from_camera,
            camera: *camera,
            shares_camera: self.now.shares_camera,
            pyramid: self.front_end.pyramid().clone(),
            observations: Vec::new(),
            tracks: self
                .front_end
                .points()
                .iter()
                .map(|p| (p.id, p.position_px))
                .collect(),
        });
        for measured in self.localizer.measured.iter().filter(|m| m.inlier) {
            let observation = Observation {
                keyframe: id,
                position_px: measured.position_px,
                sigma_px: measured.sigma_px,
            };
            self.map.observe(measured.landmark, observation);
        }
        if let Some(mapper) = &mut self.mapper {
            mapper.add(id);
        }
        self.now.keyframe = Some(id);
        self.now.frames_since_keyframe = 0;
        self.now.keyframe_landmarks = self.now.landmarks_seen;
    }

    /// A frame whose pose is given: it is mapped only.
    fn map_posed(&mut self, shot: &Shot, camera: &Camera, given: &Isometry3<f64>) {
        if self.mapper.is_none() || self.now.state != State::Tracking {
            let most = self.config.max_keyframes;
            self.mapper
                .get_or_insert_with(|| Mapper::new(*camera, 0.0, most));
        }
        self.now.world_from_camera = *given;
        self.now.state = State::Tracking;
        self.public.reset();
        let seen = Seen {
            camera,
            pyramid: self.front_end.pyramid(),
            points: self.front_end.points(),
            links: &self.links,
        };
        self.localizer.check_given(&mut self.map, &seen, given);
        let seen = self.localizer.measured.iter().filter(|m| m.inlier).count();
        self.now.landmarks_seen = seen as u32;
        self.now.reason = if seen < 10 {
            Reason::NoParallax
        } else {
            Reason::Good
        };
        self.motion.found(shot.capture_time_nanos, *given);
        self.mend_tracks();
        self.measure_depth();
        if self.keyframe_is_due() {
            self.make_keyframe(shot, camera);
        }
        if let Some(id) = self.now.keyframe {
            self.trail
                .add(shot.capture_time_nanos, id, &self.map, given);
        }
    }
}

/// Why a picture has hardly any points: too dark or covered, or without texture.
fn why_no_points(pyramid: &Pyramid) -> Reason {
    let (mut sum, mut squares, mut count) = (0.0_f32, 0.0_f32, 0.0_f32);
    let Some(image) = pyramid.levels().first() else {
        return Reason::TooFewPoints;
    };
    for y in (0..image.height).step_by(16) {
        for luma in image.row(y).iter().step_by(16) {
            let luma = f32::from(*luma);
            sum += luma;
            squares += luma * luma;
            count += 1.0;
        }
    }
    let mean = sum / count.max(1.0);
    let spread = (squares / count.max(1.0) - mean * mean).max(0.0).sqrt();
    if mean < DARK_LUMA && spread < FLAT_LUMA * 2.0 {
        Reason::TooDark
    } else if spread < FLAT_LUMA {
        Reason::TooFewPoints
    } else {
        Reason::FastMotion
    }
}
