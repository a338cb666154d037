//! The dining table and the coffee table with what lies on them, and the rug.

use super::super::materials::Picture;
use super::super::scene::{Bench, Layout, Paint};
use super::super::texture::srgb;
use super::books::book_pile;

pub(super) fn rug(at: &mut Bench<'_>) {
    let fringe = Paint::plain(srgb(0xe6d8bd));
    at.cuboid([-1.3, -0.9, 0.0], [1.3, 0.9, 0.009], &fringe);
    at.sheet(
        [-1.3, 0.9, 0.0095],
        [2.6, 1.8],
        &Paint::fitted(Picture::Rug),
    );
}

pub(super) fn dining_table(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Oak);
    at.cuboid([-0.72, -0.43, 0.715], [0.72, 0.43, 0.75], &wood);
    at.level_plane("table-top", [0.0, 0.0, 0.75], [0.72, 0.43]);
    at.cuboid([-0.62, -0.35, 0.63], [0.62, 0.35, 0.715], &wood);
    for x in [-0.67, 0.60] {
        for y in [-0.38, 0.31] {
            at.cuboid([x, y, 0.0], [x + 0.07, y + 0.07, 0.715], &wood);
        }
    }
    let top = &mut at.bench([0.0, 0.0, 0.75], 0.0);
    laptop(&mut top.bench([0.36, 0.02, 0.0], -0.35));
    magazine(&mut top.bench([-0.16, -0.22, 0.0], 0.3));
    fruit_bowl(&mut top.bench([-0.08, 0.13, 0.0], 0.0));
    book_pile(&mut top.bench([-0.50, 0.10, 0.0], 0.45), 5, 11);
    mug(&mut top.bench([0.06, -0.28, 0.0], 0.8), 0x2f6d80);
    mug(&mut top.bench([-0.42, -0.24, 0.0], 2.6), 0xd99a3d);
    // A pencil case and a few pencils.
    for (k, color) in [0xd1495b, 0xedae49, 0x2f7df6, 0x1f9d6b]
        .into_iter()
        .enumerate()
    {
        let pencil = &mut top.bench([0.08 + 0.03 * k as f64, -0.10, 0.0], 0.5 + 0.3 * k as f64);
        pencil.cuboid(
            [-0.085, -0.004, 0.0],
            [0.085, 0.004, 0.008],
            &Paint::plain(srgb(color)),
        );
    }
    let sheet = &mut top.bench([0.45, -0.27, 0.0], 0.1);
    sheet.sheet(
        [-0.105, 0.15, 0.001],
        [0.21, 0.297],
        &Paint::new(Picture::Pages, Layout::From(0.21, 0.0)),
    );
}

pub(super) fn coffee_table(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Walnut);
    at.cuboid([-0.48, -0.28, 0.385], [0.48, 0.28, 0.415], &wood);
    at.level_plane("coffee-table-top", [0.0, 0.0, 0.415], [0.48, 0.28]);
    at.cuboid([-0.42, -0.23, 0.14], [0.42, 0.23, 0.16], &wood);
    for x in [-0.45, 0.41] {
        for y in [-0.25, 0.21] {
            at.cuboid([x, y, 0.0], [x + 0.04, y + 0.04, 0.385], &wood);
        }
    }
    let top = &mut at.bench([0.0, 0.0, 0.415], 0.0);
    magazine(&mut top.bench([-0.2, 0.02, 0.0], 0.25));
    mug(&mut top.bench([0.14, -0.12, 0.0], 1.0), 0xe9e2d3);
    book_pile(&mut top.bench([0.30, 0.08, 0.0], -0.3), 3, 29);
    let tray = Paint::plain(srgb(0x39424e));
    top.cuboid([0.02, 0.04, 0.0], [0.14, 0.08, 0.014], &tray);
    let shelf = &mut at.bench([0.0, 0.0, 0.16], 0.0);
    book_pile(&mut shelf.bench([-0.15, 0.0, 0.0], 0.1), 4, 41);
    book_pile(&mut shelf.bench([0.2, 0.02, 0.0], -0.2), 2, 53);
}

pub(super) fn laptop(at: &mut Bench<'_>) {
    let shell = Paint::plain(srgb(0xa9adb3));
    let keys = Paint::plain(srgb(0x2a2d31));
    at.cuboid([-0.165, -0.115, 0.0], [0.165, 0.115, 0.014], &shell);
    for row in 0..5 {
        for column in 0..12 {
            let (x, y) = (
                -0.144 + 0.024 * f64::from(column),
                0.072 - 0.022 * f64::from(row),
            );
            at.cuboid([x, y - 0.018, 0.014], [x + 0.020, y, 0.016], &keys);
        }
    }
    at.sheet(
        [-0.045, -0.045, 0.0142],
        [0.09, 0.06],
        &Paint::plain(srgb(0x8e939a)),
    );
    let lid = &mut at.leaning([0.0, 0.115, 0.012], -0.28, 0.0);
    lid.cuboid([-0.165, 0.0, 0.0], [0.165, 0.007, 0.225], &shell);
    lid.picture(
        [-0.157, -0.0006, 0.217],
        [0.314, 0.2],
        &Paint::fitted(Picture::Screen).glowing(0.75),
    );
}

pub(super) fn magazine(at: &mut Bench<'_>) {
    at.cuboid(
        [-0.21, -0.15, 0.0],
        [0.21, 0.15, 0.006],
        &Paint::plain(srgb(0xf6f2e8)),
    );
    at.sheet(
        [-0.21, 0.15, 0.0065],
        [0.42, 0.3],
        &Paint::fitted(Picture::Pages),
    );
}

pub(super) fn mug(at: &mut Bench<'_>, color: u32) {
    let glaze = Paint::plain(srgb(color));
    at.tube([0.0; 3], [0.037, 0.041], 0.095, &glaze);
    at.disc([0.0, 0.0, 0.082], 0.0395, &Paint::plain(srgb(0x3a2417)));
    for (x, z, h) in [
        (0.043, 0.026, 0.012),
        (0.056, 0.032, 0.036),
        (0.043, 0.064, 0.012),
    ] {
        at.cuboid([x - 0.008, -0.006, z], [x + 0.008, 0.006, z + h], &glaze);
    }
}

pub(super) fn fruit_bowl(at: &mut Bench<'_>) {
    let glaze = Paint::new(Picture::Ceramic, Layout::Tiled);
    at.tube([0.0; 3], [0.06, 0.14], 0.075, &glaze);
    at.disc([0.0, 0.0, 0.045], 0.11, &Paint::plain(srgb(0xd9d4c8)));
    for (x, y, z, r, color) in [
        (0.05, 0.02, 0.075, 0.042, 0xc4392f),
        (-0.04, 0.045, 0.075, 0.04, 0xe08b2c),
        (-0.035, -0.045, 0.075, 0.043, 0x8fae3c),
        (0.035, -0.055, 0.07, 0.038, 0xe3a02f),
        (0.0, 0.0, 0.115, 0.04, 0xb52f33),
    ] {
        at.ball([x, y, z], [r; 3], &Paint::plain(srgb(color)));
        at.cuboid(
            [x - 0.002, y - 0.002, z + r - 0.004],
            [x + 0.002, y + 0.002, z + r + 0.012],
            &Paint::plain(srgb(0x4a3420)),
        );
    }
}
