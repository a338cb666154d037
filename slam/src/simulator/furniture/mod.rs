//! The rooms: who stands where.
//!
//! In: which room. Out: its [`Scene`]. The living room is 5.2 m (X) by 4.4 m (Y) by 2.6 m; north is +Y. Every piece is
//! built in a frame of its own whose front is towards `-y`.

mod books;
mod classroom;
mod decor;
mod desk;
mod hall;
mod seats;
mod shell;
mod storage;
mod tables;

use nalgebra::Vector3;

use super::config::Room;
use super::scene::{Scene, Sun};
use super::texture::Rgb;

/// Half of the room's width (X) and depth (Y), metres.
pub(crate) const HALF_WIDTH: f64 = 2.6;
pub(crate) const HALF_DEPTH: f64 = 2.2;
pub(crate) const HEIGHT: f64 = 2.6;

const QUARTER_TURN: f64 = std::f64::consts::FRAC_PI_2;

/// Builds a room.
pub(crate) fn furnish(room: Room) -> Scene {
    match room {
        Room::LivingRoom => living_room(),
        Room::Classroom => classroom::build(),
        Room::Hall => hall::build(),
        Room::Desk => desk::build(),
    }
}

fn living_room() -> Scene {
    let mut scene = Scene {
        // A low sun that reaches the dining table and the rug through the window.
        sun: Some(Sun {
            toward: Vector3::new(-0.66, 1.5, 1.05).normalize(),
            radiance: Rgb::new(1.55, 1.32, 1.02),
            half_angle_rad: 0.02,
        }),
        ..Scene::default()
    };
    let room = &mut scene.bench([0.0; 3], 0.0);
    shell::build(room);

    // West: the sofa, its table, pictures above.
    seats::sofa(&mut room.bench([-2.55, 0.45, 0.0], QUARTER_TURN));
    tables::coffee_table(&mut room.bench([-1.2, 0.62, 0.0], QUARTER_TURN));
    decor::sofa_pictures(&mut room.bench([-HALF_WIDTH, 0.45, 0.0], QUARTER_TURN));

    // North: plant and window in the left half, clock and a painting in the right.
    decor::plant(&mut room.bench([-2.05, 1.78, 0.0], 0.3));
    decor::north_wall(&mut room.bench([0.0, HALF_DEPTH, 0.0], 0.0));
    storage::low_cupboard(&mut room.bench([1.1, HALF_DEPTH, 0.0], 0.0));

    // Middle: the dining table with its chairs, the rug, the lamp above.
    tables::rug(&mut room.bench([0.35, 0.55, 0.0], 0.06));
    tables::dining_table(&mut room.bench([0.75, 0.62, 0.0], 0.12));
    seats::chair(&mut room.bench([0.50, 0.06, 0.0], 0.12 + 2.0 * QUARTER_TURN));
    seats::chair(&mut room.bench([0.98, 0.02, 0.0], -0.22 + 2.0 * QUARTER_TURN));
    seats::chair(&mut room.bench([0.62, 1.24, 0.0], 0.05));
    seats::chair(&mut room.bench([-0.32, 0.62, 0.0], QUARTER_TURN + 0.25));
    decor::pendant(&mut room.bench([0.75, 0.62, 0.0], 0.0));

    // East: the bookshelf, a poster, the reading lamp.
    storage::bookshelf(&mut room.bench([HALF_WIDTH, 0.42, 0.0], -QUARTER_TURN));
    decor::floor_lamp(&mut room.bench([2.25, 1.72, 0.0], 0.0));
    decor::east_posters(&mut room.bench([HALF_WIDTH, -1.35, 0.0], -QUARTER_TURN));
    storage::basket(&mut room.bench([2.2, -0.95, 0.0], 0.4));

    // South: the door, the cupboard.
    storage::dresser(&mut room.bench([0.5, -HALF_DEPTH, 0.0], 2.0 * QUARTER_TURN));
    decor::south_wall(&mut room.bench([0.0, -HALF_DEPTH, 0.0], 2.0 * QUARTER_TURN));
    scene
}
