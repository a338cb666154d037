//! Feature points of the map, in space.

use bytemuck::{Pod, Zeroable};
use glam::Vec3;

/// A feature point of the map. 16 bytes, as it lies on the device.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct WorldPoint {
    position_in_world: [f32; 3],
    /// Age, uncertainty, and two that are not read; 255 stands for 1.
    shares: [u8; 4],
}

impl WorldPoint {
    /// `age`: 0 new to 1 old. `uncertainty`: 0 certain to 1 uncertain. Kept in 255 steps.
    pub fn new(position_in_world: Vec3, age: f32, uncertainty: f32) -> Self {
        let share = |value: f32| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        WorldPoint {
            position_in_world: position_in_world.to_array(),
            shares: [share(age), share(uncertainty), 0, 0],
        }
    }
}

/// What the colour of feature points tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColorBy {
    /// Sky when new, leaf when old; amber when uncertain.
    Age,
    /// From sky over leaf to amber with the distance from the eye.
    Depth {
        /// All sky up to here.
        nearest_m: f32,
        /// All amber from here on.
        farthest_m: f32,
    },
    /// Leaf when certain, amber when uncertain.
    Uncertainty,
}

/// The feature points of the map: discs of 3 CSS pixels at arm's length, somewhat smaller far away.
#[derive(Clone, Copy, Debug)]
pub struct WorldPoints<'a> {
    /// Up to 100,000 are drawn in one call without trouble.
    pub points: &'a [WorldPoint],
    /// Another number whenever `points` are others: what stays is not sent to the device again.
    pub revision: u64,
    /// What their colour tells.
    pub color_by: ColorBy,
    /// 0 unseen, 1 full.
    pub opacity: f32,
}
