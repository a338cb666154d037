//! The Sightline WASM module: from a WebXR session to a frame, a scene and a room, and the JavaScript API over them.
pub mod alignment;
pub mod axes;
pub mod error;
pub mod placement;
pub mod pose;
pub mod random;
pub mod room;
