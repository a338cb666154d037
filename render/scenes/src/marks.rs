//! A small room with every mark in it.

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Quat, Vec2, Vec3};
use render::{Backdrop, Grid, Head, ImagePoint, LabelId, Light, Pin, Scene, Spot, View, palette};

use crate::{Drawing, card::paper, studio::Studio};

/// What stands behind the marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Light,
    Dark,
    Camera,
    Close,
}

/// A made-up camera picture: a desk before a wall, with some texture.
pub(crate) fn camera_picture([width, height]: [u32; 2]) -> Vec<u8> {
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let grain = ((x * 7 + y * 13 + x * y / 17) % 11) as f32 / 11.0 - 0.5;
            let color = if v < 0.42 {
                let frame = u > 0.12 && u < 0.34 && v > 0.08 && v < 0.34;
                let base = if frame {
                    [92.0, 108.0, 122.0]
                } else {
                    [206.0, 200.0, 190.0]
                };
                base.map(|channel| channel * (0.9 + 0.15 * u))
            } else {
                let board = ((v * 14.0 / (0.4 + v)) as u32).is_multiple_of(2);
                let base = if board {
                    [164.0, 120.0, 82.0]
                } else {
                    [152.0, 110.0, 74.0]
                };
                base.map(|channel| channel * (0.75 + 0.4 * v))
            };
            rgba.extend(color.map(|channel| (channel + grain * 9.0).clamp(0.0, 255.0) as u8));
            rgba.push(255);
        }
    }
    rgba
}

fn pin(x: f32, z: f32, color: [f32; 3], label: u64) -> Pin {
    Pin {
        world_from_pin: Mat4::from_translation(Vec3::new(x, 0.0, z)),
        color,
        label: Some(LabelId(label)),
        drop: 0.0,
    }
}

fn view(look: Look, [width, height]: [u32; 2]) -> View {
    let (eye, at, fov) = match look {
        Look::Close => (Vec3::new(0.12, 0.26, 0.42), Vec3::new(0.02, 0.05, 0.0), 0.9),
        Look::Camera => (Vec3::new(0.0, 0.75, 0.95), Vec3::new(0.0, 0.0, -0.1), 1.0),
        Look::Light | Look::Dark => (Vec3::new(1.1, 1.35, 1.9), Vec3::new(0.0, 0.1, -0.1), 0.85),
    };
    View {
        viewport_px: [0, 0, width, height],
        projection_from_view: perspective(fov, width as f32 / height as f32, 0.05, 100.0),
        view_from_world: look_at_mat4(eye, at, Vec3::Y),
    }
}

fn points([width, height]: [u32; 2]) -> Vec<ImagePoint> {
    (0..260u32)
        .map(|index| {
            let along = (index as f32 * 0.618_034).fract();
            let across = (index as f32 * 0.414_214 + 0.07).fract();
            ImagePoint {
                position_px: [along * width as f32, across * height as f32],
                age: (index as f32 * 0.271).fract(),
                certain: if index.is_multiple_of(9) { 0.0 } else { 1.0 },
            }
        })
        .collect()
}

/// Draws the room.
pub(crate) fn draw(studio: &mut Studio, look: Look) -> Drawing {
    set_labels(studio);
    let picture_px = [640, 480];
    if look == Look::Camera {
        studio.write_picture(picture_px, &camera_picture(picture_px));
    }
    let wall = Mat4::from_translation(Vec3::new(-0.62, 0.34, -0.55))
        * Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2);
    let mut pins = vec![
        pin(0.0, 0.0, palette::SIGNAL, 1),
        pin(0.34, -0.22, palette::SKY, 2),
        pin(-0.42, 0.1, palette::LEAF, 3),
        Pin {
            drop: 0.5,
            ..pin(0.36, 0.24, palette::AMBER, 9)
        },
    ];
    if matches!(look, Look::Light | Look::Dark) {
        pins.push(Pin {
            world_from_pin: wall,
            color: palette::ROSE,
            label: None,
            drop: 0.0,
        });
    }
    let floor = Grid {
        world_from_grid: Mat4::IDENTITY,
        half_size_m: Vec2::splat(if look == Look::Camera { 0.7 } else { 3.0 }),
        spacing_m: 0.1,
        color: if look == Look::Light {
            palette::MUTED
        } else {
            palette::LINE
        },
        opacity: if look == Look::Camera { 0.75 } else { 0.7 },
    };
    let plane = Grid {
        world_from_grid: wall,
        half_size_m: Vec2::new(0.4, 0.3),
        spacing_m: 0.05,
        color: palette::SKY,
        opacity: 0.8,
    };
    let head = |x: f32, y: f32, z: f32, yaw: f32, color, label| Head {
        world_from_head: Mat4::from_rotation_translation(
            Quat::from_rotation_y(yaw) * Quat::from_rotation_x(-0.25),
            Vec3::new(x, y, z),
        ),
        color,
        label: Some(LabelId(label)),
    };
    let heads = [
        head(
            -0.75,
            0.62,
            0.1,
            -1.2,
            palette::linear_from_hex(0x8aa4ff),
            4,
        ),
        head(
            0.55,
            0.66,
            -0.75,
            3.6,
            palette::linear_from_hex(0xd59a4b),
            5,
        ),
    ];
    let spot = |x: f32, z: f32, radius_m, dot, color| Spot {
        world_from_spot: Mat4::from_translation(Vec3::new(x, 0.0, z)),
        color,
        radius_m,
        dot,
        opacity: 1.0,
        breathing: 1.0,
    };
    let spots = [
        spot(-0.12, 0.3, 0.05, 1.0, palette::LEAF),
        spot(0.16, 0.36, 0.05, 0.0, palette::SIGNAL),
        spot(-0.3, 0.42, 0.03, 0.2, palette::PAPER),
    ];
    let points = points(picture_px);
    let indoors = matches!(look, Look::Light | Look::Dark);
    let grids = [floor, plane];
    let scene = Scene {
        pins: &pins,
        grids: if indoors { &grids } else { &grids[..1] },
        image_points: if look == Look::Camera { &points } else { &[] },
        device_points: None,
        heads: if indoors { &heads } else { &[] },
        spots: if look == Look::Close { &[] } else { &spots },
        ..Scene::default()
    };
    let backdrop = match look {
        Look::Light | Look::Close => Backdrop::Color(palette::PAPER),
        Look::Dark => Backdrop::Color(palette::INK),
        Look::Camera => Backdrop::Picture,
    };
    let view = view(look, studio.size_px);
    studio.draw_at(0.4, &[view], &Light::default(), &scene, backdrop)
}

fn set_labels(studio: &mut Studio) {
    let cards = [
        (1, 230, 0xff6a3d),
        (2, 170, 0x2f7df6),
        (3, 260, 0x1f9d6b),
        (4, 150, 0x8aa4ff),
        (5, 130, 0xd59a4b),
    ];
    for (id, width, accent) in cards {
        studio.label(id, "", accent, &mut |_, accent| paper(width, accent));
    }
}
