//! Things of a lesson on a real desk, with what people wrote and measured; and the same for two eyes.

use render::glam::{Mat4, Vec2, Vec3};
use render::{
    Backdrop, FreeLabel, Grid, Light, Measurement, ModelInstance, Pin, RealWorld, Scene, View,
    measurement_text, palette,
};

use crate::CardMaker;
use crate::Drawing;
use crate::demo_models::demo_models;
use crate::real_room;
use crate::studio::{Studio, desk_polygon, ground, standing};

/// Where the camera is held.
pub(super) const EYE: Vec3 = Vec3::new(0.04, 0.42, 0.86);
pub(super) const AT: Vec3 = Vec3::new(0.01, 0.085, -0.12);
pub(super) const FOV_RAD: f32 = 0.66;

/// The models of the lesson.
pub(super) fn things(studio: &mut Studio) -> [ModelInstance<'static>; 5] {
    let models = demo_models();
    [
        standing(studio.add(&models.globe), -0.1, -0.24, -0.7),
        standing(studio.add(&models.plant), 0.2, -0.4, 0.0),
        standing(studio.add(&models.molecule), 0.29, -0.08, 0.0),
        standing(studio.add(&models.bars), -0.3, 0.07, 0.28),
        standing(studio.add(&models.flask), 0.06, 0.04, 0.0),
    ]
}

pub(super) fn draw(studio: &mut Studio, card: &mut CardMaker) -> Drawing {
    let view = studio.view(EYE, AT, FOV_RAD);
    studio.enter_room(&view);
    let models = things(studio);
    let along = |x: f32| {
        models[3]
            .world_from_model
            .transform_point3(Vec3::new(x, 0.002, 0.075))
    };
    let measured = [along(-0.13), along(0.13)];
    let text = measurement_text(measured[0].distance(measured[1]));
    let measurements = [Measurement {
        from_in_world: measured[0],
        to_in_world: measured[1],
        color: palette::AMBER,
        label: Some(studio.label(1, &text, 0xe2a100, card)),
    }];
    let pins = [Pin {
        world_from_pin: Mat4::from_translation(Vec3::new(0.22, 0.0, 0.19)),
        color: palette::SIGNAL,
        label: Some(studio.label(2, "Read this", 0xff6a3d, card)),
        drop: 0.0,
    }];
    let labels = [FreeLabel {
        id: studio.label(3, "Caffeine", 0x2f7df6, card),
        anchor_in_world: Vec3::new(0.29, 0.25, -0.08),
        clearance_m: 0.0,
    }];
    let desk = desk_polygon();
    let scene = Scene {
        models: &models,
        pins: &pins,
        measurements: &measurements,
        labels: &labels,
        real_world: RealWorld {
            surfaces: &[ground(&desk)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    studio.draw(&[view], &real_room::light(), &scene, Backdrop::Picture)
}

/// Side by side, in a room without a picture.
pub(super) fn draw_two_eyes(studio: &mut Studio, card: &mut CardMaker) -> Drawing {
    let [width, height] = studio.size_px;
    let half = width / 2;
    let whole = studio.view(
        Vec3::new(-0.02, 0.5, 1.56),
        Vec3::new(-0.02, 0.12, -0.12),
        0.64,
    );
    let eye = |left: u32, offset_m: f32| View {
        viewport_px: [left, 0, half, height],
        projection_from_view: Mat4::from_scale(Vec3::new(2.0, 1.0, 1.0))
            * whole.projection_from_view,
        view_from_world: Mat4::from_translation(Vec3::X * -offset_m) * whole.view_from_world,
    };
    let models = things(studio);
    let labels = [FreeLabel {
        id: studio.label(3, "Caffeine", 0x2f7df6, card),
        anchor_in_world: Vec3::new(0.29, 0.25, -0.08),
        clearance_m: 0.0,
    }];
    let grids = [Grid {
        world_from_grid: Mat4::IDENTITY,
        half_size_m: Vec2::splat(1.2),
        spacing_m: 0.1,
        color: palette::MUTED,
        opacity: 0.6,
    }];
    let desk = desk_polygon();
    let scene = Scene {
        models: &models,
        labels: &labels,
        grids: &grids,
        real_world: RealWorld {
            surfaces: &[ground(&desk)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    let views = [eye(0, -0.032), eye(half, 0.032)];
    studio.draw(
        &views,
        &Light::default(),
        &scene,
        Backdrop::Color(palette::PAPER),
    )
}
