//! Visual tracking and mapping for Sightline: pure Rust, no I/O, no clock, native and WASM.

pub mod error;
pub mod image;

pub use error::Error;
pub use image::{GrayImage, ImageView};
