//! What the shaders know of a pin: the mirror of `PinInstance` in `pin.wgsl`, where its shadow falls
//! and which tile of the shadow map is its own.
//!
//! Every pin near the viewer has its own tile, so that its shadow is equally fine in a wide room and
//! does not swim when the viewer moves; pins do not shade each other.

use bytemuck::{Pod, Zeroable};
use glam::{Vec3, Vec4};

use crate::{Light, Pin, light::direction_to_light};

/// Above the tip, in metres of the pin: where its label hangs.
pub(crate) const PIN_TOP_M: f32 = 0.137;
/// Above the tip: the middle of the sphere, as in `pin.wgsl`.
pub(crate) const PIN_SPHERE_M: f32 = 0.115;
/// From this height a pin drops.
const DROP_HEIGHT_M: f32 = 0.25;
/// A light lower than this above the surface (cosine to the normal) is bent up to it, so that
/// shadows stay near their pin, also on walls and under ceilings.
const LOWEST_LIGHT: f32 = 0.62;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PinInstance {
    rows: [Vec4; 3],
    color_lift: Vec4,
    light: Vec4,
    tile: Vec4,
}

/// The part of an instance that the shadow map depends on.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct ShadowCaster {
    rows: [Vec4; 3],
    light: Vec3,
    tile: Vec3,
}

impl PinInstance {
    const ATTRIBUTES: [wgpu::VertexAttribute; 6] = wgpu::vertex_attr_array![
        2 => Float32x4, 3 => Float32x4, 4 => Float32x4,
        5 => Float32x4, 6 => Float32x4, 7 => Float32x4
    ];

    pub(crate) const LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
        array_stride: size_of::<PinInstance>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &Self::ATTRIBUTES,
    };

    /// `tile`: corner and size in texture coordinates; size 0 for a pin without a tile.
    pub(crate) fn new(pin: &Pin, light: &Light, tile: Vec3) -> Self {
        let normal = pin.world_from_pin.y_axis.truncate().normalize_or(Vec3::Y);
        let to_light = direction_to_light(light);
        let [red, green, blue] = pin.color;
        let matrix = pin.world_from_pin.transpose();
        PinInstance {
            rows: [matrix.x_axis, matrix.y_axis, matrix.z_axis],
            color_lift: Vec4::new(red, green, blue, lift(pin)),
            light: shadow_direction(to_light, normal)
                .extend(shadow_strength(light, to_light.dot(normal))),
            tile: tile.extend(pin.drop.clamp(0.0, 1.0)),
        }
    }

    pub(crate) fn caster(&self) -> ShadowCaster {
        ShadowCaster {
            rows: self.rows,
            light: self.light.truncate(),
            tile: self.tile.truncate(),
        }
    }
}

/// How far above its place a dropping pin is, in metres of the pin: eased out.
pub(crate) fn lift(pin: &Pin) -> f32 {
    let drop = pin.drop.clamp(0.0, 1.0);
    DROP_HEIGHT_M * drop * drop
}

/// Towards the light that throws the shadow: at least [`LOWEST_LIGHT`] above the surface.
fn shadow_direction(to_light: Vec3, normal: Vec3) -> Vec3 {
    let cosine = to_light.dot(normal);
    if cosine >= LOWEST_LIGHT {
        return to_light;
    }
    match (to_light - normal * cosine).try_normalize() {
        Some(along) => normal * LOWEST_LIGHT + along * (1.0 - LOWEST_LIGHT * LOWEST_LIGHT).sqrt(),
        None => normal,
    }
}

/// The part of the surface's light that the main light gives: what a full shadow takes away.
fn shadow_strength(light: &Light, cosine: f32) -> f32 {
    // Surfaces that face away get a weak one: without any, the pin would seem to float.
    let direct = light.intensity.max_element().max(0.0) * cosine.clamp(0.3, 1.0);
    let ambient = light.around.mean_radiance().max_element().max(0.0);
    if direct + ambient <= 0.0 {
        return 0.0;
    }
    (direct / (direct + ambient)).min(0.85)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadow_direction_keeps_high_lights_and_bends_low_ones() {
        let high = Vec3::new(0.3, 1.0, 0.2).normalize();
        assert_eq!(shadow_direction(high, Vec3::Y), high);
        for low in [Vec3::X, -Vec3::Y, Vec3::new(0.5, -0.4, 0.1).normalize()] {
            let bent = shadow_direction(low, Vec3::Y);
            assert!((bent.length() - 1.0).abs() < 1e-5);
            assert!(bent.y >= LOWEST_LIGHT - 1e-5);
        }
    }

    #[test]
    fn shadow_is_never_black_and_fades_with_the_light() {
        let mut light = Light::default();
        let day = shadow_strength(&light, 0.9);
        light.intensity *= 0.2;
        let dull = shadow_strength(&light, 0.9);
        assert!(day < 0.86 && dull < day && dull > 0.0);
        light.intensity = Vec3::ZERO;
        assert_eq!(shadow_strength(&light, 0.9), 0.0);
    }
}
