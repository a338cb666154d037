//! Whole sequences through the engine, in a front end, beside one on the CPU.

use std::collections::HashMap;

use super::device::{Opened, on_a_device, open};
use super::stages::engine;
use crate::Error;
use crate::frame::Frame;
use crate::front_end::{FrontEnd, FrontEndConfig, PointHint, Ticket, TrackedPoint, Tracks};
use crate::gpu::{GpuEngine, GpuError, required_limits};
use crate::image::GrayImage;
use crate::test_texture;

/// Settings that find points in the soft texture of these tests.
fn sensitive(max_points: usize) -> FrontEndConfig {
    FrontEndConfig {
        max_points,
        fast_threshold: 5,
        min_corner_score: 4.0,
        ..FrontEndConfig::default()
    }
}

/// A texture that turns a little, grows and moves.
fn picture([width, height]: [usize; 2], frame: i64) -> GrayImage {
    let k = frame as f64;
    let (sin, cos) = (0.004 * k).sin_cos();
    let (sin, cos) = (sin * (1.0 - 0.002 * k), cos * (1.0 - 0.002 * k));
    test_texture::picture(width, height, |[x, y]| {
        [cos * x - sin * y - 2.3 * k, sin * x + cos * y + 1.1 * k]
    })
}

fn on_gpu(opened: &Opened, config: &FrontEndConfig) -> FrontEnd {
    let mut front_end = FrontEnd::new(config.clone()).unwrap();
    front_end.use_engine(Some(Box::new(engine(opened, config))));
    front_end
}

fn wait(opened: &Opened, front_end: &mut FrontEnd, ticket: Ticket) -> Tracks {
    opened
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .unwrap();
    front_end.poll(ticket).unwrap().clone()
}

fn submit(
    front_end: &mut FrontEnd,
    image: &GrayImage,
    frame: i64,
    hints: Option<&[PointHint]>,
) -> Ticket {
    let frame = Frame::new(image.view(), frame * 33_000_000);
    front_end.submit_from(&frame, hints).unwrap()
}

fn distance(a: &TrackedPoint, b: &TrackedPoint) -> f32 {
    (a.position_px[0] - b.position_px[0]).hypot(a.position_px[1] - b.position_px[1])
}

#[test]
fn sequences_are_followed_as_on_the_cpu() {
    on_a_device(|opened| {
        // Few enough that all are pilots, and enough to be led; sizes that are multiples of nothing.
        for (size, max_points, with_hints) in [
            ([333, 251], 100, false),
            ([333, 251], 600, false),
            ([640, 480], 1200, true),
            ([401, 150], 300, true),
        ] {
            let config = sensitive(max_points);
            let mut on_gpu = on_gpu(opened, &config);
            let mut on_cpu = FrontEnd::new(config).unwrap();
            // By the ids on the CPU, those on the GPU of points that began at the same place.
            let mut same: HashMap<u32, u32> = HashMap::new();
            for frame in 0..5 {
                let image = picture(size, frame);
                // What a gyroscope tells, a little wrong.
                let hints = |front_end: &FrontEnd| -> Vec<PointHint> {
                    let points = front_end.points().iter();
                    let hint = |(k, p): (usize, &TrackedPoint)| PointHint {
                        guess_px: [p.position_px[0] + 1.8, p.position_px[1] - 0.7],
                        is_checked_later: k % 3 == 0,
                    };
                    points.enumerate().map(hint).collect()
                };
                let [of_gpu, of_cpu] = [&on_gpu, &on_cpu].map(hints);
                let of_gpu = with_hints.then_some(of_gpu.as_slice());
                let of_cpu = with_hints.then_some(of_cpu.as_slice());
                let ticket = submit(&mut on_gpu, &image, frame, of_gpu);
                let gpu = wait(opened, &mut on_gpu, ticket);
                assert!(on_gpu.was_on_engine());
                let ticket = submit(&mut on_cpu, &image, frame, of_cpu);
                let cpu = on_cpu.poll(ticket).unwrap();

                let what = format!("{size:?}, {max_points}, frame {frame}");
                assert!(cpu.points.len() > 40, "{} points, {what}", cpu.points.len());
                let (more, fewer) = (gpu.points.len() * 100, cpu.points.len() * 97);
                assert!(more >= fewer && gpu.points.len() <= max_points, "{what}");
                let by_id: HashMap<u32, &TrackedPoint> =
                    gpu.points.iter().map(|p| (p.id, p)).collect();
                let (mut both, mut near) = (0, 0);
                for point in cpu.points.iter().filter(|p| p.age_frames > 0) {
                    let twin = same.get(&point.id).and_then(|id| by_id.get(id));
                    if let Some(twin) = twin {
                        assert_eq!(twin.age_frames, point.age_frames);
                        both += 1;
                        near += usize::from(distance(point, twin) < 0.05);
                    }
                }
                assert!(near * 100 >= both * 99, "{near} of {both}, {what}");
                let fresh = |points: &[TrackedPoint]| -> Vec<TrackedPoint> {
                    points
                        .iter()
                        .filter(|p| p.age_frames == 0)
                        .copied()
                        .collect()
                };
                let twins = fresh(&gpu.points);
                let mut found = 0;
                let started = fresh(&cpu.points);
                for point in &started {
                    if let Some(twin) = twins.iter().find(|twin| distance(twin, point) < 0.05) {
                        same.insert(point.id, twin.id);
                        found += 1;
                    }
                }
                if frame == 0 {
                    assert!(found * 100 >= started.len() * 99, "{found}, {what}");
                } else {
                    assert!(both * 100 >= same.len() * 80, "{both} of {}", same.len());
                }
            }
        }
    });
}

#[test]
fn a_device_that_is_lost_costs_nothing() {
    // A device of its own: it ends here.
    let Ok(opened) = open(required_limits()) else {
        on_a_device(|_| unreachable!("there is no device"));
        return;
    };
    opened
        .device
        .on_uncaptured_error(std::sync::Arc::new(|_| {}));
    let size = [320, 240];
    let config = sensitive(300);
    let mut front_end = on_gpu(&opened, &config);
    let ticket = submit(&mut front_end, &picture(size, 0), 0, None);
    let before = wait(&opened, &mut front_end, ticket);

    // What the CPU alone makes of the same points.
    let mut twin = FrontEnd::new(config).unwrap();
    submit(&mut twin, &picture(size, 0), 0, None);
    assert_eq!(twin.points().len(), before.points.len());

    opened.device.destroy();
    let ticket = submit(&mut front_end, &picture(size, 1), 1, None);
    let _ = opened.device.poll(wgpu::PollType::wait_indefinitely());
    let after = front_end.poll(ticket).unwrap().clone();
    assert!(front_end.engine_failed() && !front_end.was_on_engine());
    let ticket = submit(&mut twin, &picture(size, 1), 1, None);
    let expected = twin.poll(ticket).unwrap();
    assert_eq!(after.points.len(), expected.points.len());
    for (point, expected) in after.points.iter().zip(&expected.points) {
        assert_eq!(point.id, expected.id);
        assert!(distance(point, expected) < 0.05);
    }
    // And on it goes.
    let ticket = submit(&mut front_end, &picture(size, 2), 2, None);
    assert!(front_end.poll(ticket).is_some_and(|t| t.points.len() > 40));
}

#[test]
fn sizes_may_change_and_starts_be_given_up_in_flight() {
    on_a_device(|opened| {
        let config = sensitive(200);
        let mut front_end = on_gpu(opened, &config);
        for (frame, size) in [[320, 240], [240, 320], [320, 240], [320, 240]]
            .into_iter()
            .enumerate()
        {
            let frame = frame as i64;
            let ticket = submit(&mut front_end, &picture(size, frame), frame, None);
            if frame == 1 {
                let image = picture(size, frame);
                let refused = front_end.submit(&Frame::new(image.view(), i64::MAX));
                assert_eq!(refused, Err(Error::FrameOnItsWay));
            }
            let tracks = wait(opened, &mut front_end, ticket);
            assert!(tracks.points.len() > 40);
            let is_first = frame < 3;
            assert_eq!(tracks.points.iter().all(|p| p.age_frames == 0), is_first);
        }
        for frame in 4..7 {
            submit(&mut front_end, &picture([320, 240], frame), frame, None);
            front_end.restart();
        }
        let ticket = submit(&mut front_end, &picture([320, 240], 0), 0, None);
        let tracks = wait(opened, &mut front_end, ticket);
        assert!(tracks.points.len() > 40 && tracks.points.iter().all(|p| p.age_frames == 0));
        assert!(!front_end.engine_failed());
    });
}

#[test]
fn a_picture_that_waits_is_on_the_device_before_its_turn() {
    on_a_device(|opened| {
        let size = [320, 240];
        let config = sensitive(300);
        let mut waiting = on_gpu(opened, &config);
        let mut direct = on_gpu(opened, &config);
        let mut ticket = submit(&mut waiting, &picture(size, 0), 0, None);
        for frame in 1..5 {
            let image = picture(size, frame);
            waiting
                .take(&Frame::new(image.view(), frame * 33_000_000))
                .unwrap();
            let made = wait(opened, &mut waiting, ticket);
            ticket = waiting.submit_waiting(None).unwrap().unwrap();
            let before = picture(size, frame - 1);
            let expected = submit(&mut direct, &before, frame - 1, None);
            assert_eq!(made, wait(opened, &mut direct, expected));
        }
        assert!(waiting.is_on_engine());
    });
}

#[test]
fn memory_on_the_device_stays_as_it_is() {
    on_a_device(|opened| {
        // Other tests work on the same device: this one has its own.
        let Ok(own) = open(opened.device.limits()) else {
            return;
        };
        let images = [0, 1, 2].map(|frame| picture([320, 240], frame));
        let mut front_end = on_gpu(&own, &sensitive(300));
        let mut warm = None;
        for frame in 0..150_i64 {
            let image = &images[(frame % 3) as usize];
            let ticket = submit(&mut front_end, image, frame, None);
            wait(&own, &mut front_end, ticket);
            let report = own.device.generate_allocator_report();
            let bytes = report.map(|report| report.total_allocated_bytes);
            if frame == 10 {
                warm = bytes;
            } else if frame > 10 {
                assert_eq!(bytes, warm, "frame {frame}");
            }
        }
        assert!(warm.is_some_and(|bytes| bytes > 1_000_000), "{warm:?}");
    });
}

#[test]
fn what_a_device_cannot_do_is_said() {
    on_a_device(|opened| {
        let few = open(wgpu::Limits::downlevel_defaults()).unwrap();
        let refused = GpuEngine::new(few.device, few.queue, &FrontEndConfig::default());
        let too_few = GpuError::Limit {
            name: "storage buffers a stage",
            required: 6,
            actual: 4,
        };
        assert_eq!(refused.err(), Some(too_few));
        let config = FrontEndConfig {
            max_points: 65536,
            ..FrontEndConfig::default()
        };
        let refused = GpuEngine::new(opened.device.clone(), opened.queue.clone(), &config);
        assert_eq!(refused.err(), Some(GpuError::Points { points: 65536 }));
    });
}
