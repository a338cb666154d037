//! Bytes that are read from front to back. Every length is held against what is left before anything is made of it.

use bytemuck::{Pod, Zeroable};

use super::NOWHERE;

/// What was read, or why it cannot be. The crate's error is made of the reason in one place: carrying it through every
/// step would double the code.
pub(super) type Read<T> = Result<T, &'static str>;

/// What has not been read yet.
pub(super) struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Bytes { left: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.left.split_at_checked(count) {
            Some((taken, left)) => {
                self.left = left;
                Ok(taken)
            }
            None => Err("it ends too early"),
        }
    }

    #[inline(never)]
    fn fill(&mut self, bytes: &mut [u8]) -> Read<()> {
        bytes.copy_from_slice(self.take(bytes.len())?);
        Ok(())
    }

    /// So many numbers as one after the other.
    pub(super) fn plain<T: Pod, const N: usize>(&mut self) -> Read<[T; N]> {
        let mut numbers = [T::zeroed(); N];
        self.fill(bytemuck::cast_slice_mut(&mut numbers))?;
        Ok(numbers)
    }

    #[inline(never)]
    pub(super) fn byte(&mut self) -> Read<u8> {
        Ok(self.plain::<u8, 1>()?[0])
    }

    #[inline(never)]
    pub(super) fn float(&mut self) -> Read<f32> {
        Ok(self.plain::<f32, 1>()?[0])
    }

    #[inline(never)]
    pub(super) fn number(&mut self) -> Read<usize> {
        Ok(self.plain::<u32, 1>()?[0] as usize)
    }

    pub(super) fn place(&mut self) -> Read<Option<usize>> {
        let place = self.number()?;
        Ok((place != NOWHERE as usize).then_some(place))
    }

    #[inline(never)]
    pub(super) fn list<T: Pod + Zeroable>(&mut self) -> Read<Vec<T>> {
        let count = self.number()?;
        let bytes = self.take(count.saturating_mul(size_of::<T>()))?;
        let mut list = vec![T::zeroed(); count];
        bytemuck::cast_slice_mut(&mut list).copy_from_slice(bytes);
        Ok(list)
    }

    pub(super) fn text(&mut self) -> Read<String> {
        String::from_utf8(self.list()?).map_err(|_| "a name is not UTF-8")
    }

    pub(super) fn one_of<T: Copy>(&mut self, kinds: &[T]) -> Read<T> {
        let place = usize::from(self.byte()?);
        let kind = kinds.get(place).copied();
        kind.ok_or("something is of no known kind")
    }

    /// A list of things that take a byte each at least: it grows as they come, so that a length alone takes nothing.
    pub(super) fn each<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut list = Vec::new();
        for _ in 0..self.number()? {
            list.push(one(self)?);
        }
        Ok(list)
    }
}
