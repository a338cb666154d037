//! The edge: browser objects in, values of the other modules out, and back. Nothing here decides.
//!
//! | file | what |
//! |---|---|
//! | `tracker`, `tracker_world`, `luma`, `options` | artefact `tracker` |
//! | `tracker_gpu` | the device of its front end |
//! | `gpu_info` | what an adapter is |
//! | `front_end`, `lucas_kanade_bench`, `tracker_bench` | parts of it and the whole, for measuring them (`measure`) |
//! | `view` | one canvas: camera picture with points and pins, or the room in 3D |
//! | `model_view`, `models` | one canvas: models under a light that is given; images to the device (`model-view`) |
//! | `model_reader` | artefact `models`: files of models to bytes that the views take |
//! | `picture_world` | what stands in the world over a camera picture |
//! | `opening` | a canvas with its device and a renderer |
//! | `gpu_webgpu`, `gpu_webgl2` | the device and its targets, one of the two |
//! | `stage`, `labels`, `picture` | scene to render's marks, label cards, camera pictures |
//! | `room`, `socket`, `clock` | the room's client with a real socket, timers and callbacks |
//! | `session` | WebXR sessions (`view-webgl2`) |

#[cfg(any(feature = "tracker", feature = "view-webgpu", feature = "view-webgl2"))]
mod gpu_info;
mod js_error;
mod panic_report;

#[cfg(feature = "tracker")]
mod luma;
#[cfg(feature = "tracker")]
mod options;
#[cfg(feature = "tracker")]
mod tracker;
#[cfg(feature = "tracker")]
mod tracker_gpu;
#[cfg(feature = "tracker")]
mod tracker_world;

#[cfg(feature = "models")]
mod model_reader;

#[cfg(all(feature = "tracker", feature = "measure"))]
mod front_end;

#[cfg(all(feature = "tracker", feature = "measure"))]
mod lucas_kanade_bench;
#[cfg(all(feature = "tracker", feature = "measure"))]
mod tracker_bench;

#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod clock;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod labels;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod opening;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod picture;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod picture_world;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod room;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod socket;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod stage;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod view;

#[cfg(feature = "model-view")]
mod model_view;
#[cfg(feature = "model-view")]
mod models;

#[cfg(feature = "view-webgl2")]
mod gpu_webgl2;
#[cfg(feature = "view-webgpu")]
mod gpu_webgpu;
#[cfg(feature = "view-webgl2")]
mod session;

#[cfg(feature = "view-webgl2")]
use gpu_webgl2 as gpu;
#[cfg(feature = "view-webgpu")]
use gpu_webgpu as gpu;
