//! A frame that the map keeps.

use nalgebra::Isometry3;

use super::LandmarkId;
use crate::camera::Camera;
use crate::pyramid::Pyramid;

/// The same for a keyframe's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyframeId(pub u32);

/// A frame that the map keeps.
#[derive(Debug, Clone)]
pub struct Keyframe {
    /// Who it is.
    pub id: KeyframeId,
    /// When it was taken.
    pub capture_time_nanos: i64,
    /// Its pose in the map.
    pub world_from_camera: Isometry3<f64>,
    /// Its camera.
    pub camera: Camera,
    /// Whether that is the tracker's shared camera, which is refined; else it came with the frame and stays.
    pub(crate) shares_camera: bool,
    /// Its picture.
    pub pyramid: Pyramid,
    /// The landmarks that it sees, and where, in pixels.
    pub observations: Vec<(LandmarkId, [f32; 2])>,
    /// All tracks of its frame by id, and where they were, in pixels: what becomes landmarks later.
    pub(crate) tracks: Vec<(u32, [f32; 2])>,
}

impl Keyframe {
    /// Where a track of the front end was in this frame.
    pub(crate) fn track(&self, id: u32) -> Option<[f32; 2]> {
        let index = self.tracks.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(self.tracks[index].1)
    }
}
