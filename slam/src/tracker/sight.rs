//! Whether a landmark is seen where it should be: its patch, as a keyframe saw it, warped into the frame and aligned.

use nalgebra::Isometry3;

use crate::camera::Camera;
use crate::map::{Keyframe, KeyframeId, Landmark, LandmarkId};
use crate::patch::{AlignmentFailure, PatchAligner, PatchConfig, PatchTemplate, View, Warp};
use crate::pyramid::Pyramid;

/// One standard deviation of where an aligned patch is: what is left is the rolling shutter and the surface's shape, not
/// the grey levels' noise, so it does not depend on the patch.
const ALIGNED_SIGMA_PX: f32 = 0.7;

/// A patch found further than this from the track that should follow the same landmark: one of them is wrong.
const MOST_DISAGREEMENT_PX: f32 = 3.0;

/// The frame in which landmarks are looked for.
pub(super) struct Target<'a> {
    pub(super) camera: &'a Camera,
    pub(super) world_from_camera: &'a Isometry3<f64>,
    pub(super) pyramid: &'a Pyramid,
    pub(super) uncertainty_px: f32,
}

/// What a look for a landmark gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sighting {
    /// Found.
    Aligned {
        position_px: [f32; 2],
        sigma_px: f32,
    },
    /// Nothing can be said: no keyframe's view is like this one, or the patch is at the picture's edge.
    Unsure,
    /// It should be there and is not: hidden, or changed.
    Missing,
}

/// Looks for landmarks.
#[derive(Debug)]
pub(super) struct Sight {
    aligner: Option<PatchAligner>,
    /// Templates of the landmarks seen lately, at their ids' remainders: two thirds of an alignment are sampling.
    kept: Vec<Option<Kept>>,
}

/// A template as it was sampled.
#[derive(Debug)]
struct Kept {
    landmark: LandmarkId,
    keyframe: KeyframeId,
    at: [f32; 2],
    template: PatchTemplate,
}

/// Templates kept, of 4 KB each: about twice the landmarks in sight, and they come with ids close to each other.
const TEMPLATES: usize = 1024;

impl Default for Sight {
    fn default() -> Self {
        Self {
            aligner: PatchAligner::new(PatchConfig::default()).ok(),
            kept: std::iter::repeat_with(|| None).take(TEMPLATES).collect(),
        }
    }
}

impl Sight {
    /// Looks for a landmark in a frame, from where its track is, if it has one, or from where it is expected.
    pub(super) fn see(
        &mut self,
        landmark: &mut Landmark,
        keyframes: &[Keyframe],
        target: &Target<'_>,
        track_px: Option<[f32; 2]>,
    ) -> Sighting {
        let (Some(aligner), Some((reference, at))) =
            (&self.aligner, reference(landmark, keyframes, target))
        else {
            return Sighting::Unsure;
        };
        let views = [
            View {
                camera: &reference.camera,
                world_from_camera: &reference.world_from_camera,
            },
            View {
                camera: target.camera,
                world_from_camera: target.world_from_camera,
            },
        ];
        let levels = target.pyramid.level_count();
        let Some(warp) = Warp::new(&views[0], &views[1], &landmark.point_in_world, None, levels)
        else {
            return Sighting::Unsure;
        };
        let place = &mut self.kept[landmark.id.0 as usize % TEMPLATES];
        let is_usable = place.as_ref().is_some_and(|kept| {
            kept.landmark == landmark.id
                && kept.keyframe == reference.id
                && kept.at == at
                && !kept.template.needs_renewal(&warp)
        });
        if !is_usable {
            *place = aligner
                .template(&reference.pyramid, at, &warp)
                .ok()
                .map(|template| Kept {
                    landmark: landmark.id,
                    keyframe: reference.id,
                    at,
                    template,
                });
        }
        let Some(Kept { template, .. }) = place else {
            return Sighting::Unsure;
        };
        match aligner.align(
            target.pyramid,
            template,
            warp.predicted_px,
            target.uncertainty_px,
        ) {
            Ok(found) => {
                let astray = track_px.is_some_and(|track| {
                    let [x, y] = [0, 1].map(|axis| track[axis] - found.position_px[axis]);
                    x * x + y * y > MOST_DISAGREEMENT_PX * MOST_DISAGREEMENT_PX
                });
                if astray {
                    return Sighting::Unsure;
                }
                Sighting::Aligned {
                    position_px: found.position_px,
                    sigma_px: ALIGNED_SIGMA_PX.max(found.sigma_px),
                }
            }
            Err(AlignmentFailure::Dissimilar | AlignmentFailure::Diverged) => Sighting::Missing,
            Err(_) => Sighting::Unsure,
        }
    }
}

/// The keyframe whose view of the landmark is most like the target's, and where it sees it.
fn reference<'a>(
    landmark: &Landmark,
    keyframes: &'a [Keyframe],
    target: &Target<'_>,
) -> Option<(&'a Keyframe, [f32; 2])> {
    let toward = target.world_from_camera.translation.vector - landmark.point_in_world;
    let distance = toward.norm();
    let mut best: Option<(f64, &Keyframe, [f32; 2])> = None;
    for observation in &landmark.observations {
        let Ok(index) = keyframes.binary_search_by_key(&observation.keyframe, |k| k.id) else {
            continue;
        };
        let keyframe = &keyframes[index];
        let from = keyframe.world_from_camera.translation.vector - landmark.point_in_world;
        let away = from.norm();
        let cosine = from.dot(&toward) / (away * distance).max(1e-12);
        // Farther views are coarser; both count about alike in how a patch looks. The difference by the mean is the
        // ratio's logarithm, but for what is far off anyway.
        let scale = (away - distance).abs() * 2.0 / (away + distance).max(1e-12);
        let unlike = (1.0 - cosine) * 4.0 + scale;
        // The oldest is kept unless another is clearly more like: every change of patch is a chance to drift.
        let margin = if best.is_none() { 0.0 } else { 0.05 };
        if best
            .as_ref()
            .is_none_or(|(least, ..)| unlike + margin < *least)
        {
            best = Some((unlike, keyframe, observation.position_px));
        }
    }
    best.map(|(_, keyframe, at)| (keyframe, at))
}
