//! Frames with the points that were followed in them, for the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::GrayImage;
use crate::tracker::SeenPoint;

const JPEG_QUALITY: u8 = 80;

/// A frame as a thumbnail of the page.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The frame's place in the sequence.
    pub index: usize,
    /// The frame.
    pub image: GrayImage,
    /// What was followed in it.
    pub points: Vec<SeenPoint>,
}

impl Picture {
    /// The figure; an empty string where the picture cannot be encoded.
    pub(super) fn figure(&self) -> String {
        let view = self.image.view();
        let (width, height) = (view.width(), view.height());
        let rows: Vec<u8> = (0..height).flat_map(|y| view.row(y).to_vec()).collect();
        let mut jpeg = Vec::new();
        // Sizes past 32 bits fail in the encoder, as sizes past 16 bits do.
        let [w, h] = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let encoded = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).encode(
            &rows,
            w,
            h,
            ExtendedColorType::L8,
        );
        if encoded.is_err() {
            return String::new();
        }
        let radius = width as f32 / 128.0;
        let circles = |is_landmark: bool| -> String {
            self.points
                .iter()
                .filter(|point| point.landmark.is_some() == is_landmark)
                .map(|point| {
                    let [x, y] = point.position_px;
                    format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#)
                })
                .collect()
        };
        let landmarks = self.points.iter().filter(|p| p.landmark.is_some()).count();
        format!(
            r#"<figure><div><img alt="Frame {index}" width="{width}" height="{height}" src="data:image/jpeg;base64,{jpeg}"><svg viewBox="-0.5 -0.5 {width} {height}" aria-hidden="true"><g class="c-sky" fill="currentColor">{new}</g><g class="c-leaf" fill="currentColor">{old}</g></svg></div><figcaption>Frame {index}: {count} points, {landmarks} of them landmarks</figcaption></figure>"#,
            index = self.index,
            jpeg = STANDARD.encode(&jpeg),
            new = circles(false),
            old = circles(true),
            count = self.points.len(),
        )
    }
}
