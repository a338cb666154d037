//! The stream passes on the CPU, step by step as the shaders do them: what tests compare the GPU
//! with. It is written to be read, not to be fast.

use super::{
    StreamAdjustments, StreamFit, deblock, picture::Picture, present, sharpen,
    uniforms::StreamUniforms,
};

/// What [`StreamChain::draw`](super::StreamChain::draw) draws, as sRGB bytes.
///
/// `video_rgba`: sRGB bytes of `video_px` (width, height), 4 a pixel, rows from the top; missing ones
/// are black. The result has `target_px` pixels of 4 bytes; a size of 0 gives none.
pub fn draw(
    adjustments: &StreamAdjustments,
    video_px: [u32; 2],
    video_rgba: &[u8],
    target_px: [u32; 2],
    fit: StreamFit,
) -> Vec<u8> {
    if video_px.contains(&0) || target_px.contains(&0) {
        return Vec::new();
    }
    let uniforms = StreamUniforms::new(adjustments, video_px, target_px, fit);
    let video = Picture::from_srgb(video_px, video_rgba);
    let mut previous = video.clone();
    if uniforms.deblocks() {
        previous = deblock::on_cpu(&uniforms, &previous);
    }
    if uniforms.sharpens() {
        previous = sharpen::on_cpu(&uniforms, &previous);
    }
    present::on_cpu(&uniforms, &video, &previous)
}
