//! Each pass beside its twin.

use super::device::{Opened, on_a_device};
use crate::corners::{CornerConfig, CornerDetector};
use crate::front_end::engine::{Answer, Engine, Job, Progress};
use crate::front_end::{FrontEndConfig, PointHint, TrackedPoint};
use crate::gpu::GpuEngine;
use crate::gpu::records::{Agreement, Flow as FlowRecord};
use crate::image::GrayImage;
use crate::lucas_kanade::{Flow, FlowStatus, LucasKanade, LucasKanadeConfig};
use crate::pyramid::Pyramid;
use crate::test_texture;

/// Sizes that are multiples of nothing, and usual ones.
const SIZES: [[usize; 2]; 6] = [
    [320, 240],
    [640, 480],
    [333, 251],
    [97, 61],
    [33, 17],
    [640, 17],
];

pub(super) fn engine(opened: &Opened, config: &FrontEndConfig) -> GpuEngine {
    GpuEngine::new(opened.device.clone(), opened.queue.clone(), config).unwrap()
}

/// Waits for the answer, as a test may.
pub(super) fn answer(opened: &Opened, engine: &mut GpuEngine) -> Answer {
    opened
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .unwrap();
    match engine.progress() {
        Progress::Done(answer) => answer.clone(),
        progress => panic!("{progress:?}"),
    }
}

fn noise(width: usize, height: usize, seed: u64) -> GrayImage {
    let mut state = seed | 1;
    let pixels = (0..width * height).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    });
    GrayImage::from_vec(width, height, pixels.collect()).unwrap()
}

fn first<'a>(later: &'a Pyramid, config: &FrontEndConfig) -> Job<'a> {
    Job {
        earlier: None,
        later: (0, later),
        points: &[],
        hints: None,
        max_points: config.max_points,
        min_missing: 1,
    }
}

#[test]
fn pyramids_are_those_of_the_cpu_bit_for_bit() {
    on_a_device(|opened| {
        let config = FrontEndConfig::default();
        let mut engine = engine(opened, &config);
        for [width, height] in SIZES {
            let pyramid = Pyramid::of(&noise(width, height, 7).view(), config.levels).unwrap();
            engine.begin(&first(&pyramid, &config)).unwrap();
            answer(opened, &mut engine);
            let words: Vec<u32> = opened.read(&engine.buffers().pyramids);
            let bytes: &[u8] = bytemuck::cast_slice(&words);
            let mut rest = bytes;
            for (l, level) in pyramid.levels().iter().enumerate() {
                let (made, others) = rest.split_at(level.bytes().len());
                assert!(made == level.bytes(), "level {l} of {width} x {height}");
                rest = others;
            }
        }
    });
}

#[test]
fn luma_of_a_texture_is_that_of_its_colours() {
    on_a_device(|opened| {
        let config = FrontEndConfig::default();
        for [width, height] in [[320, 240], [97, 61]] {
            let mut engine = engine(opened, &config);
            let rgba: Vec<u8> = (0..width * height * 4)
                .map(|i| ((i * 2_654_435_761) >> 7) as u8)
                .collect();
            let luma = rgba.chunks_exact(4).map(|p| {
                let weighed = 77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2]);
                (weighed >> 8) as u8
            });
            let image = GrayImage::from_vec(width, height, luma.collect()).unwrap();
            let pyramid = Pyramid::of(&image.view(), config.levels).unwrap();
            let size = wgpu::Extent3d {
                width: width as u32,
                height: height as u32,
                depth_or_array_layers: 1,
            };
            let texture = opened.device.create_texture(&wgpu::TextureDescriptor {
                label: None,
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            });
            opened.queue.write_texture(
                texture.as_image_copy(),
                &rgba,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(width as u32 * 4),
                    rows_per_image: None,
                },
                size,
            );
            // Only the texture has the picture: a black one of the same size is what the CPU has.
            let black = Pyramid::of(
                &GrayImage::new(width, height).unwrap().view(),
                config.levels,
            );
            engine
                .prepare_from_texture(0, &black.unwrap(), &texture)
                .unwrap();
            let words: Vec<u32> = opened.read(&engine.buffers().pyramids);
            let mut rest: &[u8] = bytemuck::cast_slice(&words);
            for level in pyramid.levels() {
                let (made, others) = rest.split_at(level.bytes().len());
                assert!(made == level.bytes(), "{width} x {height}");
                rest = others;
            }
        }
    });
}

#[test]
fn flows_are_those_of_the_cpu_to_a_twentieth_of_a_pixel() {
    on_a_device(|opened| {
        // A window of the usual size and a small one; points in and around the picture; guesses that are off.
        for (window_px, [width, height], shift) in [
            (15, [333, 251], [3.4, -2.2]),
            (7, [320, 240], [0.0, 0.0]),
            (15, [97, 61], [-6.7, 4.1]),
        ] {
            let config = FrontEndConfig {
                window_px,
                ..FrontEndConfig::default()
            };
            let mut engine = engine(opened, &config);
            let picture = |[dx, dy]: [f64; 2]| {
                let image = test_texture::picture(width, height, |[x, y]| [x - dx, y - dy]);
                Pyramid::of(&image.view(), config.levels).unwrap()
            };
            let (earlier, later) = (picture([0.0; 2]), picture(shift));
            // Fewer than need pilots: each is searched from the coarsest level on, as the CPU does alone.
            let points: Vec<TrackedPoint> = (0..119)
                .map(|id| TrackedPoint {
                    id,
                    age_frames: id % 5,
                    position_px: [
                        (id * 7919 % 1000) as f32 * 1.1e-3 * width as f32 - 8.0,
                        (id * 104_729 % 1000) as f32 * 1.1e-3 * height as f32 - 8.0,
                    ],
                })
                .collect();
            let hints: Vec<PointHint> = points
                .iter()
                .map(|point| PointHint {
                    guess_px: [point.position_px[0] + 1.0, point.position_px[1] - 0.5],
                    is_checked_later: true,
                })
                .collect();
            engine
                .begin(&Job {
                    earlier: Some((0, &earlier)),
                    later: (1, &later),
                    points: &points,
                    hints: Some(&hints),
                    ..first(&later, &config)
                })
                .unwrap();
            answer(opened, &mut engine);
            let made: Vec<FlowRecord> = opened.read(&engine.buffers().flows);

            let tracker = LucasKanade::new(LucasKanadeConfig {
                window_px,
                ..LucasKanadeConfig::default()
            });
            let from: Vec<_> = points.iter().map(|p| p.position_px).collect();
            let guesses: Vec<_> = hints.iter().map(|h| h.guess_px).collect();
            let mut flows = vec![Flow::default(); from.len()];
            tracker
                .unwrap()
                .track(&earlier, &later, &from, Some(&guesses), &mut flows)
                .unwrap();
            let status = |flow: &Flow| match flow.status {
                FlowStatus::Outside => 0,
                FlowStatus::Tracked => 1,
                FlowStatus::LowTexture => 2,
            };
            let (mut same, mut near, mut tracked) = (0, 0, 0);
            for (flow, made) in flows.iter().zip(&made) {
                same += usize::from(status(flow) == made.status);
                if flow.status == FlowStatus::Tracked {
                    tracked += 1;
                    let [x, y] = [0, 1].map(|a| flow.position_px[a] - made.position[a]);
                    near += usize::from(x.hypot(y) < 0.05);
                }
            }
            assert!(tracked > 60, "{tracked}");
            assert!(near * 100 >= tracked * 99, "{near} of {tracked}");
            assert!(same * 100 >= flows.len() * 99, "{same}");
        }
    });
}

#[test]
fn corners_are_those_of_the_cpu() {
    on_a_device(|opened| {
        for (cell, max_points) in [(16, 1200), (20, 450), (16, 60), (33, 4000)] {
            let config = FrontEndConfig {
                grid_cell_px: cell,
                max_points,
                fast_threshold: 5,
                min_corner_score: 4.0,
                ..FrontEndConfig::default()
            };
            let mut engine = engine(opened, &config);
            for [width, height] in SIZES {
                let image = test_texture::picture(width, height, |p| p);
                let pyramid = Pyramid::of(&image.view(), config.levels).unwrap();
                engine.begin(&first(&pyramid, &config)).unwrap();
                let made = answer(opened, &mut engine);
                engine.cancel();
                assert_eq!(made.wanted, max_points);

                let mut corners = Vec::new();
                let mut detector = CornerDetector::new(CornerConfig {
                    cell_px: cell,
                    fast_threshold: 5,
                    min_score: 4.0,
                    ..CornerConfig::default()
                })
                .unwrap();
                detector.detect(&pyramid, [], max_points, &mut corners);
                let is_near = |a: &[f32; 2], b: &[f32; 2]| {
                    (a[0] - b[0]).abs() < 0.01 && (a[1] - b[1]).abs() < 0.01
                };
                let found = corners
                    .iter()
                    .filter(|c| made.started.iter().any(|at| is_near(at, &c.position_px)))
                    .count();
                let what = format!(
                    "{found} of {} and {} at {width} x {height}, {cell}",
                    corners.len(),
                    made.started.len()
                );
                assert!(found * 100 >= corners.len() * 99, "{what}");
                assert!(found * 100 >= made.started.len() * 99, "{what}");
                // The best come first.
                let in_place = corners
                    .iter()
                    .zip(&made.started)
                    .filter(|(c, at)| is_near(at, &c.position_px))
                    .count();
                assert!(in_place * 100 >= corners.len() * 95, "{in_place}: {what}");
            }
        }
    });
}

#[test]
fn crowds_are_thinned_as_one_after_the_other_would() {
    on_a_device(|opened| {
        let config = FrontEndConfig {
            max_points: 3000,
            ..FrontEndConfig::default()
        };
        let mut engine = engine(opened, &config);
        let image = test_texture::picture(160, 120, |p| p);
        let pyramid = Pyramid::of(&image.view(), config.levels).unwrap();
        // Many more points than there is room for; a still picture leaves them where they are.
        let points: Vec<TrackedPoint> = (0..3000_u32)
            .map(|id| TrackedPoint {
                id,
                age_frames: 3,
                position_px: [
                    10.0 + (id.wrapping_mul(2_654_435_761) >> 16) as f32 % 140.0,
                    10.0 + (id.wrapping_mul(2_246_822_519) >> 16) as f32 % 100.0,
                ],
            })
            .collect();
        engine
            .begin(&Job {
                earlier: Some((0, &pyramid)),
                later: (1, &pyramid),
                points: &points,
                min_missing: 3000,
                ..first(&pyramid, &config)
            })
            .unwrap();
        let made = answer(opened, &mut engine);
        let flows: Vec<FlowRecord> = opened.read(&engine.buffers().flows);
        let mut kept: Vec<[f32; 2]> = Vec::new();
        let mut sources = Vec::new();
        for (source, flow) in flows.iter().enumerate().take(points.len()) {
            let [x, y] = flow.position;
            let limit = config.min_distance_px * 0.5;
            let is_free = kept
                .iter()
                .all(|[a, b]| (a - x) * (a - x) + (b - y) * (b - y) >= limit * limit);
            if flow.status == 1 && flow.error_px <= config.max_back_error_px && is_free {
                kept.push(flow.position);
                sources.push(source);
            }
        }
        assert!(sources.len() > 300, "{}", sources.len());
        let made: Vec<usize> = made.followed.iter().map(|f| f.source).collect();
        assert_eq!(made, sources);
    });
}

#[test]
fn pilots_agree_on_the_medians_of_what_they_found() {
    on_a_device(|opened| {
        let config = FrontEndConfig::default();
        let mut engine = engine(opened, &config);
        let picture = |[dx, dy]: [f64; 2]| {
            let image = test_texture::picture(320, 240, |[x, y]| [x - dx, y - dy]);
            Pyramid::of(&image.view(), config.levels).unwrap()
        };
        let (earlier, later) = (picture([0.0; 2]), picture([6.0, -3.0]));
        let points: Vec<TrackedPoint> = (0..300)
            .map(|id| TrackedPoint {
                id,
                age_frames: 0,
                position_px: [
                    40.0 + (id % 20) as f32 * 12.0,
                    40.0 + (id / 20) as f32 * 10.0,
                ],
            })
            .collect();
        for spread in [0.1, 2.0, 9.0] {
            // Guesses that are wrong by something common, and each by something of its own.
            let hints: Vec<PointHint> = points
                .iter()
                .map(|point| {
                    let own = [7919, 104_729]
                        .map(|prime| ((point.id * prime) % 1000) as f32 * 2e-3 * spread - spread);
                    PointHint {
                        guess_px: [
                            point.position_px[0] + 2.0 + own[0],
                            point.position_px[1] + 1.0 + own[1],
                        ],
                        is_checked_later: true,
                    }
                })
                .collect();
            engine
                .begin(&Job {
                    earlier: Some((0, &earlier)),
                    later: (1, &later),
                    points: &points,
                    hints: Some(&hints),
                    min_missing: 1200,
                    ..first(&later, &config)
                })
                .unwrap();
            answer(opened, &mut engine);
            let buffers = engine.buffers();
            let made: Vec<Agreement> = opened.read(&buffers.agreement);
            let flows: Vec<FlowRecord> = opened.read(&buffers.flows);
            let pilots = (0..300).step_by(300_usize.div_ceil(40));
            let misses: Vec<[f32; 2]> = pilots
                .filter(|place| flows[*place].status == 1)
                .map(|place| {
                    [0, 1].map(|axis| flows[place].position[axis] - hints[place].guess_px[axis])
                })
                .collect();
            assert!(misses.len() >= 20, "{}", misses.len());
            let quantile = |mut values: Vec<f32>, share: f32| {
                values.sort_by(f32::total_cmp);
                values[(values.len() as f32 * share) as usize]
            };
            let shift = [0, 1].map(|axis| quantile(misses.iter().map(|m| m[axis]).collect(), 0.5));
            let own = |m: &[f32; 2]| (m[0] - shift[0]).hypot(m[1] - shift[1]);
            let spread = quantile(misses.iter().map(own).collect(), 0.8);
            let mut levels = 2;
            while levels < 4 && spread > 0.75 * (1 << levels) as f32 {
                levels += 1;
            }
            let [x, y] = [0, 1].map(|axis| (made[0].shift[axis] - shift[axis]).abs());
            assert!(x < 1e-3 && y < 1e-3, "{:?} for {shift:?}", made[0].shift);
            assert_eq!(made[0].levels, levels, "{spread}");
        }
    });
}

#[test]
fn corners_that_were_not_there_before_do_not_start() {
    on_a_device(|opened| {
        let config = FrontEndConfig {
            fast_threshold: 5,
            min_corner_score: 4.0,
            ..FrontEndConfig::default()
        };
        let mut engine = engine(opened, &config);
        // On the right, something else than before.
        let picture = |elsewhere: f64| {
            let image = test_texture::picture(320, 240, |[x, y]| {
                if x < 160.0 {
                    [x, y]
                } else {
                    [x + elsewhere, y]
                }
            });
            Pyramid::of(&image.view(), config.levels).unwrap()
        };
        let (earlier, later) = (picture(0.0), picture(1000.0));
        let job = Job {
            earlier: Some((0, &earlier)),
            later: (1, &later),
            ..first(&later, &config)
        };
        engine.begin(&job).unwrap();
        let made = answer(opened, &mut engine);
        engine.begin(&first(&later, &config)).unwrap();
        let unproven = answer(opened, &mut engine);
        let on_the_right = |at: &&[f32; 2]| at[0] > 170.0;
        let all = unproven.started.iter().filter(on_the_right).count();
        let proven = made.started.iter().filter(on_the_right).count();
        assert!(all > 60, "{all}");
        assert!(proven * 20 <= all, "{proven} of {all}");
        let on_the_left = made.started.len() - proven;
        assert!(on_the_left > 60, "{on_the_left}");
    });
}
