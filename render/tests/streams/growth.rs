//! Drawing on and on leaves nothing behind.

use render::streams::{StreamAdjustments, StreamFit};

use crate::PLAIN_FORMAT;
use crate::generated::Video;
use crate::offscreen::{Offscreen, on_every_backend};

/// What the device holds once it is idle, by wgpu's own count.
fn held(offscreen: &Offscreen) -> Vec<(&'static str, isize)> {
    offscreen
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .expect("the device finishes");
    let hal = offscreen.device.get_internal_counters().hal;
    vec![
        ("buffers", hal.buffers.read()),
        ("textures", hal.textures.read()),
        ("texture views", hal.texture_views.read()),
        ("bind groups", hal.bind_groups.read()),
        ("bind group layouts", hal.bind_group_layouts.read()),
        ("pipelines", hal.render_pipelines.read()),
        ("shaders", hal.shader_modules.read()),
        ("samplers", hal.samplers.read()),
        ("encoders", hal.command_encoders.read()),
        ("fences", hal.fences.read()),
        ("buffer bytes", hal.buffer_memory.read()),
        ("texture bytes", hal.texture_memory.read()),
        ("allocations", hal.memory_allocations.read()),
    ]
}

#[test]
fn two_thousand_draws_leave_nothing_behind() {
    // Devices of its own: the counts of shared ones move with the other tests.
    on_every_backend(|shared| {
        let backend = wgpu::Backends::from(shared.device.adapter_info().backend);
        let offscreen = Offscreen::open(backend).expect("a backend that opened once opens again");
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        offscreen.write_video(&mut chain, &Video::scene([64, 48]));
        let target = offscreen.target(PLAIN_FORMAT, [64, 64]);
        let view = target.create_view(&Default::default());
        let mut draw = |count: u32| {
            for index in 0..count {
                // Every draw has other values to upload; passes come and go.
                let case = StreamAdjustments {
                    deblocking: (index % 3) as f32 / 3.0,
                    sharpness: (index % 5) as f32 / 5.0,
                    exposure_stops: (index % 64) as f32 / 64.0,
                    ..Default::default()
                };
                assert!(chain.draw(&case, &view, [64, 64], StreamFit::Contain));
                if index % 50 == 49 {
                    held(&offscreen);
                }
            }
            held(&offscreen)
        };
        let warm = draw(200);
        // Vulkan counts textures by their bytes, OpenGL by their number.
        let count = |name| warm.iter().find(|held| held.0 == name).map(|held| held.1);
        assert!(
            count("bind groups") >= Some(3)
                && (count("textures") >= Some(4)
                    || count("texture bytes") >= Some((64 * 64 + 3 * 64 * 48) * 4)),
            "the counters do not count: {warm:?}"
        );
        assert_eq!(warm, draw(2000));
    });
}
