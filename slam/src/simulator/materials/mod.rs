//! What the room's surfaces are painted with: every picture by its name, its size, and its painter.
//!
//! In: nothing; all is drawn by formulas over metres. Out: [`Texture`]s of diffuse colour in linear light. How
//! light falls on them is no part of it.

mod fabric;
mod nature;
mod print;
mod walls;
mod wood;

pub(crate) use print::{SPINE_COLUMNS, SPINE_ROWS};

use std::sync::{Arc, OnceLock};

use super::texture::{Rgb, Texture};

/// A picture that surfaces can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Plaster,
    Brick,
    Wallpaper,
    Parquet,
    Oak,
    Walnut,
    Weave,
    Rug,
    CushionZigzag,
    CushionDots,
    Curtain,
    Spines,
    PosterShapes,
    PosterText,
    PosterMap,
    Landscape,
    Abstract,
    Botanical,
    Pages,
    Clock,
    Screen,
    Outside,
    Leaf,
    Globe,
    Soil,
    Basket,
    Ceramic,
    /// One colour without any grain.
    Blank,
}

impl Picture {
    pub(crate) const ALL: [Self; 28] = [
        Self::Plaster,
        Self::Brick,
        Self::Wallpaper,
        Self::Parquet,
        Self::Oak,
        Self::Walnut,
        Self::Weave,
        Self::Rug,
        Self::CushionZigzag,
        Self::CushionDots,
        Self::Curtain,
        Self::Spines,
        Self::PosterShapes,
        Self::PosterText,
        Self::PosterMap,
        Self::Landscape,
        Self::Abstract,
        Self::Botanical,
        Self::Pages,
        Self::Clock,
        Self::Screen,
        Self::Outside,
        Self::Leaf,
        Self::Globe,
        Self::Soil,
        Self::Basket,
        Self::Ceramic,
        Self::Blank,
    ];

    /// Width and height of one copy, metres.
    pub(crate) fn size_m(self) -> [f32; 2] {
        self.recipe().size_m
    }

    /// The painted picture; painted once in a process, as painting all takes longer than lighting a room.
    pub(crate) fn paint(self) -> Arc<Texture> {
        static PAINTED: [OnceLock<Arc<Texture>>; Picture::ALL.len()] =
            [const { OnceLock::new() }; Picture::ALL.len()];
        let painted = PAINTED[self as usize].get_or_init(|| {
            let recipe = self.recipe();
            Arc::new(Texture::paint(
                recipe.size_m,
                recipe.texel_m,
                recipe.painter,
            ))
        });
        Arc::clone(painted)
    }

    fn recipe(self) -> Recipe {
        match self {
            Self::Plaster => Recipe::new([1.5, 1.5], 0.003, walls::plaster),
            Self::Brick => Recipe::new([4.4, 2.6], 0.003, walls::brick()),
            Self::Wallpaper => Recipe::new([1.32, 1.3], 0.002, walls::wallpaper()),
            Self::Parquet => Recipe::new([5.2, 4.4], 0.0035, wood::parquet()),
            Self::Oak => Recipe::new([1.6, 0.8], 0.0018, wood::oak()),
            Self::Walnut => Recipe::new([1.6, 0.8], 0.0018, wood::walnut()),
            Self::Weave => Recipe::new([0.6, 0.6], 0.0012, fabric::weave),
            Self::Rug => Recipe::new([2.6, 1.8], 0.003, fabric::rug()),
            Self::CushionZigzag => Recipe::new([0.5, 0.5], 0.0015, fabric::zigzag()),
            Self::CushionDots => Recipe::new([0.5, 0.5], 0.0015, fabric::dots()),
            Self::Curtain => Recipe::new([0.4, 2.2], 0.0025, fabric::curtain()),
            Self::Spines => Recipe::new([1.0, 1.0], 0.0016, print::spines()),
            Self::PosterShapes => Recipe::new([0.7, 1.0], 0.0016, print::poster_shapes()),
            Self::PosterText => Recipe::new([0.7, 1.0], 0.0016, print::poster_text()),
            Self::PosterMap => Recipe::new([1.0, 0.7], 0.0016, print::poster_map()),
            Self::Landscape => Recipe::new([0.9, 0.6], 0.0016, nature::landscape()),
            Self::Abstract => Recipe::new([0.6, 0.8], 0.0016, print::abstract_painting()),
            Self::Botanical => Recipe::new([0.4, 0.55], 0.0013, nature::botanical()),
            Self::Pages => Recipe::new([0.42, 0.3], 0.001, print::pages()),
            Self::Clock => Recipe::new([0.36, 0.36], 0.0012, print::clock()),
            Self::Screen => Recipe::new([0.32, 0.2], 0.001, print::screen()),
            Self::Outside => Recipe::new([24.0, 12.0], 0.02, nature::outside()),
            Self::Leaf => Recipe::new([0.1, 0.3], 0.002, nature::leaf()),
            Self::Globe => Recipe::new([0.94, 0.47], 0.0016, nature::globe()),
            Self::Soil => Recipe::new([0.3, 0.3], 0.002, nature::soil),
            Self::Basket => Recipe::new([0.6, 0.4], 0.0018, fabric::basket()),
            Self::Ceramic => Recipe::new([0.6, 0.4], 0.0018, print::ceramic()),
            Self::Blank => Recipe::new([0.1, 0.1], 0.05, |_, _| Rgb::repeat(0.92)),
        }
    }
}

/// How a picture is made.
struct Recipe {
    size_m: [f32; 2],
    texel_m: f32,
    painter: Box<dyn Fn(f32, f32) -> Rgb>,
}

impl Recipe {
    fn new(size_m: [f32; 2], texel_m: f32, painter: impl Fn(f32, f32) -> Rgb + 'static) -> Self {
        Self {
            size_m,
            texel_m,
            painter: Box::new(painter),
        }
    }
}

/// Blends two colours.
fn blend(a: Rgb, b: Rgb, t: f32) -> Rgb {
    a + (b - a) * t.clamp(0.0, 1.0)
}
