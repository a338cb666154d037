//! Deblocking: evens out the steps between a codec's blocks and the noise around edges, so that
//! sharpening does not make them seen. A pixel becomes the mean of the 5 x 5 around it, each weighed
//! by how near its tone is (a sigma filter: Lee 1983, "Digital image smoothing and the sigma filter",
//! with Tukey's biweight for its weights). Edges larger than the threshold stay as they are.

use glam::{IVec2, Vec3};

use super::{picture::Picture, uniforms::StreamUniforms};

pub(super) const WGSL: &str = concat!(wgsl!("streams/stream.wgsl"), wgsl!("streams/deblock.wgsl"));

/// The twin of `fs_deblock`: from the video to tones.
pub(super) fn on_cpu(uniforms: &StreamUniforms, video: &Picture) -> Picture {
    Picture::drawn(video.size, |pixel| {
        let middle = video.tone(pixel, true);
        let mut sum = Vec3::ZERO;
        let mut total = 0.0;
        for y in -2..=2 {
            for x in -2..=2 {
                let near = video.tone(pixel + IVec2::new(x, y), true);
                let off = (near - middle).abs().max_element();
                let ratio = off / uniforms.deblocking_threshold;
                let kept = (1.0 - ratio * ratio).max(0.0);
                sum += near * (kept * kept);
                total += kept * kept;
            }
        }
        sum / total
    })
}
