//! Stand-ins for passes that a build leaves out, with the same calls: they make, take and draw nothing.

#![allow(
    clippy::unused_self,
    clippy::unused_async,
    reason = "the calls are those of the passes that they stand in for"
)]

#[cfg(not(feature = "lines"))]
pub(crate) mod lines {
    //! Without the feature `lines`.

    use crate::{Scene, pipeline::MarkContext};

    pub(crate) struct Lines;

    impl Lines {
        pub(crate) const PIPELINES: u32 = 0;

        pub(crate) async fn new(_: &MarkContext<'_>) -> Self {
            Lines
        }

        pub(crate) fn prepare(&mut self, _: &wgpu::Device, _: &wgpu::Queue, _: &Scene) {}

        pub(crate) fn draw(&self, _: &mut wgpu::RenderPass) -> [u32; 2] {
            [0, 0]
        }
    }
}

#[cfg(not(feature = "lines"))]
pub(crate) mod world_points {
    //! Without the feature `lines`.

    use crate::{WorldPoints, pipeline::MarkContext};

    pub(crate) struct WorldPointsPass;

    impl WorldPointsPass {
        pub(crate) const PIPELINES: u32 = 0;

        pub(crate) async fn new(_: &MarkContext<'_>) -> Self {
            WorldPointsPass
        }

        pub(crate) fn prepare(
            &mut self,
            _: &wgpu::Device,
            _: &wgpu::Queue,
            _: Option<WorldPoints>,
        ) {
        }

        pub(crate) fn draw(&self, _: &mut wgpu::RenderPass) -> u32 {
            0
        }
    }
}

#[cfg(not(feature = "particles"))]
pub(crate) mod particles {
    //! Without the feature `particles`.

    use crate::{ParticleEffect, pipeline::MarkContext, timings::Recorder};

    pub(crate) struct Particles;

    impl Particles {
        pub(crate) fn pipelines(_: &wgpu::Limits) -> u32 {
            0
        }

        pub(crate) async fn new(_: &MarkContext<'_>) -> Self {
            Particles
        }

        pub(crate) fn simulates(&self) -> bool {
            false
        }

        pub(crate) fn prepare(&mut self, _: &wgpu::Queue, _: &[ParticleEffect]) {}

        pub(crate) fn skipped(&self) -> u32 {
            0
        }

        pub(crate) fn simulate(&mut self, _: &mut Recorder) {}

        pub(crate) fn draw(&self, _: &mut wgpu::RenderPass) -> [u32; 2] {
            [0, 0]
        }
    }
}
