//! White balance: what temperature and tint do to linear colours, and the gains that make a mean
//! gray. No pixels pass through here.

use glam::{Mat3, Vec3};

/// Rec. 709 luma of linear light (ITU-R BT.709-6, item 3.2).
pub(super) const LUMA: Vec3 = Vec3::new(0.2126, 0.7152, 0.0722);

/// Linear sRGB to CIE XYZ (IEC 61966-2-1), rows.
const XYZ_FROM_RGB: Mat3 = Mat3::from_cols(
    Vec3::new(0.412_456, 0.212_673, 0.019_334),
    Vec3::new(0.357_576, 0.715_152, 0.119_192),
    Vec3::new(0.180_438, 0.072_175, 0.950_304),
);
/// CIE XYZ to the cone responses of the Bradford transform (Lam 1985).
const CONES_FROM_XYZ: Mat3 = Mat3::from_cols(
    Vec3::new(0.8951, -0.7502, 0.0389),
    Vec3::new(0.2664, 1.7135, -0.0685),
    Vec3::new(-0.1614, 0.0367, 1.0296),
);
/// Reciprocal megakelvin of the white of sRGB, D65.
const D65_MIRED: f32 = 153.8;
/// At the ends of the slider: 15,700 K and 4,100 K, within the daylight formula's range.
const LARGEST_SHIFT_MIRED: f32 = 90.0;
/// At the ends of the tint, in CIE 1960 uv across daylight.
const LARGEST_TINT_UV: f32 = 0.02;
/// The least mean of a channel that gains are made from: darker is noise.
const DARKEST_MEAN: f32 = 1e-4;

/// Gains that make the mean of a picture gray and keep its luma, for
/// [`StreamAdjustments::white_gains`](super::StreamAdjustments::white_gains): the gray-world
/// estimate (Buchsbaum 1980, "A spatial processor model for object colour perception").
///
/// `mean_linear_rgb`: the mean of the picture in linear light. A mean that is black or not a number
/// gives gains of 1; gains stay within 1/4 and 4, as no plain light is more coloured than that.
pub fn white_balance_from_gray(mean_linear_rgb: [f32; 3]) -> [f32; 3] {
    let mean = Vec3::from_array(mean_linear_rgb);
    if !mean.is_finite() || mean.max_element() < DARKEST_MEAN {
        return [1.0; 3];
    }
    let mean = mean.max(Vec3::splat(DARKEST_MEAN));
    (mean.dot(LUMA) / mean)
        .clamp(Vec3::splat(0.25), Vec3::splat(4.0))
        .to_array()
}

/// The matrix from linear sRGB to linear sRGB as it looks in light of another colour: von Kries'
/// scaling of cone responses (Bradford). White keeps its luma. Both from -1 to 1; 0 gives the identity.
pub(super) fn adjusted_from_linear(temperature: f32, tint: f32) -> Mat3 {
    if temperature == 0.0 && tint == 0.0 {
        return Mat3::IDENTITY;
    }
    let cones_from_rgb = CONES_FROM_XYZ * XYZ_FROM_RGB;
    let light = light_xyz(
        D65_MIRED + temperature * LARGEST_SHIFT_MIRED,
        tint * LARGEST_TINT_UV,
    );
    let gains = (CONES_FROM_XYZ * light) / (CONES_FROM_XYZ * light_xyz(D65_MIRED, 0.0));
    let adapted = cones_from_rgb.inverse() * Mat3::from_diagonal(gains) * cones_from_rgb;
    adapted * (1.0 / (adapted * Vec3::ONE).dot(LUMA))
}

/// A light on the daylight locus (CIE 15:2004, section 3.1), moved across it by `across_uv`, to
/// magenta where that is positive.
fn light_xyz(mired: f32, across_uv: f32) -> Vec3 {
    let uv = daylight_uv(mired);
    let along = daylight_uv(mired + 1.0) - uv;
    // The locus runs to larger u and v: to its right lies magenta.
    let [u, v] = (uv + across_uv * along.perp().normalize() * -1.0).to_array();
    let scale = 2.0 * u - 8.0 * v + 4.0;
    let [x, y] = [3.0 * u / scale, 2.0 * v / scale];
    Vec3::new(x / y, 1.0, (1.0 - x - y) / y)
}

/// CIE 1960 uv of daylight.
fn daylight_uv(mired: f32) -> glam::Vec2 {
    // The formula's powers of 1,000,000 / T are powers of mired.
    let [a, b, c, d] = if mired > 1e6 / 7000.0 {
        [-4.6070e-9, 2.9678e-6, 0.099_11e-3, 0.244_063]
    } else {
        [-2.0064e-9, 1.9018e-6, 0.247_48e-3, 0.237_040]
    };
    let x = ((a * mired + b) * mired + c) * mired + d;
    let y = (-3.0 * x + 2.870) * x - 0.275;
    glam::Vec2::new(4.0 * x, 6.0 * y) / (-2.0 * x + 12.0 * y + 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_is_red_cool_is_blue_and_tint_is_magenta() {
        let white = |temperature, tint| adjusted_from_linear(temperature, tint) * Vec3::ONE;
        let [warm, cool] = [white(1.0, 0.0), white(-1.0, 0.0)];
        assert!(warm.x > warm.y && warm.y > warm.z, "{warm}");
        assert!(cool.z > cool.y && cool.y > cool.x, "{cool}");
        let [magenta, green] = [white(0.0, 1.0), white(0.0, -1.0)];
        assert!(magenta.y < magenta.x.min(magenta.z), "{magenta}");
        assert!(green.y > green.x.max(green.z), "{green}");
    }

    #[test]
    fn daylight_is_where_tables_say() {
        // CIE 15:2004, table T.3: D50 and D75 at their nominal 5003 K and 7504 K.
        for (kelvin, x, y) in [
            (5003.0, 0.3457, 0.3585),
            (6504.0, 0.3127, 0.3290),
            (7504.0, 0.2990, 0.3149),
        ] {
            let light = light_xyz(1e6 / kelvin, 0.0);
            let sum = light.element_sum();
            assert!(
                (light.x / sum - x).abs() < 2e-4,
                "{kelvin} K: {}",
                light.x / sum
            );
            assert!(
                (light.y / sum - y).abs() < 2e-4,
                "{kelvin} K: {}",
                light.y / sum
            );
        }
    }

    #[test]
    fn white_keeps_its_luma_and_small_steps_stay_small() {
        for step in -10..=10 {
            for tint in [-1.0, -0.3, 0.0, 0.3, 1.0] {
                let temperature = step as f32 / 10.0;
                let white = adjusted_from_linear(temperature, tint) * Vec3::ONE;
                assert!((white.dot(LUMA) - 1.0).abs() < 1e-5, "{white}");
                assert!(
                    white.min_element() > 0.2 && white.max_element() < 2.0,
                    "{white}"
                );
            }
        }
        let near = adjusted_from_linear(1e-3, 1e-3);
        assert!(near.abs_diff_eq(Mat3::IDENTITY, 2e-3), "{near}");
        assert_eq!(adjusted_from_linear(0.0, 0.0), Mat3::IDENTITY);
    }

    #[test]
    fn gray_world_makes_the_mean_gray() {
        let mean = Vec3::new(0.3, 0.2, 0.1);
        let gains = Vec3::from_array(white_balance_from_gray(mean.to_array()));
        let balanced = mean * gains;
        assert!(
            (balanced - Vec3::splat(mean.dot(LUMA))).length() < 1e-6,
            "{balanced}"
        );
        assert_eq!(white_balance_from_gray([0.5; 3]), [1.0; 3]);
        for odd in [
            [0.0; 3],
            [f32::NAN, 0.1, 0.1],
            [f32::INFINITY; 3],
            [-1.0; 3],
        ] {
            assert_eq!(white_balance_from_gray(odd), [1.0; 3]);
        }
        assert_eq!(white_balance_from_gray([1.0, 0.0, 0.0]), [0.25, 4.0, 4.0]);
    }
}
