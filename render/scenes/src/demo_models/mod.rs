//! Models of a class-room, made by numbers alone: written as GLB and read back, so that the reader is
//! part of every picture. Each stands on its origin; metres, +Y up, the front towards +Z.

mod blocks;
mod file;
mod globe;
mod lamp;
mod molecule;
mod noise;
mod plant;
mod shapes;
mod solids;
mod vessel;
mod worm;

use std::sync::OnceLock;

use render::model::Model;
use render::palette;

pub(crate) use file::ModelFile;
pub(crate) use noise::noise;
pub(crate) use shapes::Shape;
pub(crate) use solids::{ball, shelf};

use blocks::{bars, books};
use globe::globe;
use lamp::lamp;
use molecule::molecule;
use plant::plant;
use solids::gem;
use vessel::flask;
use worm::worm;

/// sRGB values 0 to 1 of a colour written `0xRRGGBB`, for pictures.
pub(crate) fn srgb(hex: u32) -> [f32; 3] {
    [16, 8, 0].map(|shift| (hex >> shift & 255) as f32 / 255.0)
}

/// From one colour to the other, `part` of the way.
pub(crate) fn mixed(from: [f32; 3], to: [f32; 3], part: f32) -> [f32; 3] {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * part)
}

/// All of them, made once: their pictures take a while.
pub(crate) struct DemoModels {
    pub(crate) globe: Model,
    pub(crate) molecule: Model,
    pub(crate) gem: Model,
    pub(crate) bars: Model,
    pub(crate) books: Model,
    pub(crate) plant: Model,
    pub(crate) lamp: Model,
    pub(crate) flask: Model,
    pub(crate) worm: Model,
}

/// All of them.
pub(crate) fn demo_models() -> &'static DemoModels {
    static MADE: OnceLock<DemoModels> = OnceLock::new();
    MADE.get_or_init(|| DemoModels {
        globe: globe(),
        molecule: molecule(),
        gem: gem([0.93, 0.62, 0.22], 0.16),
        bars: bars(),
        books: books(),
        plant: plant(),
        lamp: lamp(),
        flask: flask(palette::ROSE),
        worm: worm(),
    })
}
