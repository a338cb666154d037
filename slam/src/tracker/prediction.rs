//! What is expected of a frame: where its camera is, and where its points are; and how the camera turned to it.

use nalgebra::{Isometry3, Point3, UnitQuaternion, Vector3};

use super::intake::Shot;
use super::localizer::wide;
use super::{State, Tracker, rotation};
use crate::camera::Camera;
use crate::front_end::PointHint;

impl Tracker {
    /// Where the camera probably is at a time, for a tracker in a state: `world_from_camera`.
    pub(super) fn predict(&self, time_nanos: i64, state: State) -> Isometry3<f64> {
        let mut predicted = self
            .motion
            .predict(time_nanos)
            .unwrap_or(self.now.world_from_camera);
        if state != State::Tracking
            && let Some(last) = self.now.time_nanos
        {
            let turn = self.motion.turn(last, time_nanos).unwrap_or(self.now.turn);
            predicted = self.now.world_from_camera;
            predicted.rotation *= turn;
        }
        predicted
    }

    /// Where the last frame's points probably are now.
    pub(super) fn guess(&mut self, camera: &Camera, predicted: &Isometry3<f64>, state: State) {
        self.hints.clear();
        let Some(last_camera) = self.now.camera else {
            return;
        };
        let now_from_last = predicted.inverse() * self.now.world_from_camera;
        let last_from_world = self.now.world_from_camera.inverse();
        for point in self.front_end.points() {
            let at = wide(point.position_px);
            let landmark = self
                .links
                .get(point.id)
                .and_then(|id| self.map.landmark(id));
            let depth = landmark.map_or(self.now.scene_depth, |landmark| {
                last_from_world
                    .transform_point(&Point3::from(landmark.point_in_world))
                    .z
            });
            let guess = last_camera.unproject(at).and_then(|ray| {
                let point = ray * (depth.max(1e-3) / ray.z.max(1e-3));
                camera.project(&now_from_last.transform_point(&Point3::from(point)).coords)
            });
            let guess = guess.unwrap_or(at);
            // A landmark is compared with its patch; it need not be followed back.
            self.hints.push(PointHint {
                guess_px: [guess.x as f32, guess.y as f32],
                is_checked_later: landmark.is_some() && state == State::Tracking,
            });
        }
    }

    /// How the camera turned since the last frame: by the gyroscope, else by the tracks.
    pub(super) fn turn(&mut self, shot: &Shot, camera: &Camera, last_nanos: Option<i64>) {
        self.now.turn_is_measured = false;
        let Some(last_nanos) = last_nanos else {
            if let Some(up) = shot.up_in_camera {
                // The world's Y axis points down.
                let level = UnitQuaternion::rotation_between(&up, &-Vector3::y());
                self.now.world_from_camera.rotation = level.unwrap_or_default();
                self.down_in_world = level.map(|_| Vector3::y());
            }
            return;
        };
        if let Some(turn) = self.motion.turn(last_nanos, shot.capture_time_nanos) {
            self.now.turn = turn;
            self.now.turn_is_measured = true;
        } else if self.now.state != State::Tracking {
            let turn = self.turn_by_tracks(camera, self.now.turn);
            self.now.turn = turn.unwrap_or_default();
            self.now.turn_is_measured = true;
        }
    }

    /// How the camera turned since the last frame by the tracks, which it has not yet amended.
    pub(super) fn turn_by_tracks(
        &mut self,
        camera: &Camera,
        start: UnitQuaternion<f64>,
    ) -> Option<UnitQuaternion<f64>> {
        self.rays.clear();
        let mut before = self.previous.iter().peekable();
        for point in self.front_end.points() {
            while before.next_if(|b| b.id < point.id).is_some() {}
            let Some(earlier) = before.peek().filter(|b| b.id == point.id) else {
                continue;
            };
            let earlier = camera.unproject(wide(earlier.position_px));
            if let (Some(earlier), Some(later)) =
                (earlier, camera.unproject(wide(point.position_px)))
            {
                self.rays.push((earlier, later));
            }
        }
        rotation::turn_between(&self.rays, start)
    }
}
