//! What all sample-and-score estimators share: repeatable randomness, samples, when to stop.
//!
//! In: a seed of the caller. Out: the same numbers on every platform. There is no global state.

use nalgebra::Vector3;

/// A small generator of random numbers (SplitMix64: Steele, Lea and Flood, 2014).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// A generator whose whole sequence follows from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`; 0 for a `count` of 0.
    pub fn below(&mut self, count: usize) -> usize {
        // The high half of a 64 x 64 bit product (Lemire 2019), without its rejection: the bias is count / 2^64.
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (core::f64::consts::TAU * self.unit()).cos()
    }

    /// A direction of length 1, all equally likely.
    pub fn direction(&mut self) -> Vector3<f64> {
        let z = self.range(-1.0, 1.0);
        let (sin, cos) = self.range(0.0, core::f64::consts::TAU).sin_cos();
        let radius = (1.0 - z * z).max(0.0).sqrt();
        Vector3::new(radius * cos, radius * sin, z)
    }

    /// `K` different indices under `count`; none where there are fewer than `K`.
    pub fn sample<const K: usize>(&mut self, count: usize) -> Option<[usize; K]> {
        if count < K {
            return None;
        }
        let mut chosen = [0; K];
        for k in 0..K {
            // Floyd's sampling: no repetition, no retry.
            let last = count - K + k;
            let index = self.below(last + 1);
            chosen[k] = if chosen[..k].contains(&index) {
                last
            } else {
                index
            };
        }
        Some(chosen)
    }
}

/// How many samples of `sample_size` are needed so that one without an outlier was among them with the given
/// `confidence`; at most `limit` (Fischler and Bolles 1981, section II.B).
#[must_use]
pub fn samples_needed(
    inlier_share: f64,
    sample_size: usize,
    confidence: f64,
    limit: usize,
) -> usize {
    let clean = inlier_share.clamp(0.0, 1.0).powi(sample_size as i32);
    if clean >= 1.0 - 1e-12 {
        return 1.min(limit);
    }
    let needed = (1.0 - confidence.clamp(0.0, 1.0 - 1e-12)).ln() / (1.0 - clean).ln();
    if needed.is_finite() && needed < limit as f64 {
        needed.ceil().max(1.0) as usize
    } else {
        limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_matches_its_published_sequence() {
        // The first outputs of SplitMix64 for the seed 1234567, as its authors' reference code gives them.
        let mut rng = Rng::new(1_234_567);
        assert_eq!(rng.bits(), 6_457_827_717_110_365_317);
        assert_eq!(rng.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn samples_are_different_and_every_index_equally_likely() {
        let mut rng = Rng::new(5);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            let mut sample = rng.sample::<4>(10).expect("enough to choose from");
            sample.sort_unstable();
            assert!(sample.windows(2).all(|pair| pair[0] < pair[1]));
            sample.iter().for_each(|&k| counts[k] += 1);
        }
        // 4000 expected, with a standard deviation of 49.
        assert!(counts.iter().all(|&c| c.abs_diff(4000) < 250), "{counts:?}");
        assert_eq!(rng.sample::<4>(3), None);
        assert!(rng.sample::<4>(4).is_some());
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn normal_numbers_have_their_moments() {
        let mut rng = Rng::new(6);
        let values: Vec<f64> = (0..100_000).map(|_| rng.normal()).collect();
        let moment = |k: i32| values.iter().map(|v| v.powi(k)).sum::<f64>() / values.len() as f64;
        assert!(moment(1).abs() < 0.02);
        assert!((moment(2) - 1.0).abs() < 0.03);
        assert!((moment(4) - 3.0).abs() < 0.2);
    }

    #[test]
    fn stops_as_soon_as_a_clean_sample_is_likely() {
        // 1 - (1 - 0.5^3)^35 = 0.9907; 34 samples give 0.9893.
        assert_eq!(samples_needed(0.5, 3, 0.99, 1000), 35);
        assert_eq!(samples_needed(1.0, 5, 0.99, 1000), 1);
        assert_eq!(samples_needed(0.0, 5, 0.99, 1000), 1000);
        assert_eq!(samples_needed(f64::NAN, 5, 0.99, 1000), 1000);
    }
}
