//! Where the shadow map looks: one or two boxes along the light around all that throws a shadow.
//!
//! Pure. What throws shadows is a handful of things, so each box holds just them, and not the view:
//! a viewer who moves does not make shadow edges crawl. Two boxes where they stand far apart: what is
//! near the viewer gets the finer one ("cascaded shadow maps", Engel 2006, with boxes around content).

use glam::{Mat4, Vec3};

use crate::model::Bounds;

/// Texels of a cascade, each way.
pub(crate) const CASCADE_PX: u32 = 1024;
/// What stands within this of the viewer is near.
const NEAR_M: f32 = 2.5;
/// The eye moves in steps of this, so that things do not change sides in every frame.
const EYE_STEP_M: f32 = 0.5;
/// Content that fits in a box of this size needs no second one.
const LARGEST_SINGLE_M: f32 = 3.0;
/// How far behind the content, along the light, a shadow may fall.
const REACH_M: f32 = 8.0;
/// Texels at the edge that belong to no shadow: the filter's reach.
const MARGIN_PX: f32 = 24.0;
/// Casters farther from the viewer than this throw none.
const FARTHEST_M: f32 = 40.0;

/// One box along the light.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cascade {
    /// Clip x, y in -1..1 over the cascade's square, z in 0..1 away from the light.
    pub(crate) clip_from_world: Mat4,
    pub(crate) metres_per_texel: f32,
    pub(crate) depth_m: f32,
}

impl Cascade {
    /// Texture coordinates and depth of the `index`-th of two cascades that lie side by side.
    pub(crate) fn map_from_world(&self, index: usize) -> Mat4 {
        let map_from_clip = Mat4::from_cols_array(&[
            0.25,
            0.0,
            0.0,
            0.0, //
            0.0,
            -0.5,
            0.0,
            0.0, //
            0.0,
            0.0,
            1.0,
            0.0, //
            0.25 + 0.5 * index as f32,
            0.5,
            0.0,
            1.0,
        ]);
        map_from_clip * self.clip_from_world
    }
}

/// The boxes for what throws shadows, given by their bounds in the world. `direction_to_light` has
/// length 1.
pub(crate) fn fit(
    casters: impl Iterator<Item = Bounds> + Clone,
    eye_in_world: Vec3,
    direction_to_light: Vec3,
) -> [Option<Cascade>; 2] {
    let eye = (eye_in_world / EYE_STEP_M).round() * EYE_STEP_M;
    let light_from_world = light_from_world(direction_to_light);
    let box_of = |nearer_than_m: f32| {
        casters
            .clone()
            .filter(|bounds| distance(bounds, eye) < nearer_than_m)
            .map(|bounds| bounds.transform(&light_from_world))
            .reduce(|all, bounds| all.merge(bounds))
    };
    let Some(all) = box_of(FARTHEST_M) else {
        return [None, None];
    };
    if widest(&all) <= LARGEST_SINGLE_M {
        return [Some(cascade(&all, light_from_world)), None];
    }
    let near = box_of(NEAR_M).filter(|near| widest(near) < 0.75 * widest(&all));
    match near {
        Some(near) => [
            Some(cascade(&near, light_from_world)),
            Some(cascade(&all, light_from_world)),
        ],
        None => [Some(cascade(&all, light_from_world)), None],
    }
}

fn distance(bounds: &Bounds, point: Vec3) -> f32 {
    point.clamp(bounds.min, bounds.max).distance(point)
}

fn widest(bounds: &Bounds) -> f32 {
    (bounds.max - bounds.min).truncate().max_element()
}

/// z towards the light.
fn light_from_world(direction_to_light: Vec3) -> Mat4 {
    let (right, up) = direction_to_light.any_orthonormal_pair();
    Mat4::from_cols(
        right.extend(0.0),
        up.extend(0.0),
        direction_to_light.extend(0.0),
        glam::Vec4::W,
    )
    .transpose()
}

fn cascade(in_light: &Bounds, light_from_world: Mat4) -> Cascade {
    let inner_px = CASCADE_PX as f32 - 2.0 * MARGIN_PX;
    // In steps of an eighth of a doubling: small movements keep the size of a texel.
    let size_m = (widest(in_light).max(0.05).log2() * 8.0).ceil() / 8.0;
    let metres_per_texel = size_m.exp2() / inner_px;
    let middle = (in_light.min + in_light.max) * 0.5;
    // On whole texels: edges stay where they are while things move.
    let corner = (middle / metres_per_texel).round() * metres_per_texel;
    let half_m = metres_per_texel * CASCADE_PX as f32 * 0.5;
    let top = in_light.max.z + 0.01;
    let depth_m = in_light.max.z - in_light.min.z + REACH_M;
    let clip_from_light = Mat4::from_cols_array(&[
        1.0 / half_m,
        0.0,
        0.0,
        0.0, //
        0.0,
        1.0 / half_m,
        0.0,
        0.0, //
        0.0,
        0.0,
        -1.0 / depth_m,
        0.0, //
        -corner.x / half_m,
        -corner.y / half_m,
        top / depth_m,
        1.0,
    ]);
    Cascade {
        clip_from_world: clip_from_light * light_from_world,
        metres_per_texel,
        depth_m,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube(middle: Vec3, half_m: f32) -> Bounds {
        Bounds {
            min: middle - half_m,
            max: middle + half_m,
        }
    }

    fn fitted(cubes: &[Bounds], eye: Vec3) -> [Option<Cascade>; 2] {
        fit(
            cubes.iter().copied(),
            eye,
            Vec3::new(0.4, 1.0, 0.3).normalize(),
        )
    }

    fn corners(bounds: &Bounds) -> impl Iterator<Item = Vec3> {
        let Bounds { min, max } = *bounds;
        (0..8).map(move |index| {
            Vec3::new(
                if index & 1 == 0 { min.x } else { max.x },
                if index & 2 == 0 { min.y } else { max.y },
                if index & 4 == 0 { min.z } else { max.z },
            )
        })
    }

    #[test]
    fn all_of_a_small_scene_lies_in_one_box_with_its_ground() {
        let cubes = [
            cube(Vec3::new(0.1, 0.2, -1.0), 0.2),
            cube(Vec3::new(0.6, 0.1, -1.4), 0.1),
        ];
        let [Some(cascade), None] = fitted(&cubes, Vec3::ZERO) else {
            panic!("one box");
        };
        for corner in cubes.iter().flat_map(corners) {
            let place = cascade.clip_from_world.transform_point3(corner);
            assert!(place.x.abs() < 1.0 && place.y.abs() < 1.0, "{place}");
            assert!((0.0..1.0).contains(&place.z), "{place}");
            // The same line of light meets the same texel three metres on.
            let below = corner - Vec3::new(0.4, 1.0, 0.3).normalize() * 3.0;
            let shadow = cascade.clip_from_world.transform_point3(below);
            assert!((shadow.truncate() - place.truncate()).length() < 1e-4);
            assert!(shadow.z > place.z && shadow.z < 1.0);
        }
    }

    #[test]
    fn a_wide_scene_has_a_finer_box_near_the_viewer() {
        let cubes = [
            cube(Vec3::new(0.0, 0.2, -1.0), 0.2),
            cube(Vec3::new(6.0, 0.2, -7.0), 0.3),
        ];
        let [Some(near), Some(all)] = fitted(&cubes, Vec3::ZERO) else {
            panic!("two boxes");
        };
        assert!(near.metres_per_texel < 0.25 * all.metres_per_texel);
        // Small steps of the viewer change nothing.
        assert_eq!(
            fitted(&cubes, Vec3::new(0.1, 0.05, 0.0)),
            [Some(near), Some(all)]
        );
    }

    #[test]
    fn texels_stay_where_they_are_while_content_moves_a_little() {
        let [Some(before), None] = fitted(&[cube(Vec3::new(0.0, 0.2, -1.0), 0.2)], Vec3::ZERO)
        else {
            panic!("one box");
        };
        let [Some(after), None] = fitted(&[cube(Vec3::new(0.0137, 0.2, -1.0), 0.2)], Vec3::ZERO)
        else {
            panic!("one box");
        };
        assert_eq!(before.metres_per_texel, after.metres_per_texel);
        let texel = |cascade: &Cascade| {
            let clip = cascade
                .clip_from_world
                .transform_point3(Vec3::new(0.3, 0.0, -0.8));
            clip.truncate() * (CASCADE_PX as f32 * 0.5)
        };
        let moved = texel(&before) - texel(&after);
        assert!((moved - moved.round()).length() < 0.02, "{moved}");
    }

    #[test]
    fn nothing_throws_nothing() {
        assert_eq!(fitted(&[], Vec3::ZERO), [None, None]);
        assert_eq!(
            fitted(&[cube(Vec3::new(100.0, 0.0, 0.0), 1.0)], Vec3::ZERO),
            [None, None]
        );
    }

    #[test]
    fn both_maps_lie_side_by_side() {
        let cascade = Cascade {
            clip_from_world: Mat4::IDENTITY,
            ..Default::default()
        };
        let place = |index, x, y| {
            cascade
                .map_from_world(index)
                .transform_point3(Vec3::new(x, y, 0.3))
        };
        assert_eq!(place(0, -1.0, 1.0), Vec3::new(0.0, 0.0, 0.3));
        assert_eq!(place(0, 1.0, -1.0), Vec3::new(0.5, 1.0, 0.3));
        assert_eq!(place(1, 1.0, -1.0), Vec3::new(1.0, 1.0, 0.3));
    }
}
