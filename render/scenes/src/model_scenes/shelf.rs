//! Metal and glass on a dark shelf, in the light of a studio that they mirror.

use render::glam::Vec3;
use render::{Backdrop, Light, Scene, SphericalHarmonics};

use crate::Drawing;
use crate::demo_models::{ball, demo_models, shelf};
use crate::studio::{Studio, standing};

pub(super) fn draw(studio: &mut Studio) -> Drawing {
    studio.reflect(96, light_box);
    let models = demo_models();
    let gold = [1.0, 0.71, 0.29];
    let mut things = vec![
        standing(studio.add(&shelf()), 0.0, 0.0, 0.0),
        standing(studio.add(&models.gem), 0.0, -0.035, 0.62),
        standing(studio.add(&models.flask), 0.215, -0.03, 0.0),
    ];
    for (x, z, color, metallic, roughness) in [
        (-0.31, -0.02, [0.95, 0.95, 0.94], 1.0, 0.03),
        (-0.17, 0.06, gold, 1.0, 0.35),
        (0.11, 0.085, [0.72, 0.16, 0.10], 0.0, 0.12),
        (0.32, 0.04, [0.56, 0.57, 0.58], 1.0, 0.2),
    ] {
        things.push(standing(
            studio.add(&ball(color, metallic, roughness)),
            x,
            z,
            0.0,
        ));
    }
    for thing in &mut things {
        thing.stands = false;
    }
    let view = studio.view(
        Vec3::new(0.0, 0.2, 0.95),
        Vec3::new(0.015, 0.075, 0.0),
        0.52,
    );
    let light = Light {
        direction_to_light_in_world: Vec3::new(-0.55, 0.9, 0.6),
        intensity: Vec3::new(0.8, 0.78, 0.74),
        around: SphericalHarmonics::hemisphere(Vec3::splat(0.16), Vec3::new(0.05, 0.045, 0.04)),
        reflections: Vec3::ONE,
    };
    let scene = Scene {
        models: &things,
        ..Scene::default()
    };
    studio.draw(
        &[view],
        &light,
        &scene,
        Backdrop::Color([0.006, 0.008, 0.011]),
    )
}

/// A dark room with a large soft light on the left, a strip on the right, and a warm floor.
fn light_box(direction: Vec3) -> Vec3 {
    let edge = |distance: f32, soft: f32| (0.5 - distance / soft).clamp(0.0, 1.0);
    let panel = |toward: Vec3, half: [f32; 2], soft: f32| {
        let toward = toward.normalize();
        let right = Vec3::Y.cross(toward).normalize();
        let up = toward.cross(right);
        let depth = direction.dot(toward).max(1e-3);
        let at = [direction.dot(right) / depth, direction.dot(up) / depth];
        let inside = edge(at[0].abs() - half[0], soft) * edge(at[1].abs() - half[1], soft);
        if direction.dot(toward) > 0.0 {
            inside
        } else {
            0.0
        }
    };
    let base =
        Vec3::new(0.035, 0.04, 0.05) + Vec3::new(0.03, 0.024, 0.018) * (-direction.y).max(0.0);
    base + Vec3::new(3.2, 3.1, 2.95) * panel(Vec3::new(-0.8, 0.9, 0.6), [0.4, 0.4], 0.3)
        + Vec3::new(1.5, 1.9, 2.6) * panel(Vec3::new(1.0, 0.25, 0.15), [0.12, 0.8], 0.05)
        + Vec3::new(0.5, 0.45, 0.4) * panel(Vec3::new(0.1, 0.2, 1.0), [0.5, 0.25], 0.5)
}
