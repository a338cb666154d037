//! The pass that halves one level of the pyramid into the next. Its twin is [`crate::pyramid`], bit for bit.

use bytemuck::{Pod, Zeroable};

use super::buffers::{Buffers, settings};
use super::layout::{Layout, LevelPlace, PICTURES};
use super::stage::{Bound, FRAME_WGSL, MIRROR_WGSL, Stage};

pub(super) const WGSL: [&str; 3] = [FRAME_WGSL, MIRROR_WGSL, include_str!("pyramid.wgsl")];

/// `Halving`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Halving {
    fine: LevelPlace,
    coarse: LevelPlace,
    picture_words: u32,
    unused: [u32; 3],
}

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "pyramid", &WGSL, "halve")
}

/// All coarser levels of each picture.
#[derive(Debug)]
pub(super) struct Pyramids {
    /// By picture; the finer ones first, each with its workgroups.
    levels: [Vec<(Bound, [u32; 2])>; PICTURES],
}

impl Pyramids {
    pub(super) fn new(
        stage: &Stage,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        layout: &Layout,
        buffers: &Buffers,
    ) -> Self {
        let levels = std::array::from_fn(|picture| {
            let pairs = layout.levels[..layout.level_count].windows(2);
            pairs
                .map(|pair| {
                    let halving = Halving {
                        fine: pair[0],
                        coarse: pair[1],
                        picture_words: picture as u32 * layout.words,
                        unused: [0; 3],
                    };
                    let halving = settings(device, queue, "halving", &halving);
                    let bound = stage.bind(
                        device,
                        &[
                            halving.as_entire_binding(),
                            buffers.pyramids.as_entire_binding(),
                        ],
                    );
                    (bound, workgroups(&pair[1]))
                })
                .collect()
        });
        Self { levels }
    }

    /// Makes the coarser levels of a picture from its finest one.
    pub(super) fn run(&self, pass: &mut wgpu::ComputePass<'_>, picture: usize) {
        for (level, workgroups) in &self.levels[picture] {
            level.dispatch(pass, *workgroups);
        }
    }
}

/// Workgroups of 8 x 8 words that cover a level with its border.
pub(super) fn workgroups(level: &LevelPlace) -> [u32; 2] {
    [level.stride_words.div_ceil(8), level.rows().div_ceil(8)]
}
