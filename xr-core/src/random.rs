//! Seeded random numbers: for the jitter of reconnects and for tests. Nothing here is secret.

/// SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators").
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "53 bits are exact in an f64")]
        let whole = (self.bits() >> 11) as f64;
        whole / 9_007_199_254_740_992.0
    }

    /// From `low` to below `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// From 0 to below `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: u64) -> u64 {
        self.bits().checked_rem(count).unwrap_or(0)
    }

    /// A direction, spread evenly over the sphere.
    pub fn direction(&mut self) -> glam::DVec3 {
        let z = self.between(-1.0, 1.0);
        let (sin, cos) = self.between(0.0, std::f64::consts::TAU).sin_cos();
        let flat = (1.0 - z * z).sqrt();
        glam::DVec3::new(flat * cos, flat * sin, z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_range_and_vary() {
        let mut random = Random::new(7);
        let numbers: Vec<f64> = (0..1000).map(|_| random.between(-1.0, 3.0)).collect();
        assert!(numbers.iter().all(|n| (-1.0..3.0).contains(n)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((mean - 1.0).abs() < 0.15, "{mean}");
        assert_eq!(random.below(0), 0);
        assert!((random.direction().length() - 1.0).abs() < 1e-12);
    }
}
