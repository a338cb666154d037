//! Native label cards: what a page draws by Canvas2D is shaped and rasterised here, with the system's fonts.

use cosmic_text::{Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight};

/// Type of 14 CSS pixels at double size.
const TYPE_PX: f32 = 28.0;
const HEIGHT_PX: u32 = 60;
const CORNER_PX: f32 = 16.0;
const PAD_PX: f32 = 26.0;
const DOT_RADIUS_PX: f32 = 8.0;

/// The first of these that the system has; else whatever it calls sans-serif.
const SANS_FAMILIES: [&str; 6] = [
    "Inter",
    "Segoe UI",
    "Helvetica Neue",
    "Noto Sans",
    "Liberation Sans",
    "DejaVu Sans",
];

/// Shapes text with the fonts of the system.
pub(crate) struct CardMaker {
    fonts: FontSystem,
    glyphs: SwashCache,
}

impl CardMaker {
    /// `None` where the system has no font.
    pub(crate) fn new() -> Option<Self> {
        let mut fonts = FontSystem::new();
        let has = |family: &&str| {
            let faces = fonts.db().faces();
            faces
                .flat_map(|face| &face.families)
                .any(|(name, _)| name == *family)
        };
        if let Some(family) = SANS_FAMILIES.iter().copied().find(has) {
            fonts.db_mut().set_sans_serif_family(family);
        }
        (fonts.db().faces().count() > 0).then(|| CardMaker {
            fonts,
            glyphs: SwashCache::new(),
        })
    }

    /// A paper card with a dot of `accent` (sRGB `0xRRGGBB`) before its text: width, height, premultiplied
    /// sRGB RGBA.
    pub(crate) fn card(&mut self, text: &str, accent: u32) -> (u32, u32, Vec<u8>) {
        let mut buffer = Buffer::new(&mut self.fonts, Metrics::new(TYPE_PX, TYPE_PX * 1.25));
        buffer.set_size(None, None);
        let attributes = Attrs::new()
            .family(Family::SansSerif)
            .weight(Weight::MEDIUM);
        buffer.set_text(text, &attributes, Shaping::Advanced, None);
        buffer.shape_until_scroll(&mut self.fonts, false);
        let text_width = buffer
            .layout_runs()
            .map(|run| run.line_w)
            .fold(0.0, f32::max);
        let text_left = PAD_PX + DOT_RADIUS_PX * 2.0 + 12.0;
        let width = (text_left + text_width + PAD_PX).ceil() as u32;
        let mut rgba = paper(width, accent);
        let top = (HEIGHT_PX as f32 - TYPE_PX * 1.25) * 0.5;
        let ink = Color::rgb(0x10, 0x15, 0x1c);
        buffer.draw(
            &mut self.fonts,
            &mut self.glyphs,
            ink,
            |x, y, _, _, color| {
                let (x, y) = (x + text_left as i32, y + top as i32);
                let inside = (0..width as i32).contains(&x) && (0..HEIGHT_PX as i32).contains(&y);
                if inside {
                    let start = ((y as u32 * width + x as u32) * 4) as usize;
                    let alpha = f32::from(color.a()) / 255.0;
                    for (channel, value) in
                        [color.r(), color.g(), color.b()].into_iter().enumerate()
                    {
                        let under = f32::from(rgba[start + channel]);
                        rgba[start + channel] =
                            (under + (f32::from(value) - under) * alpha).round() as u8;
                    }
                }
            },
        );
        (width, HEIGHT_PX, rgba)
    }
}

/// The card without its text.
fn paper(width: u32, accent: u32) -> Vec<u8> {
    let half = [width as f32 * 0.5, HEIGHT_PX as f32 * 0.5];
    let [_, accent @ ..] = accent.to_be_bytes();
    let mut rgba = Vec::with_capacity((width * HEIGHT_PX * 4) as usize);
    for y in 0..HEIGHT_PX {
        for x in 0..width {
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            let over = |at: f32, half: f32| ((at - half).abs() - half + CORNER_PX).max(0.0);
            let outside = over(x, half[0]).hypot(over(y, half[1])) - CORNER_PX;
            let alpha = (0.5 - outside).clamp(0.0, 1.0);
            let line = (outside + 2.5).clamp(0.0, 1.0);
            let from_dot = (x - PAD_PX - DOT_RADIUS_PX).hypot(y - half[1]) - DOT_RADIUS_PX;
            let dot = (0.5 - from_dot).clamp(0.0, 1.0);
            for (channel, accent) in accent.into_iter().enumerate() {
                let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
                let paper = [247.0, 246.0, 242.0][channel];
                let lined = mix(paper, [217.0, 214.0, 204.0][channel], line);
                let value = mix(lined, f32::from(accent), dot);
                rgba.push((value * alpha).round() as u8);
            }
            rgba.push((alpha * 255.0).round() as u8);
        }
    }
    rgba
}
