//! What hangs, grows and shines: paintings, posters, clock, door, plant and lamps.

use super::super::materials::Picture;
use super::super::noise::hash_unit;
use super::super::scene::{Bench, Layout, Paint};
use super::super::texture::{Rgb, srgb};
use super::HEIGHT;

pub(super) fn sofa_pictures(wall: &mut Bench<'_>) {
    hang(
        wall,
        [-0.95, 1.92],
        [0.5, 0.66],
        Picture::Abstract,
        0x2b2724,
        0.05,
    );
    hang(
        wall,
        [-0.37, 1.98],
        [0.82, 0.58],
        Picture::Landscape,
        0xa07f45,
        0.0,
    );
    hang(
        wall,
        [-0.33, 1.34],
        [0.3, 0.22],
        Picture::PosterMap,
        0xe9e4d8,
        0.0,
    );
    hang(
        wall,
        [0.04, 1.34],
        [0.3, 0.22],
        Picture::Landscape,
        0x2b2724,
        0.02,
    );
    hang(
        wall,
        [0.55, 1.94],
        [0.44, 0.6],
        Picture::Botanical,
        0xc9a673,
        0.04,
    );
}

pub(super) fn north_wall(wall: &mut Bench<'_>) {
    hang(
        wall,
        [0.82, 1.98],
        [0.72, 0.52],
        Picture::PosterMap,
        0x6b4a30,
        0.03,
    );
    hang(
        wall,
        [1.66, 2.02],
        [0.42, 0.56],
        Picture::Botanical,
        0x2b2724,
        0.05,
    );
    wall.bench([1.30, 0.0, 0.0], 0.0);
    let rim = Paint::plain(srgb(0x2c3036));
    let clock = &mut wall.leaning([2.28, -0.001, 1.78], std::f64::consts::FRAC_PI_2, 0.0);
    clock.tube([0.0; 3], [0.165; 2], 0.035, &rim);
    wall.round_picture([2.28, -0.034, 1.78], 0.165, &Paint::fitted(Picture::Clock));
}

pub(super) fn east_posters(wall: &mut Bench<'_>) {
    hang(
        wall,
        [-0.52, 2.02],
        [0.6, 0.86],
        Picture::PosterShapes,
        0xf2eee4,
        0.0,
    );
    hang(
        wall,
        [0.20, 2.06],
        [0.56, 0.8],
        Picture::PosterText,
        0x2b2724,
        0.0,
    );
    hang(
        wall,
        [-0.5, 1.06],
        [0.36, 0.48],
        Picture::Abstract,
        0xa07f45,
        0.03,
    );
}

/// The door and what hangs beside it; `x` grows towards the west.
pub(super) fn south_wall(wall: &mut Bench<'_>) {
    let white = Paint::plain(srgb(0xf3f0e8));
    let steel = Paint::plain(srgb(0x9aa0a6));
    wall.cuboid([1.28, -0.03, 0.0], [1.36, 0.0, 2.12], &white);
    wall.cuboid([2.18, -0.03, 0.0], [2.26, 0.0, 2.12], &white);
    wall.cuboid([1.28, -0.03, 2.04], [2.26, 0.0, 2.12], &white);
    wall.cuboid([1.36, -0.015, 0.0], [2.18, -0.002, 2.04], &white);
    for (low, high) in [(0.12, 0.92), (1.06, 1.92)] {
        for x in [1.46, 1.80] {
            wall.cuboid([x, -0.024, low], [x + 0.28, -0.015, high], &white);
        }
    }
    wall.cuboid([1.40, -0.065, 1.0], [1.52, -0.05, 1.02], &steel);
    wall.cuboid([1.405, -0.05, 0.94], [1.425, -0.015, 1.08], &steel);
    hang(
        wall,
        [-1.05, 2.02],
        [0.56, 0.8],
        Picture::PosterText,
        0xd9c9a8,
        0.0,
    );
    hang(
        wall,
        [-0.36, 1.88],
        [0.66, 0.46],
        Picture::Landscape,
        0x2b2724,
        0.05,
    );
    hang(
        wall,
        [0.42, 1.98],
        [0.48, 0.64],
        Picture::Abstract,
        0xe9e4d8,
        0.04,
    );
    hang(
        wall,
        [-1.95, 2.0],
        [0.6, 0.86],
        Picture::PosterShapes,
        0x6b4a30,
        0.0,
    );
}

/// A framed picture on a wall, from its top left corner, with a white mount of a width.
pub(super) fn hang(
    wall: &mut Bench<'_>,
    corner: [f64; 2],
    size: [f64; 2],
    picture: Picture,
    frame: u32,
    mount: f64,
) {
    let [x, z] = corner;
    let [w, h] = size;
    let wood = Paint::plain(srgb(frame));
    let rim = 0.022;
    wall.cuboid([x, -0.028, z - h], [x + rim, 0.0, z], &wood);
    wall.cuboid([x + w - rim, -0.028, z - h], [x + w, 0.0, z], &wood);
    wall.cuboid([x + rim, -0.028, z - rim], [x + w - rim, 0.0, z], &wood);
    wall.cuboid(
        [x + rim, -0.028, z - h],
        [x + w - rim, 0.0, z - h + rim],
        &wood,
    );
    if mount > 0.0 {
        wall.picture(
            [x + rim, -0.012, z - rim],
            [w - 2.0 * rim, h - 2.0 * rim],
            &Paint::plain(srgb(0xf8f5ee)),
        );
    }
    let inset = rim + mount;
    wall.picture(
        [x + inset, -0.014, z - inset],
        [w - 2.0 * inset, h - 2.0 * inset],
        &Paint::fitted(picture),
    );
}

/// A tall plant in a pot on a low stool.
pub(super) fn plant(at: &mut Bench<'_>) {
    let pot = Paint::plain(srgb(0xc46a45));
    let wood = Paint::wood(Picture::Oak);
    at.cylinder([0.0, 0.0, 0.16], [0.19, 0.19], 0.03, &wood);
    for (x, y) in [(-0.13, -0.13), (0.11, -0.13), (-0.13, 0.11), (0.11, 0.11)] {
        at.cuboid([x, y, 0.0], [x + 0.025, y + 0.025, 0.16], &wood);
    }
    at.tube([0.0, 0.0, 0.19], [0.13, 0.19], 0.30, &pot);
    at.tube([0.0, 0.0, 0.45], [0.2, 0.2], 0.045, &pot);
    at.disc(
        [0.0, 0.0, 0.47],
        0.185,
        &Paint::new(Picture::Soil, Layout::Tiled),
    );
    let stem = Paint::plain(srgb(0x6a5a3c));
    for k in 0..5 {
        let turn = f64::from(k) * 1.3;
        let height = 0.55 + 0.17 * f64::from(k);
        let branch = &mut at.bench([0.0, 0.0, 0.46], turn);
        let branch = &mut branch.leaning([0.03, 0.0, 0.0], 0.0, 0.10 + 0.05 * f64::from(k % 3));
        branch.tube([0.0; 3], [0.011, 0.006], height, &stem);
        for j in 0..9 {
            let number = k * 9 + j;
            let z = height * (0.35 + 0.075 * f64::from(j));
            let leaf = &mut branch.bench([0.0, 0.0, z], f64::from(j) * 2.4);
            let droop = 0.7 + 0.75 * f64::from(hash_unit(number, 1, 17));
            let leaf = &mut leaf.leaning([0.0; 3], -droop, 0.0);
            let size = 0.2 + 0.12 * f64::from(hash_unit(number, 2, 17));
            let green = 0.75 + 0.5 * hash_unit(number, 3, 17);
            let paint = Paint::fitted(Picture::Leaf).tinted(Rgb::new(green, 1.0, green * 0.9));
            leaf.blade([0.0, 0.0, 0.02], [size * 0.42, size], &paint);
        }
    }
}

/// The lamp above the dining table.
pub(super) fn pendant(at: &mut Bench<'_>) {
    let dark = Paint::plain(srgb(0x2f4f4a));
    at.tube(
        [0.0, 0.0, 1.86],
        [0.004; 2],
        HEIGHT - 1.86,
        &Paint::plain(srgb(0x222222)),
    );
    at.cylinder([0.0, 0.0, HEIGHT - 0.03], [0.05; 2], 0.029, &dark);
    at.tube([0.0, 0.0, 1.62], [0.21, 0.05], 0.2, &dark);
    at.cylinder([0.0, 0.0, 1.82], [0.05, 0.03], 0.06, &dark);
    at.ball(
        [0.0, 0.0, 1.67],
        [0.05, 0.05, 0.055],
        &Paint::plain(srgb(0xfff1d0)).glowing(2.2),
    );
    at.light(
        [-0.07, -0.07, 1.605],
        [0.14, 0.14],
        true,
        Rgb::new(26.0, 20.0, 13.0),
    );
}

/// A reading lamp with a cloth shade.
pub(super) fn floor_lamp(at: &mut Bench<'_>) {
    let metal = Paint::plain(srgb(0x3a3733));
    at.cylinder([0.0; 3], [0.15, 0.14], 0.025, &metal);
    at.tube([0.0, 0.0, 0.025], [0.011; 2], 1.42, &metal);
    let shade = Paint::cloth(srgb(0xf2dfb8)).glowing(0.55);
    at.tube([0.0, 0.0, 1.34], [0.22, 0.15], 0.28, &shade);
    at.ball(
        [0.0, 0.0, 1.45],
        [0.045, 0.045, 0.06],
        &Paint::plain(srgb(0xfff1d0)).glowing(2.5),
    );
    at.light(
        [-0.1, -0.1, 1.335],
        [0.2, 0.2],
        true,
        Rgb::new(15.0, 11.0, 7.0),
    );
}
