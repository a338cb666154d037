//! Content behind real things: behind a carton whose side is known as a surface, and behind carton and
//! mug as a sensor measures them.

use render::glam::Mat4;
use render::{Backdrop, MeasuredDepth, RealWorld, Scene, Surface};

use super::desk::{AT, EYE, FOV_RAD};
use crate::Drawing;
use crate::demo_models::demo_models;
use crate::real_room;
use crate::studio::{Studio, desk_polygon, ground, standing};

pub(super) fn draw(studio: &mut Studio, measured: bool) -> Drawing {
    let view = studio.view(EYE, AT, FOV_RAD);
    studio.enter_room(&view);
    let models = demo_models();
    let things = [
        standing(studio.add(&models.globe), -0.33, -0.45, -0.7),
        standing(studio.add(&models.worm), -0.16, 0.08, 0.5),
        standing(
            studio.add(&models.plant),
            if measured { 0.42 } else { 0.2 },
            if measured { -0.46 } else { -0.4 },
            0.0,
        ),
        standing(studio.add(&models.gem), 0.12, -0.14, 0.2),
    ];
    let desk = desk_polygon();
    let (world_from_front, front) = real_room::carton_front();
    let surfaces = [
        ground(&desk),
        Surface {
            world_from_surface: world_from_front,
            polygon: &front,
        },
    ];
    let size = [160, 100];
    let metres = real_room::depth(&view, size);
    let depth = [MeasuredDepth {
        size,
        metres: &metres,
        measurement_from_view: Mat4::IDENTITY,
        revision: 1,
    }];
    let scene = Scene {
        models: &things,
        real_world: RealWorld {
            surfaces: if measured { &surfaces[..1] } else { &surfaces },
            depth: if measured { &depth } else { &[] },
        },
        ..Scene::default()
    };

    studio.draw(&[view], &real_room::light(), &scene, Backdrop::Picture)
}
