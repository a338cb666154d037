//! Where the levels of a pyramid lie on the device: as on the CPU, rows with a mirrored border, four pixels a word.

use bytemuck::{Pod, Zeroable};

use crate::pyramid::{BORDER_PX, MAX_LEVELS, Pyramid};

/// Pictures that are on the device at once: the earlier one, the later one, and one that waits.
pub(super) const PICTURES: usize = 3;

/// A level, as the shaders read it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct LevelPlace {
    pub(super) start_words: u32,
    pub(super) stride_words: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl LevelPlace {
    /// Rows, border included.
    pub(super) fn rows(&self) -> u32 {
        self.height + 2 * BORDER_PX as u32
    }
}

/// All levels of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) levels: [LevelPlace; MAX_LEVELS],
    pub(super) level_count: usize,
    /// Of one picture.
    pub(super) words: u32,
}

impl Layout {
    /// That of a pyramid; none if it is empty.
    pub(super) fn of(pyramid: &Pyramid) -> Option<Self> {
        let mut levels = [LevelPlace::default(); MAX_LEVELS];
        let mut words = 0;
        for (place, level) in levels.iter_mut().zip(pyramid.levels()) {
            *place = LevelPlace {
                start_words: words,
                stride_words: (level.stride() / 4) as u32,
                width: level.width as u32,
                height: level.height as u32,
            };
            words += place.stride_words * place.rows();
        }
        (words > 0).then_some(Self {
            levels,
            level_count: pyramid.level_count(),
            words,
        })
    }

    pub(super) fn size_px(&self) -> [u32; 2] {
        [self.levels[0].width, self.levels[0].height]
    }
}
