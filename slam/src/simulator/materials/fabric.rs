//! Cloth: sofa weave, rug, cushions, curtain, and a woven basket.

use super::super::noise::{fractal_noise, hash_unit, smooth_step, value_noise};
use super::super::texture::{Rgb, srgb};
use super::blend;

/// A coarse plain weave, near white; coloured by the surface's tint.
pub(super) fn weave(x: f32, y: f32) -> Rgb {
    let thread = 0.0042;
    let (column, row) = ((x / thread).floor(), (y / thread).floor());
    let (u, v) = (x / thread - column - 0.5, y / thread - row - 0.5);
    let over = (column as i32 + row as i32).rem_euclid(2) == 0;
    let across = if over { v } else { u };
    let round = 1.0 - 2.2 * across * across;
    let yarn = hash_unit(
        if over { row as i32 } else { column as i32 },
        i32::from(over),
        61,
    );
    let slub = value_noise(x * 90.0, y * 90.0, 62);
    let worn = fractal_noise(x * 6.0, y * 6.0, 3, 63);
    Rgb::repeat(
        (0.55 + 0.25 * round + 0.22 * (yarn - 0.5) + 0.3 * (slub - 0.5)) * (0.8 + 0.4 * worn),
    )
}

/// A bordered rug with rows of diamonds, 2.6 by 1.8 m.
pub(super) fn rug() -> impl Fn(f32, f32) -> Rgb {
    let red = srgb(0x9c3d34);
    let navy = srgb(0x2c3e5c);
    let cream = srgb(0xe6d8bd);
    let ochre = srgb(0xd09a45);
    move |x, y| {
        let (w, h) = (2.6, 1.8);
        let edge = x.min(w - x).min(y).min(h - y);
        let pile = 0.80
            + 0.28 * value_noise(x * 170.0, y * 260.0, 64)
            + 0.16 * (fractal_noise(x * 5.0, y * 5.0, 3, 65) - 0.5);
        let color = if edge < 0.035 {
            cream
        } else if edge < 0.07 {
            navy
        } else if edge < 0.22 {
            // A border of triangles that runs along the nearest edge.
            let along = if y.min(h - y) < x.min(w - x) { x } else { y };
            let tooth = (along / 0.10 - (along / 0.10).floor() - 0.5).abs() * 2.0;
            let rise = (edge - 0.07) / 0.15;
            if tooth < rise { ochre } else { red }
        } else if edge < 0.245 {
            cream
        } else {
            let (cell_w, cell_h) = (0.2111, 0.2182);
            let (cx, cy) = ((x - 0.245) / cell_w, (y - 0.245) / cell_h);
            let (column, row) = (cx.floor() as i32, cy.floor() as i32);
            let (u, v) = ((cx - cx.floor() - 0.5).abs(), (cy - cy.floor() - 0.5).abs());
            let reach = u + v;
            let even = (column + row).rem_euclid(2) == 0;
            // Stepped diamonds, as a loom draws them.
            let step = (reach * 12.0).floor() / 12.0;
            if step < 0.09 {
                cream
            } else if step < 0.22 {
                if even { red } else { ochre }
            } else if step < 0.30 {
                cream
            } else if step < 0.46 {
                if even { ochre } else { red }
            } else {
                navy
            }
        };
        color * pile
    }
}

pub(super) fn zigzag() -> impl Fn(f32, f32) -> Rgb {
    let colors = [0xe8c15a, 0xf3ead6, 0x2f5d62, 0xf3ead6].map(srgb);
    move |x, y| {
        let fold = (x / 0.07 - (x / 0.07).floor() - 0.5).abs() * 0.07;
        let band = ((y + fold) / 0.026).floor() as i32;
        colors[band.rem_euclid(4) as usize] * thread(x, y)
    }
}

pub(super) fn dots() -> impl Fn(f32, f32) -> Rgb {
    let ground = srgb(0xc8553d);
    let spot = srgb(0xf6e7cb);
    move |x, y| {
        let row = (y / 0.045).floor();
        let shift = 0.0225 * (row as i32).rem_euclid(2) as f32;
        let u = (x + shift) / 0.045 - ((x + shift) / 0.045).floor() - 0.5;
        let v = y / 0.045 - row - 0.5;
        let inside = smooth_step(0.30, 0.26, (u * u + v * v).sqrt());
        blend(ground, spot, inside) * thread(x, y)
    }
}

/// Linen with a woven stripe.
pub(super) fn curtain() -> impl Fn(f32, f32) -> Rgb {
    let linen = srgb(0xe9dfc9);
    let stripe = srgb(0x8fa9b5);
    move |x, y| {
        let band = x / 0.1 - (x / 0.1).floor();
        let is_stripe = smooth_step(0.62, 0.66, band) * smooth_step(0.9, 0.86, band);
        blend(linen, stripe, is_stripe) * thread(x, y)
    }
}

/// Willow woven around uprights.
pub(super) fn basket() -> impl Fn(f32, f32) -> Rgb {
    let (light, dark) = (srgb(0xc9a069), srgb(0x5f4022));
    move |x, y| {
        let (column, row) = ((x / 0.03).floor(), (y / 0.012).floor());
        let even = (column as i32 + row as i32).rem_euclid(2) == 0;
        let (u, v) = (x / 0.03 - column - 0.5, y / 0.012 - row - 0.5);
        let bulge = 1.0 - 1.6 * u * u - 2.4 * v * v;
        let tone = hash_unit(column as i32, row as i32, 66) * 0.3;
        let lift = if even { 0.25 } else { 0.0 };
        blend(dark, light, bulge * 0.8 + lift - tone)
    }
}

fn thread(x: f32, y: f32) -> f32 {
    let warp = value_noise(x * 420.0, y * 60.0, 67);
    let weft = value_noise(x * 60.0, y * 420.0, 68);
    0.78 + 0.16 * warp + 0.16 * weft + 0.12 * (fractal_noise(x * 8.0, y * 8.0, 2, 69) - 0.5)
}
