//! A class room, 7 by 6 m: nine desks, a board, windows to the west, a teacher's desk, shelves at the back.

use super::super::materials::Picture;
use super::super::scene::{Bench, Layout, Paint, Scene};
use super::super::texture::{Rgb, srgb};
use super::books::book_pile;
use super::shell::Hull;
use super::{QUARTER_TURN, decor, seats, storage, tables};

const HULL: Hull = Hull {
    half_width: 3.5,
    half_depth: 3.0,
    height: 2.9,
};

const DESKS: [(&str, [f64; 2]); 9] = [
    ("desk-1", [-2.0, 0.9]),
    ("desk-2", [0.0, 0.9]),
    ("desk-3", [2.0, 0.9]),
    ("desk-4", [-2.0, -0.6]),
    ("desk-5", [0.0, -0.6]),
    ("desk-6", [2.0, -0.6]),
    ("desk-7", [-2.0, -2.1]),
    ("desk-8", [0.0, -2.1]),
    ("desk-9", [2.0, -2.1]),
];

pub(super) fn build() -> Scene {
    let mut scene = Scene::default();
    let room = &mut scene.bench([0.0; 3], 0.0);
    let floor =
        Paint::new(Picture::Parquet, Layout::From(0.4, 0.3)).tinted(Rgb::new(0.9, 0.95, 1.0));
    let cream = Paint::plain(srgb(0xece3cd));
    let green = Paint::plain(srgb(0xcfdccb));
    let brick = Paint::new(Picture::Brick, Layout::From(0.3, 0.1)).tinted(Rgb::new(1.1, 1.1, 1.05));
    HULL.build(room, &floor, [&cream, &green, &brick, &cream]);
    for x in [-2.0, 0.0, 2.0] {
        for y in [-1.6, 0.8] {
            HULL.panel(room, [x, y], [0.5, 1.2]);
        }
    }
    board(&mut room.bench([0.0, HULL.half_depth, 0.0], 0.0));
    windows(&mut room.bench([-HULL.half_width, 0.0, 0.0], QUARTER_TURN));
    posters(&mut room.bench([HULL.half_width, 0.0, 0.0], -QUARTER_TURN));

    for (k, (name, [x, y])) in DESKS.into_iter().enumerate() {
        let turn = 0.05 * ((k * 5) % 4) as f64 - 0.07;
        let desk = &mut room.bench([x, y, 0.0], turn);
        pupils_desk(desk, name);
        on_a_desk(&mut desk.bench([0.0, 0.0, 0.74], 0.0), k);
        seats::chair(&mut room.bench([x - 0.25, y - 0.5, 0.0], 2.0 * QUARTER_TURN + turn));
        seats::chair(&mut room.bench([x + 0.3, y - 0.52, 0.0], 2.0 * QUARTER_TURN - 2.0 * turn));
    }
    teachers_desk(&mut room.bench([0.9, 1.95, 0.0], 0.0));
    let back = 2.0 * QUARTER_TURN;
    storage::bookshelf(&mut room.bench([2.2, -HULL.half_depth, 0.0], back));
    storage::low_cupboard(&mut room.bench([-2.7, -HULL.half_depth, 0.0], back));
    let south = &mut room.bench([0.0, -HULL.half_depth, 0.0], back);
    decor::hang(
        south,
        [-0.75, 2.1],
        [1.3, 0.9],
        Picture::PosterMap,
        0x6b4a30,
        0.0,
    );
    decor::plant(&mut room.bench([3.0, 2.5, 0.0], 0.7));
    storage::basket(&mut room.bench([-0.9, 2.6, 0.0], 0.2));
    scene
}

fn pupils_desk(at: &mut Bench<'_>, name: &'static str) {
    let wood = Paint::wood(Picture::Oak);
    let steel = Paint::plain(srgb(0x6a7683));
    at.cuboid([-0.6, -0.3, 0.71], [0.6, 0.3, 0.74], &wood);
    at.level_plane(name, [0.0, 0.0, 0.74], [0.6, 0.3]);
    for x in [-0.57, 0.53] {
        for y in [-0.27, 0.23] {
            at.cuboid([x, y, 0.0], [x + 0.04, y + 0.04, 0.71], &steel);
        }
    }
    at.cuboid([-0.53, 0.24, 0.35], [0.53, 0.26, 0.65], &steel);
}

fn on_a_desk(top: &mut Bench<'_>, k: usize) {
    if k % 3 != 1 {
        tables::magazine(&mut top.bench([-0.25, 0.0, 0.0], 0.2 - 0.1 * k as f64));
    }
    if k.is_multiple_of(2) {
        book_pile(
            &mut top.bench([0.35, 0.05, 0.0], 0.3 * k as f64),
            2 + k % 4,
            90 + k as u32,
        );
    } else {
        tables::mug(
            &mut top.bench([0.15, 0.12, 0.0], k as f64),
            0x2f6d80 + 0x15_1005 * k as u32,
        );
    }
    if k % 4 == 1 {
        tables::laptop(&mut top.bench([0.22, -0.08, 0.0], 0.1));
    }
    let paper = Paint::new(Picture::Pages, Layout::From(0.05 * k as f32, 0.0));
    top.bench([0.02, -0.12, 0.0], 0.3)
        .sheet([-0.1, 0.15, 0.001], [0.2, 0.28], &paper);
    for (j, color) in [0xd1495b, 0xedae49, 0x2f7df6].into_iter().enumerate() {
        let pencil = &mut top.bench([-0.5 + 0.04 * j as f64, 0.15, 0.0], 0.7 * (j + k) as f64);
        let paint = Paint::plain(srgb(color));
        pencil.cuboid([-0.08, -0.004, 0.0], [0.08, 0.004, 0.008], &paint);
    }
}

/// The board on the north wall, with drawings and writing in chalk.
fn board(wall: &mut Bench<'_>) {
    let slate = Paint::plain(srgb(0x2f4a3f));
    let wood = Paint::wood(Picture::Oak);
    wall.cuboid([-2.05, -0.05, 0.85], [2.05, 0.0, 2.25], &wood);
    wall.picture([-2.0, -0.051, 2.2], [4.0, 1.3], &slate);
    wall.upright_plane("board", [0.0, -0.051, 1.55], [2.0, 0.65]);
    let chalk = Rgb::new(0.55, 0.68, 0.6);
    for (x, z, size, picture) in [
        (-1.85, 2.1, [0.8, 1.1], Picture::PosterText),
        (-0.85, 2.05, [1.0, 0.7], Picture::PosterMap),
        (0.4, 2.1, [0.55, 0.8], Picture::PosterShapes),
        (1.2, 2.1, [0.7, 1.0], Picture::PosterText),
        (-0.7, 1.28, [0.8, 0.3], Picture::Pages),
    ] {
        wall.picture([x, -0.0525, z], size, &Paint::fitted(picture).tinted(chalk));
    }
    wall.cuboid([-1.0, -0.13, 0.83], [1.0, -0.05, 0.85], &wood);
    for k in 0..6 {
        let x = -0.8 + 0.27 * f64::from(k);
        let chalk = Paint::plain(srgb(0xf2efe6));
        wall.cuboid([x, -0.1, 0.85], [x + 0.07, -0.09, 0.86], &chalk);
    }
    decor::hang(
        wall,
        [-3.1, 2.1],
        [0.6, 0.86],
        Picture::PosterShapes,
        0xf2eee4,
        0.0,
    );
    decor::hang(
        wall,
        [2.45, 2.1],
        [0.6, 0.86],
        Picture::Botanical,
        0x6b4a30,
        0.04,
    );
    let clock = Paint::fitted(Picture::Clock);
    wall.round_picture([0.0, -0.02, 2.55], 0.17, &clock);
}

/// Three windows with daylight; the view stands just behind the panes.
fn windows(wall: &mut Bench<'_>) {
    let white = Paint::plain(srgb(0xf7f6f2));
    for (k, x) in [-2.3, -0.6, 1.1].into_iter().enumerate() {
        let (right, sill, head) = (x + 1.2, 0.95, 2.4);
        let view =
            Paint::new(Picture::Outside, Layout::From(4.0 + 3.0 * k as f32, 4.0)).glowing(0.9);
        wall.picture([x, -0.004, head], [1.2, head - sill], &view);
        for (low, high) in [
            ([x - 0.06, -0.06, sill - 0.05], [right + 0.06, 0.0, sill]),
            ([x - 0.06, -0.04, head], [right + 0.06, 0.0, head + 0.06]),
            ([x - 0.06, -0.04, sill], [x, 0.0, head]),
            ([right, -0.04, sill], [right + 0.06, 0.0, head]),
            ([x + 0.57, -0.03, sill], [x + 0.63, 0.0, head]),
        ] {
            wall.cuboid(low, high, &white);
        }
        wall.light(
            [x, -0.065, sill],
            [1.2, head - sill],
            false,
            Rgb::new(2.6, 2.8, 3.1),
        );
        for j in 0..9 {
            let bar = x + 0.13 * f64::from(j);
            wall.cuboid([bar, -0.12, 0.14], [bar + 0.1, -0.05, 0.72], &white);
        }
    }
    decor::hang(
        wall,
        [2.5, 2.1],
        [0.5, 0.66],
        Picture::Abstract,
        0x2b2724,
        0.04,
    );
}

fn posters(wall: &mut Bench<'_>) {
    for (x, z, size, picture) in [
        (-2.7, 2.2, [0.7, 1.0], Picture::PosterText),
        (-1.7, 2.1, [1.0, 0.7], Picture::PosterMap),
        (-0.4, 2.2, [0.7, 1.0], Picture::PosterShapes),
        (0.6, 2.1, [0.9, 0.6], Picture::Landscape),
        (1.9, 2.15, [0.6, 0.8], Picture::Abstract),
        (-1.6, 1.25, [0.5, 0.36], Picture::Pages),
    ] {
        decor::hang(wall, [x, z], size, picture, 0x3a3f46, 0.0);
    }
}

fn teachers_desk(at: &mut Bench<'_>) {
    let wood = Paint::wood(Picture::Walnut);
    at.cuboid([-0.75, -0.35, 0.73], [0.75, 0.35, 0.77], &wood);
    at.level_plane("teachers-desk-top", [0.0, 0.0, 0.77], [0.75, 0.35]);
    at.cuboid([-0.7, -0.3, 0.0], [-0.3, 0.3, 0.73], &wood);
    at.cuboid([0.62, -0.3, 0.0], [0.7, 0.3, 0.73], &wood);
    at.cuboid([-0.3, -0.3, 0.3], [0.62, -0.28, 0.73], &wood);
    let top = &mut at.bench([0.0, 0.0, 0.77], 0.0);
    top.cylinder([0.45, 0.1, 0.0], [0.08, 0.04], 0.05, &wood);
    top.ball([0.45, 0.1, 0.19], [0.15; 3], &Paint::fitted(Picture::Globe));
    tables::laptop(&mut top.bench([-0.15, 0.0, 0.0], 3.0));
    book_pile(&mut top.bench([-0.52, 0.05, 0.0], 0.4), 5, 131);
    tables::magazine(&mut top.bench([0.15, -0.12, 0.0], -0.2));
    tables::mug(&mut top.bench([0.5, -0.2, 0.0], 0.4), 0xc65b3c);
}
