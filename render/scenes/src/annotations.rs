//! Annotations over a camera picture, and the map as the tracker sees it.

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Quat, Vec2, Vec3};
use render::{
    Arrow, Backdrop, ColorBy, FreeLabel, Grid, Head, Keyframe, LabelId, Light, Measurement, Pin,
    Pointer, Scene, Stroke, Trajectory, View, WorldPoint, WorldPoints, palette,
};

use crate::{CardMaker, Drawing, marks::camera_picture, studio::Studio};

/// What is shown, before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// Marks of people over a bright camera picture.
    Annotations,
    /// The same over a dark one.
    AnnotationsAtNight,
    /// The tracker's map on dark ground, points by age.
    SlamView,
    /// On light ground, points by distance.
    SlamViewByDepth,
}

/// What stands on the cards, and the colour of their dot. The number is the label's.
const CARDS: [(u64, &str, u32); 9] = [
    (1, "Start here", 0xff6a3d),
    (2, "24.6 cm", 0xe2a100),
    (3, "Turn this way", 0x2f7df6),
    (4, "Mira", 0x8aa4ff),
    (5, "loose screw", 0xd6336c),
    (6, "Valve 3", 0x1f9d6b),
    (7, "Jonas", 0xd59a4b),
    (8, "Check the seal", 0x1f9d6b),
    (9, "1.02 m", 0xe2a100),
];

/// A wave, as a hand draws it.
fn scribble(from: Vec3, along: Vec3, up: Vec3, turns: f32, count: usize) -> Vec<Vec3> {
    let place = |index: usize| {
        let part = index as f32 / (count - 1) as f32;
        let angle = part * turns * std::f32::consts::TAU;
        let loops = Vec2::new(part + 0.09 * (angle.sin() - angle), 0.5 - 0.5 * angle.cos());
        let slow = part * 1.0 - 0.055 * angle.sin();
        from + along * slow + up * loops.y * (0.75 + 0.25 * (part * 9.0).sin())
    };
    (0..count).map(place).collect()
}

/// A circle that does not quite close.
fn circled(middle: Vec3, radius: f32) -> Vec<Vec3> {
    let place = |index: usize| {
        let angle = 0.4 + index as f32 / 63.0 * 6.7;
        let grown = radius * (1.0 + 0.012 * index as f32 / 10.0);
        middle + Vec3::new(angle.cos() * grown * 1.25, 0.002, angle.sin() * grown)
    };
    (0..64).map(place).collect()
}

fn camera(show: Show, [width, height]: [u32; 2]) -> View {
    let aspect = width as f32 / height as f32;
    let (eye, at, fov): (Vec3, Vec3, f32) = match show {
        Show::Annotations | Show::AnnotationsAtNight => {
            (Vec3::new(0.0, 0.75, 0.95), Vec3::new(0.0, 0.02, -0.1), 1.0)
        }
        Show::SlamView | Show::SlamViewByDepth => {
            (Vec3::new(2.4, 2.5, 3.3), Vec3::new(0.05, 0.45, -0.35), 0.8)
        }
    };
    // A phone that is held upright steps back.
    let eye = if aspect < 1.0 {
        at + (eye - at) * 2.1
    } else {
        eye
    };
    View {
        viewport_px: [0, 0, width, height],
        projection_from_view: perspective(fov, aspect, 0.05, 100.0),
        view_from_world: look_at_mat4(eye, at, Vec3::Y),
    }
}

/// Points on the floor, a table, two walls and a shelf, as a tracker finds them: in clusters.
fn map(count: u32) -> Vec<WorldPoint> {
    let part = |index: u32, step: f32| (index as f32 * step).fract();
    let point = |index: u32| {
        let (u, v, w) = (
            part(index, 0.618_034),
            part(index, 0.754_877),
            part(index, 0.569_84),
        );
        // Textured patches attract points.
        let patch = |value: f32| {
            let cell = (value * 5.0).floor();
            (cell + 0.5 + (value * 5.0 - cell - 0.5) * (0.35 + 0.65 * w)) / 5.0
        };
        let (u, v) = if index.is_multiple_of(3) {
            (u, v)
        } else {
            (patch(u), patch(v))
        };
        let place = match index % 10 {
            0..3 => Vec3::new(u * 3.4 - 1.7, 0.0, v * 3.2 - 1.8),
            3..6 => Vec3::new(u * 1.2 - 0.6, 0.72, v * 0.7 - 0.6),
            6 => Vec3::new(u * 3.4 - 1.7, v * 1.8, -1.8),
            7 => Vec3::new(-1.7, v * 1.6, u * 3.0 - 1.8),
            8 => Vec3::new(
                0.9 + u * 0.6,
                0.35 * (1.0 + (v * 3.0).floor()),
                -1.6 + w * 0.2,
            ),
            _ => {
                let angle = u * std::f32::consts::TAU;
                let height = v * 0.24;
                let radius = 0.06 + 0.05 * (height * 9.0).sin().abs();
                Vec3::new(
                    angle.cos() * radius - 0.2,
                    0.72 + height,
                    angle.sin() * radius - 0.3,
                )
            }
        };
        let jitter = Vec3::new(w, part(index, 0.237), part(index, 0.891)) - 0.5;
        let uncertain = index.is_multiple_of(17);
        let age = (place.x * 0.3 + 0.75 + 0.25 * w).clamp(0.0, 1.0);
        let spread = if uncertain { 0.12 } else { 0.008 };
        WorldPoint::new(
            place + jitter * spread,
            1.0 - age * age,
            f32::from(u8::from(uncertain)),
        )
    };
    (0..count).map(point).collect()
}

/// A camera that walks around the table and looks at it.
fn walk(part: f32) -> Mat4 {
    let angle = 0.2 + part * 3.6;
    let place = Vec3::new(
        angle.cos() * 1.25,
        1.25 + 0.12 * (part * 11.0).sin(),
        angle.sin() * 1.0 + 0.15,
    );
    let at = Vec3::new(-0.1, 0.75, -0.3);
    look_at_mat4(place, at, Vec3::Y).inverse()
}

/// Draws a show. `card`: makes the bitmap of a card from its text and colour.
pub(crate) fn draw(studio: &mut Studio, show: Show, card: &mut CardMaker) -> Drawing {
    for (id, text, accent) in CARDS {
        studio.label(id, text, accent, card);
    }
    let over_picture = matches!(show, Show::Annotations | Show::AnnotationsAtNight);
    if over_picture {
        let mut picture = camera_picture([640, 480]);
        if show == Show::AnnotationsAtNight {
            for (index, byte) in picture.iter_mut().enumerate() {
                if index % 4 != 3 {
                    *byte /= 6;
                }
            }
        }
        studio.write_picture([640, 480], &picture);
    }

    let word = scribble(
        Vec3::new(-0.47, 0.004, 0.3),
        Vec3::X * 0.36,
        Vec3::new(0.0, 0.0, -0.1),
        4.0,
        120,
    );
    let ring = circled(Vec3::new(0.32, 0.0, 0.16), 0.085);
    let marker: Vec<Vec3> = (0..30)
        .map(|index| {
            let part = index as f32 / 29.0;
            Vec3::new(
                -0.42 + part * 0.42,
                0.003,
                -0.06 - 0.06 * (part * 5.0).sin(),
            )
        })
        .collect();
    let strokes = [
        Stroke {
            points_in_world: &marker,
            width_m: 0.034,
            color: palette::AMBER,
            opacity: 0.5,
        },
        Stroke {
            points_in_world: &word,
            width_m: 0.011,
            color: palette::SIGNAL,
            opacity: 1.0,
        },
        Stroke {
            points_in_world: &ring,
            width_m: 0.009,
            color: palette::ROSE,
            opacity: 1.0,
        },
    ];
    let arrows = [
        Arrow {
            from_in_world: Vec3::new(0.4, 0.2, -0.34),
            to_in_world: Vec3::new(0.16, 0.02, -0.16),
            width_m: 0.014,
            color: palette::SKY,
            opacity: 1.0,
            label: Some(LabelId(3)),
        },
        Arrow {
            from_in_world: Vec3::new(-0.2, 0.26, -0.3),
            to_in_world: Vec3::new(-0.26, 0.02, -0.12),
            width_m: 0.01,
            color: palette::LEAF,
            opacity: 1.0,
            label: None,
        },
    ];
    let measurements = [Measurement {
        from_in_world: Vec3::new(-0.06, 0.002, 0.12),
        to_in_world: Vec3::new(0.15, 0.002, 0.24),
        color: palette::AMBER,
        label: Some(LabelId(2)),
    }];
    let pointers = [
        Pointer {
            origin_in_world: Vec3::new(-0.5, 0.42, 0.02),
            direction_in_world: Vec3::new(0.42, -0.42, 0.05),
            hit_m: Some(0.596),
            color: palette::linear_from_hex(0x8aa4ff),
            label: None,
        },
        Pointer {
            origin_in_world: Vec3::new(0.55, 0.4, -0.15),
            direction_in_world: Vec3::new(-0.2, 0.05, -0.4),
            hit_m: None,
            color: palette::linear_from_hex(0xd59a4b),
            label: None,
        },
    ];
    let pins = [Pin {
        world_from_pin: Mat4::from_translation(Vec3::new(-0.5, 0.0, 0.12)),
        color: palette::SIGNAL,
        label: Some(LabelId(1)),
        drop: 0.0,
    }];
    let heads = [Head {
        world_from_head: Mat4::from_rotation_translation(
            Quat::from_rotation_y(-1.6) * Quat::from_rotation_x(-0.4),
            Vec3::new(-0.56, 0.48, 0.0),
        ),
        color: palette::linear_from_hex(0x8aa4ff),
        label: Some(LabelId(4)),
    }];
    let labels = [
        FreeLabel {
            id: LabelId(5),
            anchor_in_world: Vec3::new(0.32, 0.0, 0.06),
            clearance_m: 0.0,
        },
        FreeLabel {
            id: LabelId(6),
            anchor_in_world: Vec3::new(0.3, 0.0, 0.02),
            clearance_m: 0.0,
        },
        FreeLabel {
            id: LabelId(8),
            anchor_in_world: Vec3::new(0.36, 0.0, -0.01),
            clearance_m: 0.0,
        },
    ];

    let points = map(9000);
    let path: Vec<Vec3> = (0..240)
        .map(|index| walk(index as f32 / 239.0).w_axis.truncate())
        .collect();
    let tracks: Vec<Vec<Vec3>> = (0..40_u32)
        .map(|index| {
            let from = Vec3::new(
                (index as f32 * 0.618).fract() * 1.2 - 0.6,
                0.74,
                (index as f32 * 0.414).fract() * 0.7 - 0.6,
            );
            (0..8)
                .map(|step| from + Vec3::new(0.012, 0.004, 0.006) * step as f32)
                .collect()
        })
        .collect();
    let mut trajectories = vec![Trajectory {
        positions_in_world: &path,
        width_px: 2.5,
        color: palette::SIGNAL,
        opacity: 1.0,
        fading_positions: 200,
    }];
    trajectories.extend(tracks.iter().map(|track| Trajectory {
        positions_in_world: track,
        width_px: 1.25,
        color: palette::SKY,
        opacity: 0.9,
        fading_positions: 8,
    }));
    let ground = if show == Show::SlamViewByDepth {
        palette::MUTED
    } else {
        palette::LINE
    };
    let keyframes: Vec<Keyframe> = (0..13)
        .map(|index| Keyframe {
            world_from_camera: walk(index as f32 / 12.0),
            aspect: 1.5,
            width_m: if index == 12 { 0.16 } else { 0.1 },
            color: if index == 12 { palette::SIGNAL } else { ground },
            opacity: if index == 12 { 1.0 } else { 0.7 },
        })
        .collect();
    let measured = [Measurement {
        from_in_world: Vec3::new(-0.6, 0.73, 0.12),
        to_in_world: Vec3::new(0.42, 0.73, 0.12),
        color: palette::AMBER,
        label: Some(LabelId(9)),
    }];
    let grid = |world_from_grid, half_size_m, color, opacity| Grid {
        world_from_grid,
        half_size_m,
        spacing_m: 0.1,
        color,
        opacity,
    };
    let grids = [
        grid(
            Mat4::from_translation(Vec3::new(0.0, 0.0, -0.2)),
            Vec2::new(2.4, 2.2),
            ground,
            0.5,
        ),
        grid(
            Mat4::from_translation(Vec3::new(0.0, 0.72, -0.25)),
            Vec2::new(0.75, 0.5),
            palette::LEAF,
            0.8,
        ),
    ];
    let from_eye_m = camera(show, studio.size_px)
        .view_from_world
        .w_axis
        .truncate()
        .length();
    let scene = if over_picture {
        Scene {
            pins: &pins,
            heads: &heads,
            strokes: &strokes,
            arrows: &arrows,
            measurements: &measurements,
            pointers: &pointers,
            labels: &labels,
            ..Scene::default()
        }
    } else {
        Scene {
            grids: &grids,
            world_points: Some(WorldPoints {
                points: &points,
                revision: 1,
                color_by: match show {
                    Show::SlamViewByDepth => ColorBy::Depth {
                        nearest_m: from_eye_m - 2.2,
                        farthest_m: from_eye_m + 1.6,
                    },
                    _ => ColorBy::Age,
                },
                opacity: 1.0,
            }),
            trajectories: &trajectories,
            keyframes: &keyframes,
            measurements: &measured,
            ..Scene::default()
        }
    };
    let backdrop = match show {
        Show::SlamView => Backdrop::Color(palette::INK),
        Show::SlamViewByDepth => Backdrop::Color(palette::PAPER),
        _ => Backdrop::Picture,
    };
    let view = camera(show, studio.size_px);
    studio.draw_at(0.4, &[view], &Light::default(), &scene, backdrop)
}
