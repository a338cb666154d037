//! Where a recorded motion was between two of its poses.
//!
//! In: timed poses in ascending order, a time. Out: a pose. Neighbours close to each other are joined by a line, which is
//! all that their noise allows; where a recording has a hole (motion capture loses sight for seconds), a cubic Bezier
//! curve goes on with the speed at both ends, so that nobody is jerked who was not. On rotations the curve is built by
//! de Casteljau's steps along great circles, which keeps the angular velocities at the ends exact (Shoemake, "Animating
//! rotation with quaternion curves", SIGGRAPH 1985).

use nalgebra::{Isometry3, Translation3, Vector3};

use super::spline::{rotation_exp, rotation_log};

/// The longest stretch that is bridged by a line.
const LONGEST_LINE_SECS: f64 = 0.06;
/// Speeds are measured over this long, so that a millimetre of noise makes no more than a few centimetres a second.
const SPEED_SECS: f64 = 0.04;

type TimedPose = (f64, Isometry3<f64>);

/// A velocity in the world and an angular velocity in the moving axes, for each second.
type Speed = (Vector3<f64>, Vector3<f64>);

/// The pose at a time between `poses[next - 1]` and `poses[next]`; at either, where the time is outside.
pub(crate) fn pose_between(poses: &[TimedPose], next: usize, time_secs: f64) -> Isometry3<f64> {
    let ((t0, a), (t1, b)) = (&poses[next - 1], &poses[next]);
    let length_secs = t1 - t0;
    let u = ((time_secs - t0) / length_secs).clamp(0.0, 1.0);
    if length_secs <= LONGEST_LINE_SECS {
        return mix(a, b, u);
    }
    let across = speed(&poses[next - 1], &poses[next]);
    let before = poses[..next - 1]
        .iter()
        .rposition(|(time, _)| t0 - time >= SPEED_SECS)
        .unwrap_or(0);
    let after = poses[next..]
        .iter()
        .position(|(time, _)| time - t1 >= SPEED_SECS)
        .map_or(poses.len() - 1, |offset| next + offset);
    let start = weighted(&poses[before], &poses[next - 1], length_secs, &across);
    let end = weighted(&poses[next], &poses[after], length_secs, &across);
    let third = length_secs / 3.0;
    let controls = [*a, moved(a, &start, third), moved(b, &end, -third), *b];
    let [p, q, r] = [0, 1, 2].map(|k| mix(&controls[k], &controls[k + 1], u));
    mix(&mix(&p, &q, u), &mix(&q, &r, u), u)
}

/// The speed at an end of a hole: that of the recording beside it, and as far as that is measured over long the mean over
/// the hole (the derivative of the parabola through three places).
fn weighted(from: &TimedPose, to: &TimedPose, hole_secs: f64, across: &Speed) -> Speed {
    let beside_secs = to.0 - from.0;
    if beside_secs <= 0.0 {
        return *across;
    }
    let beside = speed(from, to);
    let share = hole_secs / (hole_secs + beside_secs);
    (
        across.0.lerp(&beside.0, share),
        across.1.lerp(&beside.1, share),
    )
}

fn speed((t0, a): &TimedPose, (t1, b): &TimedPose) -> Speed {
    let secs = t1 - t0;
    (
        (b.translation.vector - a.translation.vector) / secs,
        rotation_log(&(a.rotation.inverse() * b.rotation)) / secs,
    )
}

fn moved(pose: &Isometry3<f64>, (velocity, turn): &Speed, secs: f64) -> Isometry3<f64> {
    Isometry3::from_parts(
        Translation3::from(pose.translation.vector + velocity * secs),
        pose.rotation * rotation_exp(&(turn * secs)),
    )
}

fn mix(a: &Isometry3<f64>, b: &Isometry3<f64>, u: f64) -> Isometry3<f64> {
    let turn = rotation_log(&(a.rotation.inverse() * b.rotation));
    Isometry3::from_parts(
        Translation3::from(a.translation.vector.lerp(&b.translation.vector, u)),
        a.rotation * rotation_exp(&(turn * u)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Trajectory;

    /// A metre a second on a circle of one metre, looking along it.
    fn circle(secs: f64) -> Isometry3<f64> {
        Isometry3::from_parts(
            Translation3::new(secs.cos(), secs.sin(), 1.0),
            rotation_exp(&(Vector3::z() * secs)),
        )
    }

    #[test]
    fn a_hole_is_bridged_without_a_jerk() {
        for hole_secs in [0.1, 0.4, 1.0] {
            let is_seen = |secs: &f64| !(*secs > 1.0 && *secs < 1.0 + hole_secs);
            let seconds = (0..360).map(|k| f64::from(k) / 120.0);
            let poses: Vec<_> = seconds
                .filter(is_seen)
                .map(|secs| (secs, circle(secs)))
                .collect();
            let motion = Trajectory::through(&poses).expect("good poses");
            for k in 10..280 {
                let secs = 0.01 * f64::from(k);
                let state = motion.at(secs);
                let off = state.world_from_camera.inverse() * circle(secs);
                // A cubic with the right ends is off by its length's fourth power over 384; ends measured over 40 ms are
                // off by 0.02 m/s, a quarter of which counts for each second.
                let allowed = 0.001 + hole_secs.powi(4) / 384.0 + 0.02 / 4.0 * hole_secs;
                assert!(off.translation.vector.norm() < allowed, "{off} at {secs} s");
                assert!(off.rotation.angle() < allowed, "{off} at {secs} s");
                // The circle's own is 1; a line across a second would break by a metre a second in 40 ms.
                let acceleration = state.acceleration_in_world.norm();
                assert!(acceleration < 2.0, "{acceleration} m/s^2 at {secs} s");
            }
        }
    }

    #[test]
    fn a_recording_of_few_poses_is_smooth() {
        let poses: Vec<_> = (0..30)
            .map(|k| 0.1 * f64::from(k))
            .map(|secs| (secs, circle(secs)))
            .collect();
        let motion = Trajectory::through(&poses).expect("good poses");
        for k in 20..260 {
            let state = motion.at(0.01 * f64::from(k));
            assert!((state.velocity_in_world.norm() - 1.0).abs() < 0.03);
            assert!(state.acceleration_in_world.norm() < 2.0);
        }
    }
}
