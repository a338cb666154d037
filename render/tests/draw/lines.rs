//! Strokes, arrows and other lines: even where their pieces meet, as wide as they should be, and where
//! they should be.

use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Arrow, Backdrop, Measurement, Pointer, RealWorld, Renderer, RendererConfig, Scene, Stroke,
    Surface, View,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{draw_with, project, view};

const SIZE_PX: [u32; 2] = [320, 240];
const GREEN: [f32; 3] = [0.0, 1.0, 0.0];
const RED: [f32; 3] = [1.0, 0.0, 0.0];

fn front() -> View {
    view([0, 0, SIZE_PX[0], SIZE_PX[1]], Vec3::Z, Vec3::ZERO)
}

/// A device and one renderer for a whole test: making one takes longer than drawing.
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

    fn draw(&mut self, view: View, scene: &Scene) -> Pixels {
        let Drawer {
            offscreen,
            renderer,
        } = self;
        let backdrop = Backdrop::Transparent;
        draw_with(offscreen, renderer, &[view], SIZE_PX, scene, backdrop).0
    }

    fn draw_strokes(&mut self, view: View, strokes: &[Stroke]) -> Pixels {
        let scene = Scene {
            strokes,
            ..Scene::default()
        };
        self.draw(view, &scene)
    }
}

fn stroke(points_in_world: &[Vec3]) -> Stroke<'_> {
    Stroke {
        points_in_world,
        width_m: 0.08,
        color: GREEN,
        opacity: 1.0,
    }
}

/// Pixels from a place to a chain of pieces.
fn distance_to(chain: &[Vec2], place: Vec2) -> f32 {
    let to_piece = |pair: &[Vec2]| {
        let along = pair[1] - pair[0];
        let part = ((place - pair[0]).dot(along) / along.length_squared()).clamp(0.0, 1.0);
        place.distance(pair[0] + along * part)
    };
    chain.windows(2).map(to_piece).fold(f32::MAX, f32::min)
}

/// Corners of all kinds, and curves with pieces much shorter than the line is wide.
fn chains() -> [Vec<Vec3>; 4] {
    let at = |x: f32, y: f32| Vec3::new(x, y, 0.0);
    let wave = |step: f32, count: u32| {
        (0..count)
            .map(|index| {
                at(
                    index as f32 * step - 0.45,
                    0.2 * (index as f32 * step * 7.0).sin(),
                )
            })
            .collect()
    };
    [
        vec![at(-0.4, -0.2), at(0.0, -0.2), at(0.0, 0.2), at(0.4, 0.2)],
        vec![at(-0.4, 0.0), at(0.2, 0.25), at(0.1, -0.3), at(0.45, -0.1)],
        wave(0.01, 90),
        wave(0.003, 300),
    ]
}

#[test]
fn a_translucent_stroke_is_even_where_its_pieces_meet() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        for places in chains() {
            let view = front();
            let chain: Vec<Vec2> = places.iter().map(|place| project(&view, *place)).collect();
            let radius = 0.04 * (project(&view, Vec3::X) - project(&view, Vec3::ZERO)).x;
            let half_seen = Stroke {
                opacity: 0.5,
                ..stroke(&places)
            };
            let drawn = drawer.draw_strokes(view, &[half_seen]);
            let mut inside = 0;
            for y in 0..drawn.height {
                for x in 0..drawn.width {
                    let far = distance_to(&chain, Vec2::new(x as f32 + 0.5, y as f32 + 0.5));
                    let alpha = drawn.at(x, y)[3];
                    if far < radius - 1.0 {
                        inside += 1;
                        assert!(alpha.abs_diff(128) <= 2, "{alpha} at {x}, {y}");
                    } else if far > radius + 4.0 {
                        assert_eq!(alpha, 0, "at {x}, {y}");
                    } else {
                        assert!(alpha <= 130, "{alpha} at {x}, {y}");
                    }
                }
            }
            assert!(inside > 2000, "{inside}");
        }
    });
}

/// Pixels of a column that the line covers.
fn width_at(drawn: &Pixels, x: u32) -> f32 {
    // The breath around it has no colour.
    let covered = (0..drawn.height).filter(|y| drawn.at(x, *y)[1] > 20);
    covered.map(|y| f32::from(drawn.at(x, y)[3]) / 255.0).sum()
}

#[test]
fn a_stroke_is_as_wide_as_the_projection_says_and_never_too_thin() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let places = [Vec3::new(-0.3, 0.0, 0.0), Vec3::new(0.3, 0.0, 0.0)];
        for (distance, width_m) in [(0.7, 0.08), (1.0, 0.05), (2.0, 0.1), (4.0, 0.1)] {
            let eye = Vec3::Z * distance;
            let view = view([0, 0, SIZE_PX[0], SIZE_PX[1]], eye, Vec3::ZERO);
            let line = Stroke {
                width_m,
                ..stroke(&places)
            };
            let drawn = drawer.draw_strokes(view, &[line]);
            let expected =
                (project(&view, Vec3::Y * width_m) - project(&view, Vec3::ZERO)).length();
            let actual = width_at(&drawn, 160);
            assert!(
                (actual - expected).abs() < 0.8,
                "{actual} is not {expected}"
            );
        }
        let view = view([0, 0, SIZE_PX[0], SIZE_PX[1]], Vec3::Z * 3.0, Vec3::ZERO);
        let hair = Stroke {
            width_m: 0.0001,
            ..stroke(&places)
        };
        let actual = width_at(&drawer.draw_strokes(view, &[hair]), 160);
        assert!((actual - 2.0).abs() < 0.8, "{actual} CSS pixels");
    });
}

#[test]
fn nearer_strokes_cover_farther_ones_in_any_order() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let across = [Vec3::new(-0.4, 0.0, 0.0), Vec3::new(0.4, 0.0, 0.0)];
        let down = [Vec3::new(0.0, -0.3, -0.3), Vec3::new(0.0, 0.3, -0.3)];
        let near = stroke(&across);
        let far = Stroke {
            color: RED,
            ..stroke(&down)
        };
        for strokes in [[near, far], [far, near]] {
            let drawn = drawer.draw_strokes(front(), &strokes);
            let [red, green, _, alpha] = drawn.at(160, 120);
            assert!(
                green > 100 && red < 80 && alpha == 255,
                "{red} {green} {alpha}"
            );
            assert!(drawn.at(160, 150)[0] > 100);
        }
    });
}

#[test]
fn real_surfaces_hide_lines_that_are_behind_them() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let wall = [[-0.5, -0.5], [0.0, -0.5], [0.0, 0.5], [-0.5, 0.5]].map(Vec2::from_array);
        let world_from_surface = Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2);
        let surfaces = [Surface {
            world_from_surface,
            polygon: &wall,
        }];
        for (z, hidden) in [(-0.3, true), (0.3, false)] {
            let places = [Vec3::new(-0.3, 0.0, z), Vec3::new(0.3, 0.0, z)];
            let strokes = [stroke(&places)];
            let scene = Scene {
                strokes: &strokes,
                real_world: RealWorld {
                    surfaces: &surfaces,
                    ..RealWorld::default()
                },
                ..Scene::default()
            };
            let drawn = drawer.draw(front(), &scene);
            assert_eq!(drawn.at(120, 120)[3] == 0, hidden);
            assert_eq!(drawn.at(200, 120)[3], 255);
        }
    });
}

#[test]
fn lines_that_pass_the_viewer_are_cut_at_the_near_plane() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let places = [Vec3::new(0.0, -0.15, 3.0), Vec3::new(0.0, 0.0, -1.0)];
        let drawn = drawer.draw_strokes(front(), &[stroke(&places)]);
        // On the axis below the middle, and nothing above it.
        assert_eq!(drawn.at(160, 200)[3], 255);
        assert_eq!(drawn.at(160, 60)[3], 0);
        let behind = [Vec3::new(-1.0, 0.0, 2.0), Vec3::new(1.0, 0.0, 2.0)];
        let nothing = drawer.draw_strokes(front(), &[stroke(&behind)]);
        assert!(nothing.rgba.iter().all(|byte| *byte == 0));
    });
}

#[test]
fn arrows_measurements_and_pointers_end_where_they_should() {
    on_every_backend(|offscreen| {
        let mut drawer = Drawer::new(offscreen);
        let (from, to) = (Vec3::new(-0.3, 0.0, 0.0), Vec3::new(0.25, 0.1, 0.0));
        let scenes: [(&str, Scene); 3] = [
            (
                "arrow",
                Scene {
                    arrows: &[Arrow {
                        from_in_world: from,
                        to_in_world: to,
                        width_m: 0.02,
                        color: GREEN,
                        opacity: 1.0,
                        label: None,
                    }],
                    ..Scene::default()
                },
            ),
            (
                "measurement",
                Scene {
                    measurements: &[Measurement {
                        from_in_world: from,
                        to_in_world: to,
                        color: GREEN,
                        label: None,
                    }],
                    ..Scene::default()
                },
            ),
            (
                "pointer",
                Scene {
                    pointers: &[Pointer {
                        origin_in_world: from,
                        direction_in_world: (to - from) * 3.0,
                        hit_m: Some(from.distance(to)),
                        color: GREEN,
                        label: None,
                    }],
                    ..Scene::default()
                },
            ),
        ];
        for (name, scene) in scenes {
            let drawn = drawer.draw(front(), &scene);
            let alpha_at = |place: Vec3| {
                let px = project(&front(), place);
                drawn.at(px.x as u32, px.y as u32)[3]
            };
            let inward = (to - from).normalize();
            assert!(alpha_at(to - inward * 0.008) > 150, "{name}");
            assert!(alpha_at(from + inward * 0.008) > 150, "{name}");
            assert_eq!(alpha_at(to + inward * 0.05), 0, "{name}");
            assert_eq!(alpha_at(from - inward * 0.05), 0, "{name}");
        }
    });
}

#[test]
fn a_thousand_strokes_are_two_draw_calls_and_follow_their_changes() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let mut places: Vec<Vec<Vec3>> = (0..1000)
            .map(|index| {
                let y = index as f32 * 0.0004 - 0.2;
                (0..9)
                    .map(|step| Vec3::new(step as f32 * 0.01 - 0.4, y, 0.0))
                    .collect()
            })
            .collect();
        let mut draw = |places: &[Vec<Vec3>]| {
            let strokes: Vec<Stroke> = places
                .iter()
                .map(|places| Stroke {
                    width_m: 0.01,
                    ..stroke(places)
                })
                .collect();
            let scene = Scene {
                strokes: &strokes,
                ..Scene::default()
            };
            let views = [front()];
            let backdrop = Backdrop::Transparent;
            draw_with(offscreen, &mut renderer, &views, SIZE_PX, &scene, backdrop)
        };
        let (before, report) = draw(&places);
        // Cores, edges, composite.
        assert_eq!(report.draw_calls, 3);
        let px = project(&front(), Vec3::new(0.2, 0.1, 0.0));
        assert_eq!(before.at(px.x as u32, px.y as u32)[3], 0);
        // Only a block in the middle of what lies on the device changes.
        places[700].push(Vec3::new(-0.1, 0.1, 0.0));
        places[700].push(Vec3::new(0.3, 0.1, 0.0));
        let (after, _) = draw(&places);
        assert_eq!(after.at(px.x as u32, px.y as u32)[3], 255);
        places[700].truncate(9);
        assert!(draw(&places).0.rgba == before.rgba);
    });
}
