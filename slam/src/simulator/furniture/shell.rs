//! Floor, ceiling, walls, skirting, the window with its light, the radiator and the curtains.

use super::super::materials::Picture;
use super::super::scene::{Bench, Layout, Paint};
use super::super::texture::{Rgb, srgb};
use super::{HALF_DEPTH, HALF_WIDTH, HEIGHT, QUARTER_TURN};

const WINDOW_LEFT: f64 = -1.45;
const WINDOW_RIGHT: f64 = 0.25;
const WINDOW_SILL: f64 = 0.88;
const WINDOW_HEAD: f64 = 2.2;
const WALL_DEPTH: f64 = 0.16;

pub(super) fn build(room: &mut Bench<'_>) {
    let (w, d) = (HALF_WIDTH, HALF_DEPTH);
    room.sheet(
        [-w, d, 0.0],
        [2.0 * w, 2.0 * d],
        &Paint::new(Picture::Parquet, Layout::From(0.0, 0.0)),
    );
    room.level_plane("floor", [0.0; 3], [w, d]);
    room.underside(
        [-w, -d, HEIGHT],
        [2.0 * w, 2.0 * d],
        &Paint::plain(srgb(0xf6f3ec)),
    );

    north_wall(&mut room.bench([0.0, d, 0.0], 0.0));
    let brick = Paint::new(Picture::Brick, Layout::From(0.0, 0.0));
    let paper = Paint::new(Picture::Wallpaper, Layout::From(0.11, 0.0));
    let cream = Paint::plain(srgb(0xf0dfc0));
    for (name, place, heading, half, paint) in [
        ("wall-east", [w, 0.0, 0.0], -QUARTER_TURN, d, &brick),
        ("wall-west", [-w, 0.0, 0.0], QUARTER_TURN, d, &paper),
        ("wall-south", [0.0, -d, 0.0], 2.0 * QUARTER_TURN, w, &cream),
    ] {
        let wall = &mut room.bench(place, heading);
        wall.picture([-half, 0.0, HEIGHT], [2.0 * half, HEIGHT], paint);
        wall.upright_plane(name, [0.0, 0.0, HEIGHT / 2.0], [half, HEIGHT / 2.0]);
        skirting(wall, half);
    }
}

/// Half of the width (X) and depth (Y) of a room, and its height, metres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hull {
    pub(super) half_width: f64,
    pub(super) half_depth: f64,
    pub(super) height: f64,
}

impl Hull {
    /// Floor, ceiling and four walls without openings; `walls` are north, east, south, west.
    pub(super) fn build(&self, room: &mut Bench<'_>, floor: &Paint, walls: [&Paint; 4]) {
        let Self {
            half_width: w,
            half_depth: d,
            height,
        } = *self;
        room.sheet([-w, d, 0.0], [2.0 * w, 2.0 * d], floor);
        room.level_plane("floor", [0.0; 3], [w, d]);
        let white = Paint::plain(srgb(0xf6f3ec));
        room.underside([-w, -d, height], [2.0 * w, 2.0 * d], &white);
        let places = [
            ("wall-north", [0.0, d, 0.0], 0.0, w),
            ("wall-east", [w, 0.0, 0.0], -QUARTER_TURN, d),
            ("wall-south", [0.0, -d, 0.0], 2.0 * QUARTER_TURN, w),
            ("wall-west", [-w, 0.0, 0.0], QUARTER_TURN, d),
        ];
        for ((name, place, heading, half), paint) in places.into_iter().zip(walls) {
            let wall = &mut room.bench(place, heading);
            wall.picture([-half, 0.0, height], [2.0 * half, height], paint);
            wall.upright_plane(name, [0.0, 0.0, height / 2.0], [half, height / 2.0]);
            wall.cuboid([-half, -0.016, 0.0], [half, 0.0, 0.09], &white);
        }
    }

    /// A bright panel in the ceiling that lights the room.
    pub(super) fn panel(&self, room: &mut Bench<'_>, middle: [f64; 2], size: [f64; 2]) {
        let corner = [
            middle[0] - size[0] / 2.0,
            middle[1] - size[1] / 2.0,
            self.height - 0.02,
        ];
        let bright = Paint::plain(srgb(0xfffaf0)).glowing(1.6);
        let high = [
            corner[0] + size[0],
            corner[1] + size[1],
            self.height - 0.001,
        ];
        room.cuboid(corner, high, &bright);
        let below = [corner[0], corner[1], corner[2] - 0.004];
        room.light(below, size, true, Rgb::new(9.0, 8.8, 8.4));
    }
}

fn skirting(wall: &mut Bench<'_>, half: f64) {
    let white = Paint::plain(srgb(0xf4f1ea));
    wall.cuboid([-half, -0.016, 0.0], [half, 0.0, 0.09], &white);
    wall.cuboid([-half, -0.03, HEIGHT - 0.05], [half, 0.0, HEIGHT], &white);
}

/// The wall with the window: four pieces around the hole.
fn north_wall(wall: &mut Bench<'_>) {
    let half = HALF_WIDTH;
    let paint = |u: f64, v: f64| {
        Paint::new(Picture::Plaster, Layout::From(u as f32, v as f32)).tinted(srgb(0xdde3dc))
    };
    let (l, r, s, t) = (WINDOW_LEFT, WINDOW_RIGHT, WINDOW_SILL, WINDOW_HEAD);
    wall.picture([-half, 0.0, HEIGHT], [l + half, HEIGHT], &paint(0.0, 0.0));
    wall.picture([r, 0.0, HEIGHT], [half - r, HEIGHT], &paint(r + half, 0.0));
    wall.picture([l, 0.0, HEIGHT], [r - l, HEIGHT - t], &paint(l + half, 0.0));
    wall.picture([l, 0.0, s], [r - l, s], &paint(l + half, HEIGHT - s));
    wall.upright_plane("wall-north", [0.0, 0.0, HEIGHT / 2.0], [half, HEIGHT / 2.0]);
    skirting(wall, half);
    window(wall);
    radiator(wall);
    for (middle, gather) in [(l - 0.17, 0.36), (r + 0.17, 0.36)] {
        curtain(wall, middle, gather);
    }
    let rail = Paint::plain(srgb(0x4a4038));
    wall.cuboid([l - 0.42, -0.115, 2.335], [r + 0.42, -0.095, 2.355], &rail);
    for end in [l - 0.42, r + 0.42] {
        wall.ball([end, -0.105, 2.345], [0.024; 3], &rail);
    }
}

fn window(wall: &mut Bench<'_>) {
    let white = Paint::plain(srgb(0xfbfaf6));
    let (l, r, s, t, d) = (
        WINDOW_LEFT,
        WINDOW_RIGHT,
        WINDOW_SILL,
        WINDOW_HEAD,
        WALL_DEPTH,
    );
    // The reveal, as the four inner sides of a frame.
    wall.cuboid([l - 0.02, 0.0, s], [l, d, t], &white);
    wall.cuboid([r, 0.0, s], [r + 0.02, d, t], &white);
    wall.cuboid([l, 0.0, t], [r, d, t + 0.02], &white);
    wall.cuboid([l - 0.06, -0.13, s - 0.035], [r + 0.06, d, s], &white);
    // Two casements with a glazing bar each.
    let middle = (l + r) / 2.0;
    let bars = [
        ([l, 0.08, s], [l + 0.055, 0.13, t]),
        ([r - 0.055, 0.08, s], [r, 0.13, t]),
        ([l, 0.08, s], [r, 0.13, s + 0.055]),
        ([l, 0.08, t - 0.055], [r, 0.13, t]),
        ([middle - 0.045, 0.075, s], [middle + 0.045, 0.135, t]),
        ([l, 0.09, 1.72], [r, 0.12, 1.75]),
    ];
    for (low, high) in bars {
        wall.cuboid(low, high, &white);
    }
    wall.cuboid(
        [middle + 0.012, 0.045, 1.42],
        [middle + 0.03, 0.075, 1.53],
        &Paint::plain(srgb(0x9a958c)),
    );

    let view = Paint::fitted(Picture::Outside).glowing(1.25);
    wall.picture([-12.6, 9.0, 7.6], [24.0, 12.0], &view);
    // The sky's light enters through the opening, a little behind the bars.
    wall.light([l, 0.15, s], [r - l, t - s], false, Rgb::new(6.2, 6.5, 7.0));

    // On the sill.
    wall.cylinder(
        [-1.18, -0.03, s],
        [0.05, 0.07],
        0.11,
        &Paint::new(Picture::Ceramic, Layout::Tiled),
    );
    for k in 0..9 {
        let lean = 0.55 - 0.13 * f64::from(k % 5);
        let stem = &mut wall.leaning(
            [-1.18, -0.03, s + 0.1],
            lean * 0.6,
            0.5 - 0.125 * f64::from(k),
        );
        stem.blade([0.0; 3], [0.03, 0.16], &Paint::fitted(Picture::Leaf));
    }
    wall.cylinder(
        [-0.05, -0.05, s],
        [0.032, 0.045],
        0.075,
        &Paint::plain(srgb(0xc65b3c)),
    );
    wall.ball(
        [-0.05, -0.05, s + 0.105],
        [0.045, 0.045, 0.05],
        &Paint::new(Picture::Leaf, Layout::Tiled),
    );
}

fn radiator(wall: &mut Bench<'_>) {
    let white = Paint::plain(srgb(0xf2f0ea));
    for k in 0..14 {
        let x = -1.14 + 0.08 * f64::from(k);
        wall.cuboid([x, -0.115, 0.14], [x + 0.062, -0.035, 0.72], &white);
    }
    wall.cuboid([-1.14, -0.09, 0.17], [-0.02, -0.06, 0.20], &white);
    wall.cuboid([-1.14, -0.09, 0.66], [-0.02, -0.06, 0.69], &white);
    wall.tube([-0.01, -0.07, 0.0], [0.012; 2], 0.2, &white);
    wall.ball([0.02, -0.075, 0.66], [0.035, 0.03, 0.03], &white);
}

/// A gathered curtain: folds as upright tubes.
fn curtain(wall: &mut Bench<'_>, middle: f64, width: f64) {
    const FOLDS: i32 = 7;
    let fold = width / f64::from(FOLDS);
    for k in 0..FOLDS {
        let x = middle + (f64::from(k) + 0.5) * fold - width / 2.0;
        let y = -0.105 + if k % 2 == 0 { 0.018 } else { -0.014 };
        let offset = 0.31 * k as f32;
        let cloth = Paint::new(Picture::Curtain, Layout::From(offset, 0.0));
        wall.tube([x, y, 0.03], [fold * 0.68, fold * 0.60], 2.3, &cloth);
    }
}
