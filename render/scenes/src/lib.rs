//! Whole scenes of the renderer, as they are in use, made by numbers alone: for pictures, for golden images
//! natively and in browsers, and for measuring.
//!
//! In flow a [`Studio`], which is a new renderer with its device, and which scene; out flows a [`Drawing`],
//! the picture on its way from the device. Nothing that ships uses this crate.

mod annotations;
mod card;
pub mod class_room;
mod cube;
mod demo_models;
mod drawing;
#[path = "../../tests/model/glb_builder.rs"]
#[allow(dead_code, reason = "it can write more than sound models need")]
mod glb_builder;
mod images;
mod marks;
mod model_scenes;
mod particles;
mod real_room;
mod studio;

use render::{Backdrop, palette};

pub use card::{Card, CardMaker, plain_card};
pub use drawing::Drawing;
pub use images::textures;
pub use studio::Studio;

use annotations::Show;
use marks::Look;
use model_scenes::ModelScene;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoScene {
    /// A name for files.
    pub name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Marks(Look),
    Annotations(Show),
    Particles,
    Models(ModelScene),
}

const fn scene(name: &'static str, kind: Kind) -> DemoScene {
    DemoScene { name, kind }
}

/// All scenes. Those in which light from around is measured come last: what is measured stays, and one
/// studio may draw all of them in this order.
pub const SCENES: [DemoScene; 19] = [
    scene("room-light", Kind::Marks(Look::Light)),
    scene("room-dark", Kind::Marks(Look::Dark)),
    scene("camera", Kind::Marks(Look::Camera)),
    scene("close", Kind::Marks(Look::Close)),
    scene("annotations", Kind::Annotations(Show::Annotations)),
    scene(
        "annotations-night",
        Kind::Annotations(Show::AnnotationsAtNight),
    ),
    scene("slam-view", Kind::Annotations(Show::SlamView)),
    scene("slam-view-depth", Kind::Annotations(Show::SlamViewByDepth)),
    scene("particles", Kind::Particles),
    scene("shadows-short", Kind::Models(ModelScene::ShadowsShort)),
    scene("shadows-long", Kind::Models(ModelScene::ShadowsLong)),
    scene("two-eyes", Kind::Models(ModelScene::TwoEyes)),
    scene("desk", Kind::Models(ModelScene::Desk)),
    scene("shelf-dark", Kind::Models(ModelScene::ShelfDark)),
    scene(
        "hidden-by-surface",
        Kind::Models(ModelScene::HiddenBySurface),
    ),
    scene("hidden-by-depth", Kind::Models(ModelScene::HiddenByDepth)),
    scene("moving", Kind::Models(ModelScene::Moving)),
    scene("see-through", Kind::Models(ModelScene::SeeThrough)),
    scene(
        "see-through-added",
        Kind::Models(ModelScene::SeeThroughAdded),
    ),
];

/// Draws a scene. `card` makes the cards of its labels; [`plain_card`] will do.
pub fn draw(studio: &mut Studio, scene: DemoScene, card: &mut CardMaker) -> Drawing {
    studio.clear();
    match scene.kind {
        Kind::Marks(look) => marks::draw(studio, look),
        Kind::Annotations(show) => annotations::draw(studio, show, card),
        Kind::Particles => draw_particles(studio, [1.0, 2.1, 0.2], Backdrop::Color(palette::INK)),
        Kind::Models(scene) => model_scenes::draw(studio, scene, card),
    }
}

/// Draws particles: a celebration, a sparkle and a landing, so many seconds after each began. In one
/// studio, later ages may follow earlier ones.
pub fn draw_particles(studio: &mut Studio, ages_secs: [f32; 3], backdrop: Backdrop) -> Drawing {
    particles::draw(studio, ages_secs, backdrop)
}
