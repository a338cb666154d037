//! Plaster, brick and wallpaper.

use super::super::noise::{fractal_noise, hash_unit, mix, smooth_step, value_noise};
use super::super::texture::{Rgb, srgb};
use super::blend;

/// Near-white, rolled paint: a fine grain over faint clouds; coloured by the surface's tint.
pub(super) fn plaster(x: f32, y: f32) -> Rgb {
    let clouds = fractal_noise(x * 3.0, y * 3.0, 4, 21);
    let grain = value_noise(x * 130.0, y * 130.0, 22);
    let pit = smooth_step(0.80, 0.92, value_noise(x * 45.0, y * 45.0, 23));
    Rgb::repeat(0.90 + 0.06 * (clouds - 0.5) + 0.07 * (grain - 0.5) - 0.06 * pit)
}

/// Running bond, 22 by 7.2 cm a brick with its joint.
pub(super) fn brick() -> impl Fn(f32, f32) -> Rgb {
    let mortar = srgb(0xcfc5b6);
    let clays = [0xa9573d, 0xb96a4a, 0x95492f, 0xc07b58, 0x8a4a3a, 0xb2836a].map(srgb);
    move |x, y| {
        let wobble = 0.0022 * (value_noise(x * 30.0, y * 30.0, 31) - 0.5);
        let row = (y / 0.072).floor();
        let shift = if (row as i32).rem_euclid(2) == 0 {
            0.0
        } else {
            0.11
        };
        let column = ((x + shift) / 0.22).floor();
        let in_x = x + shift - column * 0.22 + wobble;
        let in_y = y - row * 0.072 + wobble;
        let edge = in_x.min(0.22 - in_x).min(in_y).min(0.072 - in_y);
        let (c, r) = (column as i32, row as i32);
        let clay = clays[(hash_unit(c, r, 32) * clays.len() as f32) as usize];
        let other = clays[(hash_unit(c, r, 33) * clays.len() as f32) as usize];
        let speckle = fractal_noise(x * 60.0, y * 90.0, 3, 34);
        let stain = fractal_noise(x * 9.0 + 5.0 * hash_unit(c, r, 35), y * 14.0, 3, 36);
        let face = blend(clay, other, stain * 0.7) * (0.62 + 0.75 * speckle);
        let joint = mortar * (0.78 + 0.3 * value_noise(x * 200.0, y * 200.0, 37));
        blend(joint, face, smooth_step(0.0035, 0.0075, edge))
    }
}

/// A trellis of leaves on a muted green.
pub(super) fn wallpaper() -> impl Fn(f32, f32) -> Rgb {
    let ground = srgb(0x7f9a8c);
    let stem = srgb(0xd8d2b0);
    let leaf = srgb(0xb9c8a4);
    let berry = srgb(0xd9a273);
    move |x, y| {
        let (cell_w, cell_h) = (0.22, 0.26);
        let row = (y / cell_h).floor();
        let shift = if (row as i32).rem_euclid(2) == 0 {
            0.0
        } else {
            cell_w / 2.0
        };
        let column = ((x + shift) / cell_w).floor();
        // Around the middle of the motif, metres.
        let px = x + shift - (column + 0.5) * cell_w;
        let py = y - (row + 0.5) * cell_h;
        let paper = 0.95 + 0.10 * (value_noise(x * 260.0, y * 40.0, 41) - 0.5);
        let mut color = ground * paper;

        let bend = 0.018 * (1.0 - (py / 0.11) * (py / 0.11));
        let stalk = (px - bend).abs();
        if py.abs() < 0.11 && stalk < 0.0022 {
            color = stem;
        }
        for k in -2_i32..=2 {
            let side = if k.rem_euclid(2) == 0 { 1.0 } else { -1.0 };
            let (cx, cy) = (bend + side * 0.033, k as f32 * 0.042 - 0.006);
            // A leaf: two axes turned by 35 degrees.
            let (dx, dy) = ((px - cx) * side, py - cy);
            let (along, across) = (0.82 * dx - 0.57 * dy, 0.57 * dx + 0.82 * dy);
            let width = 0.013 * (1.0 - (along / 0.031) * (along / 0.031));
            if across.abs() < width {
                let vein = smooth_step(0.0, 0.0022, across.abs());
                let shade = 0.78 + 0.22 * smooth_step(-0.012, 0.012, across);
                color = blend(stem, leaf * shade, vein);
            }
        }
        let (bx, by) = (px + 0.055, py - 0.085);
        if bx * bx + by * by < 0.0085 * 0.0085 {
            color = berry * mix(0.8, 1.15, smooth_step(0.008, -0.008, by));
        }
        let (bx, by) = (px + 0.074, py - 0.070);
        if bx * bx + by * by < 0.0065 * 0.0065 {
            color = berry;
        }
        color
    }
}
