//! Whole scenes with models, as they are in use: on a desk, on a dark shelf, behind real things, in
//! motion, for two eyes, for see-through displays, under a high and a low sun. For pictures and golden
//! images.

mod desk;
mod hidden;
mod moving;
mod see_through;
mod shadows;
mod shelf;
mod stage;

use crate::offscreen::{Offscreen, Pixels};
pub(crate) use stage::CardMaker;
use stage::Stage;

/// Which scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ModelScene {
    Desk,
    ShelfDark,
    HiddenBySurface,
    HiddenByDepth,
    Moving,
    TwoEyes,
    SeeThrough,
    SeeThroughAdded,
    ShadowsShort,
    ShadowsLong,
}

/// Every scene with a name for its file.
pub(crate) const MODEL_SCENES: [(&str, ModelScene); 10] = [
    ("desk", ModelScene::Desk),
    ("shelf-dark", ModelScene::ShelfDark),
    ("hidden-by-surface", ModelScene::HiddenBySurface),
    ("hidden-by-depth", ModelScene::HiddenByDepth),
    ("moving", ModelScene::Moving),
    ("two-eyes", ModelScene::TwoEyes),
    ("see-through", ModelScene::SeeThrough),
    ("see-through-added", ModelScene::SeeThroughAdded),
    ("shadows-short", ModelScene::ShadowsShort),
    ("shadows-long", ModelScene::ShadowsLong),
];

/// Draws a scene with a new renderer.
pub(crate) fn draw_scene(
    offscreen: &Offscreen,
    scene: ModelScene,
    size_px: [u32; 2],
    pixel_ratio: f32,
    card: &mut CardMaker,
) -> Pixels {
    let mut stage = Stage::new(offscreen, size_px, pixel_ratio);
    match scene {
        ModelScene::Desk => desk::draw(&mut stage, card),
        ModelScene::TwoEyes => desk::draw_two_eyes(&mut stage, card),
        ModelScene::ShelfDark => shelf::draw(&mut stage),
        ModelScene::HiddenBySurface => hidden::draw(&mut stage, false),
        ModelScene::HiddenByDepth => hidden::draw(&mut stage, true),
        ModelScene::Moving => moving::draw(&mut stage),
        ModelScene::SeeThrough => see_through::draw(&mut stage, false),
        ModelScene::SeeThroughAdded => see_through::draw(&mut stage, true),
        ModelScene::ShadowsShort => shadows::draw(&mut stage, false),
        ModelScene::ShadowsLong => shadows::draw(&mut stage, true),
    }
}
