//! A recorded motion moved into a room: turned about the vertical, shifted and, where it must be, shrunk, until it
//! keeps clear of everything.
//!
//! In: timed poses with Z up, a room, a clearance. Out: a [`Trajectory`] and how much it was shrunk. It works on numbers
//! only; reading recordings is the caller's part.
//!
//! Time is never scaled: a shrunk motion has the recording's turns at the recording's moments, and its velocities and
//! accelerations (without gravity) are shrunk with its lengths. It turns more for each metre than the hand did, which is
//! harder for a tracker, not easier.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::config::Room;
use super::furniture::furnish;
use super::scene::Scene;
use super::spline::rotation_exp;
use super::trajectory::Trajectory;
use crate::Error;

const STEP_M: f64 = 0.15;
/// Heights at which a person holds a phone, metres.
const HEIGHTS_M: [f64; 2] = [0.9, 2.0];
const SCALES: [f64; 8] = [1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];
const HEADINGS: usize = 12;
/// The way is checked at this many places.
const PLACES: usize = 300;

/// Below this length the mean of a body's unit vectors towards the zenith tells no side of it: it tumbled.
const LEAST_UPRIGHT: f64 = 0.5;

/// A motion in a room.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedMotion {
    /// The motion, metres, Z up.
    pub trajectory: Trajectory,
    /// What lengths, velocities and accelerations were multiplied by: 1 where it fitted as it was. Angles, angular
    /// velocities and times are the recording's.
    pub scale: f64,
}

/// The largest copy of a motion that keeps `clearance_m` from every surface of a room; `None` where none does, down to
/// a fifth of its size. Poses are `(seconds, world_from_camera)` as for [`Trajectory::through`]: metres, Z up.
///
/// # Errors
/// Those of [`Trajectory::through`].
pub fn fit_into_room(
    poses: &[(f64, Isometry3<f64>)],
    room: Room,
    clearance_m: f64,
) -> Result<Option<FittedMotion>, Error> {
    let motion = Trajectory::through(poses)?;
    let places: Vec<Vector3<f64>> = (0..PLACES)
        .map(|k| motion.duration_secs() * k as f64 / (PLACES - 1) as f64)
        .map(|time| motion.at(time).world_from_camera.translation.vector)
        .collect();
    let low = places.iter().fold(places[0], |low, place| low.inf(place));
    let high = places.iter().fold(places[0], |high, place| high.sup(place));
    let middle = (low + high) / 2.0;
    let space = FreeSpace::new(&furnish(room));
    for scale in SCALES {
        let mut best: Option<(f64, Vector3<f64>, UnitQuaternion<f64>)> = None;
        for heading in 0..HEADINGS {
            let angle = std::f64::consts::TAU * heading as f64 / HEADINGS as f64;
            let turn = rotation_exp(&(Vector3::z() * angle));
            let shape: Vec<_> = places
                .iter()
                .map(|place| turn * (place - middle) * scale)
                .collect();
            for offset in space.places() {
                let enough = best.map_or(clearance_m, |(most, ..)| most);
                if let Some(least) = space.least_clearance_m(&shape, &offset, enough)
                    && best.is_none_or(|(most, ..)| least > most)
                {
                    best = Some((least, offset, turn));
                }
            }
        }
        if let Some((_, offset, turn)) = best {
            let moved: Vec<_> = poses
                .iter()
                .map(|(time, pose)| {
                    let place = turn * (pose.translation.vector - middle) * scale + offset;
                    (
                        *time,
                        Isometry3::from_parts(Translation3::from(place), turn * pose.rotation),
                    )
                })
                .collect();
            let trajectory = Trajectory::through(&moved)?;
            return Ok(Some(FittedMotion { trajectory, scale }));
        }
    }
    Ok(None)
}

/// How a camera sits on a body, `body_from_camera`, so that over these poses of the body it looks level on average: for
/// recordings of something whose axes are not a camera's, as an inertial sensor's. Poses are
/// `(seconds, world_from_body)`, Z up. The camera looks as far as it can towards the middle of the motion, as a person
/// does who walks around a thing. `None` where no side of the body was mostly up.
#[must_use]
pub fn level_mount(poses: &[(f64, Isometry3<f64>)]) -> Option<UnitQuaternion<f64>> {
    let count = poses.len() as f64;
    let mean = |of: &dyn Fn(&Isometry3<f64>) -> Vector3<f64>| {
        poses.iter().map(|(_, pose)| of(pose)).sum::<Vector3<f64>>() / count
    };
    let up = mean(&|pose| pose.rotation.inverse() * Vector3::z());
    if up.norm().is_nan() || up.norm() < LEAST_UPRIGHT {
        return None;
    }
    let up = up.normalize();
    let middle = mean(&|pose| pose.translation.vector);
    let inwards = mean(&|pose| pose.rotation.inverse() * (middle - pose.translation.vector));
    let level = |direction: Vector3<f64>| direction - up * up.dot(&direction);
    let sideways = Vector3::ith(up.iamin(), 1.0);
    let forward = level(inwards)
        .try_normalize(1e-6)
        .unwrap_or_else(|| level(sideways).normalize());
    let axes = Matrix3::from_columns(&[forward.cross(&up), -up, forward]);
    let rotation = Rotation3::from_matrix_unchecked(axes);
    Some(UnitQuaternion::from_rotation_matrix(&rotation))
}

/// Lower bounds of the distance to any surface, on a grid.
struct FreeSpace {
    low: Vector3<f64>,
    counts: [usize; 3],
    clearance_m: Vec<f64>,
}

impl FreeSpace {
    fn new(scene: &Scene) -> Self {
        let floor = scene.planes.iter().find(|plane| plane.name == "floor");
        let [half_width, half_depth] = floor.map_or([0.0; 2], |plane| plane.half_size_m);
        let low = Vector3::new(-half_width, -half_depth, HEIGHTS_M[0]);
        let size = Vector3::new(
            2.0 * half_width,
            2.0 * half_depth,
            HEIGHTS_M[1] - HEIGHTS_M[0],
        );
        let counts = [0, 1, 2].map(|axis| (size[axis] / STEP_M) as usize + 1);
        let mut space = Self {
            low,
            counts,
            clearance_m: Vec::new(),
        };
        // The distance changes by at most a metre a metre, so that half a cell's diagonal bounds it between places.
        let slack = STEP_M * 3.0_f64.sqrt() / 2.0;
        space.clearance_m = space
            .places()
            .map(|place| scene.clearance_m(&place) - slack)
            .collect();
        space
    }

    fn places(&self) -> impl Iterator<Item = Vector3<f64>> + '_ {
        let [nx, ny, nz] = self.counts;
        (0..nx * ny * nz).map(move |k| {
            let index = Vector3::new(
                (k % nx) as f64,
                (k / nx % ny) as f64,
                (k / (nx * ny)) as f64,
            );
            self.low + index * STEP_M
        })
    }

    /// The least clearance of a shape moved by an offset; `None` as soon as a place has less than is wanted.
    fn least_clearance_m(
        &self,
        shape: &[Vector3<f64>],
        offset: &Vector3<f64>,
        wanted_m: f64,
    ) -> Option<f64> {
        let mut least = f64::INFINITY;
        for place in shape {
            least = least.min(self.clearance_m(&(place + offset)));
            if least < wanted_m {
                return None;
            }
        }
        Some(least)
    }

    /// At least this far is every surface; nothing is known outside the grid.
    fn clearance_m(&self, place: &Vector3<f64>) -> f64 {
        let mut index = 0;
        for axis in [2, 1, 0] {
            let cell = ((place[axis] - self.low[axis]) / STEP_M).round();
            if !(cell >= 0.0 && cell < self.counts[axis] as f64) {
                return f64::NEG_INFINITY;
            }
            index = index * self.counts[axis] + cell as usize;
        }
        self.clearance_m[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body that circles with its side `face` towards the middle and `up` upwards.
    fn facing_inwards(face: Vector3<f64>, up: Vector3<f64>) -> Vec<(f64, Isometry3<f64>)> {
        let left = up.cross(&face);
        let body_from_level = Matrix3::from_columns(&[face, left, up]);
        let level_from_body = Rotation3::from_matrix_unchecked(body_from_level).inverse();
        (0..100)
            .map(|k| {
                let angle = std::f64::consts::TAU * f64::from(k) / 100.0;
                let place = Vector3::new(angle.cos(), angle.sin(), 1.3);
                let inwards = rotation_exp(&(Vector3::z() * (angle + std::f64::consts::PI)));
                let turn = inwards * UnitQuaternion::from_rotation_matrix(&level_from_body);
                let pose = Isometry3::from_parts(Translation3::from(place), turn);
                (0.1 * f64::from(k), pose)
            })
            .collect()
    }

    #[test]
    fn a_level_mount_looks_inwards_with_its_feet_down() {
        for (face, up) in [
            (Vector3::x(), Vector3::z()),
            (-Vector3::y(), Vector3::z()),
            (Vector3::z(), -Vector3::x()),
        ] {
            let poses = facing_inwards(face, up);
            let mount = level_mount(&poses).expect("a side that is up");
            for (_, pose) in &poses {
                let world_from_camera = pose.rotation * mount;
                let inwards = -Vector3::new(pose.translation.x, pose.translation.y, 0.0);
                assert!((world_from_camera * Vector3::z() - inwards).norm() < 1e-9);
                assert!((world_from_camera * Vector3::y() + Vector3::z()).norm() < 1e-9);
            }
        }
    }

    #[test]
    fn what_tumbles_has_no_level_mount() {
        let poses: Vec<_> = (0..100)
            .map(|k| {
                let turn = rotation_exp(&(Vector3::x() * (0.2 * f64::from(k))));
                (
                    f64::from(k),
                    Isometry3::from_parts(Translation3::identity(), turn),
                )
            })
            .collect();
        assert!(level_mount(&poses).is_none());
        assert!(level_mount(&[]).is_none());
    }

    #[test]
    fn what_is_too_large_is_shrunk_and_keeps_its_turns() {
        let poses: Vec<_> = facing_inwards(Vector3::x(), Vector3::z())
            .into_iter()
            .map(|(time, mut pose)| {
                pose.translation.vector *= 3.0;
                (time, pose)
            })
            .collect();
        let asked = Trajectory::through(&poses).expect("good poses");
        let fitted = fit_into_room(&poses, Room::LivingRoom, 0.2)
            .expect("good poses")
            .expect("there is room for it");
        assert!(fitted.scale < 1.0, "{}", fitted.scale);
        for k in 1..90 {
            let time = 0.1 * f64::from(k);
            let (is, was) = (fitted.trajectory.at(time), asked.at(time));
            let ratio = is.velocity_in_world.norm() / was.velocity_in_world.norm();
            assert!((ratio - fitted.scale).abs() < 1e-9, "{ratio}");
            let turn = is.angular_velocity_in_camera - was.angular_velocity_in_camera;
            assert!(turn.norm() < 1e-9, "{turn}");
        }
        let huge: Vec<_> = poses
            .into_iter()
            .map(|(time, mut pose)| {
                pose.translation.vector *= 10.0;
                (time, pose)
            })
            .collect();
        assert_eq!(fit_into_room(&huge, Room::LivingRoom, 0.2), Ok(None));
    }
}
