//! Printed and drawn things: book spines, posters, pages, a clock, a screen, glazed ceramic.
//!
//! Letters are made up: small grids of strokes chosen by a hash, so that they look like text at a glance.

use super::super::noise::{fractal_noise, hash, hash_unit, mix, smooth_step, value_noise};
use super::super::texture::{Rgb, srgb};
use super::blend;

/// Books side by side on one shelf-wide strip: 24 columns, 4 rows of spines; a book takes one cell.
pub(crate) const SPINE_COLUMNS: usize = 24;
pub(crate) const SPINE_ROWS: usize = 4;

pub(super) fn spines() -> impl Fn(f32, f32) -> Rgb {
    let covers = [
        0x8c2f39, 0x28536b, 0xe0c48c, 0x3f6b4a, 0xd98e32, 0x1f2a44, 0xc9d3cf, 0x6d3f5b, 0xb5482f,
        0x4e8fa3, 0xf0e6d2, 0x59402f, 0x8aa06b, 0x222222, 0xd46a6a, 0x7d6fa5,
    ]
    .map(srgb);
    let inks = [0xf4e7c8, 0xd8b45a, 0x1c1c22, 0xffffff].map(srgb);
    move |x, y| {
        let (cx, cy) = (x * SPINE_COLUMNS as f32, y * SPINE_ROWS as f32);
        let (column, row) = (cx.floor() as i32, cy.floor() as i32);
        let (u, v) = (cx - cx.floor(), cy - cy.floor());
        let pick = hash(column, row, 71) as usize;
        let cover = covers[pick % covers.len()];
        let dark_cover = cover.sum() < 0.9;
        let ink = match (dark_cover, (pick >> 8) & 1) {
            (true, 0) => inks[0],
            (true, _) => inks[1],
            (false, _) => inks[2],
        };
        let mut color = cover * (0.86 + 0.2 * fractal_noise(x * 90.0, y * 50.0, 3, 72));
        let style = (pick >> 12) % 4;
        let band = |low: f32, high: f32| v > low && v < high;
        if style == 0 && (band(0.06, 0.075) || band(0.9, 0.915) || band(0.83, 0.84)) {
            color = ink;
        }
        if style == 1 && band(0.12, 0.24) {
            color = blend(cover, ink, 0.82);
        }
        if style == 2 && (band(0.03, 0.10) || band(0.86, 0.97)) {
            color = cover * 0.45;
        }
        // The title runs down the spine.
        if band(0.28, 0.28 + 0.30 + 0.2 * hash_unit(column, row, 73)) && (0.30..0.70).contains(&u) {
            let letter = (v / 0.034).floor();
            if glyph(
                letter as i32,
                hash(column, row, 74),
                (0.70 - u) / 0.40,
                v / 0.034 - letter,
            ) {
                color = ink;
            }
        }
        if style != 1
            && band(0.90, 0.96)
            && (u - 0.5).abs() < 0.2
            && ((u - 0.5) / 0.2).abs() + ((v - 0.93) / 0.03).abs() < 1.0
        {
            color = ink;
        }
        // A round back: darker towards the hinges.
        color * (1.0 - 0.55 * smooth_step(0.30, 0.5, (u - 0.5).abs()))
    }
}

pub(super) fn poster_shapes() -> impl Fn(f32, f32) -> Rgb {
    let paper = srgb(0xf3ead8);
    let colors = [0xd1495b, 0xedae49, 0x00798c, 0x30638e, 0x2b2d42].map(srgb);
    move |x, y| {
        let (w, h) = (0.7_f32, 1.0_f32);
        if x.min(w - x).min(y).min(h - y) < 0.045 {
            return paper;
        }
        if y > 0.84 {
            let title = y > 0.87 && y < 0.90 && x < 0.5 && text(x - 0.05, y - 0.87, 0.03, 75);
            let line = y > 0.915 && y < 0.93 && text(x - 0.05, y - 0.915, 0.0148, 76);
            return if title || line { colors[4] } else { paper };
        }
        // Quarter circles on a grid.
        let cell = 0.152_f32;
        let (cx, cy) = ((x - 0.045) / cell, (y - 0.045) / cell);
        let (column, row) = (cx.floor() as i32, cy.floor() as i32);
        let (mut u, mut v) = (cx - cx.floor(), cy - cy.floor());
        let pick = hash(column, row, 77) as usize;
        if pick & 1 == 0 {
            u = 1.0 - u;
        }
        if pick & 2 == 0 {
            v = 1.0 - v;
        }
        let front = colors[(pick >> 4) % 5];
        let back = colors[((pick >> 4) + 1 + (pick >> 9) % 3) % 5];
        let radius = (u * u + v * v).sqrt();
        let color = match (pick >> 12) % 4 {
            0 if radius < 0.96 => front,
            1 if u + v < 1.0 => front,
            2 if radius < 0.96 && radius > 0.55 => front,
            3 if (u - 0.5).abs() < 0.2 || (v - 0.5).abs() < 0.2 => front,
            0 | 2 => paper,
            _ => back,
        };
        color * (0.95 + 0.1 * value_noise(x * 300.0, y * 300.0, 78))
    }
}

pub(super) fn poster_text() -> impl Fn(f32, f32) -> Rgb {
    let paper = srgb(0xefe9dd);
    let ink = srgb(0x25303b);
    let accent = srgb(0xd8572a);
    move |x, y| {
        let mut color = paper * (0.96 + 0.08 * value_noise(x * 250.0, y * 250.0, 79));
        let u = x - 0.06;
        let inside = u > 0.0 && x < 0.64;
        if inside && (0.06..0.17).contains(&y) && text(u, y - 0.06, 0.108, 80) {
            color = ink;
        }
        if inside && (0.19..0.25).contains(&y) && x < 0.5 && text(u, y - 0.19, 0.058, 81) {
            color = accent;
        }
        // Sun over waves.
        if inside && (0.29..0.72).contains(&y) {
            let (dx, dy) = (x - 0.36, y - 0.46);
            let radius = (dx * dx + dy * dy).sqrt();
            color = blend(srgb(0xf2c879), srgb(0xe7835a), (y - 0.29) / 0.35);
            if radius < 0.11 {
                color = srgb(0xfdf3d9);
            }
            for wave in 0..6 {
                let crest = 0.54
                    + 0.034 * wave as f32
                    + 0.016 * (value_noise(x * 9.0 + wave as f32 * 3.7, 0.5, 82) - 0.5);
                if y > crest {
                    let depth = wave as f32 / 5.0;
                    color = blend(srgb(0x58a4b0), srgb(0x1b3a4b), depth);
                    if y < crest + 0.004 {
                        color = paper;
                    }
                }
            }
        }
        if inside && (0.75..0.95).contains(&y) {
            let line = ((y - 0.75) / 0.02).floor();
            let end = 0.40 + 0.23 * hash_unit(line as i32, 5, 83);
            if x < end && text(u, y - 0.75 - line * 0.02, 0.0145, 84 + line as u32) {
                color = ink;
            }
        }
        color
    }
}

pub(super) fn poster_map() -> impl Fn(f32, f32) -> Rgb {
    let sea = srgb(0xa9cdd6);
    let land = [0xe9dcb4, 0xc9d7a0, 0xe3c08f, 0xd8a99a].map(srgb);
    let ink = srgb(0x3b4a54);
    move |x, y| {
        let frame = x.min(1.0 - x).min(y).min(0.7 - y);
        if frame < 0.03 {
            return srgb(0xf4eee0);
        }
        if frame < 0.034 {
            return ink;
        }
        let height = fractal_noise(x * 5.5, y * 5.5, 6, 91);
        let lines =
            (x / 0.09 - (x / 0.09).floor() < 0.016) || (y / 0.09 - (y / 0.09).floor() < 0.016);
        let mut color = if height > 0.52 {
            let region = (fractal_noise(x * 6.0, y * 6.0, 3, 92) * 9.0) as usize;
            land[region % 4] * (0.85 + 0.5 * (height - 0.52))
        } else {
            sea * (0.8 + 0.35 * height)
        };
        if (height - 0.52).abs() < 0.006 {
            color = ink;
        }
        let (tx, ty) = ((x / 0.11).floor() as i32, (y / 0.07).floor() as i32);
        let (lx, ly) = (x - tx as f32 * 0.11, y - ty as f32 * 0.07);
        if hash_unit(tx, ty, 93) > 0.45
            && (0.01..0.075).contains(&lx)
            && (0.03..0.042).contains(&ly)
            && text(lx - 0.01, ly - 0.03, 0.0115, hash(tx, ty, 94))
        {
            color = ink;
        }
        if lines {
            blend(color, ink, 0.35)
        } else {
            color
        }
    }
}

pub(super) fn abstract_painting() -> impl Fn(f32, f32) -> Rgb {
    let colors = [0xf0e4cf, 0x2f4858, 0xf26419, 0xf6ae2d, 0x86bbd8, 0x33658a].map(srgb);
    move |x, y| {
        let mut color = colors[0];
        for k in 0..9_i32 {
            let cx = 0.6 * hash_unit(k, 1, 101);
            let cy = 0.8 * hash_unit(k, 2, 101);
            let size = 0.09 + 0.13 * hash_unit(k, 3, 101);
            let rough = 0.035 * (fractal_noise(x * 22.0, y * 22.0, 3, 102 + k as u32) - 0.5);
            let (dx, dy) = ((x - cx).abs() + rough, (y - cy).abs() + rough);
            let inside = if k % 2 == 0 {
                (dx * dx + dy * dy).sqrt() < size
            } else {
                dx < size && dy < size * 0.6
            };
            if inside {
                color = blend(color, colors[1 + (k as usize) % 5], 0.88);
            }
        }
        let brush = value_noise(x * 40.0 + y * 15.0, y * 260.0 - x * 90.0, 103);
        color * (0.78 + 0.4 * brush)
    }
}

/// An open magazine, 42 by 30 cm.
pub(super) fn pages() -> impl Fn(f32, f32) -> Rgb {
    let paper = srgb(0xf6f2e8);
    let ink = srgb(0x2a2a2e);
    move |x, y| {
        let page = i32::from(x > 0.21);
        let px = x - 0.21 * page as f32;
        let fold = 1.0 - 0.35 * smooth_step(0.02, 0.0, (x - 0.21).abs());
        let mut color = paper;
        if (0.02..0.19).contains(&px) && (0.02..0.28).contains(&y) {
            let picture = if page == 0 { 0.02..0.12 } else { 0.17..0.28 };
            if picture.contains(&y) {
                let n = fractal_noise(px * 22.0 + page as f32 * 9.0, y * 22.0, 4, 111);
                let sky = blend(srgb(0x2a6f97), srgb(0xf4a259), n * 1.6 - 0.3);
                color = if n > 0.55 {
                    srgb(0x31572c) * (0.6 + n)
                } else {
                    sky
                };
            } else {
                let column = if px < 0.102 { 0.0 } else { 0.085 };
                let in_column = px - 0.02 - column;
                let line = (y / 0.0075).floor();
                let heading = page == 1 && y < 0.05;
                if heading {
                    if text(px - 0.02, y - 0.02, 0.028, 112) {
                        color = srgb(0xb02a30);
                    }
                } else if in_column > 0.0
                    && in_column < 0.078
                    && text(
                        in_column,
                        y - line * 0.0075,
                        0.0056,
                        113 + line as u32 * 2 + page as u32,
                    )
                {
                    color = ink;
                }
            }
        }
        color * fold
    }
}

pub(super) fn clock() -> impl Fn(f32, f32) -> Rgb {
    let face = srgb(0xfaf6ec);
    let ink = srgb(0x22262b);
    let red = srgb(0xc8402f);
    move |x, y| {
        let (dx, dy) = (x - 0.18, y - 0.18);
        let radius = (dx * dx + dy * dy).sqrt();
        if radius > 0.163 {
            return ink;
        }
        let mut color = face;
        for hour in 0..12 {
            let (sin, cos) = libm::sincosf(hour as f32 * std::f32::consts::TAU / 12.0);
            let (along, across) = (dx * sin - dy * cos, dx * cos + dy * sin);
            let long = if hour % 3 == 0 { 0.118 } else { 0.132 };
            if (long..0.152).contains(&along) && across.abs() < 0.004 {
                color = ink;
            }
        }
        for (angle, length, width, paint) in [
            (5.3_f32, 0.085, 0.0055, ink),
            (1.05, 0.125, 0.004, ink),
            (3.4, 0.135, 0.0015, red),
        ] {
            let (sin, cos) = libm::sincosf(angle);
            let (along, across) = (dx * sin - dy * cos, dx * cos + dy * sin);
            if (-0.02..length).contains(&along) && across.abs() < width {
                color = paint;
            }
        }
        color
    }
}

/// A laptop's screen: a window with text and a chart.
pub(super) fn screen() -> impl Fn(f32, f32) -> Rgb {
    let desk = srgb(0x1d3557);
    let sheet = srgb(0xf1faee);
    let ink = srgb(0x1d1d27);
    move |x, y| {
        let mut color = blend(
            desk,
            srgb(0x457b9d),
            fractal_noise(x * 9.0, y * 9.0, 3, 121),
        );
        if (0.02..0.2).contains(&x) && (0.02..0.18).contains(&y) {
            color = sheet;
            let line = ((y - 0.03) / 0.009).floor();
            if y > 0.03
                && text(x - 0.03, y - 0.03 - line * 0.009, 0.0062, 122 + line as u32)
                && x < 0.10 + 0.09 * hash_unit(line as i32, 0, 123)
            {
                color = ink;
            }
        }
        if (0.215..0.305).contains(&x) && (0.04..0.14).contains(&y) {
            color = sheet;
            let bar = ((x - 0.22) / 0.014).floor();
            let height = 0.02 + 0.065 * hash_unit(bar as i32, 1, 124);
            if x - 0.22 - bar * 0.014 < 0.010 && y > 0.135 - height {
                color = srgb(0xe63946);
            }
        }
        color
    }
}

/// White glaze with painted bands.
pub(super) fn ceramic() -> impl Fn(f32, f32) -> Rgb {
    let glaze = srgb(0xf2efe6);
    let blue = srgb(0x2b4c8c);
    move |x, y| {
        let wave = 0.008 * (2.0 * (x / 0.04 - (x / 0.04).floor() - 0.5).abs());
        let band = (y + wave) / 0.05 - ((y + wave) / 0.05).floor();
        let row = (y / 0.05).floor() as i32;
        let (u, v) = (
            x / 0.03 - (x / 0.03).floor() - 0.5,
            y / 0.05 - (y / 0.05).floor() - 0.55,
        );
        let dot = u * u + v * v * 2.2 < 0.05 && row.rem_euclid(2) == 0;
        let paint = if band < 0.16 || dot { blue } else { glaze };
        paint * mix(0.92, 1.04, value_noise(x * 60.0, y * 60.0, 131))
    }
}

/// Whether made-up text of one line of a height covers the place, metres from the line's top left.
fn text(x: f32, y: f32, height: f32, seed: u32) -> bool {
    if x < 0.0 || y < 0.0 || y > height {
        return false;
    }
    let advance = height * 0.72;
    let letter = (x / advance).floor();
    glyph(letter as i32, seed, x / advance - letter, y / height)
}

/// Whether the letter number `index` covers the place in its cell (0 to 1 each way); some are spaces.
fn glyph(index: i32, seed: u32, u: f32, v: f32) -> bool {
    let bits = hash(index, 3, seed);
    if bits.is_multiple_of(6) || !(0.08..0.84).contains(&u) || !(0.06..0.94).contains(&v) {
        return false;
    }
    // Three columns by five rows: a stem at the left, strokes by chance.
    let column = ((u - 0.08) / 0.76 * 3.0) as u32;
    let row = ((v - 0.06) / 0.88 * 5.0) as u32;
    column == (bits >> 28) % 3 || (bits >> (4 + row * 3 + column)) & 3 == 0
}
