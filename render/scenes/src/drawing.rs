//! The picture of a scene on its way from the device; for see-through displays with the real world put
//! under it, as a browser or a pair of glasses would.

use render::{Error, Picture, Screenshot, palette};

/// A scene that was drawn.
pub struct Drawing {
    screenshot: Screenshot,
    behind: Option<Behind>,
}

/// The real world under a picture.
pub(crate) struct Behind {
    /// sRGB RGBA, rows from the top, of the shape of the picture and perhaps smaller.
    pub(crate) rgba: Vec<u8>,
    pub(crate) width: u32,
    /// Whether the picture's light is added to the world's, rather than laid over it by alpha.
    pub(crate) added: bool,
}

impl Drawing {
    pub(crate) fn new(screenshot: Screenshot) -> Self {
        Drawing {
            screenshot,
            behind: None,
        }
    }

    pub(crate) fn over(mut self, behind: Behind) -> Self {
        self.behind = Some(behind);
        self
    }

    /// The picture, if it has come.
    ///
    /// # Errors
    /// [`Error::Device`] where the device was lost.
    pub fn poll(&mut self, device: &wgpu::Device) -> Result<Option<Picture>, Error> {
        let mut picture = self.screenshot.poll(device)?;
        if let (Some(picture), Some(behind)) = (&mut picture, &self.behind) {
            behind.put_under(picture);
        }
        Ok(picture)
    }
}

impl Behind {
    fn put_under(&self, picture: &mut Picture) {
        let [columns, rows] = picture.size_px;
        let scale = columns as f32 / self.width as f32;
        let rgba = &mut picture.premultiplied_srgb_rgba;
        for index in 0..(columns * rows) as usize {
            let (x, y) = (index as u32 % columns, index as u32 / columns);
            let behind =
                ((y as f32 / scale) as u32 * self.width + (x as f32 / scale) as u32) as usize * 4;
            let alpha = f32::from(rgba[index * 4 + 3]) / 255.0;
            for channel in 0..3 {
                let over = rgba[index * 4 + channel];
                let under = self.rgba[behind + channel];
                rgba[index * 4 + channel] = if self.added {
                    // Glasses dim the world a little.
                    let light =
                        palette::linear_from_byte(over) + 0.6 * palette::linear_from_byte(under);
                    palette::byte_from_linear(light)
                } else {
                    (f32::from(over) + (1.0 - alpha) * f32::from(under) + 0.5).min(255.0) as u8
                };
            }
            rgba[index * 4 + 3] = 255;
        }
    }
}
