//! Which places around a corner are compared.
//!
//! Pairs of independent places, each coordinate about normal with a deviation of a fifth of the patch's side: the
//! arrangement "G II" that Calonder et al., "BRIEF: binary robust independent elementary features" (2010), section
//! 3.2, found best. Drawn from a fixed seed at compile time.

/// Places are within this distance of the corner, in units of the pattern.
pub(super) const RADIUS: i32 = 15;

/// Pairs of places `[x, y]`, in units of the pattern.
pub(super) const PAIRS: [[[i8; 2]; 2]; 256] = {
    let mut pairs = [[[0; 2]; 2]; 256];
    let mut state = 0x5167_4E11;
    let mut i = 0;
    while i < 256 {
        let (first, next) = place(state);
        let (second, next) = place(next);
        state = next;
        let (dx, dy) = (first[0] - second[0], first[1] - second[1]);
        // Places that nearly coincide compare noise.
        if dx * dx + dy * dy >= 9 {
            pairs[i] = [
                [first[0] as i8, first[1] as i8],
                [second[0] as i8, second[1] as i8],
            ];
            i += 1;
        }
    }
    pairs
};

/// A place inside the radius, and the generator's next state.
const fn place(mut state: u64) -> ([i32; 2], u64) {
    loop {
        let (x, next) = coordinate(state);
        let (y, next) = coordinate(next);
        state = next;
        if x * x + y * y <= RADIUS * RADIUS {
            return ([x, y], state);
        }
    }
}

/// The sum of four even random numbers, each -5 to 5: about normal with a deviation of 6.3.
const fn coordinate(state: u64) -> (i32, u64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    // SplitMix64 (Steele, Lea and Flood 2014).
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let mut sum = 0;
    let mut part = 0;
    while part < 4 {
        sum += ((z >> (16 * part)) & 0xffff) as i32 * 11 / 65536 - 5;
        part += 1;
    }
    (sum, state)
}
