//! A session's light estimate as the light that a matt surface sends back.
//!
//! In: the numbers of `XRLightEstimate` and the rotation of the probe's space. Out: the direction, strength and colour
//! of the main light and the radiance from all around, in the device's frame. Does not smooth anything.
//!
//! # Units
//! WebXR Lighting Estimation names none; the browsers pass on what ARCore and Android XR say, in linear light relative
//! to the camera's exposure: a white matt surface in the picture is about 1.
//! * The coefficients are those of the *radiance* from all around without the main light (OpenXR,
//!   `XR_SPHERICAL_HARMONICS_KIND_AMBIENT_ANDROID`) in the real basis of Ramamoorthi and Hanrahan 2001 with positive
//!   signs; three.js and ARCore's plug-in for Unity read them so, too.
//! * The intensity is the *irradiance* of the main light on a surface that faces it: ARCore's samples and its plug-in
//!   for Unity, and three.js since its light is physical, divide it by pi for what a white matt surface sends back.

use std::f32::consts::PI;

use glam::{Mat3, Vec3};

use crate::pose::Rigid;

/// Norms of the real basis of the second band: of xy, yz, xz; of 3 z z - 1; of x x - y y.
const MIXED: f32 = 1.092_548;
const ALONG_Z: f32 = 0.315_392;
const CROSS: f32 = 0.546_274;

/// The light at one time, in the device's frame, linear RGB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimatedLight {
    /// Towards the main light, length 1.
    pub direction_to_light_in_device: Vec3,
    /// What a white matt surface that faces the main light sends back of it.
    pub intensity: Vec3,
    /// Radiance from all around without the main light, as second-order spherical harmonics in WebXR's order.
    pub around: [Vec3; 9],
}

impl EstimatedLight {
    /// From `sphericalHarmonicsCoefficients`, `primaryLightDirection` and `primaryLightIntensity` (red, green, blue in
    /// x, y, z) and the pose of the probe's space, of which only the rotation counts.
    ///
    /// `None` where the coefficients are not 27, or where no light comes from anywhere: so a platform answers that has
    /// no estimate yet, and things lit by it would be black. Numbers that are not finite and negative intensities count
    /// as 0; a direction without length is straight up.
    pub fn from_xr(
        coefficients: &[f32],
        direction: [f64; 3],
        intensity: [f64; 3],
        device_from_probe: &Rigid,
    ) -> Option<EstimatedLight> {
        let coefficients: &[f32; 27] = coefficients.try_into().ok()?;
        let (rgb, _) = coefficients.as_chunks::<3>();
        let around = std::array::from_fn(|index| Vec3::from_array(rgb[index].map(finite)));
        let intensity = vector(intensity).max(Vec3::ZERO) / PI;
        if around[0].max_element() <= 0.0 && intensity.max_element() <= 0.0 {
            return None;
        }
        let rotation = Mat3::from_quat(device_from_probe.rotation.as_quat());
        let direction = vector(direction).try_normalize().unwrap_or(Vec3::Y);
        Some(EstimatedLight {
            direction_to_light_in_device: rotation * direction,
            intensity,
            around: rotated(&around, &rotation),
        })
    }
}

fn finite(number: f32) -> f32 {
    if number.is_finite() { number } else { 0.0 }
}

#[allow(clippy::cast_possible_truncation, reason = "light in single precision")]
fn vector(numbers: [f64; 3]) -> Vec3 {
    Vec3::from_array(numbers.map(|number| finite(number as f32)))
}

/// The same light in a turned frame. The first band is a vector and the second a symmetric matrix without trace, one
/// of each a colour; they turn as such.
fn rotated(light: &[Vec3; 9], rotation: &Mat3) -> [Vec3; 9] {
    let mut turned = *light;
    for channel in 0..3 {
        let c = |index: usize| light[index][channel];
        let vector = *rotation * Vec3::new(c(3), c(1), c(2));
        let (xy, yz, xz) = (c(4) * MIXED / 2.0, c(5) * MIXED / 2.0, c(7) * MIXED / 2.0);
        let (along_z, cross) = (c(6) * ALONG_Z, c(8) * CROSS);
        let matrix = Mat3::from_cols(
            Vec3::new(cross - along_z, xy, xz),
            Vec3::new(xy, -cross - along_z, yz),
            Vec3::new(xz, yz, 2.0 * along_z),
        );
        let matrix = *rotation * matrix * rotation.transpose();
        let second = [
            matrix.y_axis.x * 2.0 / MIXED,
            matrix.z_axis.y * 2.0 / MIXED,
            matrix.z_axis.z / (2.0 * ALONG_Z),
            matrix.z_axis.x * 2.0 / MIXED,
            (matrix.x_axis.x - matrix.y_axis.y) / (2.0 * CROSS),
        ];
        let first = [vector.y, vector.z, vector.x];
        for (coefficient, value) in turned[1..].iter_mut().zip(first.into_iter().chain(second)) {
            coefficient[channel] = value;
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use glam::{DQuat, DVec3, EulerRot};
    use render::SphericalHarmonics;

    use super::*;

    fn coefficients() -> [f32; 27] {
        std::array::from_fn(|index| match index {
            0..3 => 2.0 + index as f32 * 0.5,
            _ => ((index * 7 % 11) as f32 - 5.0) * 0.06,
        })
    }

    fn turned_by(rotation: DQuat) -> Rigid {
        Rigid {
            rotation,
            translation_m: DVec3::new(3.0, 1.0, -2.0),
        }
    }

    #[test]
    fn a_turned_light_lights_turned_surfaces_as_before() {
        let before = SphericalHarmonics::from_array(&coefficients());
        for angles in [[0.0, 1.3, 0.0], [0.4, -2.0, 0.9], [-1.2, 0.3, 3.0]] {
            let [x, y, z] = angles;
            let rotation = DQuat::from_euler(EulerRot::XYZ, x, y, z);
            let light = EstimatedLight::from_xr(
                &coefficients(),
                [0.0, 1.0, 0.0],
                [1.0; 3],
                &turned_by(rotation),
            )
            .unwrap();
            let after = SphericalHarmonics(light.around);
            for normal in [Vec3::X, Vec3::Y, -Vec3::Z, Vec3::new(0.6, -0.48, 0.64)] {
                let turned = rotation.as_quat() * normal;
                let error = after.irradiance_over_pi(turned) - before.irradiance_over_pi(normal);
                assert!(error.abs().max_element() < 1e-5, "{normal}: {error}");
            }
        }
    }

    #[test]
    fn a_probe_turned_left_has_its_light_turned_left() {
        let quarter = turned_by(DQuat::from_rotation_y(std::f64::consts::FRAC_PI_2));
        let mut numbers = [0.0; 27];
        numbers[..3].fill(2.0);
        // Redder from the probe's -Z, its front.
        numbers[6] = -0.5;
        let light =
            EstimatedLight::from_xr(&numbers, [0.0, 0.0, -1.0], [0.0, 3.0, 0.0], &quarter).unwrap();
        assert!((light.direction_to_light_in_device + Vec3::X).length() < 1e-6);
        let around = SphericalHarmonics(light.around);
        let red = |normal| around.irradiance_over_pi(normal).x;
        assert!(red(-Vec3::X) > red(Vec3::X) + 0.3);
        assert!((red(Vec3::Z) - red(-Vec3::Z)).abs() < 1e-6);
    }

    /// A sky of one radiance and a lamp: what comes back from a white matt surface, integrated by hand.
    #[test]
    fn white_paper_sends_back_what_falls_on_it() {
        let (radiance, irradiance) = (0.6, 1.5);
        let mut numbers = [0.0; 27];
        // The projection of a constant: radiance times the basis' integral over the sphere.
        numbers[..3].fill(radiance * 0.282_095 * 4.0 * PI);
        let light = EstimatedLight::from_xr(
            &numbers,
            [0.0, 1.0, 0.0],
            [f64::from(irradiance); 3],
            &Rigid::IDENTITY,
        )
        .unwrap();
        let around = SphericalHarmonics(light.around).irradiance_over_pi(Vec3::Y);
        let sent_back = (around + light.intensity).x;
        assert!((sent_back - (radiance + irradiance / PI)).abs() < 1e-5);
    }

    #[test]
    fn bad_numbers_and_no_light_give_no_bad_light() {
        let from = |numbers: &[f32], direction, intensity| {
            EstimatedLight::from_xr(numbers, direction, intensity, &Rigid::IDENTITY)
        };
        assert_eq!(from(&[0.0; 27], [0.0, 1.0, 0.0], [0.0; 3]), None);
        assert_eq!(from(&[1.0; 26], [0.0, 1.0, 0.0], [1.0; 3]), None);
        let mut numbers = [0.3; 27];
        numbers[4] = f32::NAN;
        let light = from(&numbers, [0.0; 3], [f64::INFINITY, -1.0, f64::from(PI)]).unwrap();
        assert_eq!(light.direction_to_light_in_device, Vec3::Y);
        assert_eq!(light.intensity, Vec3::Z);
        assert!(
            light
                .around
                .iter()
                .all(|coefficient| coefficient.is_finite())
        );
    }
}
