//! The light of a frame: one main light and the light from all around, as a session's light estimate gives them, and
//! how they change from frame to frame without flickering.

use glam::Vec3;

/// Light from all around as second-order spherical harmonics of the radiance, linear RGB.
///
/// The order of the nine coefficients is that of WebXR's light estimate: (0,0), (1,-1), (1,0), (1,1), (2,-2), (2,-1),
/// (2,0), (2,1), (2,2), with the real basis in which (1,-1), (1,0), (1,1) are y, z, x, all with positive signs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SphericalHarmonics(pub [Vec3; 9]);

/// Norms of the real basis (Ramamoorthi and Hanrahan 2001, equation 3).
const NORMS: [f32; 9] = [
    0.282_095, 0.488_603, 0.488_603, 0.488_603, 1.092_548, 1.092_548, 0.315_392, 1.092_548,
    0.546_274,
];
/// What is left of each band in the irradiance, over pi (same, equation 8): 1, 2/3, 1/4.
const BANDS: [f32; 9] = [
    1.0,
    2.0 / 3.0,
    2.0 / 3.0,
    2.0 / 3.0,
    0.25,
    0.25,
    0.25,
    0.25,
    0.25,
];

impl SphericalHarmonics {
    /// The same light from everywhere: a white matt surface sends back `radiance`.
    pub fn uniform(radiance: Vec3) -> Self {
        let mut coefficients = [Vec3::ZERO; 9];
        coefficients[0] = radiance / NORMS[0];
        SphericalHarmonics(coefficients)
    }

    /// Light that grows evenly from `down` to `up`: what a white matt surface that faces down or up sends back.
    pub fn hemisphere(up: Vec3, down: Vec3) -> Self {
        let mut light = Self::uniform((up + down) * 0.5);
        light.0[1] = (up - down) * 0.5 / (NORMS[1] * BANDS[1]);
        light
    }

    /// The 27 numbers of a WebXR light estimate. What is not finite counts as dark.
    pub fn from_array(numbers: &[f32; 27]) -> Self {
        let (coefficients, _) = numbers.as_chunks::<3>();
        SphericalHarmonics(std::array::from_fn(|index| {
            Vec3::from_array(
                coefficients[index].map(|value| if value.is_finite() { value } else { 0.0 }),
            )
        }))
    }

    /// Adds the light that comes from a direction (length 1) over a solid angle (steradians).
    pub fn add(&mut self, direction: Vec3, radiance: Vec3, solid_angle_sr: f32) {
        for (coefficient, basis) in self.0.iter_mut().zip(basis(direction)) {
            *coefficient += radiance * (basis * solid_angle_sr);
        }
    }

    /// What a white matt surface with this normal (length 1) sends back: irradiance over pi.
    pub fn irradiance_over_pi(&self, normal: Vec3) -> Vec3 {
        let scaled = self.shader_polynomial().into_iter().zip(monomials(normal));
        scaled
            .map(|(coefficient, monomial)| coefficient * monomial)
            .sum::<Vec3>()
            .max(Vec3::ZERO)
    }

    /// The mean over all directions.
    pub fn mean_radiance(&self) -> Vec3 {
        self.0[0] * NORMS[0]
    }

    /// Coefficients of the monomials of `irradiance` in `frame.wgsl`.
    pub(crate) fn shader_polynomial(&self) -> [Vec3; 9] {
        std::array::from_fn(|index| self.0[index] * (NORMS[index] * BANDS[index]))
    }

    fn mix(&self, other: &Self, part: f32) -> Self {
        SphericalHarmonics(std::array::from_fn(|index| {
            self.0[index].lerp(other.0[index], part)
        }))
    }
}

/// 1, y, z, x, xy, yz, 3 z z - 1, xz, x x - y y.
fn monomials(direction: Vec3) -> [f32; 9] {
    let Vec3 { x, y, z } = direction;
    [
        1.0,
        y,
        z,
        x,
        x * y,
        y * z,
        3.0 * z * z - 1.0,
        x * z,
        x * x - y * y,
    ]
}

fn basis(direction: Vec3) -> [f32; 9] {
    let monomials = monomials(direction);
    std::array::from_fn(|index| NORMS[index] * monomials[index])
}

/// One distant light and the light from all around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Towards the light; need not have length 1.
    pub direction_to_light_in_world: Vec3,
    /// What a white matt surface that faces the light sends back (irradiance / pi), linear.
    pub intensity: Vec3,
    /// Light from all around, without the main light.
    pub around: SphericalHarmonics,
    /// Factor on the reflections (see [`crate::Renderer::set_reflections`]), linear.
    pub reflections: Vec3,
}

impl Light {
    fn mix(&self, other: &Light, part: f32) -> Light {
        let before = direction_to_light(self);
        let after = direction_to_light(other);
        Light {
            direction_to_light_in_world: before.lerp(after, part).try_normalize().unwrap_or(after),
            intensity: self.intensity.lerp(other.intensity, part),
            around: self.around.mix(&other.around, part),
            reflections: self.reflections.lerp(other.reflections, part),
        }
    }
}

/// Length 1; straight up where the light has no direction.
pub(crate) fn direction_to_light(light: &Light) -> Vec3 {
    light
        .direction_to_light_in_world
        .try_normalize()
        .unwrap_or(Vec3::Y)
}

impl Default for Light {
    /// Neutral daylight from above, slightly right of and behind the viewer.
    fn default() -> Self {
        Light {
            direction_to_light_in_world: Vec3::new(0.45, 1.0, 0.4),
            intensity: Vec3::splat(0.72),
            around: SphericalHarmonics::hemisphere(Vec3::splat(0.515), Vec3::splat(0.23)),
            reflections: Vec3::ONE,
        }
    }
}

/// Follows a light that is measured anew every frame, without its jumps.
///
/// Exponential smoothing in time: the frame rate does not matter. The first light is taken as it is.
#[derive(Clone, Debug)]
pub struct LightSmoother {
    /// After this time 63% of a change is followed.
    time_constant_secs: f32,
    shown: Option<Light>,
}

impl LightSmoother {
    /// Follows with a time constant in seconds; 0.4 hides the flicker of phones' estimates and still follows a lamp.
    pub fn new(time_constant_secs: f32) -> Self {
        LightSmoother {
            time_constant_secs: time_constant_secs.max(1e-3),
            shown: None,
        }
    }

    /// The light to draw with, `passed_secs` after the last call.
    pub fn follow(&mut self, measured: &Light, passed_secs: f32) -> Light {
        let part = 1.0 - (-passed_secs.max(0.0) / self.time_constant_secs).exp();
        let shown = self
            .shown
            .map_or(*measured, |shown| shown.mix(measured, part));
        self.shown = Some(shown);
        shown
    }
}

impl Default for LightSmoother {
    fn default() -> Self {
        LightSmoother::new(0.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directions that cover the sphere evenly (a Fibonacci lattice), and the solid angle of each.
    fn sphere(count: usize) -> impl Iterator<Item = (Vec3, f32)> {
        (0..count).map(move |index| {
            let y = 1.0 - (2.0 * index as f32 + 1.0) / count as f32;
            let angle = index as f32 * 2.399_963_2;
            let radius = (1.0 - y * y).sqrt();
            let direction = Vec3::new(radius * angle.cos(), y, radius * angle.sin());
            (direction, 4.0 * std::f32::consts::PI / count as f32)
        })
    }

    /// A smooth sky: second order holds it whole.
    fn radiance(direction: Vec3) -> Vec3 {
        let Vec3 { x, y, z } = direction;
        Vec3::new(
            1.0 + 0.5 * y,
            0.8 + 0.3 * x * y + 0.2 * z,
            0.9 + 0.25 * (x * x - z * z) - 0.3 * x,
        )
    }

    #[test]
    fn irradiance_is_the_integral_over_the_hemisphere() {
        let mut light = SphericalHarmonics([Vec3::ZERO; 9]);
        for (direction, solid_angle) in sphere(20_000) {
            light.add(direction, radiance(direction), solid_angle);
        }
        for normal in [
            Vec3::Y,
            Vec3::X,
            -Vec3::Z,
            Vec3::new(0.3, -0.8, 0.5).normalize(),
        ] {
            let integral: Vec3 = sphere(40_000)
                .map(|(direction, solid_angle)| {
                    radiance(direction) * (direction.dot(normal).max(0.0) * solid_angle)
                })
                .sum();
            let truth = integral / std::f32::consts::PI;
            let error = (light.irradiance_over_pi(normal) - truth)
                .abs()
                .max_element();
            assert!(error < 2e-3, "{normal}: {error}");
        }
    }

    #[test]
    fn simple_lights_give_what_they_say() {
        let uniform = SphericalHarmonics::uniform(Vec3::new(0.2, 0.4, 0.6));
        assert!((uniform.irradiance_over_pi(Vec3::X) - Vec3::new(0.2, 0.4, 0.6)).length() < 1e-5);
        let (up, down) = (Vec3::splat(0.9), Vec3::new(0.1, 0.2, 0.3));
        let hemisphere = SphericalHarmonics::hemisphere(up, down);
        assert!((hemisphere.irradiance_over_pi(Vec3::Y) - up).length() < 1e-5);
        assert!((hemisphere.irradiance_over_pi(-Vec3::Y) - down).length() < 1e-5);
        let sides = hemisphere.irradiance_over_pi(Vec3::Z);
        assert!((sides - (up + down) * 0.5).length() < 1e-5);
    }

    #[test]
    fn numbers_that_are_none_are_dark() {
        let mut numbers = [0.5; 27];
        numbers[4] = f32::NAN;
        let light = SphericalHarmonics::from_array(&numbers);
        assert_eq!(light.0[1], Vec3::new(0.5, 0.0, 0.5));
        assert!(light.irradiance_over_pi(Vec3::Y).is_finite());
    }

    #[test]
    fn a_jump_is_followed_at_the_same_pace_at_any_frame_rate() {
        let dark = Light {
            intensity: Vec3::ZERO,
            ..Light::default()
        };
        let bright = Light {
            intensity: Vec3::ONE,
            ..Light::default()
        };
        let after = |frames: u32| {
            let mut smoother = LightSmoother::new(0.4);
            smoother.follow(&dark, 0.0);
            let mut shown = dark;
            for _ in 0..frames {
                shown = smoother.follow(&bright, 0.4 / frames as f32);
            }
            shown.intensity.x
        };
        // 63% after one time constant.
        for frames in [3, 24, 48] {
            assert!((after(frames) - 0.632).abs() < 1e-3, "{}", after(frames));
        }
    }

    #[test]
    fn flicker_hardly_shows_and_the_first_light_is_taken_whole() {
        let mut smoother = LightSmoother::default();
        let light = |intensity| Light {
            intensity: Vec3::splat(intensity),
            ..Light::default()
        };
        assert_eq!(smoother.follow(&light(0.5), 0.0).intensity.x, 0.5);
        let mut last = 0.5;
        for frame in 0..120 {
            let shown = smoother.follow(&light(if frame % 2 == 0 { 0.6 } else { 0.4 }), 1.0 / 60.0);
            assert!((shown.intensity.x - last).abs() < 0.006);
            assert!((shown.intensity.x - 0.5).abs() < 0.006);
            last = shown.intensity.x;
        }
    }
}
