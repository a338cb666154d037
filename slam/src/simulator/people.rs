//! People who walk through the room and are no part of it.
//!
//! In: how many, a seed, a room, a time, where the camera is. Out: surfaces at that time. Each walks to and fro on
//! the room's way, its arms and legs swinging, and keeps out of the camera's reach.

use std::f64::consts::TAU;

use nalgebra::Vector3;

use super::config::Room;
use super::materials::Picture;
use super::motions::Way;
use super::noise::Random;
use super::scene::{Bench, Paint, Scene, Surface};
use super::stations::walk;
use super::texture::srgb;

/// A person comes no nearer to the camera than this, metres over the floor.
const REACH_M: f64 = 0.9;
const PACE_M_S: f64 = 0.7;

/// The surfaces of all people at a time, for a camera at a place.
pub(crate) fn people_at(
    count: usize,
    seed: u64,
    room: Room,
    time_secs: f64,
    camera_in_world: &Vector3<f64>,
) -> Vec<Surface> {
    let mut scene = Scene::default();
    if count == 0 {
        return scene.surfaces;
    }
    let way = Way::new(walk(room));
    let length: f64 = (0..200)
        .map(|k| (way.at(f64::from(k + 1) / 200.0)[0] - way.at(f64::from(k) / 200.0)[0]).norm())
        .sum();
    for k in 0..count {
        let mut random = Random::new(seed ^ 0x7065_6f70_6c65 ^ ((k as u64) << 32));
        let start = 0.45 + random.unit() * 0.5 + 0.6 * k as f64;
        let share = |time: f64| {
            let walked = start + time * PACE_M_S / length;
            let folded = walked.rem_euclid(2.0);
            if folded > 1.0 { 2.0 - folded } else { folded }
        };
        let [here, there] = [0.0, 0.2].map(|ahead| way.at(share(time_secs + ahead))[0]);
        let mut at = here;
        let mut aside = here - camera_in_world;
        aside.z = 0.0;
        let distance = aside.norm();
        if distance < REACH_M {
            at += aside / distance.max(1e-6) * (REACH_M - distance);
        }
        let step = there - here;
        let heading = libm::atan2(step.y, step.x) + TAU / 4.0;
        let clothes = [0x8c2f39, 0x28536b, 0x3f6b4a, 0xd98e32][k % 4];
        let person = &mut scene.bench([at.x, at.y, 0.0], heading);
        body(
            person,
            clothes,
            libm::sin(TAU * 0.9 * time_secs + start * 9.0),
        );
    }
    scene.surfaces
}

/// A person of 1.72 m whose front is towards `-y`; `stride` from -1 to 1 swings the limbs.
fn body(at: &mut Bench<'_>, clothes: u32, stride: f64) {
    let trousers = Paint::cloth(srgb(0x39445a));
    let shirt = Paint::fitted(Picture::CushionZigzag).tinted(srgb(clothes) * 1.6);
    let skin = Paint::plain(srgb(0xd9a883));
    let hair = Paint::plain(srgb(0x3a2a1e));
    for (side, swing) in [(-1.0, stride), (1.0, -stride)] {
        let hip = &mut at.leaning(
            [0.1 * side, 0.0, 0.85],
            std::f64::consts::PI + 0.45 * swing,
            0.0,
        );
        hip.tube([0.0; 3], [0.085, 0.055], 0.8, &trousers);
        hip.ball([0.0, 0.06, 0.8], [0.05, 0.12, 0.05], &hair);
        let shoulder = &mut at.leaning(
            [0.23 * side, 0.0, 1.4],
            std::f64::consts::PI - 0.4 * swing,
            0.0,
        );
        shoulder.tube([0.0; 3], [0.055, 0.04], 0.55, &shirt);
        shoulder.ball([0.0, 0.0, 0.6], [0.045, 0.045, 0.07], &skin);
    }
    at.ball([0.0, 0.0, 1.14], [0.2, 0.13, 0.36], &shirt);
    at.ball([0.0, 0.0, 1.38], [0.22, 0.11, 0.1], &shirt);
    at.tube([0.0, 0.0, 1.42], [0.055; 2], 0.1, &skin);
    at.ball([0.0, -0.01, 1.6], [0.085, 0.1, 0.12], &skin);
    at.ball([0.0, 0.025, 1.63], [0.092, 0.1, 0.11], &hair);
}
