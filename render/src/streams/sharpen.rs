//! Sharpening by the idea of "Contrast Adaptive Sharpening" (Lottes, AMD FidelityFX, 2019): the four
//! neighbours are taken from a pixel with a weight that is largest where there is little contrast and
//! 0 where the neighbourhood reaches black or white, so that edges get no halo. Here it acts on luma
//! alone: the coarse colour of a video is not sharpened with it. Where the video is deblocked, what
//! is left of small steps is sharpened less.

use glam::{IVec2, Vec3};

use super::{picture::Picture, uniforms::StreamUniforms, white_balance::LUMA};

pub(super) const WGSL: &str = concat!(wgsl!("streams/stream.wgsl"), wgsl!("streams/sharpen.wgsl"));

/// The twin of `fs_sharpen`: from the video or from tones to tones.
pub(super) fn on_cpu(uniforms: &StreamUniforms, previous: &Picture) -> Picture {
    let is_linear = uniforms.sharpen_reads_video > 0.5;
    Picture::drawn(previous.size, |pixel| {
        let color = previous.tone(pixel, is_linear);
        let middle = color.dot(LUMA);
        let around = [IVec2::NEG_X, IVec2::X, IVec2::NEG_Y, IVec2::Y]
            .map(|step| previous.tone(pixel + step, is_linear).dot(LUMA));
        let lowest = around.into_iter().fold(middle, f32::min);
        let highest = around.into_iter().fold(middle, f32::max);
        let room = (lowest.min(1.0 - highest) / highest.max(0.0001)).clamp(0.0, 1.0);
        let kept = if uniforms.deblocks() {
            ((highest - lowest) / uniforms.deblocking_threshold.max(0.0001)).min(1.0)
        } else {
            1.0
        };
        let weight = -0.2 * uniforms.sharpness * kept * room.sqrt();
        let sum: f32 = around.into_iter().sum();
        let sharp = (middle + weight * sum) / (1.0 + 4.0 * weight);
        color + Vec3::splat(sharp - middle)
    })
}
