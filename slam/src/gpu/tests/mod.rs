//! The passes against their twins on the CPU, on whatever Vulkan adapter is here, with no more limits than every
//! WebGPU device has.

mod device;
mod frames;
mod stages;
#[cfg(feature = "simulator")]
mod tracker;
