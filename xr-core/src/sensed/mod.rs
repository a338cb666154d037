//! What a device senses of the place around it, from the numbers of WebXR to plain values for the renderer: the light,
//! flat surfaces, measured distances, and how pictures meet it.
//!
//! In: numbers as WebXR gives them, in the frames of its own objects. Out: values in the device's frame, metres, linear
//! light. Reads no browser object and draws nothing.

mod blend;
mod depth;
mod light;
mod plane;
mod reflections;

pub use blend::adds_light;
pub use depth::{DepthFormat, DepthMap, DepthShape};
pub use light::EstimatedLight;
pub use plane::{MOST_CORNERS, convex_hull};
pub use reflections::CubeMap;
