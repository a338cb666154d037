//! A desk in the corner of a small study, seen from close by.

use super::super::materials::Picture;
use super::super::scene::{Bench, Layout, Paint, Scene};
use super::super::texture::{Rgb, srgb};
use super::books::book_pile;
use super::shell::Hull;
use super::storage::frame;
use super::{QUARTER_TURN, decor, seats, storage, tables};

const HULL: Hull = Hull {
    half_width: 1.7,
    half_depth: 1.6,
    height: 2.5,
};

pub(super) fn build() -> Scene {
    let mut scene = Scene::default();
    let room = &mut scene.bench([0.0; 3], 0.0);
    let floor = Paint::new(Picture::Parquet, Layout::From(1.0, 1.0));
    let paper = Paint::new(Picture::Wallpaper, Layout::From(0.0, 0.0));
    let cream = Paint::plain(srgb(0xeadfc9));
    let brick = Paint::new(Picture::Brick, Layout::From(0.0, 0.4));
    HULL.build(room, &floor, [&cream, &brick, &paper, &paper]);
    for x in [-0.7, 0.7] {
        HULL.panel(room, [x, 0.0], [0.4, 1.0]);
    }
    let north = &mut room.bench([0.0, HULL.half_depth, 0.0], 0.0);
    decor::hang(
        north,
        [-0.95, 1.95],
        [0.5, 0.7],
        Picture::PosterShapes,
        0x2b2724,
        0.0,
    );
    decor::hang(
        north,
        [-0.32, 1.85],
        [0.62, 0.44],
        Picture::PosterMap,
        0xf2eee4,
        0.0,
    );
    decor::hang(
        north,
        [0.42, 1.95],
        [0.46, 0.62],
        Picture::Abstract,
        0xa07f45,
        0.03,
    );
    let east = &mut room.bench([HULL.half_width, 0.0, 0.0], -QUARTER_TURN);
    decor::hang(
        east,
        [-1.2, 1.9],
        [0.8, 0.56],
        Picture::Landscape,
        0x2b2724,
        0.04,
    );
    decor::hang(
        east,
        [0.1, 1.95],
        [0.56, 0.8],
        Picture::PosterText,
        0x6b4a30,
        0.0,
    );
    let west = &mut room.bench([-HULL.half_width, 0.0, 0.0], QUARTER_TURN);
    decor::hang(
        west,
        [0.4, 1.95],
        [0.6, 0.86],
        Picture::Botanical,
        0x6b4a30,
        0.05,
    );

    desk(&mut room.bench([0.0, HULL.half_depth - 0.42, 0.0], 0.0));
    seats::chair(&mut room.bench([1.25, -0.6, 0.0], -QUARTER_TURN + 0.3));
    storage::basket(&mut room.bench([-1.25, -1.1, 0.0], 0.3));
    decor::floor_lamp(&mut room.bench([1.4, 1.3, 0.0], 0.0));
    storage::bookshelf(&mut room.bench([0.2, -HULL.half_depth, 0.0], 2.0 * QUARTER_TURN));
    scene
}

/// A desk 1.8 by 0.8 m, its front towards `-y`.
fn desk(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Oak);
    let steel = Paint::plain(srgb(0x50565e));
    at.cuboid([-0.9, -0.4, 0.72], [0.9, 0.4, 0.75], &wood);
    at.level_plane("desk-top", [0.0, 0.0, 0.75], [0.9, 0.4]);
    for x in [-0.86, 0.8] {
        for y in [-0.36, 0.3] {
            at.cuboid([x, y, 0.0], [x + 0.06, y + 0.06, 0.72], &steel);
        }
    }
    let top = &mut at.bench([0.0, 0.0, 0.75], 0.0);
    monitor(&mut top.bench([0.18, 0.2, 0.0], -0.1));
    tables::laptop(&mut top.bench([-0.38, 0.02, 0.0], 0.35));
    keyboard(&mut top.bench([0.2, -0.14, 0.0], -0.06));
    tables::magazine(&mut top.bench([0.62, -0.12, 0.0], -0.35));
    book_pile(&mut top.bench([-0.72, 0.16, 0.0], 0.25), 5, 201);
    book_pile(&mut top.bench([0.72, 0.2, 0.0], -0.5), 3, 207);
    tables::mug(&mut top.bench([-0.12, -0.18, 0.0], 0.6), 0x2f6d80);
    tables::mug(&mut top.bench([0.5, 0.12, 0.0], 2.2), 0xd99a3d);
    frame(
        &mut top.bench([-0.45, 0.3, 0.0], 0.2),
        [0.2, 0.26],
        &Paint::fitted(Picture::Landscape),
        0x2f2a26,
    );
    frame(
        &mut top.bench([-0.2, 0.33, 0.0], -0.1),
        [0.18, 0.24],
        &Paint::fitted(Picture::Botanical),
        0x9a7440,
    );
    for (x, y, turn, u) in [
        (-0.68, -0.2, 0.15, 0.0),
        (-0.05, 0.03, -0.3, 0.21),
        (0.38, -0.27, 0.5, 0.1),
    ] {
        let paper = Paint::new(Picture::Pages, Layout::From(u, 0.0));
        top.bench([x, y, 0.0], turn)
            .sheet([-0.105, 0.15, 0.001], [0.21, 0.297], &paper);
    }
    for (k, color) in [0xd1495b, 0xedae49, 0x2f7df6, 0x1f9d6b, 0x7d6fa5]
        .into_iter()
        .enumerate()
    {
        let pencil = &mut top.bench([-0.28 + 0.05 * k as f64, -0.3, 0.0], 0.4 + 0.9 * k as f64);
        pencil.cuboid(
            [-0.085, -0.004, 0.002],
            [0.085, 0.004, 0.01],
            &Paint::plain(srgb(color)),
        );
    }
    top.cylinder(
        [0.83, -0.3, 0.0],
        [0.035, 0.04],
        0.1,
        &Paint::new(Picture::Ceramic, Layout::Tiled),
    );
    top.tube(
        [-0.83, -0.1, 0.0],
        [0.05, 0.07],
        0.09,
        &Paint::plain(srgb(0xc65b3c)),
    );
    top.ball(
        [-0.83, -0.1, 0.13],
        [0.08, 0.08, 0.07],
        &Paint::new(Picture::Leaf, Layout::Tiled),
    );
}

fn monitor(at: &mut Bench<'_>) {
    let black = Paint::plain(srgb(0x26282b));
    at.cylinder([0.0; 3], [0.11, 0.1], 0.012, &black);
    at.tube([0.0, 0.02, 0.012], [0.018; 2], 0.12, &black);
    at.cuboid([-0.29, 0.0, 0.1], [0.29, 0.03, 0.46], &black);
    let screen = Paint::fitted(Picture::Screen).glowing(0.6);
    at.picture([-0.275, -0.001, 0.445], [0.55, 0.33], &screen);
}

fn keyboard(at: &mut Bench<'_>) {
    let body = Paint::plain(srgb(0xd8dade));
    let dark = Paint::plain(srgb(0x3a3d42)).tinted(Rgb::new(0.05, 0.05, 0.06));
    at.cuboid([-0.21, -0.06, 0.0], [0.21, 0.06, 0.015], &body);
    for row in 0..4 {
        for column in 0..14 {
            let (x, y) = (
                -0.2 + 0.0288 * f64::from(column),
                -0.05 + 0.026 * f64::from(row),
            );
            at.cuboid([x, y, 0.015], [x + 0.024, y + 0.021, 0.019], &dark);
        }
    }
    at.cuboid([0.27, -0.04, 0.0], [0.33, 0.06, 0.025], &dark);
}
