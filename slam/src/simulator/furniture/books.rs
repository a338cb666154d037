//! Books: their backs, and piles of them.

use super::super::materials::{Picture, SPINE_COLUMNS, SPINE_ROWS};
use super::super::scene::{Bench, Layout, Paint, pick};
use super::super::texture::srgb;

/// The printed back of book number `k`.
pub(super) fn spine(k: usize, seed: u32) -> Paint {
    let cell = [
        pick(k, seed + 3, SPINE_COLUMNS),
        pick(k, seed + 4, SPINE_ROWS),
        SPINE_COLUMNS,
        SPINE_ROWS,
    ];
    Paint::new(Picture::Spines, Layout::Cell(cell))
}

/// Lying books, the largest at the bottom.
pub(super) fn book_pile(at: &mut Bench<'_>, count: usize, seed: u32) {
    let mut z = 0.0;
    for k in 0..count {
        let turn = 0.11 * pick(k, seed, 7) as f64 - 0.33;
        let book = &mut at.bench([0.0, 0.0, z], turn);
        let (w, d) = (0.24 - 0.012 * k as f64, 0.17 - 0.008 * k as f64);
        let h = 0.018 + 0.004 * pick(k, seed + 1, 6) as f64;
        let cover = Paint::plain(srgb(
            [0x8c2f39, 0x28536b, 0xe0c48c, 0x3f6b4a, 0xd98e32, 0x1f2a44][pick(k, seed, 6)],
        ));
        let pages = Paint::plain(srgb(0xefe7d3));
        book.cuboid([-w / 2.0, -d / 2.0, 0.0], [w / 2.0, d / 2.0, 0.002], &cover);
        book.cuboid(
            [-w / 2.0 + 0.004, -d / 2.0 + 0.001, 0.002],
            [w / 2.0 - 0.004, d / 2.0 - 0.004, h - 0.002],
            &pages,
        );
        book.cuboid(
            [-w / 2.0, -d / 2.0, h - 0.002],
            [w / 2.0, d / 2.0, h],
            &cover,
        );
        // The back, with its title along it.
        let back = &mut book.leaning(
            [-w / 2.0, -d / 2.0 - 0.0005, h / 2.0],
            0.0,
            std::f64::consts::FRAC_PI_2,
        );
        back.picture([-h / 2.0, 0.0, w], [h, w], &spine(k, seed));
        if k + 1 == count {
            let design = if seed.is_multiple_of(2) {
                Picture::PosterShapes
            } else {
                Picture::Abstract
            };
            book.sheet(
                [-w / 2.0 + 0.012, d / 2.0 - 0.012, h + 0.0004],
                [w - 0.024, d - 0.024],
                &Paint::fitted(design),
            );
        }
        // A hair of air: faces that coincide would flicker.
        z += h + 0.0005;
    }
}
