//! Pictures for displays through which the world is seen: laid over it by alpha, or added to its light.
//! Here the world is the made-up room.

use render::{Backdrop, RealWorld, Scene};

use super::desk::{AT, EYE, FOV_RAD, things};
use crate::drawing::{Behind, Drawing};
use crate::real_room;
use crate::studio::{Studio, desk_polygon, ground};

pub(super) fn draw(studio: &mut Studio, added: bool) -> Drawing {
    let view = studio.view(EYE, AT, FOV_RAD);
    studio.reflect(32, real_room::radiance);
    let models = things(studio);
    let desk = desk_polygon();
    let scene = Scene {
        models: &models,
        real_world: RealWorld {
            surfaces: &[ground(&desk)],
            ..RealWorld::default()
        },
        ..Scene::default()
    };
    let backdrop = if added {
        Backdrop::Additive
    } else {
        Backdrop::Transparent
    };
    let drawing = studio.draw(&[view], &real_room::light(), &scene, backdrop);
    let ([width, _], rgba) = studio.photograph(&view);
    drawing.over(Behind { rgba, width, added })
}
