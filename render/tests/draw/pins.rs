//! Pins and their shadows.

use render::glam::{Mat4, Vec3};
use render::{Backdrop, Light, Pin, RendererConfig, Scene, View, palette};

use crate::offscreen::{Pixels, on_every_backend};
use crate::{centroid, draw_one, draw_with, project, view};

/// Height of the sphere's middle over the tip, from `pin.wgsl`.
const SPHERE_HEIGHT_M: f32 = 0.115;
const RED: [f32; 3] = [0.8, 0.01, 0.01];

fn pin_at(position: Vec3) -> Pin {
    Pin {
        world_from_pin: Mat4::from_translation(position),
        color: RED,
        label: None,
        drop: 0.0,
    }
}

fn is_red(pixel: [u8; 4]) -> bool {
    pixel[3] > 127 && pixel[0] > 60 && u32::from(pixel[0]) > 2 * u32::from(pixel[1])
}

fn table_view() -> View {
    view(
        [0, 0, 400, 300],
        Vec3::new(0.1, 0.5, 0.7),
        Vec3::new(0.0, 0.03, 0.0),
    )
}

/// Where the sphere's shadow falls on a floor under the default light.
fn shadow_in_world(tip: Vec3) -> Vec3 {
    let to_light = Light::default().direction_to_light_in_world;
    tip + Vec3::Y * SPHERE_HEIGHT_M - to_light * (SPHERE_HEIGHT_M / to_light.y)
}

fn pixel_at(pixels: &Pixels, place: render::glam::Vec2) -> [u8; 4] {
    pixels.at(place.x as u32, place.y as u32)
}

#[test]
fn sphere_is_where_the_projection_says() {
    on_every_backend(|offscreen| {
        for tip in [
            Vec3::ZERO,
            Vec3::new(0.15, 0.0, -0.1),
            Vec3::new(-0.2, 0.05, 0.1),
            Vec3::new(0.1, -0.1, -2.0),
        ] {
            let view = table_view();
            let pins = [pin_at(tip)];
            let scene = Scene {
                pins: &pins,
                ..Scene::default()
            };
            let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
            let (middle, count) = centroid(&pixels, is_red);
            let expected = project(&view, tip + Vec3::Y * SPHERE_HEIGHT_M);
            assert!(count > 30, "{count} red pixels");
            assert!(
                middle.distance(expected) < 1.0,
                "{middle} is not {expected}"
            );
        }
    });
}

#[test]
fn stem_ends_at_the_tip_also_on_a_wall() {
    on_every_backend(|offscreen| {
        let view = view([0, 0, 400, 300], Vec3::new(0.35, 0.3, 0.7), Vec3::ZERO);
        let wall = Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2);
        for world_from_pin in [Mat4::IDENTITY, wall, Mat4::from_rotation_z(1.0)] {
            let pins = [Pin {
                world_from_pin,
                ..pin_at(Vec3::ZERO)
            }];
            let scene = Scene {
                pins: &pins,
                ..Scene::default()
            };
            let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
            let along =
                |height: f32| project(&view, world_from_pin.transform_point3(Vec3::Y * height));
            // Opaque just inside the tip, at most a shadow just outside.
            assert!(pixel_at(&pixels, along(0.006))[3] > 180);
            assert!(pixel_at(&pixels, along(-0.012))[3] < 180);
            let sphere = pixel_at(&pixels, along(SPHERE_HEIGHT_M));
            assert!(is_red(sphere), "{sphere:?}");
        }
    });
}

#[test]
fn sphere_is_lit_from_the_light() {
    on_every_backend(|offscreen| {
        let view = view(
            [0, 0, 300, 300],
            Vec3::new(0.0, 0.115, 0.25),
            Vec3::new(0.0, 0.115, 0.0),
        );
        let pins = [pin_at(Vec3::ZERO)];
        let scene = Scene {
            pins: &pins,
            ..Scene::default()
        };
        let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
        let red = |x: f32, y: f32| {
            let place = project(&view, Vec3::new(x, SPHERE_HEIGHT_M + y, 0.0));
            i32::from(pixel_at(&pixels, place)[0])
        };
        let (top, bottom) = (red(0.0, 0.014), red(0.0, -0.016));
        assert!(top > bottom + 40, "above {top}, below {bottom}");
        // The default light stands on the right.
        assert!(red(0.014, 0.0) > red(-0.014, 0.0) + 8);
    });
}

#[test]
fn shadow_darkens_the_surface_and_is_soft() {
    on_every_backend(|offscreen| {
        let view = table_view();
        let pins = [pin_at(Vec3::ZERO)];
        let scene = Scene {
            pins: &pins,
            ..Scene::default()
        };
        let backdrop = Backdrop::Color(palette::PAPER);
        let pixels = draw_one(offscreen, view, &scene, backdrop);
        let ground = i32::from(pixels.at(2, 2)[1]);
        let middle = project(&view, shadow_in_world(Vec3::ZERO));
        let darkness = |x: f32| {
            ground - i32::from(pixel_at(&pixels, middle + render::glam::Vec2::new(x, 0.0))[1])
        };
        let deepest = darkness(0.0);
        assert!(deepest > 25, "only {deepest} darker");
        // To the left, away from the pin, it fades without a hard edge.
        let profile: Vec<i32> = (0..40).map(|step| darkness(-(step as f32))).collect();
        let soft = profile
            .iter()
            .filter(|&&value| value * 10 > deepest && value * 10 < deepest * 9)
            .count();
        let steepest = profile
            .windows(2)
            .map(|pair| (pair[0] - pair[1]).abs())
            .max();
        assert!(soft >= 5, "the edge is {soft} pixels wide: {profile:?}");
        assert!(
            steepest.is_some_and(|step| step * 3 < deepest),
            "{profile:?}"
        );
        assert!(profile[39] <= 1, "{profile:?}");
    });
}

#[test]
fn shadow_over_the_real_world_is_black_with_alpha() {
    on_every_backend(|offscreen| {
        let view = table_view();
        let pins = [pin_at(Vec3::ZERO)];
        let scene = Scene {
            pins: &pins,
            ..Scene::default()
        };
        let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
        let shadow = pixel_at(&pixels, project(&view, shadow_in_world(Vec3::ZERO)));
        assert_eq!(shadow[..3], [0, 0, 0]);
        assert!((20..200).contains(&shadow[3]), "alpha {}", shadow[3]);
        for corner in [[0, 0], [399, 0], [0, 299], [399, 299]] {
            assert_eq!(pixels.at(corner[0], corner[1]), [0, 0, 0, 0]);
        }
        let premultiplied = |pixel: &[u8]| pixel[..3].iter().all(|&channel| channel <= pixel[3]);
        assert!(pixels.rgba.chunks_exact(4).all(premultiplied));
    });
}

#[test]
fn shadow_lands_before_the_pin() {
    on_every_backend(|offscreen| {
        let view = table_view();
        let shadow_and_sphere = |drop: f32| {
            let pins = [Pin {
                drop,
                ..pin_at(Vec3::ZERO)
            }];
            let scene = Scene {
                pins: &pins,
                ..Scene::default()
            };
            let pixels = draw_one(offscreen, view, &scene, Backdrop::Transparent);
            let shadow = pixel_at(&pixels, project(&view, shadow_in_world(Vec3::ZERO)))[3];
            (i32::from(shadow), centroid(&pixels, is_red).0.y)
        };
        let (start, start_y) = shadow_and_sphere(1.0);
        let (falling, falling_y) = shadow_and_sphere(0.4);
        let (landed, landed_y) = shadow_and_sphere(0.0);
        assert_eq!(start, 0);
        assert!(falling * 2 > landed, "{falling} of {landed}");
        assert!(start_y < falling_y - 10.0 && falling_y < landed_y - 3.0);
    });
}

#[test]
fn shadow_map_is_kept_while_nothing_moves() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let mut drawn = |tip: Vec3, color: [f32; 3]| {
            let pins = [Pin {
                color,
                ..pin_at(tip)
            }];
            let scene = Scene {
                pins: &pins,
                ..Scene::default()
            };
            let views = [table_view()];
            draw_with(
                offscreen,
                &mut renderer,
                &views,
                [400, 300],
                &scene,
                Backdrop::Transparent,
            )
        };
        let (first, first_report) = drawn(Vec3::ZERO, RED);
        let (second, second_report) = drawn(Vec3::ZERO, RED);
        assert!(first_report.shadow_map_drawn && !second_report.shadow_map_drawn);
        assert_eq!(first.rgba, second.rgba);
        assert!(!drawn(Vec3::ZERO, palette::SKY).1.shadow_map_drawn);
        assert!(drawn(Vec3::X * 0.1, RED).1.shadow_map_drawn);
    });
}

#[test]
fn more_pins_than_shadow_tiles_are_all_drawn() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let pins: Vec<Pin> = (0..150)
            .map(|index| {
                pin_at(Vec3::new(
                    (index % 15) as f32 - 7.0,
                    0.0,
                    -((index / 15) as f32),
                ))
            })
            .collect();
        let scene = Scene {
            pins: &pins,
            ..Scene::default()
        };
        // The same spot, near the viewer, has its shadow with one pin and with many.
        let view = view(
            [0, 0, 400, 300],
            Vec3::new(0.1, 0.5, 0.7),
            Vec3::new(0.0, 0.03, 0.0),
        );
        let (many, report) = draw_with(
            offscreen,
            &mut renderer,
            &[view],
            [400, 300],
            &scene,
            Backdrop::Transparent,
        );
        assert_eq!(report.instances, 3 * 150 + 1);
        let place = project(&view, shadow_in_world(Vec3::ZERO));
        let near = [pin_at(Vec3::ZERO)];
        let one = draw_one(
            offscreen,
            view,
            &Scene {
                pins: &near,
                ..Scene::default()
            },
            Backdrop::Transparent,
        );
        let difference = i32::from(pixel_at(&many, place)[3]) - i32::from(pixel_at(&one, place)[3]);
        assert!(difference.abs() <= 2, "{difference}");
    });
}
