//! The pieces of a device, read back, against their twins on the CPU.

use glam::{Mat4, Vec3};

use super::*;
use crate::passes::confetti_twin::{self as twin, Piece};
use crate::{
    ParticleEffect, ParticleKind, maker::Maker, particle_effects::ParticleEffects,
    passes::particles::Particles, pipeline::MarkContext, timings::Timings,
    view_uniforms::ViewBuffer,
};

struct Computing {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// Runs a check on a device with compute; without one it fails under `REQUIRE_ALL=1`.
fn on_a_device(check: impl Fn(&Computing)) {
    match open() {
        Ok(computing) => check(&computing),
        Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
            panic!("{reason}")
        }
        Err(reason) => println!("SKIPPED: {reason}"),
    }
}

fn open() -> Result<Computing, String> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(descriptor);
    pollster::block_on(async {
        let adapter = instance
            .request_adapter(&Default::default())
            .await
            .map_err(|error| format!("no graphics adapter: {error}"))?;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_limits: wgpu::Limits::downlevel_defaults(),
                ..Default::default()
            })
            .await
            .map_err(|error| format!("no graphics device: {error}"))?;
        Ok(Computing { device, queue })
    })
}

impl Computing {
    fn read(&self, buffer: &wgpu::Buffer, count: usize) -> Vec<Piece> {
        let size = count as u64 * PIECE_BYTES;
        let back = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &back, 0, size);
        self.queue.submit([encoder.finish()]);
        back.slice(..).map_async(wgpu::MapMode::Read, |result| {
            result.expect("the buffer is mapped");
        });
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .expect("the device finishes");
        let mapped = back
            .slice(..)
            .get_mapped_range()
            .expect("the buffer is mapped");
        bytemuck::pod_collect_to_vec(&mapped)
    }

    fn particles(&self) -> Particles {
        let views = ViewBuffer::new(&self.device);
        let frame = crate::frame_uniforms::FrameGroup::new(&self.device, &self.queue);
        let maker = Maker::new(&self.device, 0, None, None);
        pollster::block_on(Particles::new(&MarkContext {
            maker: &maker,
            view: &views.layout,
            frame: &frame.layout,
            samples: 1,
        }))
    }

    /// One frame with these effects. Returns the pieces.
    fn frame(&self, particles: &mut Particles, effects: &[ParticleEffect]) -> Vec<Piece> {
        particles.prepare(&self.queue, effects);
        let encoder = self.device.create_command_encoder(&Default::default());
        let timings = Timings::default();
        let mut recorder = Recorder::new(encoder, &timings);
        particles.simulate(&mut recorder);
        self.queue.submit([recorder.encoder.finish()]);
        let count = effects.iter().map(|effect| effect.count as usize).sum();
        self.read(particles.simulated().expect("the device computes"), count)
    }
}

fn burst(seed: u32, count: u32, age_secs: f32) -> ParticleEffect {
    ParticleEffect {
        count,
        seed,
        ..ParticleEffect::new(
            ParticleKind::Celebration,
            Mat4::IDENTITY,
            Vec3::ONE,
            age_secs,
        )
    }
}

/// Greatest distance and difference of angle.
fn difference(a: &Piece, b: &Piece) -> f32 {
    (a.position - b.position)
        .abs()
        .max((a.velocity - b.velocity).abs())
        .max_element()
        .max((a.flat - b.flat).abs())
        .max((a.angle - b.angle).abs() * 0.1)
}

#[test]
fn the_shader_does_what_its_twin_does() {
    on_a_device(|computing| {
        let mut particles = computing.particles();
        let seeds = [(5, 130), (77, 70)];
        let mut twins: Vec<Piece> = seeds
            .iter()
            .flat_map(|&(seed, count)| {
                (0..count)
                    .map(move |index| twin::born(&twin::birth_of(twin::identity(seed, index))))
            })
            .collect();
        let mut before_secs = 0.0;
        // Uneven frames, one of them long; the pieces land and bounce on the way.
        for age_secs in [0.0, 0.05, 0.066, 0.3, 1.2, 1.9, 2.0, 2.5, 2.533, 3.1, 3.9] {
            let effects = seeds.map(|(seed, count)| burst(seed, count, age_secs));
            let pieces = computing.frame(&mut particles, &effects);
            let identities = seeds
                .iter()
                .flat_map(|&(seed, count)| (0..count).map(move |index| (seed, index)));
            let mut apart = 0;
            for ((piece, twin), (seed, index)) in pieces.iter().zip(&mut twins).zip(identities) {
                let birth = twin::birth_of(twin::identity(seed, index));
                *twin = twin::simulated(*twin, &birth, before_secs, age_secs);
                // Rounding may put a bounce into the next step.
                if difference(piece, twin) > 2e-3 {
                    apart += 1;
                    assert!(
                        piece.position.distance(twin.position) < 0.08,
                        "{piece:?} {twin:?}"
                    );
                }
            }
            assert!(apart <= 4, "{apart} at {age_secs}");
            before_secs = age_secs;
        }
        assert!(twins.iter().filter(|piece| piece.flat > 0.0).count() > 100);
    });
}

#[test]
fn in_the_air_it_is_the_motion_of_the_vertex_shader() {
    on_a_device(|computing| {
        for frames in [2, 17, 60] {
            let mut particles = computing.particles();
            let mut pieces = Vec::new();
            let age_secs = 1.3;
            for frame in 1..=frames {
                let age_secs = age_secs * frame as f32 / frames as f32;
                pieces = computing.frame(&mut particles, &[burst(5, 200, age_secs)]);
            }
            for (index, piece) in (0..).zip(&pieces) {
                let birth = twin::birth_of(twin::identity(5, index));
                let secs = age_secs - birth.delay_secs;
                let closed = twin::piece_at(&birth, secs);
                let place = piece.position + twin::drift(&birth, piece.position, secs);
                assert!(piece.flat == 0.0 && secs < twin::landing_secs(&birth));
                assert!(
                    place.distance(closed.position) < 2e-3,
                    "{frames}: {place} {closed:?}"
                );
                assert!((piece.angle - closed.angle).abs() < 5e-3);
            }
        }
    });
}

#[test]
fn pieces_stay_themselves_when_another_burst_ends() {
    on_a_device(|computing| {
        let (mut alone, mut among) = (computing.particles(), computing.particles());
        for age_secs in [0.5, 1.5, 2.5] {
            let all = [burst(1, 90, age_secs + 0.3), burst(2, 50, age_secs)];
            computing.frame(&mut among, &all);
            computing.frame(&mut alone, &all[1..]);
        }
        let last = [burst(2, 50, 2.6)];
        let (a, b) = (
            computing.frame(&mut alone, &last),
            computing.frame(&mut among, &last),
        );
        assert!(bytemuck::cast_slice::<_, u8>(&a) == bytemuck::cast_slice::<_, u8>(&b));
        // Standing still, and asked for again.
        let again = computing.frame(&mut among, &last);
        assert!(bytemuck::cast_slice::<_, u8>(&a) == bytemuck::cast_slice::<_, u8>(&again));
    });
}

/// The motion that the vertex shader uses, run where it can be read back.
#[test]
fn the_motion_of_the_vertex_shader_is_that_of_its_twin() {
    const PROBE: &str = concat!(
        wgsl!("passes/particles.wgsl"),
        wgsl!("passes/confetti_motion.wgsl"),
        "@group(3) @binding(0) var<storage, read_write> out: array<Piece>;
        @compute @workgroup_size(64)
        fn probe(@builtin(global_invocation_id) id: vec3<u32>) {
            let effect = given.effects[effect_of(CONFETTI, id.x)];
            let birth = birth_of(identity(effect.particles.z, id.x - effect.particles.x));
            out[id.x] = piece_at(birth, max(effect.motion.x - birth.delay_secs, 0.0));
        }"
    );
    on_a_device(|Computing { device, queue }| {
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("probe"),
            layout: None,
            module: &shader(device, "probe", PROBE),
            entry_point: Some("probe"),
            compilation_options: Default::default(),
            cache: None,
        });
        // Four bursts of 64: also the search for a particle's effect is seen.
        let asked =
            [(4, 0.02), (9, 0.9), (2, 2.2), (7, 3.8)].map(|(seed, age)| burst(seed, 64, age));
        let mut effects = ParticleEffects::new();
        effects.set(&asked);
        let buffer = |size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let uniforms = buffer(
            size_of::<crate::particle_effects::ParticleUniforms>() as u64,
            wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        );
        queue.write_buffer(&uniforms, 0, effects.bytes());
        let out = buffer(
            256 * PIECE_BYTES,
            wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        );
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        for (index, buffer) in [(2, &uniforms), (3, &out)] {
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(index),
                entries: &[wgpu::BindGroupEntry {
                    binding: 0,
                    resource: buffer.as_entire_binding(),
                }],
            });
            pass.set_bind_group(index, &group, &[]);
        }
        pass.dispatch_workgroups(4, 1, 1);
        drop(pass);
        queue.submit([encoder.finish()]);
        let computing = Computing {
            device: device.clone(),
            queue: queue.clone(),
        };
        for (index, piece) in (0..).zip(computing.read(&out, 256)) {
            let effect = &asked[index as usize / 64];
            let birth = twin::birth_of(twin::identity(effect.seed, index % 64));
            let twin = twin::piece_at(&birth, (effect.age_secs - birth.delay_secs).max(0.0));
            assert!(
                difference(&piece, &twin) < 2e-3,
                "{index}: {piece:?} {twin:?}"
            );
        }
    });
}

#[test]
fn nothing_is_sent_when_nothing_changed() {
    on_a_device(|computing| {
        let mut particles = computing.particles();
        let effects = |age_secs| {
            let sparkle = ParticleEffect {
                kind: ParticleKind::Sparkle,
                ..burst(1, 30, 1.0)
            };
            [burst(2, 300, age_secs), sparkle]
        };
        let sent = particles.prepare(&computing.queue, &effects(1.0));
        // Two effects and what all have in common, far from a vector a particle.
        assert!((1..600).contains(&sent), "{sent}");
        // The second frame tells the simulation that the first was there.
        particles.prepare(&computing.queue, &effects(1.0));
        assert_eq!(particles.prepare(&computing.queue, &effects(1.0)), 0);
        assert!(particles.prepare(&computing.queue, &effects(1.1)) > 0);
        assert_eq!(particles.prepare(&computing.queue, &[]), 0);
    });
}
