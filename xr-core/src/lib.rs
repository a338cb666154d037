//! The Sightline WASM module: from a WebXR session to a frame, a scene and a room, and the JavaScript API over them.
//!
//! Everything that decides is plain Rust and runs on the host; the browser stands in thin modules at the edge
//! (`web`, on `wasm32` only), which turn objects of WebXR, sockets and canvases into the values of the modules below
//! and back. Eight artefacts are built from this crate by feature: `tracker` for a worker, `view-webgpu`, `view-webgl2`
//! with WebXR sessions, either view with `model-view`, `models`, which reads models in a worker, and `streams` with
//! `webgpu` or `webgl2`, which post-processes videos.
//!
//! ```
//! use glam::DVec3;
//! use xr_core::alignment::align;
//!
//! // A device touches the room's two spots: here its origin lies 2 m to the side, turned by a quarter.
//! let spots_in_device = [DVec3::new(0.0, 0.0, -2.0), DVec3::new(0.0, 0.0, -3.0)];
//! let alignment = align(spots_in_device, DVec3::X)?;
//! let room_from_device = alignment.room_from_device();
//! assert!((room_from_device.transform_point(spots_in_device[1]) - DVec3::X).length() < 1e-9);
//! # Ok::<(), xr_core::alignment::AlignmentError>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`room`] | the relay's client with this device's place in the room, and the state for the page |
//! | [`alignment`] | `room_from_device` from two spots |
//! | [`placement`] | where annotations are, in the room and on this device |
//! | [`frame`] | one frame of an AR session as a value |
//! | [`sensed`] | what a device senses around it: light, planes, depth |
//! | [`orbit`] | the camera of the 3D view, and what lies under a pixel |
//! | [`picture_camera`] | drawing the world over the camera's own picture |
//! | [`drops`], [`hues`] | how pins arrive, what colour a member has |
//! | [`frame_times`] | how long frames take |
//! | [`kept_list`] | lists that keep their memory from frame to frame |
//! | [`pose`], [`axes`] | rigid transforms; the one place where axes and precision change |
//! | [`error`] | errors and their codes |
//! | [`random`] | seeded numbers |

#[cfg(all(
    target_arch = "wasm32",
    any(
        all(feature = "tracker", feature = "view-webgpu"),
        all(feature = "tracker", feature = "view-webgl2"),
        all(feature = "view-webgpu", feature = "view-webgl2"),
        all(feature = "models", feature = "tracker"),
        all(feature = "models", feature = "view-webgpu"),
        all(feature = "models", feature = "view-webgl2"),
        all(
            feature = "streams",
            any(
                feature = "tracker",
                feature = "view-webgpu",
                feature = "view-webgl2",
                feature = "models",
            )
        ),
    )
))]
compile_error!("choose one of the features tracker, view-webgpu, view-webgl2, models and streams");

#[cfg(all(
    target_arch = "wasm32",
    feature = "streams",
    any(
        all(feature = "webgpu", feature = "webgl2"),
        not(any(feature = "webgpu", feature = "webgl2"))
    )
))]
compile_error!("the feature streams takes one of webgpu and webgl2");

#[cfg(all(
    target_arch = "wasm32",
    feature = "model-view",
    not(any(feature = "view-webgpu", feature = "view-webgl2"))
))]
compile_error!("the feature model-view takes one of view-webgpu and view-webgl2");

pub mod alignment;
pub mod axes;
pub mod drops;
pub mod error;
pub mod frame;
pub mod frame_times;
pub mod hues;
pub mod kept_list;
pub mod orbit;
pub mod picture_camera;
pub mod placement;
pub mod pose;
pub mod random;
pub mod room;
pub mod sensed;

#[cfg(target_arch = "wasm32")]
mod web;
