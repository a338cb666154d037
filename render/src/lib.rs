//! placeholder

pub mod palette;

pub use glam;

mod error;
mod picture_fit;
mod renderer;
mod scene;

pub use error::Error;
pub use picture_fit::{PictureFit, picture_fit};
pub use renderer::{Renderer, RendererConfig};
pub use scene::{
    Backdrop, DrawReport, FrameViews, Grid, Head, ImagePoint, LabelId, Light, Pin, Scene, Spot,
    TargetOrigin, View,
};
