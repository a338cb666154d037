//! Which joints move which vertices, and skins. glTF 2.0, section 3.7.3.

use glam::Mat4;

use super::accessors::{Accessor, Accessors, Component};
use super::document::Document;
use super::faults::{broken, limited};
use super::kept::Kept;
use crate::Error;
use crate::model::limits::ModelLimits;
use crate::model::node::{Node, Skin};
use crate::model::vertex::{Primitive, SkinVertex};

/// Joints and weights of the given vertices of the file.
pub(super) fn read(
    joints: &Accessor<'_>,
    weights: &Accessor<'_>,
    elements: &[u32],
) -> Vec<SkinVertex> {
    elements
        .iter()
        .map(|element| {
            let weights = weights.unit_floats(*element as usize, [0.0; 4]);
            skin_vertex(joints.integers(*element as usize), weights)
        })
        .collect()
}

/// Weights made to sum up to 1 exactly. Where they are all zero or no numbers, the first joint takes
/// the whole vertex.
fn skin_vertex(joints: [u32; 4], weights: [f32; 4]) -> SkinVertex {
    let weights = weights.map(|weight| {
        if weight.is_finite() {
            weight.max(0.0)
        } else {
            0.0
        }
    });
    let sum: f32 = weights.iter().sum();
    let mut shares = [65535, 0, 0, 0];
    if sum > 0.0 && sum.is_finite() {
        shares = weights.map(|weight| (weight / sum * 65535.0).round() as i32);
        // What rounding lost or won goes to the greatest, where it matters least.
        let lost = 65535 - shares.iter().sum::<i32>();
        let mut greatest = 0;
        for which in 1..4 {
            if shares[which] > shares[greatest] {
                greatest = which;
            }
        }
        shares[greatest] += lost;
    }
    let mut skin = SkinVertex {
        joints: [0; 4],
        weights: [0; 4],
    };
    for which in 0..4 {
        if shares[which] > 0 {
            // Both fit: joints are stored in at most two bytes, shares are at most 65535.
            skin.weights[which] = shares[which] as u16;
            skin.joints[which] = joints[which] as u16;
        }
    }
    skin
}

/// Reads the kept skins; `nodes` tells where the file's nodes went.
pub(super) fn read_skins(
    document: &Document,
    kept: &Kept,
    nodes: &Kept,
    accessors: &Accessors<'_>,
    limits: &ModelLimits,
) -> Result<Vec<Skin>, Error> {
    let mut skins = Vec::with_capacity(kept.order().len());
    let mut all_joints: usize = 0;
    for place in kept.order() {
        let skin = &document.skins[*place];
        let at = format!("skin {place}");
        if skin.joints.is_empty() {
            return Err(broken(at, "has no joints"));
        }
        limited(
            "joints of a skin",
            skin.joints.len(),
            limits.joints.min(65536),
        )?;
        all_joints = all_joints.saturating_add(skin.joints.len());
        limited("joints of all skins", all_joints, limits.all_joints)?;
        let mut joints = Vec::with_capacity(skin.joints.len());
        for joint in &skin.joints {
            joints.push(nodes.place(*joint).ok_or_else(|| {
                broken(&at, format!("its joint, node {joint}, is not in the scene"))
            })?);
        }
        let inverse_bind = match skin.inverse_bind_matrices {
            Some(place) => inverse_bind(accessors, place, joints.len(), &at)?,
            None => vec![Mat4::IDENTITY; joints.len()],
        };
        skins.push(Skin {
            joints,
            inverse_bind,
        });
    }
    Ok(skins)
}

fn inverse_bind(
    accessors: &Accessors<'_>,
    place: usize,
    joints: usize,
    at: &str,
) -> Result<Vec<Mat4>, Error> {
    let accessor = accessors.open(place, &[16], &[Component::F32])?;
    if accessor.count < joints {
        let has = accessor.count;
        return Err(broken(
            at,
            format!("has {has} inverse bind matrices for {joints} joints"),
        ));
    }
    let mut matrices = Vec::with_capacity(joints);
    for joint in 0..joints {
        let matrix = Mat4::from_cols_array(&accessor.floats(joint, [0.0; 16]));
        if !matrix.is_finite() {
            return Err(broken(
                at,
                format!("its inverse bind matrix {joint} is not finite"),
            ));
        }
        matrices.push(matrix);
    }
    Ok(matrices)
}

/// Checks that the vertices of each skinned node name only joints that its skin has.
pub(super) fn check_joints(
    nodes: &[Node],
    skins: &[Skin],
    meshes: &[std::ops::Range<usize>],
    primitives: &[Primitive],
) -> Result<(), Error> {
    let greatest: Vec<u16> = primitives
        .iter()
        .map(|primitive| {
            let joints = primitive.skin.iter().flat_map(|skin| skin.joints);
            joints.max().unwrap_or_default()
        })
        .collect();
    // Of each mesh once, as thousands of nodes may show it.
    let greatest: Vec<u16> = meshes
        .iter()
        .map(|mesh| {
            greatest[mesh.clone()]
                .iter()
                .copied()
                .max()
                .unwrap_or_default()
        })
        .collect();
    for node in nodes {
        if let (Some(mesh), Some(skin)) = (node.mesh, node.skin) {
            let joints = skins[skin].joints.len();
            let named = greatest[mesh];
            if usize::from(named) >= joints {
                return Err(broken(
                    format!("node \"{}\"", node.name),
                    format!("its mesh names joint {named}, its skin has {joints}"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_always_sum_up_to_one() {
        let mut seed = 1_u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 24) as f32
        };
        for _ in 0..10_000 {
            let weights = [random(), random() * 1e-3, random() * 1e3, random()];
            let skin = skin_vertex([1, 2, 3, 4], weights);
            let sum: u32 = skin.weights.iter().map(|weight| u32::from(*weight)).sum();
            assert_eq!(sum, 65535, "{weights:?}");
            let total: f32 = weights.iter().sum();
            for (share, weight) in skin.weights.iter().zip(weights) {
                let error = f32::from(*share) / 65535.0 - weight / total;
                assert!(error.abs() < 3.0 / 65535.0, "{weights:?}: {skin:?}");
            }
        }
    }

    #[test]
    fn useless_weights_leave_the_vertex_to_its_first_joint() {
        for weights in [[0.0; 4], [f32::NAN; 4], [-1.0; 4], [f32::INFINITY; 4]] {
            let skin = skin_vertex([7, 8, 9, 10], weights);
            assert_eq!(
                (skin.joints, skin.weights),
                ([7, 0, 0, 0], [65535, 0, 0, 0])
            );
        }
        let skin = skin_vertex([7, 8, 9, 10], [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(
            skin.joints,
            [0, 8, 0, 10],
            "a joint without weight is not named"
        );
    }
}
