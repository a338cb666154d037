//! Cards of labels without a font: what stands on them is a row of strokes.

use render::glam::Vec2;

/// The bitmap of a card: width, height, premultiplied sRGB RGBA.
pub type Card = (u32, u32, Vec<u8>);

/// Makes the card of a text with a dot of a colour, sRGB `0xRRGGBB`.
pub type CardMaker<'a> = dyn FnMut(&str, u32) -> Card + 'a;

/// A card as wide as its text would be.
pub fn plain_card(text: &str, accent: u32) -> Card {
    paper(70 + 15 * text.chars().count() as u32, accent)
}

/// Paper of this width with round corners, a dot and a line of "text".
pub(crate) fn paper(width: u32, accent: u32) -> Card {
    let height = 60;
    let [_, accent @ ..] = accent.to_be_bytes();
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    let (half_width, half_height) = (width as f32 * 0.5, height as f32 * 0.5);
    for y in 0..height {
        for x in 0..width {
            let from_middle =
                Vec2::new(x as f32 + 0.5 - half_width, y as f32 + 0.5 - half_height).abs();
            let corner = from_middle - Vec2::new(half_width - 16.0, half_height - 16.0);
            let distance = corner.max(Vec2::ZERO).length() - 16.0;
            let alpha = (0.5 - distance).clamp(0.0, 1.0);
            let line = distance > -2.0;
            let in_text = (y as i32 - height as i32 / 2).unsigned_abs() < 5
                && (44..width - 24).contains(&x)
                && (x / 11) % 6 != 5;
            let dot = Vec2::new(x as f32 - 26.0, y as f32 + 0.5 - half_height).length() < 8.0;
            let color = if line {
                [0xd9, 0xd6, 0xcc]
            } else if dot {
                accent
            } else if in_text {
                [0x3a, 0x42, 0x4c]
            } else {
                [0xf7, 0xf6, 0xf2]
            };
            rgba.extend(color.map(|channel| (f32::from(channel) * alpha) as u8));
            rgba.push((alpha * 255.0) as u8);
        }
    }
    (width, height, rgba)
}
