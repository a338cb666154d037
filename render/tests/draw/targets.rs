//! Views, targets and their formats.

use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, Error, FrameViews, Grid, Head, Light, Pin, Renderer, RendererConfig, Scene, Spot,
    TargetOrigin, View, palette,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{centroid, draw_one, draw_with, project, view};

const SIZE: [u32; 2] = [240, 160];

fn pins() -> [Pin; 1] {
    [Pin {
        world_from_pin: Mat4::IDENTITY,
        color: palette::SIGNAL,
        label: None,
        drop: 0.0,
    }]
}

fn eye_view(viewport_px: [u32; 4]) -> View {
    view(
        viewport_px,
        Vec3::new(0.0, 0.2, 0.35),
        Vec3::new(-0.04, 0.05, 0.0),
    )
}

fn into(
    offscreen: &Offscreen,
    format: wgpu::TextureFormat,
    sample_count: u32,
    origin: TargetOrigin,
) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig {
        target_format: format,
        sample_count,
        ..RendererConfig::default()
    });
    let target = offscreen.target(format, SIZE);
    let frame = FrameViews {
        views: &[eye_view([0, 0, SIZE[0], SIZE[1]])],
        target_size_px: SIZE,
        pixel_ratio: 1.0,
        time_secs: 0.0,
    };
    renderer.draw(
        &frame,
        &Light::default(),
        &Scene {
            pins: &pins(),
            ..Scene::default()
        },
        Backdrop::Transparent,
        &target.create_view(&Default::default()),
        origin,
    );
    offscreen.read(&target)
}

#[test]
fn bottom_left_target_is_upside_down() {
    on_every_backend(|offscreen| {
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let top = into(offscreen, format, 4, TargetOrigin::TopLeft);
        let bottom = into(offscreen, format, 4, TargetOrigin::BottomLeft);
        let row = (SIZE[0] * 4) as usize;
        let turned: Vec<u8> = top
            .rgba
            .chunks_exact(row)
            .rev()
            .flatten()
            .copied()
            .collect();
        assert_eq!(bottom.rgba, turned);
        assert_ne!(bottom.rgba, top.rgba);
    });
}

#[test]
fn every_target_format_holds_the_same_encoded_values() {
    on_every_backend(|offscreen| {
        use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba8UnormSrgb};
        let plain = into(offscreen, Rgba8Unorm, 4, TargetOrigin::TopLeft);
        for format in [Rgba8UnormSrgb, Bgra8Unorm, Bgra8UnormSrgb] {
            let mut other = into(offscreen, format, 4, TargetOrigin::TopLeft);
            if matches!(format, Bgra8Unorm | Bgra8UnormSrgb) {
                other
                    .rgba
                    .chunks_exact_mut(4)
                    .for_each(|pixel| pixel.swap(0, 2));
            }
            let largest = plain
                .rgba
                .iter()
                .zip(&other.rgba)
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(
                largest.is_some_and(|difference| difference <= 1),
                "{format:?}: {largest:?}"
            );
        }
    });
}

#[test]
fn edges_are_smooth_with_four_samples_only() {
    on_every_backend(|offscreen| {
        let format = wgpu::TextureFormat::Rgba8Unorm;
        // Pixels that the sphere covers in part; shadows are black.
        let partly = |pixels: &Pixels| {
            centroid(pixels, |pixel| {
                pixel[0] > 25 && (1..255).contains(&pixel[3])
            })
            .1
        };
        let smooth = partly(&into(offscreen, format, 4, TargetOrigin::TopLeft));
        let hard = partly(&into(offscreen, format, 1, TargetOrigin::TopLeft));
        assert!(smooth > 20, "{smooth}");
        assert_eq!(hard, 0);
    });
}

#[test]
fn two_views_do_not_bleed() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        // In the left view the pin stands across the inner edge, the grid goes far beyond it; the right
        // view looks away.
        let left = view(
            [0, 0, 200, 200],
            Vec3::new(-0.14, 0.15, 0.3),
            Vec3::new(-0.14, 0.1, 0.0),
        );
        let away = view(
            [200, 0, 200, 200],
            Vec3::new(0.0, 0.15, 3.0),
            Vec3::new(0.0, 0.15, 9.0),
        );
        let grids = [Grid {
            world_from_grid: Mat4::IDENTITY,
            half_size_m: Vec2::splat(1.0),
            spacing_m: 0.02,
            color: palette::SKY,
            opacity: 1.0,
        }];
        let scene = Scene {
            pins: &pins(),
            grids: &grids,
            ..Scene::default()
        };
        let (pixels, report) = draw_with(
            offscreen,
            &mut renderer,
            &[left, away],
            [400, 200],
            &scene,
            Backdrop::Transparent,
        );
        assert_eq!(report.views, 2);
        let drawn = |columns: std::ops::Range<u32>| {
            columns
                .flat_map(|x| (0..200).map(move |y| (x, y)))
                .filter(|&(x, y)| pixels.at(x, y) != [0, 0, 0, 0])
                .count()
        };
        assert!(drawn(150..200) > 100);
        assert_eq!(drawn(200..400), 0);
    });
}

#[test]
fn each_view_draws_the_same_as_alone() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let left = eye_view([0, 20, 160, 120]);
        let right = View {
            viewport_px: [160, 40, 160, 120],
            ..view(
                [0, 0, 160, 120],
                Vec3::new(0.06, 0.2, 0.35),
                Vec3::new(0.02, 0.05, 0.0),
            )
        };
        let scene = Scene {
            pins: &pins(),
            ..Scene::default()
        };
        let views = [left, right];
        let (both, _) = draw_with(
            offscreen,
            &mut renderer,
            &views,
            [320, 200],
            &scene,
            Backdrop::Transparent,
        );
        for view in views {
            let alone = View {
                viewport_px: [0, 0, 160, 120],
                ..view
            };
            let alone = draw_one(offscreen, alone, &scene, Backdrop::Transparent);
            let [left, top, ..] = view.viewport_px;
            for y in 0..120 {
                for x in 0..160 {
                    let (seen, expected) = (both.at(left + x, top + y), alone.at(x, y));
                    let largest = (0..4).map(|c| seen[c].abs_diff(expected[c])).max();
                    assert!(
                        largest.is_some_and(|value| value <= 2),
                        "{x}, {y}: {seen:?} {expected:?}"
                    );
                }
            }
        }
    });
}

#[test]
fn views_without_size_or_out_of_the_target_are_skipped() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let scene = Scene {
            pins: &pins(),
            ..Scene::default()
        };
        let views = [
            [0, 0, 100, 100],
            [100, 0, 0, 100],
            [60, 0, 100, 100],
            [u32::MAX, 0, 2, 2],
        ]
        .map(eye_view);
        let (pixels, report) = draw_with(
            offscreen,
            &mut renderer,
            &views,
            [100, 100],
            &scene,
            Backdrop::Transparent,
        );
        assert_eq!((report.views, report.skipped_views), (1, 3));
        assert!(pixels.rgba.iter().any(|&byte| byte > 0));
        let (empty, report) = draw_with(
            offscreen,
            &mut renderer,
            &[],
            [64, 64],
            &scene,
            Backdrop::Transparent,
        );
        assert_eq!(report.views, 0);
        assert!(empty.rgba.iter().all(|&byte| byte == 0));
    });
}

#[test]
fn colour_backdrop_fills_the_target() {
    on_every_backend(|offscreen| {
        let pixels = draw_one(
            offscreen,
            eye_view([0, 0, 32, 16]),
            &Scene::default(),
            Backdrop::Color(palette::PAPER),
        );
        for pixel in pixels.rgba.chunks_exact(4) {
            let off = pixel
                .iter()
                .zip([0xf7, 0xf6, 0xf2, 0xff])
                .map(|(a, b)| a.abs_diff(b))
                .max();
            assert!(off.is_some_and(|value| value <= 1), "{pixel:?}");
        }
    });
}

#[test]
fn grid_dots_lie_on_the_plane_and_fade_at_its_edge() {
    on_every_backend(|offscreen| {
        let view = view([0, 0, 400, 400], Vec3::new(0.0, 1.2, 0.001), Vec3::ZERO);
        let grids = [Grid {
            world_from_grid: Mat4::IDENTITY,
            half_size_m: Vec2::splat(0.5),
            spacing_m: 0.1,
            color: [1.0, 1.0, 1.0],
            opacity: 1.0,
        }];
        let scene = Scene {
            grids: &grids,
            ..Scene::default()
        };
        let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
        let alpha = |x: f32, z: f32| {
            let place = project(&view, Vec3::new(x, 0.0, z));
            pixels.at(place.x as u32, place.y as u32)[3]
        };
        assert!(alpha(0.0, 0.0) > 200, "the strong dot in the middle");
        assert!(alpha(0.1, 0.2) > 60, "a fine dot");
        assert_eq!(alpha(0.05, 0.05), 0, "between the dots");
        assert!(alpha(0.4, 0.0) < alpha(0.2, 0.0));
        assert!(alpha(0.5, 0.5) < 20 && alpha(0.7, 0.0) == 0);
    });
}

#[test]
fn rings_and_heads_are_where_they_stand() {
    on_every_backend(|offscreen| {
        let from_above = view([0, 0, 300, 300], Vec3::new(0.0, 1.0, 0.001), Vec3::ZERO);
        let spots = [Spot {
            world_from_spot: Mat4::from_translation(Vec3::new(0.1, 0.0, 0.0)),
            color: palette::LEAF,
            radius_m: 0.05,
            dot: 0.0,
            opacity: 1.0,
            breathing: 0.0,
        }];
        let scene = Scene {
            spots: &spots,
            ..Scene::default()
        };
        let pixels = draw_one(offscreen, from_above, &scene, Backdrop::Transparent);
        let at = |x: f32| {
            let place = project(&from_above, Vec3::new(0.1 + x, 0.0, 0.0));
            pixels.at(place.x as u32, place.y as u32)
        };
        for side in [-0.046, 0.046] {
            let ring = at(side);
            assert!(ring[3] > 200 && ring[1] > ring[0] + 60, "{ring:?}");
        }
        assert_eq!(at(0.0), [0, 0, 0, 0], "an empty ring");

        let heads = [Head {
            world_from_head: Mat4::from_translation(Vec3::new(0.2, 0.1, -1.0)),
            color: [0.05, 0.7, 0.05],
            label: None,
        }];
        let scene = Scene {
            heads: &heads,
            ..Scene::default()
        };
        // From behind the head is all colour; from the front a dark visor stands between the eyes.
        let behind = view(
            [0, 0, 300, 300],
            Vec3::new(0.2, 0.1, 0.2),
            Vec3::new(0.2, 0.1, -1.0),
        );
        let pixels = draw_one(offscreen, behind, &scene, Backdrop::Transparent);
        let (middle, count) = centroid(&pixels, |pixel| pixel[3] > 127);
        assert!(count > 300);
        assert!(middle.distance(Vec2::splat(150.0)) < 2.0, "{middle}");
        assert!(pixels.at(150, 150)[1] > 120);
        let front = view(
            [0, 0, 300, 300],
            Vec3::new(0.2, 0.1, -2.2),
            Vec3::new(0.2, 0.1, -1.0),
        );
        let pixels = draw_one(offscreen, front, &scene, Backdrop::Transparent);
        assert!(pixels.at(150, 150)[1] < 90, "{:?}", pixels.at(150, 150));
    });
}

#[test]
fn unusable_configurations_are_errors() {
    on_every_backend(|offscreen| {
        let make = |config| {
            pollster::block_on(Renderer::new(
                offscreen.device.clone(),
                offscreen.queue.clone(),
                config,
            ))
        };
        let format = wgpu::TextureFormat::R32Float;
        assert!(matches!(
            make(RendererConfig { target_format: format, ..Default::default() }),
            Err(Error::UnsupportedTargetFormat { format: refused }) if refused == format
        ));
        assert!(matches!(
            make(RendererConfig {
                sample_count: 3,
                ..Default::default()
            }),
            Err(Error::UnsupportedSampleCount { requested: 3 })
        ));
    });
}

#[test]
fn pipelines_are_made_one_by_one_with_progress_and_all_of_them_first() {
    use std::{cell::RefCell, rc::Rc};
    on_every_backend(|offscreen| {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&heard);
        let renderer = pollster::block_on(Renderer::new_in_steps(
            offscreen.device.clone(),
            offscreen.queue.clone(),
            RendererConfig::default(),
            Some(Box::new(move |progress: render::Progress| {
                told.borrow_mut().push(progress);
                Box::pin(async {})
            })),
        ))
        .expect("the renderer is made");
        let heard = heard.borrow();
        for (index, progress) in heard.iter().enumerate() {
            assert_eq!(progress.made as usize, index + 1, "{}", progress.name);
            assert_eq!(progress.of as usize, heard.len(), "{}", progress.name);
        }
        assert_eq!(renderer.pipelines_made() as usize, heard.len());
    });
}

#[test]
fn a_screenshot_is_the_frame_as_bytes() {
    on_every_backend(|offscreen| {
        for format in [
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureFormat::Bgra8UnormSrgb,
        ] {
            let mut renderer = offscreen.renderer(RendererConfig {
                target_format: format,
                ..RendererConfig::default()
            });
            // A width whose rows do not fill what a copy asks for.
            let size_px = [70, 50];
            let frame = FrameViews {
                views: &[eye_view([0, 0, 70, 50])],
                target_size_px: size_px,
                pixel_ratio: 1.0,
                time_secs: 0.0,
            };
            let backdrop = Backdrop::Color([1.0, 0.2, 0.0]);
            let (light, scene) = (Light::default(), Scene::default());
            let mut screenshot = renderer
                .screenshot(&frame, &light, &scene, backdrop)
                .expect("the size is possible");
            let picture = loop {
                if let Some(picture) = screenshot.poll(&offscreen.device).expect("it comes") {
                    break picture;
                }
            };
            assert_eq!(picture.size_px, size_px);
            assert_eq!(picture.premultiplied_srgb_rgba.len(), 70 * 50 * 4);
            for pixel in picture.premultiplied_srgb_rgba.chunks(4) {
                assert!(
                    pixel[0] == 255 && pixel[1].abs_diff(124) <= 1 && pixel[2] == 0,
                    "{pixel:?}"
                );
                assert_eq!(pixel[3], 255);
            }
            let too_large = FrameViews {
                target_size_px: [u32::MAX, 4],
                ..frame
            };
            assert!(
                renderer
                    .screenshot(&too_large, &light, &scene, backdrop)
                    .is_err()
            );
        }
    });
}

#[test]
fn passes_are_timed_on_the_clock_that_is_given() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static TICKS: AtomicU32 = AtomicU32::new(0);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig {
            // Every look at it is a millisecond later.
            clock: Some(|| f64::from(TICKS.fetch_add(1, Ordering::Relaxed))),
            ..RendererConfig::default()
        });
        let size = [40, 30];
        let view = [eye_view([0, 0, 40, 30])];
        let scene = Scene::default();
        draw_with(
            offscreen,
            &mut renderer,
            &view,
            size,
            &scene,
            Backdrop::Transparent,
        );
        let times: Vec<_> = renderer.pass_times().collect();
        let printed = render::pass_order().to_string();
        for time in &times {
            let millis = if time.ran { 1.0 } else { 0.0 };
            assert_eq!(time.cpu_millis, millis, "{}", time.name);
            assert!(
                printed.contains(time.name),
                "{} is not in the printed order",
                time.name
            );
        }
        let ran = |name: &str| times.iter().any(|time| time.name == name && time.ran);
        // An empty scene has neither models nor pins.
        assert!(ran("composite") && ran("marks") && !ran("shadow map") && !ran("pin shadow map"));
    });
}
