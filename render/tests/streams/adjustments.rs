//! Each adjustment does what it says, against values worked out apart from the chain's code.

use render::TargetOrigin;
use render::streams::{StreamAdjustments, StreamFit, white_balance_from_gray};

use crate::PLAIN_FORMAT;
use crate::generated::Video;
use crate::offscreen::on_every_backend;

fn linear(byte: u8) -> f64 {
    let encoded = f64::from(byte) / 255.0;
    if encoded <= 0.04045 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

#[test]
fn the_default_changes_nothing() {
    on_every_backend(|offscreen| {
        for video in [
            Video::noise([64, 40]),
            Video::gray([17, 16]),
            Video::scene([50, 31]),
        ] {
            let drawn = offscreen.processed_once(&video, &StreamAdjustments::default());
            let off = video
                .rgba
                .iter()
                .zip(&drawn.rgba)
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(off.is_some_and(|off| off <= 1), "{off:?}");
        }
    });
}

#[test]
fn one_stop_doubles_the_light_below_the_shoulder() {
    on_every_backend(|offscreen| {
        let video = Video::gray([16, 16]);
        let case = StreamAdjustments {
            exposure_stops: 1.0,
            ..Default::default()
        };
        let drawn = offscreen.processed_once(&video, &case);
        let mut last = -1.0;
        for value in 0..=255_u32 {
            let before = linear(value as u8);
            let after = linear(drawn.at(value % 16, value / 16)[0]);
            // One step of the target's bytes.
            let step = linear(drawn.at(value % 16, value / 16)[0].saturating_add(1)) - after;
            if before * 2.0 <= 0.5 {
                assert!(
                    (after - before * 2.0).abs() <= step,
                    "{value}: {before} gives {after}"
                );
            } else {
                assert!(
                    after < before * 2.0 + step && after >= last,
                    "{value}: {before} gives {after}"
                );
            }
            last = after;
        }
        assert_eq!(drawn.at(15, 15), [255; 4]);
        // Highlights stay apart where clipping would make all above 188 white.
        let ends = [190, 210, 230, 250].map(|value| drawn.at(value % 16, value / 16)[0]);
        assert!(ends.is_sorted_by(|a, b| a < b) && ends[3] < 255, "{ends:?}");
    });
}

#[test]
fn less_light_halves() {
    on_every_backend(|offscreen| {
        let video = Video::gray([16, 16]);
        let case = StreamAdjustments {
            exposure_stops: -1.0,
            ..Default::default()
        };
        let drawn = offscreen.processed_once(&video, &case);
        for value in 0..=255_u32 {
            let seen = drawn.at(value % 16, value / 16)[0];
            let step = linear(seen.saturating_add(1)) - linear(seen);
            assert!(
                (linear(seen) - linear(value as u8) / 2.0).abs() <= step,
                "{value}: {seen}"
            );
        }
    });
}

#[test]
fn without_saturation_all_is_gray_of_the_same_luma() {
    on_every_backend(|offscreen| {
        let video = Video::noise([40, 40]);
        let case = StreamAdjustments {
            saturation: 0.0,
            ..Default::default()
        };
        let drawn = offscreen.processed_once(&video, &case);
        for (before, after) in video.rgba.chunks_exact(4).zip(drawn.rgba.chunks_exact(4)) {
            assert!(after[0] == after[1] && after[1] == after[2], "{after:?}");
            let luma = 0.2126 * linear(before[0])
                + 0.7152 * linear(before[1])
                + 0.0722 * linear(before[2]);
            assert!(
                (linear(after[0]) - luma).abs() < 0.005,
                "{before:?}: {after:?}"
            );
        }
    });
}

#[test]
fn gray_world_takes_a_cast_away() {
    on_every_backend(|offscreen| {
        let video = Video::new([32, 32], |x, y| {
            let value = 40 + 2 * (x + y) as u8;
            [value, value / 4 * 3, value / 2]
        });
        let mean = |video: &Video| -> [f32; 3] {
            std::array::from_fn(|channel| {
                let sum: f64 = video
                    .rgba
                    .chunks_exact(4)
                    .map(|pixel| linear(pixel[channel]))
                    .sum();
                (sum / 1024.0) as f32
            })
        };
        let case = StreamAdjustments {
            white_gains: white_balance_from_gray(mean(&video)),
            ..Default::default()
        };
        let after = mean(&offscreen.processed_once(&video, &case));
        assert!(
            (after[0] - after[1]).abs() < 0.004 && (after[2] - after[1]).abs() < 0.004,
            "{after:?}"
        );
    });
}

#[test]
fn temperature_and_tint_turn_gray_their_way() {
    on_every_backend(|offscreen| {
        let video = Video::new([4, 4], |_, _| [120; 3]);
        let seen = |temperature, tint| {
            let case = StreamAdjustments {
                temperature,
                tint,
                ..Default::default()
            };
            offscreen.processed_once(&video, &case).at(1, 1)
        };
        let [red, green, blue, _] = seen(1.0, 0.0);
        assert!(red > green && green > blue, "amber: {red} {green} {blue}");
        let [red, green, blue, _] = seen(-1.0, 0.0);
        assert!(red < green && green < blue, "blue: {red} {green} {blue}");
        let [red, green, blue, _] = seen(0.0, 1.0);
        assert!(green < red && green < blue, "magenta: {red} {green} {blue}");
        let [red, green, blue, _] = seen(0.0, -1.0);
        assert!(green > red && green > blue, "green: {red} {green} {blue}");
    });
}

#[test]
fn left_of_the_split_is_the_plain_video() {
    on_every_backend(|offscreen| {
        let video = Video::scene([80, 24]);
        let all = StreamAdjustments {
            deblocking: 0.5,
            sharpness: 1.0,
            exposure_stops: 1.0,
            saturation: 2.0,
            ..Default::default()
        };
        let processed = offscreen.processed_once(&video, &all);
        for (split, line) in [(0.25, Some(20)), (0.0, None), (1.0, None)] {
            let half = offscreen.processed_once(
                &video,
                &StreamAdjustments {
                    split: Some(split),
                    ..all
                },
            );
            for y in 0..24 {
                for x in 0..80 {
                    let seen = half.at(x, y);
                    let off = |other: [u8; 4]| (0..4).map(|c| seen[c].abs_diff(other[c])).max();
                    if line.is_some_and(|line| x == line - 1 || x == line) {
                        assert!(
                            off([0xf7, 0xf6, 0xf2, 255]) <= Some(1),
                            "{x}, {y}: {seen:?}"
                        );
                    } else if (x as f32) < split * 80.0 {
                        assert!(off(video.at(x, y)) <= Some(1), "{x}, {y}: {seen:?}");
                    } else {
                        assert_eq!(seen, processed.at(x, y), "{x}, {y}");
                    }
                }
            }
        }
    });
}

#[test]
fn a_target_with_its_origin_below_holds_the_same_rows_turned_over() {
    on_every_backend(|offscreen| {
        let video = Video::scene([40, 24]);
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        let drawn = |chain: &mut _| {
            let case = StreamAdjustments {
                split: Some(0.25),
                deblocking: 0.5,
                sharpness: 0.5,
                exposure_stops: 0.5,
                ..Default::default()
            };
            let fit = StreamFit::Contain;
            offscreen.processed(chain, PLAIN_FORMAT, &video, &case, [40, 24], fit)
        };
        let upright = drawn(&mut chain);
        chain.set_target_origin(TargetOrigin::BottomLeft);
        let turned = drawn(&mut chain);
        for y in 0..24 {
            for x in 0..40 {
                assert_eq!(turned.at(x, 23 - y), upright.at(x, y), "{x}, {y}");
            }
        }
        assert_ne!(turned.rgba, upright.rgba);
    });
}

#[test]
fn contain_leaves_transparent_bars_and_cover_none() {
    on_every_backend(|offscreen| {
        let video = Video::new([20, 10], |_, _| [200, 100, 50]);
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        let mut drawn = |fit| {
            let case = StreamAdjustments::default();
            offscreen.processed(&mut chain, PLAIN_FORMAT, &video, &case, [40, 40], fit)
        };
        let contained = drawn(StreamFit::Contain);
        for (y, expected) in [
            (9, [0; 4]),
            (10, [200, 100, 50, 255]),
            (29, [200, 100, 50, 255]),
            (30, [0; 4]),
        ] {
            assert_eq!(contained.at(20, y), expected, "row {y}");
        }
        let covered = drawn(StreamFit::Cover);
        assert!(
            covered
                .rgba
                .chunks_exact(4)
                .all(|pixel| pixel == [200, 100, 50, 255])
        );
    });
}

#[test]
fn the_input_stays_while_its_size_does_and_nothing_is_drawn_without_one() {
    on_every_backend(|offscreen| {
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        let view = offscreen
            .target(PLAIN_FORMAT, [8, 8])
            .create_view(&Default::default());
        let case = StreamAdjustments::default();
        assert!(!chain.draw(&case, &view, [8, 8], StreamFit::Contain));
        let first = chain.input(64, 48).clone();
        assert_eq!(chain.input(64, 48), &first);
        assert_ne!(chain.input(48, 64), &first);
        assert_eq!(first.format(), wgpu::TextureFormat::Rgba8UnormSrgb);
        assert_eq!(chain.input(0, u32::MAX).width(), 1);
        chain.input(4, 4);
        assert!(!chain.draw(&case, &view, [0, 8], StreamFit::Contain));
        assert!(!chain.draw(&case, &view, [8, u32::MAX], StreamFit::Cover));
        assert!(chain.draw(&case, &view, [8, 8], StreamFit::Contain));
    });
}
