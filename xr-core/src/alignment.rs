//! `room_from_device`: the four degrees of freedom (turn about gravity, translation) between a device's frame
//! and the room's, from the same two spots touched by everybody.
//!
//! The room's frame: the origin is the first spot, Y points up against gravity, X points horizontally from the
//! first spot to the second. Both frames have Y up, so that only yaw and translation are unknown. In: points in
//! the device's frame, metres. Out: [`Alignment`] with the residual. No state, no wire: see
//! [`crate::room`] for who may define the frame and when.

use glam::DVec3;

use crate::pose::Rigid;

/// The least horizontal distance of the two spots, in metres: nearer ones leave the turn unknown.
pub const MIN_SPOT_DISTANCE_M: f64 = 0.2;

/// The largest residual that still counts as the same two spots, in metres.
pub const MAX_RESIDUAL_M: f64 = 0.25;

/// Where a device stands in the room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Turn about Y (up) of the device's frame in the room, in radians.
    pub yaw_rad: f64,
    /// The device's origin in the room, in metres.
    pub translation_m: DVec3,
    /// Root of the mean squared distance between the touched spots and the room's after alignment, in metres.
    pub residual_m: f64,
}

impl Alignment {
    /// Takes points of the device's frame to the room's.
    pub fn room_from_device(&self) -> Rigid {
        Rigid::from_yaw(self.yaw_rad, self.translation_m)
    }

    /// Whether the two are the same but for rounding.
    pub fn is_close_to(&self, other: &Alignment) -> bool {
        const ROUNDING: f64 = 1e-9;
        (self.yaw_rad - other.yaw_rad).abs() < ROUNDING
            && self.translation_m.distance(other.translation_m) < ROUNDING
            && (self.residual_m - other.residual_m).abs() < ROUNDING
    }
}

/// Why two spots give no alignment.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AlignmentError {
    /// The spots are too near to each other, seen from above, or not finite.
    #[error(
        "the two spots are {distance_m:.2} m apart; choose spots at least {MIN_SPOT_DISTANCE_M} m apart"
    )]
    DegenerateSpots {
        /// Their horizontal distance in metres.
        distance_m: f64,
    },
    /// The spots are not the ones that define the room.
    #[error("these are not the two spots that define the room")]
    SpotsDiffer {
        /// The residual in metres.
        residual_m: f64,
    },
}

impl AlignmentError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            AlignmentError::DegenerateSpots { .. } => "degenerate-spots",
            AlignmentError::SpotsDiffer { .. } => "spots-differ",
        }
    }
}

/// The second spot in the frame that two touched spots define: `[horizontal distance, height, 0]`, metres.
///
/// # Errors
/// [`AlignmentError::DegenerateSpots`].
pub fn second_spot_in_room(spots_in_device: [DVec3; 2]) -> Result<DVec3, AlignmentError> {
    let distance_m = horizontal_distance(spots_in_device)?;
    Ok(DVec3::new(
        distance_m,
        spots_in_device[1].y - spots_in_device[0].y,
        0.0,
    ))
}

/// Aligns a device that touched the room's two spots.
///
/// # Errors
/// [`AlignmentError`] when the spots are too near to each other, or are not the room's.
pub fn align(
    spots_in_device: [DVec3; 2],
    second_spot_in_room: DVec3,
) -> Result<Alignment, AlignmentError> {
    horizontal_distance(spots_in_device)?;
    let spots_in_room = [DVec3::ZERO, second_spot_in_room];
    horizontal_distance(spots_in_room)?;
    let alignment = fit(&spots_in_device, &spots_in_room);
    if alignment.residual_m > MAX_RESIDUAL_M {
        return Err(AlignmentError::SpotsDiffer {
            residual_m: alignment.residual_m,
        });
    }
    Ok(alignment)
}

fn horizontal_distance(spots: [DVec3; 2]) -> Result<f64, AlignmentError> {
    let apart = spots[1] - spots[0];
    let distance_m = apart.x.hypot(apart.z);
    if distance_m >= MIN_SPOT_DISTANCE_M && apart.is_finite() && spots[0].is_finite() {
        Ok(distance_m)
    } else {
        Err(AlignmentError::DegenerateSpots { distance_m })
    }
}

/// Least squares over yaw and translation. With both sets moved to their centroids, the sum of squares is
/// smallest where `cos(yaw) * dot + sin(yaw) * cross` is largest (the planar case of Umeyama, 1991, "Least-squares
/// estimation of transformation parameters between two point patterns", without scale).
fn fit(in_device: &[DVec3; 2], in_room: &[DVec3; 2]) -> Alignment {
    let device_centroid = (in_device[0] + in_device[1]) / 2.0;
    let room_centroid = (in_room[0] + in_room[1]) / 2.0;
    let (mut dot, mut cross) = (0.0, 0.0);
    for (device, room) in in_device.iter().zip(in_room) {
        let (d, r) = (*device - device_centroid, *room - room_centroid);
        dot += r.x * d.x + r.z * d.z;
        cross += r.x * d.z - r.z * d.x;
    }
    let yaw_rad = cross.atan2(dot);
    let turn = Rigid::from_yaw(yaw_rad, DVec3::ZERO);
    let translation_m = room_centroid - turn.transform_point(device_centroid);
    let room_from_device = Rigid::from_yaw(yaw_rad, translation_m);
    let squares: f64 = in_device
        .iter()
        .zip(in_room)
        .map(|(device, room)| {
            room_from_device
                .transform_point(*device)
                .distance_squared(*room)
        })
        .sum();
    Alignment {
        yaw_rad,
        translation_m,
        residual_m: (squares / 2.0).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A room frame, a device in it, and the same two spots in both.
    fn case(random: &mut Random) -> (Rigid, [DVec3; 2], DVec3) {
        let room_from_device = Rigid::from_yaw(
            random.between(-3.1, 3.1),
            DVec3::new(
                random.between(-5.0, 5.0),
                random.between(-2.0, 2.0),
                random.between(-5.0, 5.0),
            ),
        );
        let second = DVec3::new(random.between(0.5, 3.0), random.between(-0.8, 0.8), 0.0);
        let device_from_room = room_from_device.inverse();
        let spots = [
            device_from_room.transform_point(DVec3::ZERO),
            device_from_room.transform_point(second),
        ];
        (room_from_device, spots, second)
    }

    #[test]
    fn exact_taps_give_the_truth() {
        let mut random = Random::new(1);
        for _ in 0..500 {
            let (truth, spots, second) = case(&mut random);
            let alignment = align(spots, second).unwrap();
            assert!(alignment.residual_m < 1e-9);
            let point = DVec3::new(
                random.between(-4.0, 4.0),
                random.between(-2.0, 2.0),
                random.between(-4.0, 4.0),
            );
            let error =
                alignment.room_from_device().transform_point(point) - truth.transform_point(point);
            assert!(error.length() < 1e-9, "{error}");
            assert!((second_spot_in_room(spots).unwrap() - second).length() < 1e-9);
        }
    }

    /// 1 cm (length of the error vector) on each tap: between the spots the error stays below 2 cm. Translation
    /// is off by at most 1 cm; the turn by at most 1 cm at each end of the half baseline.
    #[test]
    fn taps_off_by_a_centimetre_stay_within_two_between_the_spots() {
        let mut random = Random::new(2);
        let mut worst: f64 = 0.0;
        for _ in 0..2000 {
            let (truth, spots, second) = case(&mut random);
            let noisy = spots.map(|spot| spot + random.direction() * 0.01);
            let alignment = align(noisy, second).unwrap();
            for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let point = spots[0].lerp(spots[1], share);
                let error = alignment
                    .room_from_device()
                    .transform_point(point)
                    .distance(truth.transform_point(point));
                worst = worst.max(error);
            }
        }
        assert!(worst < 0.02, "{worst}");
        assert!(worst > 0.005, "the noise did not reach the result: {worst}");
    }

    #[test]
    fn the_residual_is_half_of_a_wrong_distance() {
        // One metre in the room, 1.1 m on the device: each spot is 5 cm off after the best fit.
        let alignment = align([DVec3::ZERO, DVec3::new(0.0, 0.0, 1.1)], DVec3::X).unwrap();
        assert!((alignment.residual_m - 0.05).abs() < 1e-12);
    }

    #[test]
    fn other_spots_are_refused() {
        let refused = align([DVec3::ZERO, DVec3::new(2.0, 0.0, 0.0)], DVec3::X).unwrap_err();
        assert_eq!(refused.code(), "spots-differ");
    }

    #[test]
    fn spots_on_top_of_each_other_are_refused() {
        let stacked = [DVec3::ZERO, DVec3::new(0.05, 1.0, 0.1)];
        assert_eq!(
            second_spot_in_room(stacked).unwrap_err().code(),
            "degenerate-spots"
        );
        assert_eq!(
            align(stacked, DVec3::X).unwrap_err().code(),
            "degenerate-spots"
        );
        let broken = [DVec3::ZERO, DVec3::new(f64::NAN, 0.0, 1.0)];
        assert!(align(broken, DVec3::X).is_err());
        let far = [DVec3::ZERO, DVec3::X];
        assert!(
            align(far, DVec3::new(0.1, 0.0, 0.0)).is_err(),
            "a broken room frame"
        );
    }
}
