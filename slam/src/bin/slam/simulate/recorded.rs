//! A recorded motion for `--trajectory`: the stretch that the frames take, read and fitted into the room.

use std::path::Path;

use anyhow::{Context, ensure};
use nalgebra::Isometry3;
use slam::dataset::{TimedPose, read_tum};
use slam::simulator::{FittedMotion, Room, fit_into_room, level_mount};

/// How far the camera keeps from every surface: less, and a wall fills the picture.
const CLEARANCE_M: f64 = 0.2;
/// What the spline looks at past the last frame.
const BEYOND_SECS: f64 = 0.2;

/// A stretch of a recorded motion.
pub(super) struct Recording<'a> {
    /// A file in TUM order.
    pub(super) path: &'a Path,
    /// From the first pose to the first frame.
    pub(super) start_secs: f64,
    /// From the first frame to one after the last.
    pub(super) duration_secs: f64,
    /// Whether the camera is mounted level on what was recorded.
    pub(super) is_levelled: bool,
}

impl Recording<'_> {
    /// Reads the stretch and moves it to where the room has space for it.
    pub(super) fn fit_into(&self, room: Room) -> anyhow::Result<FittedMotion> {
        let shown = self.path.display();
        let poses = self.stretch(&read_tum(self.path)?)?;
        fit_into_room(&poses, room, CLEARANCE_M)
            .with_context(|| format!("{shown}"))?
            .with_context(|| {
                format!(
                    "{shown}: the motion does not fit into the room {CLEARANCE_M} m clear of everything, not even at a \
                     fifth of its size; a shorter stretch or another --room may do"
                )
            })
    }

    /// `(seconds, world_from_camera)` of the stretch, from 0 s on.
    fn stretch(&self, recorded: &[TimedPose]) -> anyhow::Result<Vec<(f64, Isometry3<f64>)>> {
        let shown = self.path.display();
        let [first, .., last] = recorded else {
            anyhow::bail!(
                "{shown}: a motion takes at least two poses, found {}",
                recorded.len()
            );
        };
        for (place, two) in recorded.windows(2).enumerate() {
            ensure!(
                two[1].time_nanos > two[0].time_nanos,
                "{shown}: the time of pose {} is not later than that of the pose before",
                place + 2
            );
        }
        let secs = |pose: &TimedPose| {
            (i128::from(pose.time_nanos) - i128::from(first.time_nanos)) as f64 * 1e-9
        };
        let end_secs = self.start_secs + self.duration_secs;
        ensure!(
            self.start_secs >= 0.0 && end_secs <= secs(last),
            "{shown} lasts {:.2} s; frames from {} s to {end_secs:.2} s are asked for",
            secs(last),
            self.start_secs
        );
        // The pose before the start is the first, so that the start lies between two.
        let from = recorded.partition_point(|pose| secs(pose) <= self.start_secs) - 1;
        let to = recorded.partition_point(|pose| secs(pose) < end_secs + BEYOND_SECS);
        let mut poses: Vec<_> = recorded[from..(to + 1).min(recorded.len())]
            .iter()
            .map(|pose| (secs(pose), pose.world_from_camera))
            .collect();
        if self.is_levelled {
            let mount = level_mount(&poses)
                .with_context(|| format!("{shown}: no side of what was recorded is mostly up"))?;
            for (_, pose) in &mut poses {
                pose.rotation *= mount;
            }
        }
        Ok(poses)
    }
}
