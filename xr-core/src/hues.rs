//! The colours of members: eight hues of equal lightness, as the page's style sheet has them.

/// The colour of hue 0 to 7, linear Rec. 709. Higher numbers start over.
///
/// OKLCH with lightness 0.70, chroma 0.15 and hue 25 degrees + 45 degrees a step, by the matrices of Björn Ottosson,
/// 2020, "A perceptual color space for image processing"; what lies outside of the gamut is clamped.
pub fn linear_rgb(hue: u8) -> [f32; 3] {
    const LIGHTNESS: f32 = 0.70;
    const CHROMA: f32 = 0.15;
    let angle = (25.0 + 45.0 * f32::from(hue % 8)).to_radians();
    let (b, a) = (CHROMA * angle.sin(), CHROMA * angle.cos());
    let long = (LIGHTNESS + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let medium = (LIGHTNESS - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let short = (LIGHTNESS - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_94 * short,
        -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_38 * short,
        -0.004_196_086_3 * long - 0.703_418_6 * medium + 1.707_614_7 * short,
    ]
    .map(|channel| channel.clamp(0.0, 1.0))
}

/// The colour of a hue as CSS has it, for the canvas that labels are drawn on.
pub fn css(hue: u8) -> String {
    format!("oklch(0.7 0.15 {})", 25 + 45 * u32::from(hue % 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hue_zero_is_the_browsers_colour() {
        // oklch(0.7 0.15 25) as Chromium 156 paints it on a canvas.
        let srgb = linear_rgb(0).map(|c| {
            let c = if c <= 0.003_130_8 {
                c * 12.92
            } else {
                1.055 * c.powf(1.0 / 2.4) - 0.055
            };
            (c * 255.0).round()
        });
        let difference = srgb
            .iter()
            .zip([237.0, 117.0, 110.0])
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(difference <= 1.0, "{srgb:?}");
    }

    #[test]
    fn hues_differ_and_start_over() {
        for hue in 0..8 {
            assert_eq!(linear_rgb(hue), linear_rgb(hue + 8));
            for other in 0..hue {
                let apart: f32 = (0..3)
                    .map(|i| (linear_rgb(hue)[i] - linear_rgb(other)[i]).abs())
                    .sum();
                assert!(apart > 0.08, "{hue} and {other}: {apart}");
            }
        }
    }
}
