//! A recorded motion moved into a room: turned about the vertical, shifted and, where it must be, shrunk, until it
//! keeps clear of everything.
//!
//! In: timed poses with Z up, a room, a clearance. Out: a [`Trajectory`]. It works on numbers only; reading
//! recordings is the caller's part.

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};

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

/// The largest copy of a motion that keeps `clearance_m` from every surface of a room; `None` where none does. Poses are
/// `(seconds, world_from_camera)` as for [`Trajectory::through`]; lengths are multiplied by at most 1, angles and times
/// stay.
///
/// # Errors
/// Those of [`Trajectory::through`].
pub fn fit_into_room(
    poses: &[(f64, Isometry3<f64>)],
    room: Room,
    clearance_m: f64,
) -> Result<Option<Trajectory>, Error> {
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
                let least = shape
                    .iter()
                    .map(|place| space.clearance_m(&(place + offset)))
                    .fold(f64::INFINITY, f64::min);
                if least >= clearance_m && best.is_none_or(|(most, ..)| least > most) {
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
            return Trajectory::through(&moved).map(Some);
        }
    }
    Ok(None)
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
