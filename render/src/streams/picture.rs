//! Pictures in the memory of the CPU, for the twins of the passes.

use glam::{IVec2, Vec3};

/// What a texture of a stream holds: linear light (the video) or tones (between the passes).
#[derive(Clone)]
pub(super) struct Picture {
    pub(super) size: IVec2,
    pub(super) pixels: Vec<Vec3>,
}

impl Picture {
    /// The linear light of sRGB bytes, 4 a pixel, rows from the top. Missing bytes are black.
    pub(super) fn from_srgb(size_px: [u32; 2], rgba: &[u8]) -> Picture {
        let size = IVec2::new(size_px[0] as i32, size_px[1] as i32);
        let count = size_px[0] as usize * size_px[1] as usize;
        let mut pixels: Vec<Vec3> = rgba
            .chunks_exact(4)
            .take(count)
            .map(|pixel| Vec3::from_array([pixel[0], pixel[1], pixel[2]].map(linear_from_srgb)))
            .collect();
        pixels.resize(count, Vec3::ZERO);
        Picture { size, pixels }
    }

    /// A picture of tones as a pass writes it, in the steps of its texture (10 bits).
    pub(super) fn drawn(size: IVec2, tone: impl Fn(IVec2) -> Vec3) -> Picture {
        let pixels = (0..size.y)
            .flat_map(|y| (0..size.x).map(move |x| IVec2::new(x, y)))
            .map(|pixel| (tone(pixel).clamp(Vec3::ZERO, Vec3::ONE) * 1023.0).round() / 1023.0)
            .collect();
        Picture { size, pixels }
    }

    /// The nearest pixel of the picture.
    pub(super) fn at(&self, pixel: IVec2) -> Vec3 {
        let inside = pixel.clamp(IVec2::ZERO, self.size - 1);
        self.pixels[(inside.y * self.size.x + inside.x) as usize]
    }

    /// The twin of `previous_tone`.
    pub(super) fn tone(&self, pixel: IVec2, is_linear: bool) -> Vec3 {
        let value = self.at(pixel);
        if is_linear {
            value.map(f32::sqrt)
        } else {
            value
        }
    }
}

fn linear_from_srgb(byte: u8) -> f32 {
    let encoded = f32::from(byte) / 255.0;
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

/// The nearest sRGB byte.
pub(super) fn srgb_from_linear(linear: f32) -> u8 {
    let encoded = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (encoded.clamp(0.0, 1.0) * 255.0).round() as u8
}
