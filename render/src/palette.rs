//! The colours of Sightline's visual language, in linear light.

/// sRGB `#10151c`: dark ground, text.
pub const INK: [f32; 3] = linear_from_hex(0x10151c);
/// sRGB `#f7f6f2`: light ground, cards.
pub const PAPER: [f32; 3] = linear_from_hex(0xf7f6f2);
/// sRGB `#d9d6cc`: lines on paper.
pub const LINE: [f32; 3] = linear_from_hex(0xd9d6cc);
/// sRGB `#5d6672`: quiet text.
pub const MUTED: [f32; 3] = linear_from_hex(0x5d6672);
/// sRGB `#ff6a3d`: actions and own marks.
pub const SIGNAL: [f32; 3] = linear_from_hex(0xff6a3d);
/// sRGB `#2f7df6`: others' marks, new points.
pub const SKY: [f32; 3] = linear_from_hex(0x2f7df6);
/// sRGB `#1f9d6b`: aligned, old points.
pub const LEAF: [f32; 3] = linear_from_hex(0x1f9d6b);
/// sRGB `#e2a100`: limited, uncertain points.
pub const AMBER: [f32; 3] = linear_from_hex(0xe2a100);
/// sRGB `#d6336c`: lost, denied.
pub const ROSE: [f32; 3] = linear_from_hex(0xd6336c);

/// The eight hues that tell members apart: OKLCH lightness 0.70, chroma 0.15, hue 25 degrees and every 45
/// on, cut to sRGB.
pub const MEMBERS: [[f32; 3]; 8] = [
    linear_from_hex(0xed756e),
    linear_from_hex(0xd98b09),
    linear_from_hex(0x9ca81f),
    linear_from_hex(0x23ba7d),
    linear_from_hex(0x00b7ca),
    linear_from_hex(0x4ba3f7),
    linear_from_hex(0xa689f1),
    linear_from_hex(0xda76bb),
];

/// Linear light of a colour written `0xRRGGBB` in sRGB.
pub const fn linear_from_hex(rgb: u32) -> [f32; 3] {
    [
        linear_from_byte(((rgb >> 16) & 255) as u8),
        linear_from_byte(((rgb >> 8) & 255) as u8),
        linear_from_byte((rgb & 255) as u8),
    ]
}

/// Linear light, 0 to 1, of one sRGB byte (IEC 61966-2-1).
pub const fn linear_from_byte(byte: u8) -> f32 {
    let value = byte as f64 / 255.0;
    if value <= 0.04045 {
        (value / 12.92) as f32
    } else {
        power_2_4((value + 0.055) / 1.055) as f32
    }
}

/// sRGB byte of linear light, rounded; values out of 0..1 are clamped (IEC 61966-2-1).
pub fn byte_from_linear(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let value = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0 + 0.5) as u8
}

/// `x^2.4 = x^2 * (x^(1/5))^2` with the fifth root by Newton's method: `powf` is not const.
const fn power_2_4(x: f64) -> f64 {
    let mut root = 1.0;
    let mut step = 0;
    while step < 40 {
        let fourth = root * root * root * root;
        root -= (root * fourth - x) / (5.0 * fourth);
        step += 1;
    }
    x * x * root * root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ottosson 2020, "A perceptual color space for image processing".
    #[test]
    fn hues_of_members_are_those_of_oklch() {
        for (index, color) in MEMBERS.iter().enumerate() {
            let hue = (25.0 + 45.0 * index as f32).to_radians();
            let (a, b) = (0.15 * hue.cos(), 0.15 * hue.sin());
            let l = (0.70 + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
            let m = (0.70 - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
            let s = (0.70 - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
            let expected = [
                4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
                -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
                -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
            ];
            for (actual, expected) in color.iter().zip(expected) {
                let near = byte_from_linear(*actual).abs_diff(byte_from_linear(expected));
                assert!(near <= 1, "{index}: {color:?}");
            }
        }
    }

    #[test]
    fn linear_light_agrees_with_the_formula() {
        for byte in 0..=255u8 {
            let value = f64::from(byte) / 255.0;
            let expected = if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            };
            assert!((f64::from(linear_from_byte(byte)) - expected).abs() < 1e-7);
            assert_eq!(byte_from_linear(linear_from_byte(byte)), byte);
        }
    }
}
