//! Confetti moved by compute: the state of every piece lies on the device and is taken on from frame to
//! frame, so that pieces can bounce. In the air a step is exact for any length, and the same motion as
//! the one of the vertex shader. The twin on the CPU is `confetti_twin.rs`.

use crate::{
    MOST_PARTICLES, maker::Maker, particle_effects::EffectUniforms, pipeline::shader,
    timings::Recorder,
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/particles.wgsl"),
    wgsl!("passes/confetti_motion.wgsl"),
    wgsl!("passes/confetti_simulation.wgsl")
);

/// Mirror of `Piece` in confetti_motion.wgsl: two vectors of four.
pub(crate) const PIECE_BYTES: u64 = 32;
/// Mirror of the shader's workgroup size.
const WORKGROUP: u32 = 64;

pub(crate) struct ConfettiSimulation {
    pipeline: wgpu::ComputePipeline,
    /// The pieces of the frame before and of this one take turns: pieces move up when a burst ends.
    pieces: [wgpu::Buffer; 2],
    /// Into the buffer of this index.
    groups: [wgpu::BindGroup; 2],
    current: usize,
}

impl ConfettiSimulation {
    /// Whether a device of these limits can hold it. WebGL2 has no compute at all.
    pub(crate) fn fits(limits: &wgpu::Limits) -> bool {
        limits.max_compute_invocations_per_workgroup >= WORKGROUP
            && limits.max_compute_workgroup_size_x >= WORKGROUP
            && limits.max_compute_workgroups_per_dimension >= MOST_PARTICLES.div_ceil(WORKGROUP)
            && limits.max_storage_buffers_per_shader_stage >= 2
            && limits.max_storage_buffer_binding_size >= bytes()
    }

    /// `effects`: the layout of group 2.
    pub(crate) async fn new(maker: &Maker, effects: &wgpu::BindGroupLayout) -> Self {
        let device = &maker.device;
        let layout = layout(device);
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("confetti simulation"),
            bind_group_layouts: &[None, None, Some(effects), Some(&layout)],
            immediate_size: 0,
        });
        let pieces = [0, 1].map(|_| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("confetti"),
                size: bytes(),
                // To be copied from by tests.
                usage: wgpu::BufferUsages::VERTEX
                    | wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        });
        let groups = [0, 1].map(|into: usize| {
            let entry = |binding, index: usize| wgpu::BindGroupEntry {
                binding,
                resource: pieces[index].as_entire_binding(),
            };
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("confetti"),
                layout: &layout,
                entries: &[entry(0, 1 - into), entry(1, into)],
            })
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("confetti simulation"),
            layout: Some(&pipeline_layout),
            module: &shader(device, "confetti simulation", WGSL),
            entry_point: Some("simulate_confetti"),
            compilation_options: Default::default(),
            cache: None,
        });
        maker.made("confetti simulation").await;
        ConfettiSimulation {
            pipeline,
            pieces,
            groups,
            current: 0,
        }
    }

    /// Takes all pieces to the time of their effects, unless they are there.
    pub(crate) fn step(
        &mut self,
        recorder: &mut Recorder,
        uniforms: &wgpu::BindGroup,
        effects: &[EffectUniforms],
    ) {
        let particles: u32 = effects.iter().map(|effect| effect.count).sum();
        if effects.iter().all(EffectUniforms::stands) {
            return;
        }
        self.current = 1 - self.current;
        let mut pass = recorder.compute_pass("confetti simulation");
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(2, uniforms, &[]);
        pass.set_bind_group(3, &self.groups[self.current], &[]);
        pass.dispatch_workgroups(particles.div_ceil(WORKGROUP), 1, 1);
    }

    /// The pieces of this frame, in the order of their effects.
    pub(crate) fn pieces(&self) -> &wgpu::Buffer {
        &self.pieces[self.current]
    }
}

const fn bytes() -> u64 {
    MOST_PARTICLES as u64 * PIECE_BYTES
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, read_only| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only },
            has_dynamic_offset: false,
            min_binding_size: wgpu::BufferSize::new(PIECE_BYTES),
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("confetti"),
        entries: &[entry(0, true), entry(1, false)],
    })
}

#[cfg(test)]
#[path = "confetti_simulation_tests.rs"]
mod tests;
