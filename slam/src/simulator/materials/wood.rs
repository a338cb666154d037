//! Wood: boards for furniture and the parquet floor. Its grain runs along `x`.

use super::super::noise::{fractal_noise, hash_unit, smooth_step, value_noise};
use super::super::texture::{Rgb, srgb};
use super::blend;

pub(super) fn oak() -> impl Fn(f32, f32) -> Rgb {
    let (light, dark) = (srgb(0xd9b483), srgb(0xa97a47));
    move |x, y| board(x, y, light, dark, 51)
}

pub(super) fn walnut() -> impl Fn(f32, f32) -> Rgb {
    let (light, dark) = (srgb(0x8f6040), srgb(0x4f3020));
    move |x, y| board(x, y, light, dark, 52)
}

/// Herringbone of 60 by 12 cm staves.
pub(super) fn parquet() -> impl Fn(f32, f32) -> Rgb {
    let (light, dark) = (srgb(0xcf9f6a), srgb(0x8e5c34));
    let gap = srgb(0x3d2716);
    move |x, y| {
        let stave = herringbone(x, y, 0.48, 0.096);
        let tone = 0.78 + 0.44 * hash_unit(stave.id[0], stave.id[1], 53);
        let jump = 7.0 * hash_unit(stave.id[0], stave.id[1], 54);
        let warm = hash_unit(stave.id[0], stave.id[1], 55);
        let wood = board(stave.along + jump, stave.across + jump, light, dark, 56);
        let red = Rgb::new(1.0 + 0.08 * warm, 1.0, 1.0 - 0.10 * warm);
        let edge = stave
            .across
            .min(0.096 - stave.across)
            .min(stave.along)
            .min(0.48 - stave.along);
        blend(
            gap,
            wood.component_mul(&red) * tone,
            smooth_step(0.0005, 0.0024, edge),
        )
    }
}

/// One stave of the floor and the place in it, metres.
struct Stave {
    id: [i32; 2],
    along: f32,
    across: f32,
}

/// Herringbone at right angles to the axes: an L-shaped step pattern whose length is a multiple of its width.
fn herringbone(x: f32, y: f32, length: f32, width: f32) -> Stave {
    let ratio = (length / width).round() as i32;
    let (column, row) = ((x / width).floor() as i32, (y / width).floor() as i32);
    // Along every diagonal of the grid of squares the pattern repeats after two lengths.
    let phase = (column - row).rem_euclid(2 * ratio);
    if phase < ratio {
        let first = column - phase;
        Stave {
            id: [first, row],
            along: x - first as f32 * width,
            across: y - row as f32 * width,
        }
    } else {
        // Squares of a column that belong to one upright stave: phase falls by one with each row.
        let first = row - (2 * ratio - 1 - phase);
        Stave {
            id: [column, first + 10_000],
            along: y - first as f32 * width,
            across: x - column as f32 * width,
        }
    }
}

/// Long-grained wood: growth rings cut at a low angle, pores, and a fine fibre.
fn board(x: f32, y: f32, light: Rgb, dark: Rgb, seed: u32) -> Rgb {
    let bend = fractal_noise(x * 0.9, y * 5.0, 3, seed);
    let rings = y * 34.0 + 7.0 * bend;
    let ring = rings - rings.floor();
    // Slow rise, sharp fall: early and late wood.
    let late = smooth_step(0.25, 0.92, ring) * (1.0 - smooth_step(0.94, 1.0, ring));
    let fibre = value_noise(x * 14.0, y * 520.0, seed + 100);
    let pore = smooth_step(0.72, 0.9, value_noise(x * 40.0, y * 700.0, seed + 200));
    let cloud = fractal_noise(x * 2.0, y * 4.0, 2, seed + 300);
    let color = blend(light, dark, 0.12 + 0.55 * late + 0.30 * (cloud - 0.5));
    color * (0.90 + 0.20 * fibre - 0.22 * pore)
}
