//! Colour: white balance and exposure as one matrix on linear light, a shoulder that keeps
//! highlights from clipping, saturation around Rec. 709 luma.
//!
//! The shoulder is the global operator of Reinhard et al. 2002 ("Photographic tone reproduction for
//! digital images", equation 4), moved to begin at the knee: its slope there is 1, and it is the
//! identity where nothing passes white.

use glam::Vec3;

use super::{uniforms::StreamUniforms, white_balance::LUMA};

/// Up to here a value is only multiplied; the same as in `color.wgsl`.
const KNEE: f32 = 0.5;

/// The twin of `adjusted`: from linear light to linear light.
pub(super) fn adjusted(uniforms: &StreamUniforms, color: Vec3) -> Vec3 {
    let balanced = Vec3::from_array(uniforms.adjusted_from_linear().map(|row| row.dot(color)));
    let lit = rolled_off(balanced.max(Vec3::ZERO), uniforms.peak);
    let luma = Vec3::splat(lit.dot(LUMA));
    luma.lerp(lit, uniforms.saturation)
        .clamp(Vec3::ZERO, Vec3::ONE)
}

fn rolled_off(value: Vec3, peak: f32) -> Vec3 {
    let white = (peak.max(1.0) - KNEE) / (1.0 - KNEE);
    let over = ((value - KNEE) / (1.0 - KNEE)).max(Vec3::ZERO);
    let shoulder = over * (1.0 + over / (white * white)) / (1.0 + over);
    value.min(Vec3::splat(KNEE)) + (1.0 - KNEE) * shoulder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shoulder_rises_from_the_knee_to_white() {
        for peak in [0.3, 1.0, 1.001, 1.7, 4.0, 256.0] {
            let at = |value: f32| rolled_off(Vec3::splat(value), peak).x;
            let most = f32::max(peak, 1.0);
            assert!((at(most) - 1.0).abs() < 1e-5, "{peak}: {}", at(most));
            let mut last = -1.0;
            for step in 0..=1000 {
                let value = most * step as f32 / 1000.0;
                let rolled = at(value);
                assert!(
                    rolled > last && rolled <= value + 1e-6,
                    "{peak}: {value} gives {rolled}"
                );
                assert!(value > KNEE || rolled == value);
                assert!(peak > 1.0 || (rolled - value).abs() < 1e-6);
                last = rolled;
            }
        }
    }
}
