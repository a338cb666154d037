//! From developed light to bytes: noise, the sRGB code, and the automatic exposure's course.
//!
//! In: linear light from 0 to 1. Out: 8-bit codes. Noise is laid on the linear light, in electrons, before the code;
//! the photons' Poisson distribution is taken by its normal limit, which is good from about twenty electrons on.

use std::sync::LazyLock;

use super::config::{CameraEffects, SensorNoise};
use super::noise::Random;
use super::rows::for_each_part;
use super::texture::Rgb;

/// Writes the codes of the light, three bytes a pixel; `width` pixels in a row.
pub(crate) fn expose(
    light: &[Rgb],
    width: usize,
    noise: Option<&SensorNoise>,
    seed: u64,
    rgb: &mut [u8],
) {
    for_each_part(rgb, 3 * width, |y, row| {
        let mut random = Random::new(seed ^ (y as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for (pixel, color) in row.chunks_exact_mut(3).zip(&light[y * width..]) {
            for (code, &value) in pixel.iter_mut().zip(color.iter()) {
                *code = encoded(match noise {
                    None => value,
                    Some(noise) => noisy(value, noise, &mut random),
                });
            }
        }
    });
}

fn noisy(value: f32, noise: &SensorNoise, random: &mut Random) -> f32 {
    let well = noise.full_well_electrons as f32;
    let read = noise.read_electrons as f32;
    let electrons = value.max(0.0) * well;
    let deviation = (electrons + read * read).sqrt();
    (electrons + deviation * normal(random)) / well
}

/// A draw from the standard normal distribution, to the twelve bits of a table of its quantiles.
fn normal(random: &mut Random) -> f32 {
    static QUANTILES: LazyLock<Vec<f32>> = LazyLock::new(|| {
        (0..4096)
            .map(|k| quantile((f64::from(k) + 0.5) / 4096.0) as f32)
            .collect()
    });
    QUANTILES[(random.bits() >> 52) as usize]
}

/// The standard normal distribution's value that a share `p` in `0.0..1.0` lies below: its integral, by Abramowitz
/// and Stegun 7.1.26 (within 2e-7), halved in.
fn quantile(p: f64) -> f64 {
    let below = |x: f64| {
        let z = x.abs() / std::f64::consts::SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * z);
        let series = t
            * (0.254_829_592
                + t * (-0.284_496_736
                    + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
        let erf = 1.0 - series * libm::exp(-z * z);
        if x < 0.0 {
            0.5 - erf / 2.0
        } else {
            0.5 + erf / 2.0
        }
    };
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if below(middle) < p {
            low = middle
        } else {
            high = middle
        }
    }
    (low + high) / 2.0
}

/// The sRGB code of a linear value in `0.0..=1.0`, from a table over its square root.
fn encoded(linear: f32) -> u8 {
    const STEPS: usize = 4095;
    static CODES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        (0..=STEPS)
            .map(|k| {
                let root = k as f32 / STEPS as f32;
                let linear = root * root;
                let value = if linear <= 0.003_130_8 {
                    12.92 * linear
                } else {
                    1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
                };
                (value * 255.0 + 0.5) as u8
            })
            .collect()
    });
    let index = (linear.clamp(0.0, 1.0).sqrt() * STEPS as f32 + 0.5) as usize;
    CODES[index.min(STEPS)]
}

/// What the automatic exposure and the steps do to the light of each frame. `mean_light(frame)` is the mean linear
/// light of a frame before any exposure.
pub(crate) fn gains(
    effects: &CameraEffects,
    frame_count: usize,
    frame_secs: f64,
    mean_light: impl Fn(usize) -> f64,
) -> Vec<f32> {
    /// The mean that the exposure steers to: a middle grey after development.
    const TARGET: f64 = 0.32;
    let step_at = |time: f64| -> f64 {
        effects
            .exposure_steps
            .iter()
            .filter(|(from, _)| *from <= time)
            .map(|(_, factor)| factor)
            .product()
    };
    let mut log_gain: Option<f64> = None;
    (0..frame_count)
        .map(|frame| {
            let step = step_at(frame as f64 * frame_secs);
            let Some(lag_secs) = effects.auto_exposure_lag_secs else {
                return step as f32;
            };
            // It sees the step as it sees the light.
            let wanted = (TARGET / (mean_light(frame) * step).max(1e-6)).clamp(0.2, 5.0);
            let wanted = libm::log(wanted);
            let next = match log_gain {
                None => wanted,
                Some(now) => {
                    let share = 1.0 - libm::exp(-frame_secs / lag_secs.max(1e-6));
                    now + share * (wanted - now)
                }
            };
            log_gain = Some(next);
            (libm::exp(next) * step) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_photons_and_the_readouts_variance() {
        let noise = SensorNoise {
            full_well_electrons: 1000.0,
            read_electrons: 5.0,
        };
        let mut random = Random::new(4);
        for value in [0.1_f32, 0.5, 0.9] {
            let draws: Vec<f64> = (0..40_000)
                .map(|_| f64::from(noisy(value, &noise, &mut random)))
                .collect();
            let mean = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance =
                draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64;
            let expected = (f64::from(value) * 1000.0 + 25.0) / 1e6;
            // Four standard errors of the mean, and of the variance of 40,000 normal draws.
            let by = 4.0 * (expected / 40_000.0).sqrt();
            assert!((mean - f64::from(value)).abs() < by, "{mean}");
            assert!(
                (variance / expected - 1.0).abs() < 0.03,
                "{variance} {expected}"
            );
        }
    }

    #[test]
    fn exposure_follows_a_step_with_its_lag() {
        let effects = CameraEffects {
            auto_exposure_lag_secs: Some(0.5),
            exposure_steps: vec![(1.0, 2.0)],
            ..CameraEffects::default()
        };
        let gains = gains(&effects, 150, 1.0 / 30.0, |_| 0.32);
        assert!((gains[29] - 1.0).abs() < 1e-5);
        // Half a second after the step, 1/e of its logarithm is left; the first frame has begun to correct it.
        let left = f64::from(gains[44]).ln() / 2.0_f64.ln();
        assert!((left - (-15.0_f64 / 15.0).exp()).abs() < 0.03, "{left}");
        assert!((gains[149] - 1.0).abs() < 0.01);
    }
}
