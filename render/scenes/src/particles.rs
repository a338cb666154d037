//! A table with a thing on it that is celebrated, another that is highlighted, and a pin that lands.

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, Grid, Head, Light, ParticleEffect, ParticleKind, Pin, Scene, View, palette,
};

use crate::{Drawing, studio::Studio};

/// The view onto the table.
fn view([width, height]: [u32; 2]) -> View {
    View {
        viewport_px: [0, 0, width, height],
        projection_from_view: perspective(0.8, width as f32 / height as f32, 0.05, 100.0),
        view_from_world: look_at_mat4(
            Vec3::new(0.1, 0.75, 1.45),
            Vec3::new(0.02, 0.22, -0.1),
            Vec3::Y,
        ),
    }
}

/// A celebration, a highlight and a landing of these ages.
fn effects([celebration, sparkle, ring]: [f32; 3]) -> [ParticleEffect; 3] {
    let at = |x, z| Mat4::from_translation(Vec3::new(x, 0.0, z));
    let new = ParticleEffect::new;
    [
        ParticleEffect {
            seed: 7,
            ..new(
                ParticleKind::Celebration,
                at(-0.12, -0.3),
                Vec3::new(0.5, 0.6, 0.5),
                celebration,
            )
        },
        ParticleEffect {
            seed: 8,
            color: palette::AMBER,
            ..new(
                ParticleKind::Sparkle,
                at(0.48, -0.12),
                Vec3::new(0.1, 0.22, 0.1),
                sparkle,
            )
        },
        ParticleEffect {
            seed: 9,
            ..new(
                ParticleKind::Ring,
                at(-0.3, 0.35),
                Vec3::new(0.14, 0.05, 0.14),
                ring,
            )
        },
    ]
}

/// Draws the table with effects of these ages. In one studio, later ages may follow earlier ones.
pub(crate) fn draw(studio: &mut Studio, ages_secs: [f32; 3], backdrop: Backdrop) -> Drawing {
    let pin = |x: f32, z: f32, color| Pin {
        world_from_pin: Mat4::from_translation(Vec3::new(x, 0.0, z)),
        color,
        label: None,
        drop: 0.0,
    };
    let pins = [
        pin(-0.12, -0.3, palette::SKY),
        pin(-0.3, 0.35, palette::SIGNAL),
    ];
    let heads = [Head {
        world_from_head: Mat4::from_translation(Vec3::new(0.48, 0.11, -0.12))
            * Mat4::from_rotation_y(3.6),
        color: palette::AMBER,
        label: None,
    }];
    let grids = [Grid {
        world_from_grid: Mat4::IDENTITY,
        half_size_m: Vec2::splat(1.4),
        spacing_m: 0.1,
        color: palette::MUTED,
        opacity: 0.7,
    }];
    let scene = Scene {
        pins: &pins,
        grids: &grids,
        heads: &heads,
        particles: &effects(ages_secs),
        ..Scene::default()
    };
    let view = view(studio.size_px);
    studio.draw_at(0.0, &[view], &Light::default(), &scene, backdrop)
}
