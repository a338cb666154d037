//! Whole scenes with models, as they are in use: on a desk, on a dark shelf, behind real things, in
//! motion, for two eyes, for see-through displays, under a high and a low sun.

mod desk;
mod hidden;
mod moving;
mod see_through;
mod shadows;
mod shelf;

use crate::{CardMaker, Drawing, studio::Studio};

/// Which scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Draws a scene.
pub(crate) fn draw(studio: &mut Studio, scene: ModelScene, card: &mut CardMaker) -> Drawing {
    match scene {
        ModelScene::Desk => desk::draw(studio, card),
        ModelScene::TwoEyes => desk::draw_two_eyes(studio, card),
        ModelScene::ShelfDark => shelf::draw(studio),
        ModelScene::HiddenBySurface => hidden::draw(studio, false),
        ModelScene::HiddenByDepth => hidden::draw(studio, true),
        ModelScene::Moving => moving::draw(studio),
        ModelScene::SeeThrough => see_through::draw(studio, false),
        ModelScene::SeeThroughAdded => see_through::draw(studio, true),
        ModelScene::ShadowsShort => shadows::draw(studio, false),
        ModelScene::ShadowsLong => shadows::draw(studio, true),
    }
}
