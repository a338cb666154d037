//! Models and the real world act on each other: shadows fall where the light's rays say, contact is
//! darker, and what stands before a model hides it.

use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, Effects, Light, MeasuredDepth, ModelInstance, RealWorld, Renderer, RendererConfig,
    Scene, Surface, View,
};

use crate::models::{added, light, plain_effects};
use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::shapes::{one_box, paint};
use crate::{draw_lit, project, view};

const SIZE: [u32; 2] = [240, 180];
const GREY: [f32; 3] = [0.4, 0.4, 0.4];
const TABLE: [[f32; 2]; 4] = [[-2.0, -2.0], [2.0, -2.0], [2.0, 2.0], [-2.0, 2.0]];

fn above() -> View {
    view(
        [0, 0, SIZE[0], SIZE[1]],
        Vec3::new(0.0, 1.4, 1.4),
        Vec3::ZERO,
    )
}

/// A box of 20 cm that floats `gap_m` above the table.
fn floating(renderer: &mut Renderer, gap_m: f32) -> ModelInstance<'static> {
    let id = added(renderer, &one_box(Vec3::splat(0.1), paint([0.5, 0.5, 0.5])));
    ModelInstance::new(id, Mat4::from_translation(Vec3::new(0.0, 0.1 + gap_m, 0.0)))
}

fn shadows_only() -> Effects {
    Effects {
        shadows: 1.0,
        ..plain_effects()
    }
}

/// A picture of models on the table.
fn on_table(
    offscreen: &Offscreen,
    renderer: &mut Renderer,
    models: &[ModelInstance],
    effects: Effects,
    light: &Light,
    backdrop: Backdrop,
) -> Pixels {
    let corners = TABLE.map(Vec2::from_array);
    let surfaces = [Surface {
        world_from_surface: Mat4::IDENTITY,
        polygon: &corners,
    }];
    let scene = Scene {
        models,
        effects,
        real_world: RealWorld {
            surfaces: &surfaces,
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    draw_lit(
        offscreen,
        renderer,
        &[above()],
        SIZE,
        &scene,
        backdrop,
        light,
    )
    .0
}

/// How bright the table is at a place.
fn table_at(pixels: &Pixels, x: f32, z: f32) -> f32 {
    let pixel = project(&above(), Vec3::new(x, 0.0, z));
    f32::from(pixels.at(pixel.x as u32, pixel.y as u32)[1])
}

#[test]
fn a_shadow_falls_where_the_light_is_kept_off_and_nowhere_else() {
    let light = light(Vec3::new(-1.0, 2.0, 0.0), 0.8, 0.2);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let models = [floating(&mut renderer, 0.2)];
        let backdrop = Backdrop::Color(GREY);
        let pixels = on_table(
            offscreen,
            &mut renderer,
            &models,
            shadows_only(),
            &light,
            backdrop,
        );
        let plain = table_at(&pixels, -0.6, 0.0);
        // The middle of the box is 0.3 m up: its shadow's middle lies 0.15 m along X.
        let core = table_at(&pixels, 0.15, 0.05);
        assert!(core < plain - 40.0, "core {core}, plain {plain}");
        for (x, z) in [(0.6, 0.0), (0.15, 0.5), (-0.4, 0.3), (0.15, -0.6)] {
            let beside = table_at(&pixels, x, z);
            assert!(
                (beside - plain).abs() <= 1.0,
                "({x}, {z}): {beside}, {plain}"
            );
        }
        // Full shade leaves what comes from around: 0.2 of 0.2 + 0.8 * cosine.
        let cosine = 2.0 / 5.0_f32.sqrt();
        let left = 0.2 / (0.2 + 0.8 * cosine);
        let expected = 255.0 * (1.055 * (0.4 * left).powf(1.0 / 2.4) - 0.055);
        assert!(
            (core - expected).abs() < 8.0,
            "core {core}, expected {expected}"
        );
    });
}

#[test]
fn a_shadow_is_sharper_where_what_throws_it_is_nearer() {
    let light = light(Vec3::new(0.0, 1.0, 0.0), 0.8, 0.2);
    let width_of_edge = |offscreen: &Offscreen, gap_m: f32| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let models = [floating(&mut renderer, gap_m)];
        let backdrop = Backdrop::Color(GREY);
        let pixels = on_table(
            offscreen,
            &mut renderer,
            &models,
            shadows_only(),
            &light,
            backdrop,
        );
        let plain = table_at(&pixels, -0.6, 0.12);
        let grey = (0..200)
            .map(|step| table_at(&pixels, -0.3 + step as f32 * 0.003, 0.08))
            .filter(|value| *value < plain - 6.0 && *value > plain - 35.0);
        grey.count()
    };
    on_every_backend(|offscreen| {
        let (near, far) = (
            width_of_edge(offscreen, 0.02),
            width_of_edge(offscreen, 0.5),
        );
        assert!(far > near + 4, "near {near}, far {far}");
    });
}

#[test]
fn where_no_surface_is_known_a_shadow_falls_on_the_plane_under_what_stands() {
    let light = light(Vec3::new(-1.0, 2.0, 0.0), 0.8, 0.2);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let id = added(&mut renderer, &one_box(Vec3::splat(0.1), paint([0.5; 3])));
        let mut darkest = |stands: bool| {
            let models = [ModelInstance {
                stands,
                // The plane is that through its origin.
                ..ModelInstance::new(id, Mat4::IDENTITY)
            }];
            let scene = Scene {
                models: &models,
                effects: shadows_only(),
                ..Scene::default()
            };
            let backdrop = Backdrop::Color(GREY);
            let (pixels, _) = draw_lit(
                offscreen,
                &mut renderer,
                &[above()],
                SIZE,
                &scene,
                backdrop,
                &light,
            );
            table_at(&pixels, 0.13, 0.05)
        };
        let (standing, hanging) = (darkest(true), darkest(false));
        assert!(standing < hanging - 30.0, "{standing}, {hanging}");
    });
}

#[test]
fn a_shadow_over_the_real_world_is_black_with_alpha_and_none_where_light_is_added() {
    let light = light(Vec3::new(-1.0, 2.0, 0.0), 0.8, 0.2);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let models = [floating(&mut renderer, 0.2)];
        let mut at_core = |backdrop| {
            let pixels = on_table(
                offscreen,
                &mut renderer,
                &models,
                shadows_only(),
                &light,
                backdrop,
            );
            let pixel = project(&above(), Vec3::new(0.15, 0.0, 0.05));
            pixels.at(pixel.x as u32, pixel.y as u32)
        };
        let through = at_core(Backdrop::Transparent);
        assert_eq!(through[..3], [0, 0, 0]);
        // Blended over encoded values, a quarter of the light is about half the value.
        assert!((100..190).contains(&through[3]), "{through:?}");
        assert_eq!(at_core(Backdrop::Additive), [0, 0, 0, 0]);
    });
}

#[test]
fn the_shadow_map_is_kept_while_nothing_moves() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let model = floating(&mut renderer, 0.2);
        let mut drawn = |model: ModelInstance, eye_x: f32, sun_x: f32| {
            let models = [model];
            let scene = Scene {
                models: &models,
                ..Scene::default()
            };
            let eye = Vec3::new(eye_x, 1.4, 1.4);
            let view = view([0, 0, SIZE[0], SIZE[1]], eye, Vec3::ZERO);
            let light = light(Vec3::new(sun_x, 2.0, 0.0), 0.8, 0.2);
            let backdrop = Backdrop::Color(GREY);
            draw_lit(
                offscreen,
                &mut renderer,
                &[view],
                SIZE,
                &scene,
                backdrop,
                &light,
            )
            .1
            .shadow_map_drawn
        };
        let moved = ModelInstance {
            world_from_model: Mat4::from_translation(Vec3::new(0.01, 0.3, 0.0)),
            ..model
        };
        let results = [
            drawn(model, 0.0, 1.0),
            drawn(model, 0.0, 1.0),
            // The viewer moves, the content does not.
            drawn(model, 0.1, 1.0),
            drawn(moved, 0.1, 1.0),
            drawn(moved, 0.1, 0.9),
            drawn(moved, 0.1, 0.9),
        ];
        assert_eq!(results, [true, false, false, true, true, false]);
    });
}

#[test]
fn content_shades_content() {
    let light = light(Vec3::Y, 0.8, 0.1);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let slab = added(
            &mut renderer,
            &one_box(Vec3::new(0.6, 0.01, 0.6), paint([0.5; 3])),
        );
        let roof = added(
            &mut renderer,
            &one_box(Vec3::new(0.15, 0.01, 0.15), paint([0.5; 3])),
        );
        let mut on_slab = |with_roof: bool, casts_shadow: bool| {
            let models = [
                ModelInstance::new(slab, Mat4::IDENTITY),
                ModelInstance {
                    casts_shadow,
                    ..ModelInstance::new(roof, Mat4::from_translation(Vec3::new(0.0, 0.6, 0.0)))
                },
            ];
            let shown = if with_roof { &models[..] } else { &models[..1] };
            let pixels = on_table(
                offscreen,
                &mut renderer,
                shown,
                shadows_only(),
                &light,
                Backdrop::Color(GREY),
            );
            (table_at(&pixels, 0.0, 0.1), table_at(&pixels, 0.45, 0.4))
        };
        let (bare, bare_beside) = on_slab(false, true);
        let (shaded, beside) = on_slab(true, true);
        let (through, _) = on_slab(true, false);
        assert!(shaded < bare - 60.0, "{shaded}, {bare}");
        assert!((beside - bare_beside).abs() <= 1.0);
        assert!(
            (through - bare).abs() <= 1.0,
            "what throws none throws none"
        );
    });
}

#[test]
fn contact_is_darker() {
    // No main light: what is left is occlusion. Before the box, where its front is seen.
    let light = light(Vec3::Y, 0.0, 0.7);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let standing = [floating(&mut renderer, 0.0)];
        let high = [floating(&mut renderer, 0.6)];
        let occluding = Effects {
            ambient_occlusion: 1.0,
            ..plain_effects()
        };
        let mut beside = |models: &[ModelInstance], effects, z: f32| {
            let backdrop = Backdrop::Color(GREY);
            let pixels = on_table(offscreen, &mut renderer, models, effects, &light, backdrop);
            table_at(&pixels, 0.0, z)
        };
        let plain = beside(&standing, plain_effects(), 0.115);
        let contact = beside(&standing, occluding, 0.115);
        let farther = beside(&standing, occluding, 0.16);
        let away = beside(&standing, occluding, 0.5);
        let floating = beside(&high, occluding, 0.115);
        assert!(contact < plain - 10.0, "contact {contact}, plain {plain}");
        assert!(
            contact < farther && farther <= plain,
            "{contact}, {farther}, {plain}"
        );
        assert!((away - plain).abs() <= 1.0, "away {away}, plain {plain}");
        assert!(
            (floating - plain).abs() <= 1.5,
            "floating {floating}, plain {plain}"
        );
    });
}

/// Before a wall that covers the right half of the view, or behind it.
fn wall_at(z: f32, corners: &[Vec2; 4]) -> Surface<'_> {
    Surface {
        world_from_surface: Mat4::from_translation(Vec3::new(0.0, 0.0, z))
            * Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2),
        polygon: corners,
    }
}

fn straight() -> View {
    view(
        [0, 0, SIZE[0], SIZE[1]],
        Vec3::new(0.0, 0.0, 2.0),
        Vec3::ZERO,
    )
}

/// Red values along the row through a red box's middle.
fn red_row(pixels: &Pixels) -> Vec<u8> {
    (0..SIZE[0]).map(|x| pixels.at(x, SIZE[1] / 2)[0]).collect()
}

fn draw_red_box(offscreen: &Offscreen, real_world: RealWorld) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    let material = render::model::Material {
        unlit: true,
        ..paint([1.0, 0.0, 0.0])
    };
    let id = added(&mut renderer, &one_box(Vec3::splat(0.3), material));
    let models = [ModelInstance {
        stands: false,
        ..ModelInstance::new(id, Mat4::IDENTITY)
    }];
    let scene = Scene {
        models: &models,
        effects: plain_effects(),
        real_world,
        ..Scene::default()
    };
    let light = Light::default();
    let backdrop = Backdrop::Color([0.0; 3]);
    draw_lit(
        offscreen,
        &mut renderer,
        &[straight()],
        SIZE,
        &scene,
        backdrop,
        &light,
    )
    .0
}

#[test]
fn planes_hide_what_is_behind_them_with_a_soft_edge() {
    let corners = [[0.0, -2.0], [2.0, -2.0], [2.0, 2.0], [0.0, 2.0]].map(Vec2::from_array);
    on_every_backend(|offscreen| {
        let row_with = |z: f32| {
            let surfaces = [wall_at(z, &corners)];
            red_row(&draw_red_box(
                offscreen,
                RealWorld {
                    surfaces: &surfaces,
                    ..RealWorld::default()
                },
            ))
        };
        let middle = SIZE[0] as usize / 2;
        let before = row_with(0.8);
        assert_eq!(before[middle - 20], 255, "left of the wall all is seen");
        assert_eq!(before[middle + 20], 0, "behind the wall nothing is");
        let partly = before
            .iter()
            .filter(|value| (20..235).contains(*value))
            .count();
        assert!(
            (1..=8).contains(&partly),
            "soft over a pixel or two, not more: {partly}"
        );
        let behind = row_with(-0.8);
        assert_eq!((behind[middle - 20], behind[middle + 20]), (255, 255));
        // A plane that is a centimetre before what stands on it is its own surface, not a cover.
        let touching = row_with(0.31);
        assert_eq!(touching[middle + 20], 255);
    });
}

#[test]
fn measured_depth_hides_too_and_unknown_depth_does_not() {
    on_every_backend(|offscreen| {
        // Left third near, middle unknown, right third far.
        let metres: Vec<f32> = (0..30 * 20)
            .map(|index| match index % 30 {
                0..10 => 1.0,
                10..20 => 0.0,
                _ => 5.0,
            })
            .collect();
        let row_with = |measurement_from_view: Mat4| {
            let depth = [MeasuredDepth {
                size: [30, 20],
                metres: &metres,
                measurement_from_view,
                revision: 1,
            }];
            red_row(&draw_red_box(
                offscreen,
                RealWorld {
                    depth: &depth,
                    ..RealWorld::default()
                },
            ))
        };
        // The box reaches from pixel 91 to 149 of 240.
        let row = row_with(Mat4::IDENTITY);
        assert_eq!((row[95], row[120], row[145]), (255, 255, 255), "unknown");
        let shifted = row_with(Mat4::from_translation(Vec3::new(-0.2, 0.0, 0.0)));
        assert_eq!(
            shifted[110], 0,
            "near, seen a fifth of the view further right"
        );
        assert_eq!(shifted[145], 255, "unknown");
        let mirrored =
            Mat4::from_translation(Vec3::X) * Mat4::from_scale(Vec3::new(-1.0, 1.0, 1.0));
        let mirrored = row_with(Mat4::from_translation(Vec3::new(-0.2, 0.0, 0.0)) * mirrored);
        assert_eq!(mirrored[140], 0, "the matrix turns it over");
    });
}

#[test]
fn two_views_with_models_draw_as_each_alone() {
    let light = light(Vec3::new(-1.0, 2.0, 0.5), 0.8, 0.2);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let models = [floating(&mut renderer, 0.0)];
        let scene = Scene {
            models: &models,
            ..Scene::default()
        };
        let half = [SIZE[0] / 2, SIZE[1]];
        let eye = |left: u32, x: f32| {
            view(
                [left, 0, half[0], half[1]],
                Vec3::new(x, 1.0, 1.0),
                Vec3::ZERO,
            )
        };
        let backdrop = Backdrop::Color(GREY);
        let views = [eye(0, -0.03), eye(half[0], 0.03)];
        let (both, _) = draw_lit(
            offscreen,
            &mut renderer,
            &views,
            SIZE,
            &scene,
            backdrop,
            &light,
        );
        for (index, x) in [(0, -0.03), (1, 0.03)] {
            let alone = [eye(0, x)];
            let (one, _) = draw_lit(
                offscreen,
                &mut renderer,
                &alone,
                half,
                &scene,
                backdrop,
                &light,
            );
            let mut sum = 0.0;
            for y in 0..half[1] {
                for column in 0..half[0] {
                    let here = both.at(column + index * half[0], y);
                    sum += f32::from(here[1].abs_diff(one.at(column, y)[1]));
                }
            }
            let mean = sum / (half[0] * half[1]) as f32;
            assert!(mean < 0.05, "view {index}: {mean}");
        }
    });
}

#[test]
fn fewer_pixels_show_the_same_scene() {
    let light = light(Vec3::new(-1.0, 2.0, 0.5), 0.8, 0.2);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let models = [floating(&mut renderer, 0.1)];
        let scale = |renderer: &mut Renderer, scale: f32| {
            renderer.set_resolution_scale(scale);
            let backdrop = Backdrop::Color(GREY);
            on_table(
                offscreen,
                renderer,
                &models,
                Effects::default(),
                &light,
                backdrop,
            )
        };
        let full = scale(&mut renderer, 1.0);
        let half = scale(&mut renderer, 0.5);
        let again = scale(&mut renderer, f32::NAN);
        assert_eq!(full.rgba, again.rgba, "what is no number is the whole");
        let difference: f32 = full
            .rgba
            .iter()
            .zip(&half.rgba)
            .map(|(a, b)| f32::from(a.abs_diff(*b)))
            .sum();
        let mean = difference / full.rgba.len() as f32;
        assert!(mean > 0.05 && mean < 3.0, "{mean}");
    });
}

#[test]
fn along_the_foot_of_a_low_wall_the_ground_darkens_as_its_horizon_says() {
    // Light from straight above: the wall throws no shadow.
    let (main, around) = (0.5, 0.5);
    let light = light(Vec3::Y, main, around);
    let half = Vec3::new(0.4, 0.02, 0.1);
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let id = added(&mut renderer, &one_box(half, paint([0.3; 3])));
        // Turned, so that its foot crosses rows of pixels.
        let turned = Mat4::from_rotation_y(0.22) * Mat4::from_translation(Vec3::Y * half.y);
        let models = [ModelInstance::new(id, turned)];
        let backdrop = Backdrop::Color(GREY);
        let effects = Effects::default();
        let pixels = on_table(offscreen, &mut renderer, &models, effects, &light, backdrop);
        let off_the_foot = |away_m: f32| -> Vec<f32> {
            let places = (0..100).map(|step| step as f32 * 0.006 - 0.3);
            places
                .map(|along| Vec3::new(along, -half.y, half.z + away_m))
                .map(|place| turned.transform_point3(place))
                .map(|place| table_at(&pixels, place.x, place.z))
                .collect()
        };
        for away_m in [0.012_f32, 0.02, 0.03] {
            // A long wall of this height hides half of what its horizon's cosine leaves of 1.
            let height_m = 2.0 * half.y;
            let open = 0.5 + 0.5 * away_m / away_m.hypot(height_m);
            let left = GREY[0] * (main + around * open) / (main + around);
            let expected = 255.0 * (1.055 * left.powf(1.0 / 2.4) - 0.055);
            let found = off_the_foot(away_m);
            let mean = found.iter().sum::<f32>() / found.len() as f32;
            assert!(
                (mean - expected).abs() < 4.0,
                "{away_m} m: {mean}, {expected}"
            );
        }
    });
}
