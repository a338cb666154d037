//! Poses with their times.

use nalgebra::{Isometry3, Translation3};

/// A pose of a trajectory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimedPose {
    /// When, nanoseconds on the sequence's clock.
    pub time_nanos: i64,
    /// The camera's pose (X right, Y down, Z forward), metres or the map's unit.
    pub world_from_camera: Isometry3<f64>,
}

/// The pose at a time between two poses of a trajectory that is in order of time: linear in position, by the shortest
/// arc in orientation. None outside the trajectory (by more than a microsecond) and in gaps longer than
/// `longest_gap_nanos`.
#[must_use]
pub fn pose_at(
    trajectory: &[TimedPose],
    time_nanos: i64,
    longest_gap_nanos: i64,
) -> Option<Isometry3<f64>> {
    const SAME_NANOS: i64 = 1_000;
    let after = trajectory.partition_point(|pose| pose.time_nanos < time_nanos);
    let near = |pose: &&TimedPose| (pose.time_nanos - time_nanos).abs() <= SAME_NANOS;
    let b = trajectory.get(after);
    let a = after.checked_sub(1).and_then(|k| trajectory.get(k));
    if let Some(same) = b.filter(near).or(a.filter(near)) {
        return Some(same.world_from_camera);
    }
    let (a, b) = (a?, b?);
    let gap = b.time_nanos - a.time_nanos;
    if gap > longest_gap_nanos {
        return None;
    }
    let t = (time_nanos - a.time_nanos) as f64 / gap as f64;
    let (from, to) = (&a.world_from_camera, &b.world_from_camera);
    let position = from.translation.vector.lerp(&to.translation.vector, t);
    let rotation = from
        .rotation
        .try_slerp(&to.rotation, t, 1e-12)
        .unwrap_or(from.rotation);
    Some(Isometry3::from_parts(
        Translation3::from(position),
        rotation,
    ))
}
