//! A model as bytes, for the way from where files are read (a worker) to where models are drawn: whoever draws needs
//! no reader of files. [`pack`] makes the bytes, [`unpack`] the model again; nothing is lost between.
//!
//! A number that names the format and its version comes first, then one list after the other: notes, images,
//! materials, primitives, meshes, nodes, skins, animations, and the bounds. A list is its length and its entries;
//! lengths and places are 32-bit numbers, the place of what is absent is the greatest of them. Vertices, indices and
//! other plain numbers stand as they do in memory, little-endian wherever a browser runs: bytes of a machine of the
//! other order do not begin with the right number. The format is for one build of a page, not for keeping.
//!
//! `pack` writes, `bytes` and `unpack` read, `checks` looks at what was read as a whole; the lists below turn the
//! kinds of things into numbers for both.

mod bytes;
mod checks;
mod pack;
mod unpack;

pub use pack::pack;
pub use unpack::unpack;

use super::animation::{Interpolation, Property};
use super::material::{Mips, Wrap};

/// "SLM" and the version.
const FORMAT: u32 = u32::from_le_bytes([b'S', b'L', b'M', 1]);

/// The place of what is absent.
const NOWHERE: u32 = u32::MAX;

// What stands at a place of these lists is written as that place.
const WRAPS: [Wrap; 3] = [Wrap::Repeat, Wrap::MirroredRepeat, Wrap::ClampToEdge];
const MIPS: [Mips; 3] = [Mips::None, Mips::Nearest, Mips::Linear];
const FLAGS: [bool; 2] = [false, true];
const PROPERTIES: [Property; 4] = [
    Property::Translation,
    Property::Rotation,
    Property::Scale,
    Property::Weights,
];
const INTERPOLATIONS: [Interpolation; 3] = [
    Interpolation::Step,
    Interpolation::Linear,
    Interpolation::CubicSpline,
];

// A kind's first byte.
const OPAQUE: u8 = 0;
const MASK: u8 = 1;
const BLEND: u8 = 2;
const PARTS: u8 = 0;
const MATRIX: u8 = 1;
