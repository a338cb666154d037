//! A session's reflection cube map as the renderer takes it: linear half floats, in the device's frame.
//!
//! In: the texels of the faces as OpenGL reads them. Out: the same, turned from the probe's axes to the device's. Does not
//! blur anything.

use glam::{Quat, Vec3};
use half::f16;

/// Six faces +X, -X, +Y, -Y, +Z, -Z as OpenGL orders them, rows from the first one in memory, RGB in linear light.
#[derive(Debug, Clone, PartialEq)]
pub struct CubeMap {
    face_px: usize,
    texels: Vec<Vec3>,
}

impl CubeMap {
    /// From RGBA; alpha is not read. What is not finite or negative counts as 0, what is too bright for a half float as
    /// the brightest one. `None` where there are not as many texels as six faces have.
    pub fn from_linear(face_px: usize, rgba: &[f32]) -> Option<CubeMap> {
        let (texels, rest) = rgba.as_chunks::<4>();
        let counted = face_px > 0 && texels.len() == 6 * face_px * face_px && rest.is_empty();
        let light = |value: f32| {
            if value.is_finite() {
                value.max(0.0).min(f16::MAX.to_f32())
            } else {
                0.0
            }
        };
        counted.then(|| CubeMap {
            face_px,
            texels: texels
                .iter()
                .map(|[red, green, blue, _]| Vec3::new(*red, *green, *blue).map(light))
                .collect(),
        })
    }

    /// The same from bytes in sRGB.
    pub fn from_srgb(face_px: usize, rgba: &[u8]) -> Option<CubeMap> {
        let linear: Vec<f32> = rgba.iter().map(|byte| linear(*byte)).collect();
        Self::from_linear(face_px, &linear)
    }

    /// Texels along a face.
    pub fn face_px(&self) -> usize {
        self.face_px
    }

    /// What comes from each direction of the device's frame, from a cube in the probe's.
    pub fn turned(&self, device_from_probe: Quat) -> CubeMap {
        let probe_from_device = device_from_probe.inverse();
        let side = self.face_px;
        let texels = (0..self.texels.len()).map(|index| {
            let (face, row, column) = (index / (side * side), index / side % side, index % side);
            let on_face = |place: usize| (place as f32 + 0.5) / side as f32 * 2.0 - 1.0;
            self.texel_towards(probe_from_device * direction(face, on_face(column), on_face(row)))
        });
        CubeMap {
            face_px: side,
            texels: texels.collect(),
        }
    }

    /// Over all texels.
    pub fn mean(&self) -> Vec3 {
        self.texels.iter().sum::<Vec3>() / self.texels.len() as f32
    }

    /// RGBA, face after face.
    pub fn half_floats(&self) -> Vec<u16> {
        self.texels
            .iter()
            .flat_map(|texel| texel.extend(1.0).to_array())
            .map(|value| f16::from_f32(value).to_bits())
            .collect()
    }

    /// The texel that a direction meets.
    fn texel_towards(&self, direction: Vec3) -> Vec3 {
        let (face, u, v) = place(direction);
        let side = self.face_px;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "kept within the face"
        )]
        let texel =
            |on_face: f32| (((on_face * 0.5 + 0.5) * side as f32).max(0.0) as usize).min(side - 1);
        self.texels[(face * side + texel(v)) * side + texel(u)]
    }
}

/// Where a place of a face lies, -1 to 1 along columns and rows (OpenGL ES 3.0.6, table 3.21).
fn direction(face: usize, u: f32, v: f32) -> Vec3 {
    match face {
        0 => Vec3::new(1.0, -v, -u),
        1 => Vec3::new(-1.0, -v, u),
        2 => Vec3::new(u, 1.0, v),
        3 => Vec3::new(u, -1.0, -v),
        4 => Vec3::new(u, -v, 1.0),
        _ => Vec3::new(-u, -v, -1.0),
    }
}

/// Face, column and row that a direction meets: the other way round.
fn place(direction: Vec3) -> (usize, f32, f32) {
    let Vec3 { x, y, z } = direction;
    let most = direction.abs();
    if most.x >= most.y && most.x >= most.z {
        let along = most.x.max(f32::MIN_POSITIVE);
        if x > 0.0 {
            (0, -z / along, -y / along)
        } else {
            (1, z / along, -y / along)
        }
    } else if most.y >= most.z {
        if y > 0.0 {
            (2, x / most.y, z / most.y)
        } else {
            (3, x / most.y, -z / most.y)
        }
    } else if z > 0.0 {
        (4, x / most.z, -y / most.z)
    } else {
        (5, -x / most.z, -y / most.z)
    }
}

/// IEC 61966-2-1.
fn linear(byte: u8) -> f32 {
    let value = f32::from(byte) / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each texel tells its direction.
    fn telling(side: usize) -> CubeMap {
        let mut rgba = Vec::new();
        for index in 0..6 * side * side {
            let (face, row, column) = (index / (side * side), index / side % side, index % side);
            let on_face = |place: usize| (place as f32 + 0.5) / side as f32 * 2.0 - 1.0;
            let told = direction(face, on_face(column), on_face(row)).normalize() + 1.0;
            rgba.extend([told.x, told.y, told.z, 0.5]);
        }
        CubeMap::from_linear(side, &rgba).unwrap()
    }

    #[test]
    fn a_direction_finds_the_texel_that_was_put_there() {
        let cube = telling(16);
        for index in 0..200_u32 {
            let part = |step: f32| (index as f32 * step).fract() * 2.0 - 1.0;
            let wanted = Vec3::new(part(0.618), part(0.755), part(0.57)).normalize();
            let told = cube.texel_towards(wanted) - 1.0;
            assert!(told.distance(wanted) < 0.12, "{wanted}: {told}");
        }
    }

    #[test]
    fn a_cube_that_is_not_turned_is_the_same() {
        let cube = telling(8);
        assert_eq!(cube.turned(Quat::IDENTITY), cube);
    }

    #[test]
    fn what_the_probe_saw_ahead_is_where_the_probe_looked() {
        let cube = telling(16);
        let turn = Quat::from_rotation_y(0.7) * Quat::from_rotation_x(-0.4);
        let turned = cube.turned(turn);
        for wanted in [Vec3::X, Vec3::NEG_Z, Vec3::new(0.3, 0.8, -0.5).normalize()] {
            let told = turned.texel_towards(turn * wanted) - 1.0;
            assert!(told.distance(wanted) < 0.2, "{wanted}: {told}");
        }
    }

    #[test]
    fn strange_numbers_and_wrong_sizes_do_no_harm() {
        let mut rgba = vec![1.0_f32; 24];
        rgba[0] = f32::NAN;
        rgba[1] = -3.0;
        rgba[2] = 1e9;
        let cube = CubeMap::from_linear(1, &rgba).unwrap();
        assert_eq!(cube.half_floats()[..4], [0, 0, f16::MAX.to_bits(), 0x3c00]);
        assert_eq!(CubeMap::from_linear(1, &rgba[..20]), None);
        assert_eq!(CubeMap::from_linear(0, &[]), None);
    }

    #[test]
    fn bytes_are_srgb() {
        let mut rgba = vec![188_u8; 24];
        rgba[0] = 0;
        rgba[1] = 255;
        let cube = CubeMap::from_srgb(1, &rgba).unwrap();
        let [red, green, blue] = cube.texels[0].to_array();
        assert!(red == 0.0 && green == 1.0 && (blue - 0.5029).abs() < 1e-3);
    }
}
