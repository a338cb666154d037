//! Smooth noise in space, for coasts and grain: values on a lattice, blended (Perlin's fade), octaves
//! added up. The same everywhere and always.

use render::glam::{IVec3, Vec3};

/// About -1 to 1; `octaves` of halving size and weight.
pub(crate) fn noise(at: Vec3, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for _ in 0..octaves {
        sum += weight * smooth(at * scale);
        weight *= 0.5;
        scale *= 2.0;
    }
    sum * 2.0
}

fn smooth(at: Vec3) -> f32 {
    let corner = at.floor();
    let within = at - corner;
    let fade = within * within * within * (within * (within * 6.0 - 15.0) + 10.0);
    let value = |x: i32, y: i32, z: i32| lattice(corner.as_ivec3() + IVec3::new(x, y, z));
    let mix = |from: f32, to: f32, part: f32| from + (to - from) * part;
    let row = |y: i32, z: i32| mix(value(0, y, z), value(1, y, z), fade.x);
    let plane = |z: i32| mix(row(0, z), row(1, z), fade.y);
    mix(plane(0), plane(1), fade.z)
}

/// -1 to 1.
fn lattice(at: IVec3) -> f32 {
    let mut bits = (at.x as u32).wrapping_mul(0x9e37_79b1)
        ^ (at.y as u32).wrapping_mul(0x85eb_ca77)
        ^ (at.z as u32).wrapping_mul(0xc2b2_ae3d);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297a_2d39);
    bits ^= bits >> 15;
    (bits >> 8) as f32 / 8_388_608.0 - 1.0
}
