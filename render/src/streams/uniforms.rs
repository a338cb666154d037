//! What the passes of a stream are told: the mirror of `Stream` in `stream.wgsl`.

use glam::{Mat3, Vec3};

use crate::TargetOrigin;

use super::{StreamAdjustments, StreamFit, white_balance::adjusted_from_linear};

/// The largest difference of tones that full deblocking takes for one surface.
const LARGEST_DEBLOCKING_THRESHOLD: f32 = 0.16;

#[repr(C)]
#[derive(Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct StreamUniforms {
    pub(super) red: [f32; 3],
    pub(super) peak: f32,
    pub(super) green: [f32; 3],
    pub(super) saturation: f32,
    pub(super) blue: [f32; 3],
    pub(super) sharpness: f32,
    pub(super) picture_size: [f32; 2],
    pub(super) target_size: [f32; 2],
    pub(super) offset: [f32; 2],
    pub(super) scale: f32,
    pub(super) split: f32,
    pub(super) deblocking_threshold: f32,
    pub(super) sharpen_reads_video: f32,
    pub(super) present_reads_video: f32,
    from_bottom: f32,
}

impl StreamUniforms {
    pub(super) fn new(
        adjustments: &StreamAdjustments,
        picture_px: [u32; 2],
        target_px: [u32; 2],
        fit: StreamFit,
    ) -> Self {
        let adjustments = adjustments.clamped();
        let adjusted_from_linear =
            Mat3::from_diagonal(Vec3::splat(adjustments.exposure_stops.exp2()))
                * adjusted_from_linear(adjustments.temperature, adjustments.tint)
                * Mat3::from_diagonal(Vec3::from_array(adjustments.white_gains));
        // Each channel is largest where the colours that add to it are full and the others are 0.
        let peak = [0, 1, 2]
            .map(|row| adjusted_from_linear.row(row).max(Vec3::ZERO).element_sum())
            .into_iter()
            .fold(0.0, f32::max);
        let (scale, offset) = fit.place(picture_px, target_px);
        let target_size = target_px.map(|size| size as f32);
        let outside = [-8.0, target_size[0] + 8.0];
        let split = match adjustments.split {
            None => outside[0],
            Some(split) if split <= 0.0 => outside[0],
            Some(split) if split >= 1.0 => outside[1],
            // Whole pixels: the line covers exactly two.
            Some(split) => (split * target_size[0]).round(),
        };
        let deblocks = adjustments.deblocking > 0.0;
        let sharpens = adjustments.sharpness > 0.0;
        let number = |flag| f32::from(u8::from(flag));
        StreamUniforms {
            red: adjusted_from_linear.row(0).to_array(),
            peak,
            green: adjusted_from_linear.row(1).to_array(),
            saturation: adjustments.saturation,
            blue: adjusted_from_linear.row(2).to_array(),
            sharpness: adjustments.sharpness,
            picture_size: picture_px.map(|size| size as f32),
            target_size,
            offset,
            scale,
            split,
            deblocking_threshold: adjustments.deblocking * LARGEST_DEBLOCKING_THRESHOLD,
            sharpen_reads_video: number(!deblocks),
            present_reads_video: number(!deblocks && !sharpens),
            from_bottom: 0.0,
        }
    }

    /// The same for a target whose rows are held in this order.
    pub(super) fn drawn_from(self, origin: TargetOrigin) -> Self {
        StreamUniforms {
            from_bottom: match origin {
                TargetOrigin::TopLeft => 0.0,
                TargetOrigin::BottomLeft => 1.0,
            },
            ..self
        }
    }

    pub(super) fn deblocks(&self) -> bool {
        self.deblocking_threshold > 0.0
    }

    pub(super) fn sharpens(&self) -> bool {
        self.sharpness > 0.0
    }

    /// Rows.
    pub(super) fn adjusted_from_linear(&self) -> [Vec3; 3] {
        [self.red, self.green, self.blue].map(Vec3::from_array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_stay_numbers() {
        let extremes = [
            f32::NEG_INFINITY,
            -1e30,
            0.0,
            f32::MIN_POSITIVE,
            1e30,
            f32::INFINITY,
            f32::NAN,
        ];
        for a in extremes {
            for b in extremes {
                let adjustments = StreamAdjustments {
                    deblocking: a,
                    sharpness: b,
                    exposure_stops: a,
                    white_gains: [a, b, a],
                    temperature: b,
                    tint: a,
                    saturation: b,
                    split: Some(a),
                };
                for fit in [StreamFit::Contain, StreamFit::Cover] {
                    for size in [[1, 1], [1, 4096], [0, 3]] {
                        let uniforms = StreamUniforms::new(&adjustments, size, [4096, 1], fit);
                        let values: &[f32] = bytemuck::cast_slice(std::slice::from_ref(&uniforms));
                        assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_default_is_the_identity() {
        let uniforms = StreamUniforms::new(
            &StreamAdjustments::default(),
            [7, 5],
            [7, 5],
            StreamFit::Cover,
        );
        assert_eq!(uniforms.adjusted_from_linear(), [Vec3::X, Vec3::Y, Vec3::Z]);
        assert_eq!(
            (uniforms.peak, uniforms.scale, uniforms.offset),
            (1.0, 1.0, [0.0, 0.0])
        );
        assert!(!uniforms.deblocks() && !uniforms.sharpens() && uniforms.split < 0.0);
    }
}
