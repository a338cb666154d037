//! The passes of a frame, one file each with its WGSL beside it. Their order is in `pass_order.rs`.
//!
//! A pass makes its pipelines once, takes the frame's values in `prepare` and draws in `draw`. Bind
//! groups of all passes that draw marks: 0 the view, 1 the frame, 2 and 3 the pass's own. Shared WGSL is
//! put in front by [`concat!`].

pub(crate) mod composite;
#[cfg(feature = "particles")]
pub(crate) mod confetti_simulation;
#[cfg(all(test, feature = "particles"))]
mod confetti_twin;
pub(crate) mod depth_only;
pub(crate) mod forward;
pub(crate) mod grids;
pub(crate) mod grounding;
pub(crate) mod image_points;
pub(crate) mod labels;
#[cfg(not(all(feature = "lines", feature = "particles")))]
mod left_out;
#[cfg(feature = "lines")]
pub(crate) mod lines;
pub(crate) mod models;
#[cfg(feature = "particles")]
pub(crate) mod particles;
pub(crate) mod picture_backdrop;
pub(crate) mod pin_shadow_map;
pub(crate) mod pin_shadows;
pub(crate) mod real_surfaces;
pub(crate) mod shadow_map;
pub(crate) mod spots;
#[cfg(feature = "lines")]
pub(crate) mod world_points;

#[cfg(not(feature = "particles"))]
pub(crate) use left_out::particles;
#[cfg(not(feature = "lines"))]
pub(crate) use left_out::{lines, world_points};

/// Every pass's name and WGSL as it is compiled.
pub(crate) const SHADERS: &[(&str, &str)] = &[
    ("mips", crate::gpu::mips::WGSL),
    ("reflections", crate::gpu::reflections::WGSL),
    ("depth of models", depth_only::WGSL),
    ("depth of posed models", depth_only::POSED_WGSL),
    ("real surfaces", real_surfaces::SURFACES_WGSL),
    ("measured depth", real_surfaces::MEASURED_WGSL),
    ("grounding", grounding::WGSL),
    ("grounding blur", grounding::BLUR_WGSL),
    ("grounding catcher", grounding::CATCHER_WGSL),
    ("models", models::WGSL),
    ("posed models", models::POSED_WGSL),
    ("pin shadow map", pin_shadow_map::WGSL),
    ("picture backdrop", picture_backdrop::WGSL),
    ("image points", image_points::WGSL),
    ("forward", forward::WGSL),
    ("grids", grids::WGSL),
    ("pin shadows", pin_shadows::WGSL),
    #[cfg(feature = "lines")]
    ("lines", lines::WGSL),
    #[cfg(feature = "lines")]
    ("world points", world_points::WGSL),
    ("spots", spots::WGSL),
    #[cfg(feature = "particles")]
    ("confetti", particles::CONFETTI_WGSL),
    #[cfg(feature = "particles")]
    ("sparkle", particles::SPARKLE_WGSL),
    #[cfg(feature = "particles")]
    ("dust", particles::DUST_WGSL),
    ("labels", labels::WGSL),
    ("composite", composite::WGSL),
];

/// The same for what runs where a device has compute.
pub(crate) const COMPUTE_SHADERS: &[(&str, &str)] = &[
    #[cfg(feature = "particles")]
    ("confetti simulation", confetti_simulation::WGSL),
];
