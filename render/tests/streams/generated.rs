//! Videos' pictures made by rule, and what a lens and a codec do to them.
#![allow(
    clippy::expect_used,
    reason = "tests and pictures end where a codec does"
)]

use std::io::Cursor;

/// sRGB bytes, 4 a pixel, rows from the top.
#[derive(Clone)]
pub(crate) struct Video {
    pub(crate) size_px: [u32; 2],
    pub(crate) rgba: Vec<u8>,
}

impl Video {
    pub(crate) fn new(size_px: [u32; 2], color: impl Fn(u32, u32) -> [u8; 3]) -> Video {
        let rgba = (0..size_px[1])
            .flat_map(|y| (0..size_px[0]).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let [red, green, blue] = color(x, y);
                [red, green, blue, 255]
            })
            .collect();
        Video { size_px, rgba }
    }

    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let start = ((y * self.size_px[0] + x) * 4) as usize;
        std::array::from_fn(|channel| self.rgba[start + channel])
    }

    pub(crate) fn gray(size_px: [u32; 2]) -> Video {
        Video::new(size_px, |x, y| [(x + y * size_px[0]).min(255) as u8; 3])
    }

    /// Every byte on its own, also beside each other 0 and 255.
    pub(crate) fn noise(size_px: [u32; 2]) -> Video {
        Video::new(size_px, |x, y| {
            let [red, green, blue, _] = mixed(x, y).to_le_bytes();
            [red, green, blue]
        })
    }

    /// Shaded shapes, fine stripes, a soft ground: what a camera might see.
    pub(crate) fn scene(size_px: [u32; 2]) -> Video {
        Video::new(size_px, |x, y| {
            // Four by four places a pixel: edges are smooth, as a lens makes them.
            let mut sum = [0.0; 3];
            for step in 0..16 {
                let place = [
                    (x as f32 + (step % 4) as f32 / 4.0 + 0.125) / size_px[1] as f32,
                    (y as f32 + (step / 4) as f32 / 4.0 + 0.125) / size_px[1] as f32,
                ];
                for (total, value) in sum.iter_mut().zip(scene_at(place)) {
                    *total += value / 16.0;
                }
            }
            sum.map(|value| (value * 255.0).round() as u8)
        })
    }

    /// Through a lens that is a little out of focus: each pixel the mean of 3 x 3.
    pub(crate) fn blurred(&self) -> Video {
        let [width, height] = self.size_px;
        Video::new(self.size_px, |x, y| {
            let mut sum = [0; 3];
            for step in 0..9 {
                let column = (x + step % 3).saturating_sub(1).min(width - 1);
                let row = (y + step / 3).saturating_sub(1).min(height - 1);
                for (total, value) in sum.iter_mut().zip(self.at(column, row)) {
                    *total += u32::from(value);
                }
            }
            sum.map(|total| (total / 9) as u8)
        })
    }

    /// Through a codec of 8 x 8 blocks: JPEG of a quality from 1 to 100.
    pub(crate) fn coded(&self, quality: u8) -> Video {
        let rgb: Vec<u8> = self
            .rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode(
                &rgb,
                self.size_px[0],
                self.size_px[1],
                image::ExtendedColorType::Rgb8,
            )
            .expect("the picture is coded");
        let decoded = image::ImageReader::with_format(Cursor::new(bytes), image::ImageFormat::Jpeg)
            .decode()
            .expect("what was coded is decoded");
        Video {
            size_px: self.size_px,
            rgba: decoded.to_rgba8().into_raw(),
        }
    }
}

fn mixed(x: u32, y: u32) -> u32 {
    let mixed =
        (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
    mixed ^ (mixed >> 13)
}

/// sRGB from 0 to 1 at a place whose unit is the picture's height.
fn scene_at([x, y]: [f32; 2]) -> [f32; 3] {
    let ground = 0.35 + 0.25 * (x * 1.3).sin() + 0.1 * y;
    let mut color = [ground * 0.9, ground, ground * 1.05];
    for (index, middle) in [[0.3, 0.35], [0.8, 0.6], [1.1, 0.25]]
        .into_iter()
        .enumerate()
    {
        let off = [x - middle[0], y - middle[1]];
        let radius = 0.12 + 0.04 * index as f32;
        let far = off[0].hypot(off[1]) / radius;
        if far < 1.0 {
            let shade = 0.3 + 0.6 * (1.0 - far * far).sqrt() * (0.6 - off[1] / radius * 0.4);
            color = [shade, shade * (0.4 + 0.2 * index as f32), shade * 0.5];
        }
    }
    // Lines as of writing, ever finer to the right.
    if (0.75..0.95).contains(&y) && (x * (20.0 + 40.0 * x)).sin() > 0.4 {
        color = [0.1, 0.12, 0.2];
    }
    // A checked cloth.
    if y < 0.15 && x > 0.2 && ((x * 30.0).floor() + (y * 30.0).floor()) % 2.0 == 0.0 {
        color = [0.85, 0.8, 0.7];
    }
    color.map(|value| value.clamp(0.02, 0.98))
}
