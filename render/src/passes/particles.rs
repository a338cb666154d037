//! Particles: confetti, sparkle and dust, one draw call a kind and view. Their motion is a function of
//! seed, number and age, evaluated in the vertex shader, so that only the effects are sent; where the
//! device has compute, `confetti_simulation.rs` moves the confetti instead.

use crate::{
    ParticleEffect,
    particle_effects::{ParticleEffects, ParticleUniforms},
    passes::confetti_simulation::{ConfettiSimulation, PIECE_BYTES},
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
    timings::Recorder,
};

macro_rules! particle_wgsl {
    ($($own:literal),+) => {
        concat!(
            wgsl!("passes/view.wgsl"),
            wgsl!("passes/frame.wgsl"),
            wgsl!("passes/real_visibility.wgsl"),
            wgsl!("passes/pose.wgsl"),
            wgsl!("passes/particles.wgsl"),
            wgsl!("passes/particle_look.wgsl"),
            $(include_str!($own)),+
        )
    };
}

pub(crate) const CONFETTI_WGSL: &str = particle_wgsl!("confetti_motion.wgsl", "confetti.wgsl");
pub(crate) const SPARKLE_WGSL: &str = particle_wgsl!("sparkle.wgsl");
pub(crate) const DUST_WGSL: &str = particle_wgsl!("dust.wgsl");

const PIECE_ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4];

pub(crate) struct Particles {
    /// In the order of `particle_effects::KINDS`; the first one without the simulation.
    pipelines: [wgpu::RenderPipeline; 3],
    effects: ParticleEffects,
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
    sent: Vec<u8>,
    simulation: Option<Simulated>,
}

struct Simulated {
    simulation: ConfettiSimulation,
    pipeline: wgpu::RenderPipeline,
}

impl Particles {
    /// How many a device gets.
    pub(crate) fn pipelines(limits: &wgpu::Limits) -> u32 {
        3 + if ConfettiSimulation::fits(limits) {
            2
        } else {
            0
        }
    }

    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let device = &context.maker.device;
        let simulates = ConfettiSimulation::fits(&device.limits());
        let layout = layout(device, simulates);
        let confetti = shader(device, "confetti", CONFETTI_WGSL);
        let pipeline = async |label, module: &_, vertex, fragment, buffers: &_| {
            MarkPipeline {
                label,
                module,
                vertex,
                fragment,
                groups: &[&layout],
                buffers,
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                cull: None,
                depth: Depth::Test,
            }
            .make(context)
            .await
        };
        let plain = async |label, wgsl, vertex, fragment| {
            pipeline(label, &shader(device, label, wgsl), vertex, fragment, &[]).await
        };
        let simulation = if simulates {
            Some(Simulated {
                simulation: ConfettiSimulation::new(context.maker, &layout).await,
                pipeline: pipeline(
                    "simulated confetti",
                    &confetti,
                    "vs_simulated_confetti",
                    "fs_confetti",
                    &[wgpu::VertexBufferLayout {
                        array_stride: PIECE_BYTES,
                        step_mode: wgpu::VertexStepMode::Instance,
                        attributes: &PIECE_ATTRIBUTES,
                    }],
                )
                .await,
            })
        } else {
            None
        };
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("particle effects"),
            size: size_of::<ParticleUniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("particle effects"),
            layout: &layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: buffer.as_entire_binding(),
            }],
        });
        Particles {
            pipelines: [
                pipeline("confetti", &confetti, "vs_confetti", "fs_confetti", &[]).await,
                plain("sparkle", SPARKLE_WGSL, "vs_sparkle", "fs_sparkle").await,
                plain("dust", DUST_WGSL, "vs_dust", "fs_dust").await,
            ],
            effects: ParticleEffects::new(),
            buffer,
            group,
            sent: Vec::with_capacity(size_of::<ParticleUniforms>()),
            simulation,
        }
    }

    pub(crate) fn simulates(&self) -> bool {
        self.simulation.is_some()
    }

    /// Takes the effects of a frame and sends them, unless they are those of the frame before. Returns
    /// the number of bytes sent.
    pub(crate) fn prepare(&mut self, queue: &wgpu::Queue, effects: &[ParticleEffect]) -> usize {
        self.effects.set(effects);
        let bytes = self.effects.bytes();
        if self.effects.particles == [0; 3] || bytes == self.sent {
            return 0;
        }
        queue.write_buffer(&self.buffer, 0, bytes);
        self.sent.clear();
        self.sent.extend_from_slice(bytes);
        bytes.len()
    }

    /// The pieces of confetti on the device.
    #[cfg(test)]
    pub(crate) fn simulated(&self) -> Option<&wgpu::Buffer> {
        self.simulation
            .as_ref()
            .map(|simulated| simulated.simulation.pieces())
    }

    /// Particles that the frame asked for and does not get.
    pub(crate) fn skipped(&self) -> u32 {
        self.effects.skipped
    }

    /// Moves what is simulated, before any view is drawn.
    pub(crate) fn simulate(&mut self, recorder: &mut Recorder) {
        if let Some(Simulated { simulation, .. }) = &mut self.simulation {
            simulation.step(recorder, &self.group, self.effects.celebrations());
        }
    }

    /// Draws into the current view. Returns draw calls and particles.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> [u32; 2] {
        let mut counted = [0; 2];
        for (kind, &particles) in self.effects.particles.iter().enumerate() {
            if particles == 0 {
                continue;
            }
            match &self.simulation {
                Some(Simulated {
                    simulation,
                    pipeline,
                }) if kind == 0 => {
                    pass.set_pipeline(pipeline);
                    pass.set_vertex_buffer(0, simulation.pieces().slice(..));
                }
                _ => pass.set_pipeline(&self.pipelines[kind]),
            }
            pass.set_bind_group(2, &self.group, &[]);
            pass.draw(0..4, 0..particles);
            counted = [counted[0] + 1, counted[1] + particles];
        }
        counted
    }
}

fn layout(device: &wgpu::Device, simulates: bool) -> wgpu::BindGroupLayout {
    let mut visibility = wgpu::ShaderStages::VERTEX;
    if simulates {
        visibility |= wgpu::ShaderStages::COMPUTE;
    }
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("particle effects"),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: wgpu::BufferSize::new(size_of::<ParticleUniforms>() as u64),
            },
            count: None,
        }],
    })
}
