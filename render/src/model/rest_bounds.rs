//! How much room a model takes at rest: every vertex is morphed, skinned and placed, so that the
//! lowest one can be stood on a floor.

use glam::{Mat4, Vec3};

use super::bounds::Bounds;
use super::content::Model;
use super::limits::ModelLimits;
use super::node::Node;
use super::pose::Pose;
use super::vertex::Primitive;
use crate::Error;

/// Around all that the nodes show, in the model's frame.
///
/// # Errors
/// [`Error::ModelTooBig`] when the nodes together show more vertices than the limit;
/// [`Error::ModelBroken`] when some end up at no finite place.
pub(crate) fn rest_bounds(model: &Model, limits: &ModelLimits) -> Result<Bounds, Error> {
    let pose = Pose::at_rest(model);
    let mut joints = Vec::new();
    let mut drawn: usize = 0;
    let mut bounds = Bounds::EMPTY;
    for (place, node) in model.nodes.iter().enumerate() {
        let Some(primitives) = node.mesh.and_then(|mesh| model.meshes.get(mesh)) else {
            continue;
        };
        if let Some(skin) = node.skin {
            joints.clear();
            joints.resize(model.skins[skin].joints.len(), Mat4::IDENTITY);
            pose.joint_matrices(model, skin, &mut joints);
        }
        for primitive in &model.primitives[primitives.clone()] {
            let active = node.weights.iter().filter(|weight| **weight != 0.0).count();
            drawn = drawn.saturating_add(primitive.vertices.len().saturating_mul(1 + active));
            if drawn > limits.drawn_vertices {
                return Err(Error::ModelTooBig {
                    what: "vertices shown by all nodes",
                    actual: drawn,
                    limit: limits.drawn_vertices,
                });
            }
            let here = shown_bounds(primitive, node, &pose.model_from_node(place), &joints);
            bounds = bounds.merge(here.ok_or_else(|| Error::ModelBroken {
                at: format!("node \"{}\"", node.name),
                reason: "its transform takes the mesh to infinity".into(),
            })?);
        }
    }
    Ok(bounds)
}

/// `None` when a vertex ends up at no finite place.
fn shown_bounds(
    primitive: &Primitive,
    node: &Node,
    model_from_node: &Mat4,
    joints: &[Mat4],
) -> Option<Bounds> {
    let is_skinned = node.skin.is_some() && !primitive.skin.is_empty();
    let mut bounds = Bounds::EMPTY;
    for vertex in 0..primitive.vertices.len() {
        let point = morphed(primitive, vertex, &node.weights);
        let point_in_model = if is_skinned {
            skinned(primitive, vertex, point, joints)
        } else {
            model_from_node.transform_point3(point)
        };
        if !point_in_model.is_finite() {
            return None;
        }
        bounds.extend(point_in_model);
    }
    Some(bounds)
}

fn morphed(primitive: &Primitive, vertex: usize, weights: &[f32]) -> Vec3 {
    let mut point = Vec3::from_array(primitive.vertices[vertex].position);
    for (target, weight) in primitive.morph_targets.iter().zip(weights) {
        if *weight != 0.0
            && let Some(difference) = target.positions.get(vertex)
        {
            point += *weight * Vec3::from_array(*difference);
        }
    }
    point
}

fn skinned(primitive: &Primitive, vertex: usize, point: Vec3, joints: &[Mat4]) -> Vec3 {
    let skin = primitive.skin[vertex];
    let mut moved = Vec3::ZERO;
    for (joint, weight) in skin.joints.into_iter().zip(skin.weights) {
        if weight > 0
            && let Some(model_from_mesh) = joints.get(usize::from(joint))
        {
            moved += model_from_mesh.transform_point3(point) * (f32::from(weight) / 65535.0);
        }
    }
    moved
}
