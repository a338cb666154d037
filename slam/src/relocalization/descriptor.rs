//! What a corner looks like, in 256 bits.

/// What a corner looks like: 256 comparisons of grey levels around it, turned to its orientation. Descriptors of one
/// place in different pictures differ in few bits; unrelated ones in about half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Descriptor(pub [u64; 4]);

impl Descriptor {
    /// Bits of a descriptor.
    pub const BITS: u32 = 256;

    /// The number of bits that differ.
    #[inline]
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        self.half_distance(other, 0) + self.half_distance(other, 2)
    }

    /// The number of bits that differ, if it is below `limit`; most of those that are not are found out half-way.
    #[inline]
    pub(super) fn distance_below(&self, other: &Self, limit: u32) -> Option<u32> {
        let half = self.half_distance(other, 0);
        if half >= limit {
            return None;
        }
        let whole = half + self.half_distance(other, 2);
        (whole < limit).then_some(whole)
    }

    #[inline(always)]
    fn half_distance(&self, other: &Self, first: usize) -> u32 {
        (self.0[first] ^ other.0[first]).count_ones()
            + (self.0[first + 1] ^ other.0[first + 1]).count_ones()
    }
}
