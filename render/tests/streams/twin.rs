//! The GPU does what the CPU twin does.

use render::streams::{StreamAdjustments, StreamFit, cpu};

use crate::PLAIN_FORMAT;
use crate::generated::Video;
use crate::offscreen::on_every_backend;

/// Adjustments that reach every branch, one by one and together.
fn cases() -> Vec<StreamAdjustments> {
    let plain = StreamAdjustments::default();
    vec![
        plain,
        StreamAdjustments {
            deblocking: 0.6,
            ..plain
        },
        StreamAdjustments {
            sharpness: 0.7,
            ..plain
        },
        StreamAdjustments {
            deblocking: 0.5,
            sharpness: 0.5,
            ..plain
        },
        StreamAdjustments {
            exposure_stops: 1.5,
            ..plain
        },
        StreamAdjustments {
            exposure_stops: -2.0,
            saturation: 0.4,
            ..plain
        },
        StreamAdjustments {
            temperature: 0.8,
            tint: -0.5,
            ..plain
        },
        StreamAdjustments {
            temperature: -1.0,
            white_gains: [1.4, 0.9, 0.7],
            ..plain
        },
        StreamAdjustments {
            saturation: 2.0,
            ..plain
        },
        StreamAdjustments {
            deblocking: 0.3,
            sharpness: 0.4,
            exposure_stops: -0.3,
            temperature: 0.3,
            tint: 0.3,
            saturation: 0.8,
            split: Some(0.4),
            ..plain
        },
    ]
}

/// The first byte that differs by more than a step.
///
/// A device may decode the sRGB of a texture a little wrong (Mesa's software rasterisers take a cubic
/// that is off by up to 0.001). Where an adjustment multiplies that, as much is allowed: in the dark a
/// step is only 0.0003.
fn first_difference(case: &StreamAdjustments, drawn: &[u8], twin: &[u8]) -> Option<String> {
    assert_eq!(drawn.len(), twin.len());
    let linear = |byte: u8| ((f32::from(byte) / 255.0 + 0.055) / 1.055).powf(2.4);
    let gain = case.white_gains.into_iter().fold(0.0, f32::max);
    let balance = gain * (1.0 + case.temperature.abs() + case.tint.abs());
    let multiplied = case.exposure_stops.exp2() * balance * (2.0 * case.saturation - 1.0);
    let allowed = if multiplied > 1.0 {
        0.001 * multiplied
    } else {
        0.0
    };
    let index = (0..twin.len()).find(|&i| {
        let (low, high) = (twin[i].min(drawn[i]), twin[i].max(drawn[i]));
        high - low > 1 && linear(high - 1) - linear(low) > allowed
    })?;
    Some(format!(
        "byte {index} is {}, not {}",
        drawn[index], twin[index]
    ))
}

#[test]
fn gpu_and_twin_agree() {
    on_every_backend(|offscreen| {
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        let videos = [Video::scene([61, 47]), Video::noise([24, 19])];
        for video in &videos {
            for target_px in [video.size_px, [130, 70], [40, 90], [17, 12]] {
                for fit in [StreamFit::Contain, StreamFit::Cover] {
                    for case in cases() {
                        let drawn = offscreen.processed(
                            &mut chain,
                            PLAIN_FORMAT,
                            video,
                            &case,
                            target_px,
                            fit,
                        );
                        let twin = cpu::draw(&case, video.size_px, &video.rgba, target_px, fit);
                        if let Some(worst) = first_difference(&case, &drawn.rgba, &twin) {
                            panic!(
                                "{case:?} {:?} into {target_px:?} {fit:?}: {worst}",
                                video.size_px
                            );
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn extremes_agree_with_the_twin_and_with_the_ends_of_the_ranges() {
    let extremes = [f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY, f32::NAN];
    on_every_backend(|offscreen| {
        let video = Video::scene([31, 23]);
        for a in extremes {
            for b in extremes {
                let case = StreamAdjustments {
                    deblocking: b,
                    sharpness: a,
                    exposure_stops: b,
                    white_gains: [a, 1.0, b],
                    temperature: a,
                    tint: b,
                    saturation: a,
                    split: Some(b),
                };
                let drawn = offscreen.processed_once(&video, &case);
                let kept = offscreen.processed_once(&video, &case.clamped());
                assert_eq!(drawn.rgba, kept.rgba, "{case:?}");
                let fit = StreamFit::Contain;
                let twin = cpu::draw(&case, video.size_px, &video.rgba, video.size_px, fit);
                // Up to 8 stops: a rounding of the sharpened picture is enlarged with it.
                let far = (0..twin.len())
                    .filter(|&i| twin[i].abs_diff(drawn.rgba[i]) > 8)
                    .count();
                assert_eq!(far, 0, "{case:?}");
                assert!(drawn.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255));
            }
        }
    });
}

#[test]
fn every_target_format_shows_the_same() {
    use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8UnormSrgb};
    on_every_backend(|offscreen| {
        let video = Video::scene([33, 21]);
        let case = StreamAdjustments {
            exposure_stops: 0.5,
            saturation: 1.2,
            ..Default::default()
        };
        let plain = offscreen.processed_once(&video, &case);
        for format in [Bgra8Unorm, Bgra8UnormSrgb, Rgba8UnormSrgb] {
            let drawn = offscreen.processed(
                &mut offscreen.chain(format),
                format,
                &video,
                &case,
                video.size_px,
                StreamFit::Contain,
            );
            let red = if format == Rgba8UnormSrgb { 0 } else { 2 };
            for (a, b) in plain.rgba.chunks_exact(4).zip(drawn.rgba.chunks_exact(4)) {
                let b = [b[red], b[1], b[2 - red], b[3]];
                assert!(
                    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1),
                    "{format:?}: {a:?} {b:?}"
                );
            }
        }
        let refused = pollster::block_on(render::streams::StreamChain::new(
            offscreen.device.clone(),
            offscreen.queue.clone(),
            wgpu::TextureFormat::Rgba16Float,
        ));
        assert!(matches!(
            refused,
            Err(render::Error::UnsupportedTargetFormat { .. })
        ));
    });
}

#[test]
fn odd_sizes_work() {
    on_every_backend(|offscreen| {
        let mut chain = offscreen.chain(PLAIN_FORMAT);
        let case = StreamAdjustments {
            deblocking: 0.5,
            sharpness: 0.5,
            ..Default::default()
        };
        for video_px in [[1, 1], [1, 7], [5, 1], [13, 3]] {
            let video = Video::scene(video_px);
            for target_px in [[1, 1], [3, 5], [64, 1], [1, 33], [97, 61]] {
                for fit in [StreamFit::Contain, StreamFit::Cover] {
                    let drawn = offscreen.processed(
                        &mut chain,
                        PLAIN_FORMAT,
                        &video,
                        &case,
                        target_px,
                        fit,
                    );
                    let twin = cpu::draw(&case, video_px, &video.rgba, target_px, fit);
                    let off = twin
                        .iter()
                        .zip(&drawn.rgba)
                        .map(|(a, b)| a.abs_diff(*b))
                        .max();
                    assert!(
                        off.is_some_and(|off| off <= 1),
                        "{video_px:?} into {target_px:?} {fit:?}: {off:?}"
                    );
                    assert!(
                        drawn.rgba.chunks_exact(4).any(|pixel| pixel[3] == 255)
                            || fit == StreamFit::Contain
                    );
                }
            }
        }
    });
}
