//! What a frame takes when nothing is new any more: the renderer's own code allocates nothing, and no
//! object of the device is made that stays. A program of its own, because it watches the allocator.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends where its device does, and says what it skips"
)]

#[path = "../draw/offscreen.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod offscreen;

mod busy_scene;
mod watched;

use busy_scene::BusyScene;
use offscreen::Offscreen;

/// Frames until every list has its size.
const WARM_FRAMES: u32 = 40;

/// An own device, whose counters nobody else moves.
fn device(backends: wgpu::Backends) -> Option<Offscreen> {
    match Offscreen::open(backends) {
        Ok(offscreen) => Some(offscreen),
        Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
            panic!("{reason}")
        }
        Err(reason) => {
            println!("SKIPPED: {reason}");
            None
        }
    }
}

#[test]
fn a_frame_of_a_warm_renderer_allocates_nothing_of_its_own() {
    let Some(offscreen) = device(wgpu::Backends::VULKAN) else {
        return;
    };
    let mut scene = BusyScene::new(&offscreen);
    (0..WARM_FRAMES).for_each(|frame| scene.draw(frame));
    let mut own = Vec::new();
    for frame in WARM_FRAMES..WARM_FRAMES + 3 {
        own.extend(watched::own_allocations(|| scene.draw(frame)));
    }
    assert!(own.is_empty(), "{} of them:\n{}", own.len(), own.join("\n"));
}

#[test]
fn the_watcher_sees_what_the_renderer_allocates() {
    let Some(offscreen) = device(wgpu::Backends::VULKAN) else {
        return;
    };
    let mut scene = BusyScene::new(&offscreen);
    // The first frame makes its lists.
    let own = watched::own_allocations(|| scene.draw(0));
    assert!(!own.is_empty());
}

/// Objects and bytes that a device has.
fn standing(offscreen: &Offscreen) -> Vec<isize> {
    // Deletions wait for the device to be done.
    offscreen
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .expect("the device finishes");
    let hal = offscreen.device.get_internal_counters().hal;
    [
        &hal.buffers,
        &hal.textures,
        &hal.texture_views,
        &hal.bind_groups,
        &hal.bind_group_layouts,
        &hal.render_pipelines,
        &hal.compute_pipelines,
        &hal.pipeline_layouts,
        &hal.samplers,
        &hal.shader_modules,
        &hal.query_sets,
        &hal.buffer_memory,
        &hal.texture_memory,
    ]
    .map(wgpu::wgt::InternalCounter::read)
    .to_vec()
}

fn frames_leave_nothing(frames: u32) {
    for backends in [wgpu::Backends::VULKAN, wgpu::Backends::GL] {
        let Some(offscreen) = device(backends) else {
            return;
        };
        let mut scene = BusyScene::new(&offscreen);
        (0..WARM_FRAMES).for_each(|frame| scene.draw(frame));
        let before = standing(&offscreen);
        assert!(before.iter().any(|count| *count > 0), "the counters count");
        for frame in 0..frames {
            scene.draw(WARM_FRAMES + frame);
            if frame % 50 == 49 {
                // As a page's frames are done one after the other.
                standing(&offscreen);
            }
        }
        assert_eq!(standing(&offscreen), before, "{backends:?}");
    }
}

#[test]
fn frames_leave_nothing_behind() {
    frames_leave_nothing(200);
}

#[test]
#[ignore = "long: ten thousand frames on two backends"]
fn ten_thousand_frames_leave_nothing_behind() {
    frames_leave_nothing(10_000);
}
