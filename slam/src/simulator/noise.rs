//! Repeatable randomness: a seeded generator, hashed lattice noise for textures.
//!
//! In: integers and seeds. Out: numbers that are the same on every platform, because only integer and
//! IEEE basic operations are used. There is no global state.

/// A small generator (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub(crate) fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

/// Mixes a lattice point and a seed into 32 bits.
pub(crate) fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ seed.wrapping_mul(0xcb1a_b31f);
    h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
    h = (h ^ (h >> 15)).wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// A hashed value of a lattice point, uniform in `0.0..1.0`.
pub(crate) fn hash_unit(x: i32, y: i32, seed: u32) -> f32 {
    (hash(x, y, seed) >> 8) as f32 / (1u32 << 24) as f32
}

/// Smooth value noise in `0.0..1.0` with one lattice cell a unit.
pub(crate) fn value_noise(x: f32, y: f32, seed: u32) -> f32 {
    let ((ix, fx), (iy, fy)) = (whole(x), whole(y));
    let (u, v) = (fade(fx), fade(fy));
    let top = mix(hash_unit(ix, iy, seed), hash_unit(ix + 1, iy, seed), u);
    let bottom = mix(
        hash_unit(ix, iy + 1, seed),
        hash_unit(ix + 1, iy + 1, seed),
        u,
    );
    mix(top, bottom, v)
}

/// A sum of octaves of [`value_noise`], each of half the size and half the strength; in `0.0..1.0`.
pub(crate) fn fractal_noise(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * value_noise(x * scale, y * scale, seed.wrapping_add(octave * 131));
        total += weight;
        weight *= 0.5;
        scale *= 2.03;
    }
    sum / total
}

/// The integer part, rounded down, and the rest in `0.0..1.0`, of a number that fits 31 bits.
pub(crate) fn whole(x: f32) -> (i32, f32) {
    // Cheaper than `floor` where the processor's baseline has no instruction for it.
    let toward_zero = x as i32;
    let integer = toward_zero - i32::from(x < toward_zero as f32);
    (integer, x - integer as f32)
}

/// Linear interpolation.
pub(crate) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(crate) fn smooth_step(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_matches_its_published_sequence() {
        // The first outputs of SplitMix64 for the seed 1234567, as its authors' reference code gives them.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn noise_is_continuous_across_cells() {
        for k in -20..20 {
            let x = k as f32;
            let step = value_noise(x - 1e-4, 0.3, 7) - value_noise(x + 1e-4, 0.3, 7);
            assert!(step.abs() < 1e-3, "jump of {step} at {x}");
        }
    }
}
