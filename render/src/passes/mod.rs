//! The passes of a frame, one file each with its WGSL beside it, in the order they are drawn:
//! shadow map; then in one pass over the renderer's own picture the camera picture, feature points,
//! forward (pins, heads), grids, shadow catcher, spots, labels; then composite to the target.
//!
//! A pass makes its pipeline once, takes the frame's values in `prepare` and draws a view in `draw`.
//! Shared WGSL (`view.wgsl`, `pose.wgsl`, `pin.wgsl`, `lighting.wgsl`, `shadow_sampling.wgsl`) is put in front by
//! [`concat!`].

pub(crate) mod composite;
pub(crate) mod forward;
pub(crate) mod grids;
pub(crate) mod image_points;
pub(crate) mod labels;
pub(crate) mod picture_backdrop;
pub(crate) mod shadow_catcher;
pub(crate) mod shadow_map;
pub(crate) mod spots;

/// Every pass's name and WGSL as it is compiled.
pub(crate) const SHADERS: [(&str, &str); 9] = [
    ("shadow map", shadow_map::WGSL),
    ("picture backdrop", picture_backdrop::WGSL),
    ("image points", image_points::WGSL),
    ("forward", forward::WGSL),
    ("grids", grids::WGSL),
    ("shadow catcher", shadow_catcher::WGSL),
    ("spots", spots::WGSL),
    ("labels", labels::WGSL),
    ("composite", composite::WGSL),
];
