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
//! | `cube` | what surfaces mirror, to the device |
//! | `render_bench`, `scene_pictures` | the class-room and whole scenes, for measuring and comparing (`measure-render`) |
//! | `model_reader` | artefact `models`: files of models to bytes that the views take |
//! | `picture_world` | what stands in the world over a camera picture |
//! | `description` | what a page is told of a view |
//! | `opening`, `later` | a canvas with its device and a renderer, made in tasks between which the page lives |
//! | `pace` | resolution by what frames take, and what passes cost |
//! | `stream_view` | one canvas: a video, post-processed (`streams`) |
//! | `opening_stages` | how a page hears how far that is |
//! | `device_loss` | what a device says that no call gives back |
//! | `gpu_webgpu`, `gpu_webgl2` | the device and its targets, one of the two |
//! | `stage`, `labels`, `picture` | scene to render's marks, label cards, pictures of cameras and videos |
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
mod description;
#[cfg(any(feature = "webgpu", feature = "webgl2"))]
mod device_loss;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod labels;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod later;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod opening;
#[cfg(any(feature = "webgpu", feature = "webgl2"))]
mod opening_stages;
#[cfg(any(feature = "view-webgpu", feature = "view-webgl2"))]
mod pace;
#[cfg(any(feature = "webgpu", feature = "webgl2"))]
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

#[cfg(any(feature = "model-view", feature = "view-webgl2"))]
mod cube;
#[cfg(feature = "model-view")]
mod model_view;
#[cfg(feature = "model-view")]
mod models;

#[cfg(feature = "measure-render")]
mod render_bench;
#[cfg(feature = "measure-render")]
mod scene_pictures;

#[cfg(feature = "streams")]
mod stream_view;

#[cfg(feature = "webgl2")]
mod gpu_webgl2;
#[cfg(feature = "webgpu")]
mod gpu_webgpu;
#[cfg(feature = "view-webgl2")]
mod session;

#[cfg(feature = "webgl2")]
use gpu_webgl2 as gpu;
#[cfg(feature = "webgpu")]
use gpu_webgpu as gpu;
