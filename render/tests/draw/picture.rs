//! The camera picture and the points on it.

use render::glam::{Mat4, Vec2, Vec3};
use render::{Backdrop, ImagePoint, RendererConfig, Scene, picture_fit};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{centroid, draw_with, view};

fn draw_picture(
    offscreen: &Offscreen,
    picture_px: [u32; 2],
    rgba: &[u8],
    view_px: [u32; 2],
    points: &[ImagePoint],
) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    offscreen.write_picture(&mut renderer, picture_px, rgba);
    let view = view([0, 0, view_px[0], view_px[1]], Vec3::Z, Vec3::ZERO);
    let scene = Scene {
        image_points: points,
        ..Scene::default()
    };
    draw_with(
        offscreen,
        &mut renderer,
        &[view],
        view_px,
        &scene,
        Backdrop::Picture,
    )
    .0
}

fn picture([width, height]: [u32; 2], color: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let [red, green, blue] = color(x, y);
            [red, green, blue, 255]
        })
        .collect()
}

#[test]
fn colours_survive_the_pipeline() {
    on_every_backend(|offscreen| {
        let size = [128, 96];
        let noise = |x: u32, y: u32| {
            let mixed = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b))
                .wrapping_mul(0xc2b2_ae35);
            let [red, green, blue, _] = (mixed ^ (mixed >> 13)).to_le_bytes();
            [red, green, blue]
        };
        let rgba = picture(size, noise);
        let drawn = draw_picture(offscreen, size, &rgba, size, &[]);
        let largest = rgba
            .iter()
            .zip(&drawn.rgba)
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(
            largest.is_some_and(|difference| difference <= 2),
            "{largest:?}"
        );
    });
}

#[test]
fn cover_fit_shows_the_pixels_that_the_pure_function_says() {
    on_every_backend(|offscreen| {
        for picture_px in [[64, 48], [48, 64]] {
            let gradient = picture(picture_px, |x, y| [40 + 3 * x as u8, 40 + 3 * y as u8, 128]);
            for view_px in [
                [128, 96],
                [90, 195],
                [195, 90],
                [64, 48],
                [40, 30],
                [100, 100],
            ] {
                let drawn = draw_picture(offscreen, picture_px, &gradient, view_px, &[]);
                let fit = picture_fit(picture_px, view_px);
                for y in (0..view_px[1]).step_by(3) {
                    for x in (0..view_px[0]).step_by(3) {
                        let [u, v] = fit.picture_from_view([x as f32 + 0.5, y as f32 + 0.5]);
                        let inside = |value: f32, size: u32| value.clamp(0.0, (size - 1) as f32);
                        let expected = [
                            40.0 + 3.0 * inside(u, picture_px[0]),
                            40.0 + 3.0 * inside(v, picture_px[1]),
                        ];
                        let seen = drawn.at(x, y);
                        for channel in 0..2 {
                            let off = (f32::from(seen[channel]) - expected[channel]).abs();
                            assert!(
                                off <= 2.5,
                                "{picture_px:?} in {view_px:?} at {x}, {y}: {seen:?} {expected:?}"
                            );
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn points_land_on_their_pixel_with_the_colour_of_their_age() {
    on_every_backend(|offscreen| {
        let size = [80, 60];
        let gray = picture(size, |_, _| [128, 128, 128]);
        let point = |x: f32, y: f32, age: f32, certain: f32| ImagePoint {
            position_px: [x, y],
            age,
            certain,
        };
        let points = [
            point(10.0, 12.0, 0.0, 1.0),
            point(40.0, 12.0, 1.0, 1.0),
            point(70.0, 12.0, 0.3, 0.0),
        ];
        let drawn = draw_picture(offscreen, size, &gray, size, &points);
        for (x, color) in [
            (10, [0x2f, 0x7d, 0xf6]),
            (40, [0x1f, 0x9d, 0x6b]),
            (70, [0xe2, 0xa1, 0x00]),
        ] {
            let seen = drawn.at(x, 12);
            let off = (0..3).map(|c| seen[c].abs_diff(color[c])).max();
            assert!(
                off.is_some_and(|value| value <= 2),
                "{seen:?} is not {color:?}"
            );
            // A rim darker than the picture, then the picture.
            assert!(drawn.at(x + 2, 12)[0] < 115, "{:?}", drawn.at(x + 2, 12));
            assert_eq!(drawn.at(x + 4, 12), [128, 128, 128, 255]);
            assert_eq!(drawn.at(x, 16), [128, 128, 128, 255]);
        }
    });
}

#[test]
fn points_follow_the_cover_fit() {
    on_every_backend(|offscreen| {
        let size = [80, 60];
        let gray = picture(size, |_, _| [128, 128, 128]);
        for view_px in [[160, 120], [100, 150], [240, 90]] {
            let fit = picture_fit(size, view_px);
            for position_px in [[39.5, 29.5], [36.0, 31.0], [41.25, 28.75]] {
                let points = [ImagePoint {
                    position_px,
                    age: 0.0,
                    certain: 1.0,
                }];
                let drawn = draw_picture(offscreen, size, &gray, view_px, &points);
                let (middle, count) = centroid(&drawn, |pixel| pixel != [128, 128, 128, 255]);
                let expected = Vec2::from_array(fit.view_from_picture(position_px));
                assert!(count >= 9, "{count}");
                assert!(
                    middle.distance(expected) < 0.4,
                    "{view_px:?}: {middle} is not {expected}"
                );
            }
        }
    });
}

#[test]
fn without_a_picture_the_backdrop_is_black_and_points_wait() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let points = [ImagePoint {
            position_px: [5.0, 5.0],
            age: 0.0,
            certain: 1.0,
        }];
        let scene = Scene {
            image_points: &points,
            ..Scene::default()
        };
        let view = render::View {
            viewport_px: [0, 0, 16, 16],
            projection_from_view: Mat4::IDENTITY,
            view_from_world: Mat4::IDENTITY,
        };
        let (pixels, _) = draw_with(
            offscreen,
            &mut renderer,
            &[view],
            [16, 16],
            &scene,
            Backdrop::Picture,
        );
        assert!(
            pixels
                .rgba
                .chunks_exact(4)
                .all(|pixel| pixel == [0, 0, 0, 255])
        );
    });
}

#[test]
fn picture_texture_stays_while_its_size_does() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let first = renderer.picture_texture(64, 48).clone();
        assert_eq!(renderer.picture_texture(64, 48), &first);
        assert_ne!(renderer.picture_texture(48, 64), &first);
        assert_eq!(first.format(), wgpu::TextureFormat::Rgba8UnormSrgb);
        assert!(renderer.picture_texture(0, u32::MAX).width() == 1);
    });
}
