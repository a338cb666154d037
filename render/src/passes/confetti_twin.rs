//! The twin of confetti_motion.wgsl and confetti_simulation.wgsl on the CPU, function by function: what
//! tests compare the device's pieces with.

use std::f32::consts::TAU;

use bytemuck::{Pod, Zeroable};
use glam::Vec3;

const DRAG: f32 = 2.4;
const START_HEIGHT: f32 = 0.03;
const FLATTENING_SECS: f32 = 0.25;
const LONGEST_STEP_SECS: f32 = 0.02;
const BOUNCE: f32 = 0.55;
const SLIDE: f32 = 0.6;

pub(crate) struct Birth {
    velocity: Vec3,
    fall: f32,
    pub(crate) delay_secs: f32,
    angle: f32,
    spin: f32,
    yaw: f32,
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Piece {
    pub(crate) position: Vec3,
    pub(crate) flat: f32,
    pub(crate) velocity: Vec3,
    pub(crate) angle: f32,
}

fn hash(value: u32) -> u32 {
    let state = value.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

pub(crate) fn identity(seed: u32, index: u32) -> u32 {
    hash(seed.wrapping_add(hash(index)))
}

fn chance(particle: u32, channel: u32) -> f32 {
    let hashed = hash(particle.wrapping_add(channel.wrapping_mul(2_654_435_769)));
    (hashed >> 8) as f32 / 16_777_216.0
}

fn mix(from: f32, to: f32, part: f32) -> f32 {
    from * (1.0 - part) + to * part
}

fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let part = ((value - low) / (high - low)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

pub(crate) fn birth_of(particle: u32) -> Birth {
    let chance = |channel| chance(particle, channel);
    let heading = TAU * chance(0);
    let lean = chance(1).sqrt();
    let rise = mix(2.1, 3.5, chance(2));
    Birth {
        velocity: Vec3::new(
            heading.cos() * lean * 1.9,
            rise - 0.7 * lean,
            heading.sin() * lean * 1.9,
        ),
        fall: mix(0.34, 0.6, chance(3)),
        delay_secs: 0.16 * chance(4),
        angle: TAU * chance(5),
        spin: mix(5.0, 13.0, chance(6)) * if chance(7) < 0.5 { 1.0 } else { -1.0 },
        yaw: TAU * chance(8),
    }
}

pub(crate) fn born(birth: &Birth) -> Piece {
    Piece {
        position: Vec3::new(0.0, START_HEIGHT, 0.0),
        flat: 0.0,
        velocity: birth.velocity,
        angle: birth.angle,
    }
}

fn fallen(piece: &Piece, birth: &Birth, secs: f32) -> Piece {
    let steady = Vec3::new(0.0, -birth.fall, 0.0);
    let kept = (-DRAG * secs).exp();
    let over = piece.velocity - steady;
    Piece {
        position: piece.position + steady * secs + over * ((1.0 - kept) / DRAG),
        flat: piece.flat,
        velocity: steady + over * kept,
        angle: piece.angle + birth.spin * secs,
    }
}

pub(crate) fn drift(birth: &Birth, position: Vec3, secs: f32) -> Vec3 {
    let p = position * 3.1 + Vec3::new(0.0, 0.9 * secs, 0.0);
    let air = Vec3::new(
        p.z.sin() + p.y.cos(),
        0.4 * (p.x.sin() + p.z.cos()),
        p.y.sin() + p.x.cos(),
    );
    let flutter = (birth.spin * 0.55 * secs + birth.angle).sin();
    let aside = Vec3::new(-birth.yaw.sin(), 0.0, birth.yaw.cos()) * flutter;
    (0.055 * air + 0.045 * aside) * smoothstep(0.1, 1.3, secs)
}

/// Seconds from birth until a piece would land in still air.
pub(crate) fn landing_secs(birth: &Birth) -> f32 {
    (START_HEIGHT + (birth.velocity.y + birth.fall) / DRAG) / birth.fall
}

pub(crate) fn piece_at(birth: &Birth, secs: f32) -> Piece {
    let landing = landing_secs(birth);
    let flight = secs.min(landing);
    let piece = fallen(&born(birth), birth, flight);
    let mut place = piece.position + drift(birth, piece.position, flight);
    place.y = place.y.max(0.0);
    Piece {
        position: place,
        flat: smoothstep(0.0, FLATTENING_SECS, secs - landing),
        ..piece
    }
}

fn stepped(piece: &Piece, birth: &Birth, secs: f32, step_secs: f32) -> Piece {
    let mut next = fallen(piece, birth, step_secs);
    let mut place = next.position;
    if piece.flat == 0.0 {
        place += drift(birth, place, secs);
    } else {
        next.flat = (piece.flat + step_secs / FLATTENING_SECS).min(1.0);
        next.angle = piece.angle + birth.spin * step_secs * (1.0 - piece.flat);
    }
    if place.y <= 0.0 {
        next.position = Vec3::new(place.x, 0.0, place.z);
        next.flat = next.flat.max(0.001);
        next.velocity = Vec3::new(
            next.velocity.x * SLIDE,
            (-next.velocity.y).max(0.0) * BOUNCE,
            next.velocity.z * SLIDE,
        );
    }
    next
}

/// A piece taken from one time of its effect to another, as one call of `simulate_confetti` does.
pub(crate) fn simulated(piece: Piece, birth: &Birth, since_secs: f32, until_secs: f32) -> Piece {
    let since = (since_secs - birth.delay_secs).max(0.0);
    let until = (until_secs - birth.delay_secs).max(0.0);
    let steps = (((until - since) / LONGEST_STEP_SECS).ceil() as i32).clamp(1, 256);
    let step_secs = (until - since).max(0.0) / steps as f32;
    (1..=steps).fold(piece, |piece, done| {
        stepped(&piece, birth, since + done as f32 * step_secs, step_secs)
    })
}

#[test]
fn the_law_of_motion_is_that_of_a_fall_with_drag() {
    // Against a plain integration in small steps of v' = g - k v, with g = k times the steady fall.
    let birth = birth_of(identity(3, 14));
    let (mut position, mut velocity) = (Vec3::new(0.0, START_HEIGHT, 0.0), birth.velocity);
    let step_secs = 1e-4;
    for _ in 0..10_000 {
        let pull = Vec3::new(0.0, -birth.fall * DRAG, 0.0) - velocity * DRAG;
        velocity += pull * step_secs;
        position += velocity * step_secs;
    }
    let exact = fallen(&born(&birth), &birth, 1.0);
    assert!(
        exact.position.distance(position) < 1e-3,
        "{position} {exact:?}"
    );
    assert!(exact.velocity.distance(velocity) < 1e-3);
}

#[test]
fn pieces_come_to_rest_on_the_ground_in_time() {
    for index in 0..300 {
        let birth = birth_of(identity(1, index));
        let piece = simulated(born(&birth), &birth, 0.0, 4.0);
        assert!(piece.position.y >= 0.0, "{piece:?}");
        let height = piece.position
            + if piece.flat == 0.0 {
                drift(&birth, piece.position, 4.0)
            } else {
                Vec3::ZERO
            };
        assert!(height.y < 0.35, "{index}: {piece:?}");
        let still = piece_at(&birth, 6.0);
        assert!(still.flat == 1.0 && still.position.y < 0.06, "{still:?}");
        assert!(still.position.truncate().length() < 1.2);
    }
}
