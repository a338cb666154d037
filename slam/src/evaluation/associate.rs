//! Which poses of two trajectories belong together.

use nalgebra::Isometry3;

use super::TimedPose;

/// A pose of an estimate and the pose of the reference that is nearest in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosePair {
    /// The estimate's time, nanoseconds.
    pub time_nanos: i64,
    /// The estimate's pose of the camera in its own world.
    pub estimate: Isometry3<f64>,
    /// The reference's pose of the camera in the reference's world.
    pub reference: Isometry3<f64>,
}

/// Gives every pose of the shorter trajectory the one of the longer that is nearest in time, unless they are more than
/// `most_difference_nanos` apart; of two trajectories of one length the estimate counts as the shorter. The pairs come in
/// the order of time. A pose of the longer one may be used twice.
#[must_use]
pub fn associate(
    estimate: &[TimedPose],
    reference: &[TimedPose],
    most_difference_nanos: i64,
) -> Vec<PosePair> {
    let by_time = |poses: &[TimedPose]| {
        let mut poses = poses.to_vec();
        poses.sort_by_key(|pose| pose.time_nanos);
        poses
    };
    let (estimate, reference) = (by_time(estimate), by_time(reference));
    let pair = |estimate: &TimedPose, reference: &TimedPose| PosePair {
        time_nanos: estimate.time_nanos,
        estimate: estimate.world_from_camera,
        reference: reference.world_from_camera,
    };
    if estimate.len() > reference.len() {
        nearest(&reference, &estimate, most_difference_nanos)
            .map(|(reference, estimate)| pair(estimate, reference))
            .collect()
    } else {
        nearest(&estimate, &reference, most_difference_nanos)
            .map(|(estimate, reference)| pair(estimate, reference))
            .collect()
    }
}

fn nearest<'a>(
    few: &'a [TimedPose],
    many: &'a [TimedPose],
    most_difference_nanos: i64,
) -> impl Iterator<Item = (&'a TimedPose, &'a TimedPose)> {
    few.iter().filter_map(move |pose| {
        let after = many.partition_point(|other| other.time_nanos < pose.time_nanos);
        let before = after.checked_sub(1).and_then(|k| many.get(k));
        let difference = |other: &&TimedPose| other.time_nanos.abs_diff(pose.time_nanos);
        // Of two that are equally near the earlier one.
        let other = before
            .into_iter()
            .chain(many.get(after))
            .min_by_key(difference)?;
        (difference(&other) <= most_difference_nanos.max(0).unsigned_abs()).then_some((pose, other))
    })
}
