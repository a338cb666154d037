//! What a device senses of the place around it, from the numbers of WebXR to plain values for the renderer: the light,
//! flat surfaces, measured distances.
//!
//! In: numbers as WebXR gives them, in the frames of its own objects. Out: values in the device's frame, metres, linear
//! light. Reads no browser object and draws nothing.

mod depth;
mod light;
mod plane;

pub use depth::{DepthFormat, DepthMap, DepthShape};
pub use light::EstimatedLight;
pub use plane::{MOST_CORNERS, convex_hull};
