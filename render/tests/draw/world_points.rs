//! Feature points of the map.

use render::glam::{Mat4, Vec3};
use render::{
    Backdrop, ColorBy, Pin, RendererConfig, Scene, View, WorldPoint, WorldPoints, palette,
};

use crate::offscreen::{Pixels, on_every_backend};
use crate::{centroid, draw_one, draw_with, project, view};

const SIZE_PX: [u32; 2] = [200, 150];

fn front() -> View {
    view([0, 0, SIZE_PX[0], SIZE_PX[1]], Vec3::Z, Vec3::ZERO)
}

fn scene(points: &[WorldPoint], revision: u64, color_by: ColorBy) -> Scene<'_> {
    Scene {
        world_points: Some(WorldPoints {
            points,
            revision,
            color_by,
            opacity: 1.0,
        }),
        ..Scene::default()
    }
}

/// Mean place and number of the pixels that are more than half covered.
fn seen(drawn: &Pixels) -> (render::glam::Vec2, u32) {
    centroid(drawn, |[_, _, _, alpha]| alpha > 127)
}

#[test]
fn a_point_is_on_its_pixel_with_the_colour_that_was_asked_for() {
    let by_depth = ColorBy::Depth {
        nearest_m: 0.5,
        farthest_m: 1.0,
    };
    let cases = [
        (0.0, 0.0, ColorBy::Age, palette::SKY),
        (1.0, 0.0, ColorBy::Age, palette::LEAF),
        (0.3, 1.0, ColorBy::Age, palette::AMBER),
        (0.5, 0.0, ColorBy::Uncertainty, palette::LEAF),
        (0.5, 1.0, ColorBy::Uncertainty, palette::AMBER),
        (0.5, 1.0, by_depth, palette::AMBER),
        (
            0.5,
            1.0,
            ColorBy::Depth {
                nearest_m: 1.01,
                farthest_m: 9.0,
            },
            palette::SKY,
        ),
        (
            0.5,
            1.0,
            ColorBy::Depth {
                nearest_m: 0.0,
                farthest_m: 2.0,
            },
            palette::LEAF,
        ),
    ];
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        for (revision, (age, uncertainty, color_by, expected)) in (0..).zip(cases) {
            // In the middle of a pixel.
            let place = Vec3::new(0.5 / 137.3, 0.5 / 137.3, 0.0);
            let points = [WorldPoint::new(place, age, uncertainty)];
            let at = project(&front(), place);
            let scene = scene(&points, revision, color_by);
            let views = [front()];
            let backdrop = Backdrop::Transparent;
            let (drawn, _) = draw_with(offscreen, &mut renderer, &views, SIZE_PX, &scene, backdrop);
            let (middle, count) = seen(&drawn);
            assert!(middle.distance(at) < 0.6, "{middle} is not {at}");
            assert!((5..=13).contains(&count), "{count}");
            let color = drawn.at(at.x as u32, at.y as u32);
            for (channel, value) in expected.into_iter().enumerate() {
                let wanted = palette::byte_from_linear(value);
                assert!(
                    color[channel].abs_diff(wanted) <= 5,
                    "{color:?}, {channel}: {wanted}"
                );
            }
        }
    });
}

#[test]
fn a_hundred_thousand_points_are_one_draw_call() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let points: Vec<WorldPoint> = (0..100_000)
            .map(|index| {
                let part = |step: f64| (f64::from(index) * step).fract() as f32 * 2.0 - 1.0;
                let place = Vec3::new(part(0.618_034), part(0.414_214), -part(0.754_878).abs());
                WorldPoint::new(place, 0.5, 0.0)
            })
            .collect();
        let scene = scene(&points, 7, ColorBy::Age);
        let views = [front()];
        let backdrop = Backdrop::Transparent;
        let (drawn, report) =
            draw_with(offscreen, &mut renderer, &views, SIZE_PX, &scene, backdrop);
        // Points and composite.
        assert_eq!(report.draw_calls, 2);
        assert_eq!(report.instances, 100_001);
        assert!(seen(&drawn).1 > 10_000);
    });
}

#[test]
fn points_stay_on_the_device_until_their_revision_is_another() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let mut place_of = |place: Vec3, revision| {
            let points = [WorldPoint::new(place, 0.5, 0.0)];
            let scene = scene(&points, revision, ColorBy::Age);
            let views = [front()];
            let backdrop = Backdrop::Transparent;
            seen(&draw_with(offscreen, &mut renderer, &views, SIZE_PX, &scene, backdrop).0).0
        };
        let (left, right) = (Vec3::X * -0.3, Vec3::X * 0.3);
        let first = place_of(left, 1);
        assert_eq!(place_of(right, 1), first);
        let moved = place_of(right, 2);
        assert!(moved.x > first.x + 50.0);
    });
}

#[test]
fn points_are_hidden_by_what_is_nearer_only() {
    on_every_backend(|offscreen| {
        let pins = [Pin {
            world_from_pin: Mat4::from_translation(Vec3::new(0.0, -0.115, 0.0)),
            color: [1.0, 0.0, 0.0],
            label: None,
            drop: 0.0,
        }];
        let blue_at = |z: f32| {
            let points = [WorldPoint::new(Vec3::Z * z, 0.0, 0.0)];
            let scene = Scene {
                pins: &pins,
                ..scene(&points, 0, ColorBy::Age)
            };
            let drawn = draw_one(offscreen, front(), &scene, Backdrop::Transparent);
            drawn.at(100, 75)[2] > 150 || drawn.at(99, 74)[2] > 150
        };
        assert!(blue_at(0.1));
        assert!(!blue_at(-0.1));
    });
}
