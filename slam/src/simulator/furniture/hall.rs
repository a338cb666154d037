//! A corridor, 2.6 by 10 m: doors, a few posters, a low table and a bench between long blank walls.

use super::super::materials::Picture;
use super::super::scene::{Bench, Layout, Paint, Scene};
use super::super::texture::{Rgb, srgb};
use super::shell::Hull;
use super::{QUARTER_TURN, decor, storage, tables};

const HULL: Hull = Hull {
    half_width: 1.3,
    half_depth: 5.0,
    height: 2.6,
};

pub(super) fn build() -> Scene {
    let mut scene = Scene::default();
    let room = &mut scene.bench([0.0; 3], 0.0);
    let floor =
        Paint::new(Picture::Parquet, Layout::From(0.7, 0.0)).tinted(Rgb::new(1.1, 1.0, 0.9));
    let blank = Paint::new(Picture::Blank, Layout::Tiled);
    let white = blank.tinted(srgb(0xe9e6de));
    let blue = blank.tinted(srgb(0xc3d0da));
    HULL.build(room, &floor, [&blue, &white, &blue, &white]);
    for y in [-3.8, -1.3, 1.2, 3.7] {
        HULL.panel(room, [0.0, y], [0.4, 1.2]);
    }
    let east = &mut room.bench([HULL.half_width, 0.0, 0.0], -QUARTER_TURN);
    // On the east wall `x` grows towards the south.
    for x in [-3.9, -0.5, 2.9] {
        door(east, x);
    }
    decor::hang(
        east,
        [-2.2, 2.0],
        [0.7, 1.0],
        Picture::PosterMap,
        0x2b2724,
        0.0,
    );
    decor::hang(
        east,
        [1.3, 2.0],
        [0.6, 0.86],
        Picture::PosterText,
        0x6b4a30,
        0.0,
    );
    notice_board(&mut east.bench([-1.35, 0.0, 0.0], 0.0));
    let west = &mut room.bench([-HULL.half_width, 0.0, 0.0], QUARTER_TURN);
    for x in [-3.4, 0.8, 4.0] {
        door(west, x);
    }
    decor::hang(
        west,
        [-1.6, 1.95],
        [0.9, 0.6],
        Picture::Landscape,
        0xa07f45,
        0.04,
    );
    decor::hang(
        west,
        [2.3, 2.0],
        [0.56, 0.8],
        Picture::PosterShapes,
        0xf2eee4,
        0.0,
    );

    tables::coffee_table(&mut room.bench([0.95, 1.2, 0.0], QUARTER_TURN));
    bench(&mut room.bench([HULL.half_width - 0.02, -1.9, 0.0], -QUARTER_TURN));
    storage::bookshelf(&mut room.bench([0.1, HULL.half_depth, 0.0], 0.0));
    decor::plant(&mut room.bench([-0.95, 4.4, 0.0], 0.5));
    storage::basket(&mut room.bench([1.0, -4.6, 0.0], 0.4));
    let south = &mut room.bench([0.0, -HULL.half_depth, 0.0], 2.0 * QUARTER_TURN);
    door(south, -0.1);
    decor::hang(
        south,
        [-0.85, 1.9],
        [0.5, 0.66],
        Picture::Abstract,
        0x2b2724,
        0.04,
    );
    tables::rug(&mut room.bench([-0.1, -2.6, 0.0], QUARTER_TURN));
    scene
}

/// A closed door with its frame and a number plate, in the middle `x` of a wall.
fn door(wall: &mut Bench<'_>, x: f64) {
    let frame = Paint::wood(Picture::Walnut);
    let leaf = Paint::wood(Picture::Oak);
    let steel = Paint::plain(srgb(0x8f959b));
    wall.cuboid([x - 0.5, -0.03, 0.0], [x - 0.42, 0.0, 2.12], &frame);
    wall.cuboid([x + 0.42, -0.03, 0.0], [x + 0.5, 0.0, 2.12], &frame);
    wall.cuboid([x - 0.5, -0.03, 2.04], [x + 0.5, 0.0, 2.12], &frame);
    wall.cuboid([x - 0.42, -0.015, 0.0], [x + 0.42, -0.002, 2.04], &leaf);
    wall.cuboid([x + 0.25, -0.065, 1.0], [x + 0.37, -0.05, 1.02], &steel);
    wall.cuboid([x + 0.345, -0.05, 0.94], [x + 0.365, -0.015, 1.08], &steel);
    let plate = Paint::new(Picture::PosterText, Layout::From(0.1, 0.2));
    wall.picture([x + 0.56, -0.004, 1.65], [0.16, 0.12], &plate);
}

/// Cork with papers.
fn notice_board(wall: &mut Bench<'_>) {
    let cork = Paint::new(Picture::Soil, Layout::Tiled).tinted(Rgb::new(3.0, 2.4, 1.8));
    wall.cuboid([0.0, -0.02, 1.1], [0.28, 0.0, 1.9], &cork);
    for (x, z, picture) in [
        (0.02, 1.85, Picture::Pages),
        (0.05, 1.6, Picture::PosterText),
        (0.03, 1.32, Picture::Pages),
    ] {
        wall.picture([x, -0.021, z], [0.2, 0.2], &Paint::fitted(picture));
    }
}

/// A wooden bench with two cushions, its back at `y = 0`.
fn bench(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Oak);
    at.cuboid([-0.7, -0.4, 0.42], [0.7, -0.02, 0.46], &wood);
    at.level_plane("bench-seat", [0.0, -0.21, 0.46], [0.7, 0.19]);
    for x in [-0.65, 0.6] {
        at.cuboid([x, -0.38, 0.0], [x + 0.05, -0.04, 0.42], &wood);
    }
    for (x, picture) in [(-0.4, Picture::CushionZigzag), (0.35, Picture::CushionDots)] {
        let cushion = &mut at.bench([x, -0.15, 0.64], 0.1);
        let cushion = &mut cushion.leaning([0.0; 3], -0.3, 0.0);
        cushion.ball([0.0; 3], [0.2, 0.08, 0.19], &Paint::fitted(picture));
    }
}
