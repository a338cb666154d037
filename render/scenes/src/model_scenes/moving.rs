//! What moves, at one moment: a lamp by its nodes, a plant by its morph targets, worms by their skin.

use render::glam::Vec3;
use render::model::{Model, Pose, Repeat};
use render::{Backdrop, ModelInstance, RealWorld, Scene};

use crate::Drawing;
use crate::demo_models::demo_models;
use crate::real_room;
use crate::studio::{Studio, desk_polygon, ground, standing};

pub(super) fn draw(studio: &mut Studio) -> Drawing {
    let view = studio.view(
        Vec3::new(-0.12, 0.42, 0.78),
        Vec3::new(0.0, 0.1, -0.1),
        0.66,
    );
    studio.enter_room(&view);
    let models = demo_models();
    let [lamp, plant, worm, books] =
        [&models.lamp, &models.plant, &models.worm, &models.books].map(|model| studio.add(model));
    let poses = [
        at(&models.lamp, "nod", 3.1),
        at(&models.plant, "wind", 0.8),
        at(&models.worm, "crawl", 0.3),
        at(&models.worm, "crawl", 1.4),
    ];
    let posed = |instance: ModelInstance<'static>, pose| ModelInstance {
        pose: Some(pose),
        ..instance
    };
    let things = [
        posed(standing(lamp, -0.2, -0.24, -0.35), &poses[0]),
        posed(standing(plant, 0.27, -0.33, 0.6), &poses[1]),
        posed(standing(worm, -0.16, 0.14, 0.35), &poses[2]),
        posed(standing(worm, 0.17, 0.06, -0.5), &poses[3]),
        standing(books, 0.03, -0.22, 0.2),
    ];
    let desk = desk_polygon();
    let scene = Scene {
        models: &things,
        real_world: RealWorld {
            surfaces: &[ground(&desk)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    studio.draw(&[view], &real_room::light(), &scene, Backdrop::Picture)
}

/// How a model stands so long after its animation began.
fn at(model: &Model, animation: &str, time_secs: f32) -> Pose {
    let mut pose = Pose::at_rest(model);
    if let Some(animation) = model.animation(animation) {
        pose.sample(model, animation, time_secs, Repeat::Loop);
    }
    pose.update(model);
    pose
}
