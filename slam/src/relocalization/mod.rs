//! Where am I? Places of the map recognised by how their points look, after the camera was lost.
//!
//! Flow: a [`Describer`] turns corners of a picture into oriented binary [`Descriptor`]s; a [`RelocalizationIndex`]
//! holds those of the landmarks that each keyframe sees, and answers a lost frame's descriptors with
//! [`Candidate`]s, keyframes with matches, the best first; [`pairs`] makes pixels and points of a candidate's
//! matches, for a robust pose from three points (`resection`).
//!
//! It does not verify geometry and holds no map: ids go in and come out.

mod describer;
mod descriptor;
mod index;
mod pattern;

use nalgebra::Vector3;

use crate::map::LandmarkId;

pub use describer::{Describer, DescriberConfig, Feature, describe, describe_landmark};
pub use descriptor::Descriptor;
pub use index::{Candidate, IndexConfig, Match, RelocalizationIndex};

/// A landmark that may be what is seen at a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Where something like it is seen, in pixels.
    pub position_px: [f32; 2],
    /// Where the landmark is.
    pub point_in_world: Vector3<f64>,
    /// Which it is.
    pub landmark: LandmarkId,
}

/// The pixels and points of a candidate's matches: `features` are those that the index was asked with, `point_of`
/// tells where a landmark is, or nothing if it is gone. At most one pair a landmark.
pub fn pairs(
    candidate: &Candidate,
    features: &[Feature],
    mut point_of: impl FnMut(LandmarkId) -> Option<Vector3<f64>>,
) -> Vec<Pair> {
    let pair = |found: &Match| {
        let feature = features.get(found.query as usize)?;
        Some(Pair {
            position_px: feature.position_px,
            point_in_world: point_of(found.landmark)?,
            landmark: found.landmark,
        })
    };
    candidate.matches.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests;
