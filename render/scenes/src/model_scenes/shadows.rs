//! Shadows under a high and under a low sun: on the ground, softer the farther they fall, and of things
//! on each other.

use render::glam::{Mat4, Vec2, Vec3};
use render::{Backdrop, Light, ModelInstance, RealWorld, Scene, SphericalHarmonics};

use crate::Drawing;
use crate::demo_models::demo_models;
use crate::studio::{Studio, ground, standing};

pub(super) fn draw(studio: &mut Studio, long: bool) -> Drawing {
    let models = demo_models();
    let [lamp, bars, gem, plant, molecule] = [
        &models.lamp,
        &models.bars,
        &models.gem,
        &models.plant,
        &models.molecule,
    ]
    .map(|model| studio.add(model));
    let floating = ModelInstance {
        stands: false,
        ..ModelInstance::new(
            gem,
            Mat4::from_translation(Vec3::new(-0.17, 0.07, 0.2))
                * Mat4::from_scale(Vec3::splat(0.6)),
        )
    };
    let things = [
        standing(lamp, -0.34, -0.12, -0.3),
        standing(bars, -0.1, -0.06, -0.25),
        standing(plant, 0.18, -0.26, 0.0),
        standing(molecule, 0.34, 0.02, 0.1),
        floating,
    ];
    let corners = [[-3.0, -3.0], [3.0, -3.0], [3.0, 3.0], [-3.0, 3.0]].map(Vec2::from_array);
    let view = studio.view(
        Vec3::new(0.03, 0.56, 0.86),
        Vec3::new(0.03, 0.09, -0.03),
        0.6,
    );
    let light = if long {
        Light {
            direction_to_light_in_world: Vec3::new(-1.0, 0.42, -0.3),
            intensity: Vec3::new(0.95, 0.76, 0.55),
            around: SphericalHarmonics::hemisphere(
                Vec3::new(0.30, 0.34, 0.42),
                Vec3::new(0.22, 0.19, 0.17),
            ),
            reflections: Vec3::ONE,
        }
    } else {
        Light {
            direction_to_light_in_world: Vec3::new(-0.3, 1.0, 0.15),
            ..Light::default()
        }
    };
    let scene = Scene {
        models: &things,
        real_world: RealWorld {
            surfaces: &[ground(&corners)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    let backdrop = if long {
        [0.56, 0.49, 0.42]
    } else {
        [0.62, 0.61, 0.58]
    };
    studio.draw(&[view], &light, &scene, Backdrop::Color(backdrop))
}
