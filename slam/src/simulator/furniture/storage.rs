//! The bookshelf, the cupboards, and the basket.

use super::super::materials::Picture;
use super::super::noise::{Random, hash_unit};
use super::super::scene::{Bench, Layout, Paint, pick};
use super::super::texture::srgb;
use super::books::{book_pile, spine};

/// A bookshelf 2.0 m wide and 2.1 m high, its back at `y = 0`.
pub(super) fn bookshelf(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Oak);
    let (half, depth, height) = (1.0, 0.30, 2.12);
    at.cuboid([-half, -0.012, 0.0], [half, -0.002, height], &wood);
    for x in [-half, -0.3465, 0.3235, half - 0.022] {
        at.cuboid([x, -depth, 0.0], [x + 0.022, -0.012, height], &wood);
    }
    let shelves = [0.06, 0.44, 0.78, 1.12, 1.46, 1.79, 2.1];
    for z in shelves {
        at.cuboid([-half, -depth, z], [half, -0.012, z + 0.02], &wood);
    }
    let mut random = Random::new(77);
    for (row, pair) in shelves.windows(2).enumerate() {
        let gap = pair[1] - pair[0] - 0.02;
        for bay in 0..3 {
            let left = -half + 0.022 + 0.67 * f64::from(bay);
            let number = row * 3 + bay as usize;
            let shelf = &mut at.bench([left, -depth, pair[0] + 0.02], 0.0);
            match number {
                4 | 11 => ornaments(shelf, number),
                7 => {
                    book_pile(&mut shelf.bench([0.16, 0.14, 0.0], 0.05), 5, 61);
                    books(shelf, 0.34, 0.64, gap, number, &mut random);
                }
                _ => {
                    let end = if number % 4 == 2 { 0.46 } else { 0.64 };
                    books(shelf, 0.005, end, gap, number, &mut random);
                    if end < 0.5 {
                        shelf.cylinder(
                            [0.55, 0.14, 0.0],
                            [0.045, 0.03],
                            0.2,
                            &Paint::new(Picture::Ceramic, Layout::Tiled),
                        );
                    }
                }
            }
        }
    }
    at.bench([0.0, 0.0, 0.0], 0.0).upright_plane(
        "bookshelf-front",
        [0.0, -depth, height / 2.0],
        [half, height / 2.0],
    );
    // On top: two boxes and a basket of a plant.
    at.cuboid(
        [-0.9, -0.27, height],
        [-0.45, -0.04, height + 0.2],
        &Paint::new(Picture::Basket, Layout::Tiled),
    );
    at.cuboid(
        [0.3, -0.26, height],
        [0.62, -0.05, height + 0.16],
        &Paint::plain(srgb(0x35607a)),
    );
    at.cuboid(
        [0.65, -0.25, height],
        [0.93, -0.05, height + 0.12],
        &Paint::plain(srgb(0xd0873f)),
    );
}

/// Standing books from `start` to `end` on a shelf; the last ones lean.
fn books(
    shelf: &mut Bench<'_>,
    start: f64,
    end: f64,
    gap: f64,
    number: usize,
    random: &mut Random,
) {
    let mut x = start;
    let mut k = number * 100;
    loop {
        let width = random.range(0.018, 0.048);
        if x + width > end {
            break;
        }
        let height = (gap - 0.02).min(random.range(0.19, 0.31));
        let depth = random.range(0.14, 0.2);
        let y = random.range(0.015, 0.035);
        let last = x + 2.6 * width > end && end > 0.5;
        let book = &mut shelf.leaning([x, y, 0.0], 0.0, if last { -0.10 } else { 0.0 });
        let side = Paint::plain(srgb(
            [0x7a3b3f, 0x3d586b, 0xb9a67f, 0x4d6a52, 0xa87742, 0x38405a][pick(k, 5, 6)],
        ));
        book.cuboid_with_front(
            [0.0, 0.0, 0.0],
            [width - 0.0015, depth, height],
            &side,
            &spine(k, 7),
        );
        x += width;
        k += 1;
    }
}

fn ornaments(shelf: &mut Bench<'_>, number: usize) {
    if number == 4 {
        shelf.cylinder(
            [0.14, 0.13, 0.0],
            [0.06, 0.035],
            0.03,
            &Paint::wood(Picture::Walnut),
        );
        shelf.ball(
            [0.14, 0.13, 0.135],
            [0.105; 3],
            &Paint::fitted(Picture::Globe),
        );
        frame(
            &mut shelf.bench([0.43, 0.17, 0.0], -0.15),
            [0.2, 0.26],
            &Paint::fitted(Picture::Landscape),
            0x2f2a26,
        );
    } else {
        frame(
            &mut shelf.bench([0.16, 0.17, 0.0], 0.12),
            [0.19, 0.25],
            &Paint::fitted(Picture::Botanical),
            0x9a7440,
        );
        shelf.cylinder(
            [0.40, 0.14, 0.0],
            [0.05, 0.075],
            0.15,
            &Paint::new(Picture::Ceramic, Layout::Tiled),
        );
        shelf.ball(
            [0.40, 0.14, 0.19],
            [0.09, 0.09, 0.075],
            &Paint::new(Picture::Leaf, Layout::Tiled),
        );
        shelf.cuboid(
            [0.52, 0.08, 0.0],
            [0.60, 0.16, 0.13],
            &Paint::wood(Picture::Walnut),
        );
    }
}

/// A standing picture frame that leans back a little.
pub(super) fn frame(at: &mut Bench<'_>, size: [f64; 2], paint: &Paint, color: u32) {
    let lean = &mut at.leaning([0.0; 3], -0.12, 0.0);
    let [w, h] = size;
    let wood = Paint::plain(srgb(color));
    lean.cuboid([-w / 2.0, 0.0, 0.0], [w / 2.0, 0.015, h], &wood);
    lean.picture(
        [-w / 2.0 + 0.018, -0.001, h - 0.018],
        [w - 0.036, h - 0.036],
        paint,
    );
}

/// A chest of drawers 1.5 m wide with things on it, its back at `y = 0`.
pub(super) fn dresser(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Walnut);
    let brass = Paint::plain(srgb(0xc9a45a));
    at.cuboid([-0.75, -0.44, 0.12], [0.75, -0.02, 0.86], &wood);
    at.cuboid([-0.78, -0.46, 0.86], [0.78, 0.0, 0.885], &wood);
    at.level_plane("dresser-top", [0.0, -0.23, 0.885], [0.78, 0.23]);
    for x in [-0.72, 0.67] {
        for y in [-0.42, -0.09] {
            at.cuboid([x, y, 0.0], [x + 0.05, y + 0.05, 0.12], &wood);
        }
    }
    for row in 0..3 {
        for column in 0..3 {
            let x = -0.735 + 0.492 * f64::from(column);
            let z = 0.14 + 0.238 * f64::from(row);
            at.cuboid([x, -0.455, z], [x + 0.485, -0.44, z + 0.228], &wood);
            at.ball([x + 0.13, -0.468, z + 0.115], [0.014; 3], &brass);
            at.ball([x + 0.355, -0.468, z + 0.115], [0.014; 3], &brass);
        }
    }
    let top = &mut at.bench([0.0, -0.23, 0.885], 0.0);
    top.cylinder(
        [-0.52, 0.0, 0.0],
        [0.055, 0.095],
        0.16,
        &Paint::new(Picture::Ceramic, Layout::Tiled),
    );
    top.tube(
        [-0.52, 0.0, 0.16],
        [0.095, 0.045],
        0.12,
        &Paint::new(Picture::Ceramic, Layout::Tiled),
    );
    for k in 0..12 {
        let stem = &mut top.leaning(
            [-0.52, 0.0, 0.26],
            0.5 * f64::from(hash_unit(k, 1, 9)) - 0.25,
            0.9 * f64::from(hash_unit(k, 2, 9)) - 0.45,
        );
        let length = 0.2 + 0.18 * f64::from(hash_unit(k, 3, 9));
        stem.tube([0.0; 3], [0.003; 2], length, &Paint::plain(srgb(0x4e6b3a)));
        let color = [0xe8735a, 0xf2c14e, 0xf4eee0, 0xb05a8c][k as usize % 4];
        stem.ball(
            [0.0, 0.0, length],
            [0.035, 0.035, 0.026],
            &Paint::plain(srgb(color)),
        );
        stem.blade(
            [0.0, 0.004, length * 0.3],
            [0.03, 0.12],
            &Paint::fitted(Picture::Leaf),
        );
    }
    frame(
        &mut top.bench([-0.12, 0.06, 0.0], 0.1),
        [0.24, 0.3],
        &Paint::fitted(Picture::Botanical),
        0x2f2a26,
    );
    frame(
        &mut top.bench([0.16, 0.09, 0.0], -0.12),
        [0.32, 0.24],
        &Paint::fitted(Picture::Landscape),
        0xa98a4e,
    );
    book_pile(&mut top.bench([0.52, 0.0, 0.0], 0.2), 4, 85);
}

/// A long low cupboard with doors under the paintings, its back at `y = 0`.
pub(super) fn low_cupboard(at: &mut Bench<'_>) {
    let white = Paint::plain(srgb(0xe7e4da));
    let wood = Paint::wood(Picture::Oak);
    let knob = Paint::plain(srgb(0x57504a));
    at.cuboid([-0.6, -0.38, 0.1], [0.6, -0.02, 0.66], &white);
    at.cuboid([-0.62, -0.40, 0.66], [0.62, 0.0, 0.685], &wood);
    for x in [-0.56, 0.51] {
        for y in [-0.36, -0.08] {
            at.cuboid([x, y, 0.0], [x + 0.05, y + 0.05, 0.1], &wood);
        }
    }
    for column in 0..3 {
        let x = -0.592 + 0.396 * f64::from(column);
        at.cuboid([x, -0.392, 0.115], [x + 0.388, -0.38, 0.645], &white);
        at.cuboid(
            [x + 0.03, -0.397, 0.145],
            [x + 0.358, -0.392, 0.615],
            &Paint::wood(Picture::Oak),
        );
        at.ball([x + 0.34, -0.408, 0.38], [0.013; 3], &knob);
    }
    let top = &mut at.bench([0.0, -0.2, 0.685], 0.0);
    book_pile(&mut top.bench([-0.36, 0.0, 0.0], -0.1), 4, 17);
    top.cylinder(
        [0.0, 0.02, 0.0],
        [0.07, 0.10],
        0.17,
        &Paint::new(Picture::Basket, Layout::Tiled),
    );
    top.disc(
        [0.0, 0.02, 0.172],
        0.09,
        &Paint::new(Picture::Soil, Layout::Tiled),
    );
    for k in 0..16 {
        let turn = f64::from(k) * 2.4;
        let stem = &mut top.bench([0.0, 0.02, 0.17], turn);
        let stem = &mut stem.leaning([0.0; 3], 0.25 + 0.04 * f64::from(k), 0.0);
        stem.blade([0.0; 3], [0.05, 0.24], &Paint::fitted(Picture::Leaf));
    }
    frame(
        &mut top.bench([0.34, 0.05, 0.0], 0.1),
        [0.22, 0.28],
        &Paint::fitted(Picture::Abstract),
        0x2f2a26,
    );
}

pub(super) fn basket(at: &mut Bench<'_>) {
    let willow = Paint::new(Picture::Basket, Layout::Tiled);
    at.tube([0.0; 3], [0.17, 0.21], 0.34, &willow);
    at.disc([0.0, 0.0, 0.29], 0.2, &Paint::cloth(srgb(0xc9b48a)));
    at.ball(
        [0.03, 0.02, 0.30],
        [0.15, 0.14, 0.10],
        &Paint::fitted(Picture::CushionDots),
    );
}
