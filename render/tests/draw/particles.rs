//! Particles: where and when they are seen, how many, and that both ways of moving them look alike.

use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, DrawReport, Head, MOST_PARTICLES, ParticleEffect, ParticleKind, RealWorld, Renderer,
    RendererConfig, Scene, Surface, View,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{draw_with, project, view};

const SIZE_PX: [u32; 2] = [320, 240];
const DARK: Backdrop = Backdrop::Color([0.0, 0.0, 0.0]);
const KINDS: [ParticleKind; 3] = [
    ParticleKind::Celebration,
    ParticleKind::Sparkle,
    ParticleKind::Ring,
];

fn table_view() -> View {
    view(
        [0, 0, 320, 240],
        Vec3::new(0.0, 0.5, 1.1),
        Vec3::new(0.0, 0.25, 0.0),
    )
}

fn effect(kind: ParticleKind, age_secs: f32) -> ParticleEffect {
    let size_m = match kind {
        ParticleKind::Celebration => Vec3::new(0.4, 0.5, 0.4),
        ParticleKind::Sparkle => Vec3::new(0.15, 0.3, 0.15),
        ParticleKind::Ring => Vec3::new(0.3, 0.08, 0.3),
    };
    ParticleEffect {
        seed: 3,
        ..ParticleEffect::new(kind, Mat4::IDENTITY, size_m, age_secs)
    }
}

/// An age at which much is seen.
fn midway(kind: ParticleKind) -> f32 {
    kind.duration_secs().map_or(2.0, |secs| secs * 0.25)
}

/// A renderer on its device: making one takes longer than drawing.
struct Drawer<'a> {
    offscreen: &'a Offscreen,
    renderer: Renderer,
}

impl<'a> Drawer<'a> {
    fn new(offscreen: &'a Offscreen) -> Self {
        Drawer {
            offscreen,
            renderer: offscreen.renderer(RendererConfig::default()),
        }
    }

    fn scene(&mut self, view: View, scene: &Scene, backdrop: Backdrop) -> (Pixels, DrawReport) {
        draw_with(
            self.offscreen,
            &mut self.renderer,
            &[view],
            SIZE_PX,
            scene,
            backdrop,
        )
    }

    fn report(&mut self, particles: &[ParticleEffect]) -> (Pixels, DrawReport) {
        let scene = Scene {
            particles,
            ..Scene::default()
        };
        self.scene(table_view(), &scene, DARK)
    }

    fn draw(&mut self, particles: &[ParticleEffect], backdrop: Backdrop) -> Pixels {
        let scene = Scene {
            particles,
            ..Scene::default()
        };
        self.scene(table_view(), &scene, backdrop).0
    }
}

/// Number of pixels that are not black.
fn lit(pixels: &Pixels) -> usize {
    let (all, _) = pixels.rgba.as_chunks::<4>();
    all.iter()
        .filter(|pixel| pixel[..3].iter().any(|&value| value > 12))
        .count()
}

/// A device without compute and one with it.
#[cfg(test)]
fn on_both_ways(check: impl Fn(&Offscreen, &Offscreen)) {
    let vulkan = wgpu::Backends::VULKAN;
    match (
        Offscreen::open(vulkan),
        Offscreen::open_with_compute(vulkan),
    ) {
        (Ok(plain), Ok(computing)) => check(&plain, &computing),
        (Err(reason), _) | (_, Err(reason)) => {
            let all = std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!all, "{reason}");
            println!("SKIPPED: {reason}");
        }
    }
}

#[test]
fn nothing_is_drawn_before_the_start_and_after_the_end() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let (nothing, empty) = drawer.report(&[]);
        assert_eq!(lit(&nothing), 0);
        for kind in KINDS {
            let mut ages = vec![-0.001, f32::NAN, f32::INFINITY];
            ages.extend(kind.duration_secs());
            for age_secs in ages {
                let (pixels, report) = drawer.report(&[effect(kind, age_secs)]);
                assert_eq!(report, empty, "{kind:?} {age_secs}");
                assert!(pixels.rgba == nothing.rgba);
            }
            let (pixels, report) = drawer.report(&[effect(kind, midway(kind))]);
            assert_eq!(report.draw_calls, empty.draw_calls + 1);
            assert!(lit(&pixels) > 150, "{kind:?}: {}", lit(&pixels));
        }
    });
}

#[test]
fn it_takes_one_draw_call_a_kind() {
    on_both_ways(|plain, computing| {
        for offscreen in [plain, computing] {
            let mut drawer = Drawer::new(offscreen);
            let empty = drawer.report(&[]).1;
            let mut many = Vec::new();
            for seed in 0..5 {
                many.extend(KINDS.map(|kind| ParticleEffect {
                    seed,
                    world_from_effect: Mat4::from_translation(Vec3::X * (seed as f32 - 2.0) * 0.2),
                    ..effect(kind, midway(kind))
                }));
            }
            let report = drawer.report(&many).1;
            assert_eq!(report.draw_calls, empty.draw_calls + 3);
            let usual: u32 = KINDS.iter().map(|kind| kind.usual_count()).sum();
            assert_eq!(report.instances, empty.instances + 5 * usual);
            assert_eq!(report.skipped_particles, 0);
        }
    });
}

#[test]
fn there_is_a_most_and_the_rest_is_counted() {
    on_both_ways(|plain, computing| {
        for offscreen in [plain, computing] {
            let mut drawer = Drawer::new(offscreen);
            let empty = drawer.report(&[]).1;
            let many: Vec<_> = (0..30)
                .map(|seed| ParticleEffect {
                    seed,
                    count: 500,
                    ..effect(ParticleKind::Celebration, 1.0)
                })
                .collect();
            let report = drawer.report(&many).1;
            let drawn = report.instances - empty.instances;
            assert!(
                (MOST_PARTICLES - 30..=MOST_PARTICLES).contains(&drawn),
                "{drawn}"
            );
            assert_eq!(report.skipped_particles, 15_000 - drawn);
        }
    });
}

#[test]
fn the_same_values_give_the_same_picture() {
    on_every_backend(|offscreen| {
        let (mut drawer, mut another) = (Drawer::new(offscreen), Drawer::new(offscreen));
        for kind in KINDS {
            let one = effect(kind, midway(kind));
            let first = drawer.draw(&[one], DARK);
            let again = another.draw(&[one], DARK);
            assert!(first.rgba == again.rgba, "{kind:?}");
            let other = drawer.draw(&[ParticleEffect { seed: 4, ..one }], DARK);
            assert!(first.rgba != other.rgba, "{kind:?}");
            // Another effect before it changes nothing of it.
            let away = ParticleEffect {
                world_from_effect: Mat4::from_translation(Vec3::Z * 9.0),
                ..effect(kind, midway(kind))
            };
            assert!(
                first.rgba == drawer.draw(&[away, one], DARK).rgba,
                "{kind:?}"
            );
        }
    });
}

#[test]
fn both_ways_look_alike_until_pieces_land() {
    on_both_ways(|plain, computing| {
        let (mut plain, mut computing) = (Drawer::new(plain), Drawer::new(computing));
        assert!(computing.renderer.simulates_particles());
        assert!(!plain.renderer.simulates_particles());
        for age_secs in [0.1, 0.4, 0.9, 1.3] {
            let effects = KINDS.map(|kind| effect(kind, age_secs));
            let closed = plain.draw(&effects, DARK);
            let stepped = computing.draw(&effects, DARK);
            // Rounding puts an edge into another pixel here and there.
            let far = |(a, b): &(&u8, &u8)| a.abs_diff(**b) > 24;
            let apart = closed.rgba.iter().zip(&stepped.rgba).filter(far).count();
            assert!(
                apart * 20 < lit(&closed),
                "{age_secs}: {apart} of {}",
                lit(&closed)
            );
        }
    });
}

#[test]
fn pieces_lie_on_the_ground_at_the_end() {
    on_both_ways(|plain, computing| {
        // From the side, along the ground.
        let view = view(
            [0, 0, 320, 240],
            Vec3::new(0.0, 0.1, 1.2),
            Vec3::new(0.0, 0.1, 0.0),
        );
        for offscreen in [plain, computing] {
            let mut drawer = Drawer::new(offscreen);
            let mut below = 0;
            for age_secs in [0.5, 1.4, 2.2, 2.6, 3.0, 3.2] {
                let particles = [effect(ParticleKind::Celebration, age_secs)];
                let scene = Scene {
                    particles: &particles,
                    ..Scene::default()
                };
                let pixels = drawer.scene(view, &scene, DARK).0;
                // The ground's nearest and farthest edges that pieces reach.
                let [near, far] = [0.5, -0.5].map(|z| project(&view, Vec3::new(0.0, 0.0, z)).y);
                let rows = |range: std::ops::Range<u32>| {
                    range
                        .flat_map(|y| (0..320).map(move |x| (x, y)))
                        .filter(|&(x, y)| pixels.at(x, y)[..3].iter().any(|&value| value > 12))
                        .count()
                };
                assert_eq!(rows(near as u32 + 3..240), 0, "{age_secs}");
                below = rows(far as u32..near as u32 + 3);
            }
            assert!(below > 150, "{below} pixels on the ground");
        }
    });
}

#[test]
fn glow_is_added_light() {
    on_every_backend(|offscreen| {
        let sparkle = [ParticleEffect {
            size_m: Vec3::splat(0.3),
            color: [0.9, 0.5, 0.1],
            ..effect(ParticleKind::Sparkle, 2.0)
        }];
        let mut drawer = Drawer::new(offscreen);
        let over_nothing = drawer.draw(&sparkle, Backdrop::Transparent);
        let (pixels, _) = over_nothing.rgba.as_chunks::<4>();
        let added = pixels
            .iter()
            .filter(|pixel| pixel[0] > 24 && pixel[3] == 0)
            .count();
        let covering = pixels.iter().filter(|pixel| pixel[3] > 0).count();
        assert!(added > 2 * covering && covering > 10, "{added} {covering}");
        let on_glasses = drawer.draw(&sparkle, Backdrop::Additive);
        assert!(lit(&on_glasses) > 500);
        // What glows only brightens what is behind it, but for the cores.
        let gray = Backdrop::Color([0.1; 3]);
        let over_gray = drawer.draw(&sparkle, gray);
        let plain = drawer.draw(&[], gray);
        let mut brighter = 0;
        for (index, transparent) in pixels.iter().enumerate() {
            let at = |pixels: &Pixels| pixels.rgba[index * 4];
            if transparent[3] == 0 {
                assert!(at(&over_gray) >= at(&plain));
                brighter += usize::from(at(&over_gray) > at(&plain));
            }
        }
        assert!(brighter > 500, "{brighter}");
    });
}

#[test]
fn what_is_nearer_hides_them() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        for kind in KINDS {
            let particles = [effect(kind, midway(kind))];
            let view = table_view();
            let mut count = |scene: Scene| {
                let scene = Scene {
                    particles: &particles,
                    ..scene
                };
                lit(&drawer.scene(view, &scene, DARK).0)
            };
            let open = count(Scene::default());
            // A real wall before them, and one behind them.
            let corners =
                [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)].map(|(x, z)| Vec2::new(x, z));
            let mut behind_wall = |z: f32| {
                let surfaces = [Surface {
                    world_from_surface: Mat4::from_translation(Vec3::Z * z)
                        * Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2),
                    polygon: &corners,
                }];
                let real_world = RealWorld {
                    surfaces: &surfaces,
                    ..RealWorld::default()
                };
                count(Scene {
                    real_world,
                    ..Scene::default()
                })
            };
            assert_eq!(behind_wall(0.8), 0, "{kind:?}");
            assert_eq!(behind_wall(-1.0), open, "{kind:?}");
        }
        // A head that stands before the middle of a celebration.
        let heads = [Head {
            world_from_head: Mat4::from_translation(Vec3::new(0.0, 0.4, 0.75)),
            color: [0.0; 3],
            label: None,
        }];
        let particles = [ParticleEffect {
            count: 2000,
            ..effect(ParticleKind::Celebration, 0.8)
        }];
        let middle = project(&table_view(), Vec3::new(0.0, 0.4, 0.75));
        let mut pixel = |particles: &[ParticleEffect], heads: &[Head]| {
            let scene = Scene {
                particles,
                heads,
                ..Scene::default()
            };
            let drawn = drawer.scene(table_view(), &scene, DARK).0;
            let around = |step: u32| {
                (
                    middle.x as u32 + step % 9 - 4,
                    middle.y as u32 + step / 9 - 4,
                )
            };
            (0..81)
                .map(around)
                .map(|(x, y)| drawn.at(x, y))
                .collect::<Vec<_>>()
        };
        assert_eq!(pixel(&particles, &heads), pixel(&[], &heads));
        assert_ne!(pixel(&particles, &[]), pixel(&[], &[]));
    });
}

#[test]
fn they_fade_before_the_eye() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let world_from_view = table_view().view_from_world.inverse();
        for kind in KINDS {
            let mut at = |distance_m: f32, size_m: f32| {
                let place = world_from_view.transform_point3(Vec3::Z * -distance_m);
                let tiny = ParticleEffect {
                    world_from_effect: Mat4::from_translation(place),
                    size_m: Vec3::splat(size_m),
                    ..effect(kind, midway(kind))
                };
                lit(&drawer.draw(&[tiny], DARK))
            };
            // The near plane is at 0.05: it is not what hides them.
            let (near, farther) = (at(0.056, 0.002), at(0.3, 0.02));
            assert!(near < 5 && farther > 50, "{kind:?}: {near} {farther}");
        }
    });
}

#[test]
fn calm_effects_do_not_move() {
    on_both_ways(|plain, computing| {
        for offscreen in [plain, computing] {
            let mut drawer = Drawer::new(offscreen);
            for kind in KINDS {
                let end = kind.duration_secs().unwrap_or(10.0);
                let mut at = |age_secs| {
                    drawer.draw(
                        &[ParticleEffect {
                            calm: true,
                            ..effect(kind, age_secs)
                        }],
                        DARK,
                    )
                };
                let faint = lit(&at(0.001));
                let [early, later] = [0.45, 0.55].map(|part| at(end * part));
                assert!(early.rgba == later.rgba, "{kind:?}");
                assert!(lit(&early) > 150 && faint < lit(&early) / 10, "{kind:?}");
            }
        }
    });
}
