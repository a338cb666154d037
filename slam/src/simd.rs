//! Unaligned loads and packs of 128-bit vectors that `wide` does not have. No unsafe code: a load is a checked slice
//! and a cast of plain bytes, which compiles to one instruction where the compiler sees the length.

use wide::{i16x8, i32x4, i32x8, u8x16};

/// The first 16 bytes. Panics where there are fewer.
#[inline(always)]
pub(crate) fn load_u8(bytes: &[u8]) -> u8x16 {
    u8x16::new(bytemuck::pod_read_unaligned(&bytes[..16]))
}

/// The first 8 numbers. Panics where there are fewer.
#[inline(always)]
pub(crate) fn load_i16(numbers: &[i16]) -> i16x8 {
    i16x8::new(bytemuck::pod_read_unaligned(bytemuck::cast_slice(
        &numbers[..8],
    )))
}

/// Sixteen bytes as two halves of 16-bit numbers, by zeros between them: lanes are little-endian. `wide`'s own
/// conversion goes lane by lane in WASM.
#[inline(always)]
pub(crate) fn widen(bytes: u8x16) -> [i16x8; 2] {
    let halves = [
        u8x16::unpack_low(bytes, u8x16::ZERO),
        u8x16::unpack_high(bytes, u8x16::ZERO),
    ];
    bytemuck::cast(halves)
}

/// Eight 32-bit numbers as 16-bit ones, saturated.
#[inline(always)]
pub(crate) fn narrow(low: i32x4, high: i32x4) -> i16x8 {
    i16x8::from_i32x8_saturate(bytemuck::cast::<[i32x4; 2], i32x8>([low, high]))
}

/// The four lanes' sum. It must fit.
#[inline(always)]
pub(crate) fn sum(lanes: i32x4) -> i32 {
    let [a, b, c, d] = lanes.to_array();
    (a + b) + (c + d)
}

/// The four lanes' sum in 64 bits.
#[inline(always)]
pub(crate) fn wide_sum(lanes: i32x4) -> i64 {
    let [a, b, c, d] = lanes.to_array().map(i64::from);
    (a + b) + (c + d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_keep_the_order_of_memory() {
        let bytes: Vec<u8> = (0..20).map(|i| i * 12).collect();
        assert_eq!(load_u8(&bytes[3..]).to_array(), bytes[3..19]);
        let [low, high] = widen(load_u8(&bytes));
        assert_eq!(low.to_array(), [0, 12, 24, 36, 48, 60, 72, 84]);
        assert_eq!(high.to_array()[7], 180);
        let numbers: Vec<i16> = (0..10).map(|i| i * 1000 - 4000).collect();
        assert_eq!(load_i16(&numbers[1..]).to_array(), numbers[1..9]);
    }

    #[test]
    fn narrowing_saturates_and_sums_are_exact() {
        let low = i32x4::new([1, -2, 40_000, -40_000]);
        let high = i32x4::new([5, 6, 7, 8]);
        assert_eq!(
            narrow(low, high).to_array(),
            [1, -2, 32767, -32768, 5, 6, 7, 8]
        );
        assert_eq!(sum(low), -1);
        assert_eq!(wide_sum(i32x4::splat(i32::MAX)), 4 * i64::from(i32::MAX));
    }
}
