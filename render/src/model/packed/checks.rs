//! Whether a model keeps the promises of its fields: every place lies within its list, lists that belong together are
//! as long as each other, numbers that are reckoned with are finite. Takes time in proportion to the model.

use super::super::animation::{Channel, Interpolation, Property};
use super::super::bounds::Bounds;
use super::super::content::Model;
use super::super::material::Material;
use super::super::node::{Local, Node};
use super::super::vertex::Primitive;
use super::bytes::Read;

/// The most joints that a skin has: vertices name them by 16 bits.
const MOST_JOINTS: usize = 1 << 16;

/// # Errors
/// The first promise that is broken.
pub(super) fn check(model: &Model) -> Read<()> {
    let images = model.images.len();
    let is_sound = |material: &Material| maps_are_sound(material, images);
    hold(
        model.materials.iter().all(is_sound),
        "a material's map is unsound",
    )?;
    for primitive in &model.primitives {
        hold(
            primitive.material < model.materials.len() && primitive_is_sound(primitive),
            "a primitive is unsound",
        )?;
    }
    let meshes = meshes(model)?;
    for skin in &model.skins {
        let joints = skin.joints.len();
        let is_sound = (1..=MOST_JOINTS).contains(&joints)
            && skin.inverse_bind.len() == joints
            && skin.joints.iter().all(|joint| *joint < model.nodes.len())
            && skin.inverse_bind.iter().all(|matrix| matrix.is_finite());
        hold(is_sound, "a skin is unsound")?;
    }
    for (place, node) in model.nodes.iter().enumerate() {
        hold(
            node.parent.is_none_or(|parent| parent < place) && node_is_sound(node, model, &meshes),
            "a node is unsound",
        )?;
    }
    for animation in &model.animations {
        let is_sound = animation.duration_secs.is_finite()
            && animation
                .channels
                .iter()
                .all(|channel| channel_is_sound(channel, &model.nodes));
        hold(is_sound, "an animation is unsound")?;
    }
    hold(bounds_are_sound(&model.bounds), "its bounds are unsound")
}

fn hold(is_kept: bool, reason: &'static str) -> Read<()> {
    if is_kept { Ok(()) } else { Err(reason) }
}

fn maps_are_sound(material: &Material, images: usize) -> bool {
    [
        &material.base_color_map,
        &material.metallic_roughness_map,
        &material.normal_map,
        &material.occlusion_map,
        &material.emissive_map,
    ]
    .into_iter()
    .flatten()
    .all(|map| map.image < images && map.coordinates < 2 && finite(map.transform.as_flattened()))
}

fn primitive_is_sound(primitive: &Primitive) -> bool {
    let count = primitive.vertices.len();
    let fits = |length: usize| length == 0 || length == count;
    fits(primitive.skin.len())
        && primitive.morph_targets.iter().all(|target| {
            [&target.positions, &target.normals, &target.tangents]
                .into_iter()
                .all(|list| fits(list.len()) && finite(list.as_flattened()))
        })
        && primitive.indices.len().is_multiple_of(3)
        && primitive
            .indices
            .iter()
            .all(|index| (*index as usize) < count)
        && primitive
            .vertices
            .iter()
            .all(|vertex| finite(&vertex.position))
        && bounds_are_sound(&primitive.bounds)
}

/// What the nodes that show a mesh must know of it.
struct Mesh {
    /// Morph targets of each of its primitives; `None` without any primitive.
    morph_targets: Option<usize>,
    /// The greatest joint that a vertex names.
    greatest_joint: u16,
}

/// Meshes stand in their primitives' order, none shares any: that is what keeps this linear.
fn meshes(model: &Model) -> Read<Vec<Mesh>> {
    let mut end = 0;
    let mut meshes = Vec::with_capacity(model.meshes.len());
    for range in &model.meshes {
        let primitives = model.primitives.get(range.clone());
        let Some(primitives) = primitives.filter(|_| range.start == end) else {
            return Err("a mesh is unsound");
        };
        end = range.end;
        let mut of_each = primitives
            .iter()
            .map(|primitive| primitive.morph_targets.len());
        let morph_targets = of_each.next();
        hold(
            of_each.all(|count| Some(count) == morph_targets),
            "a mesh is unsound",
        )?;
        let joints = primitives
            .iter()
            .flat_map(|primitive| &primitive.skin)
            .flat_map(|skin| skin.joints);
        meshes.push(Mesh {
            morph_targets,
            greatest_joint: joints.max().unwrap_or_default(),
        });
    }
    Ok(meshes)
}

fn node_is_sound(node: &Node, model: &Model, meshes: &[Mesh]) -> bool {
    let local_is_finite = match node.local {
        Local::Parts {
            translation,
            rotation,
            scale,
        } => translation.is_finite() && rotation.is_finite() && scale.is_finite(),
        Local::Matrix(matrix) => matrix.is_finite(),
    };
    let mesh = node.mesh.map(|mesh| meshes.get(mesh));
    let skin = node.skin.map(|skin| model.skins.get(skin));
    let fit = match (mesh, skin) {
        (Some(None), _) | (_, Some(None)) => false,
        (None, _) => true,
        (Some(Some(mesh)), skin) => {
            let joints = skin.flatten().map(|skin| skin.joints.len());
            mesh.morph_targets
                .is_none_or(|count| count == node.weights.len())
                && joints.is_none_or(|joints| usize::from(mesh.greatest_joint) < joints)
        }
    };
    local_is_finite && fit && finite(&node.weights)
}

fn channel_is_sound(channel: &Channel, nodes: &[Node]) -> bool {
    let Some(node) = nodes.get(channel.node) else {
        return false;
    };
    let width = match channel.property {
        Property::Translation | Property::Scale => 3,
        Property::Rotation => 4,
        Property::Weights => node.weights.len(),
    };
    let values_a_keyframe = match channel.interpolation {
        Interpolation::CubicSpline => width.saturating_mul(3),
        _ => width,
    };
    let times = &channel.times_secs;
    let needs = times.len().saturating_mul(values_a_keyframe);
    matches!(node.local, Local::Parts { .. })
        && needs > 0
        && channel.values.len() == needs
        && times.windows(2).all(|pair| pair[0] < pair[1])
        && finite(times)
        && finite(&channel.values)
}

/// Empty is no fault: then coordinates are infinite.
fn bounds_are_sound(bounds: &Bounds) -> bool {
    bounds.is_empty() || (bounds.min.is_finite() && bounds.max.is_finite())
}

fn finite(numbers: &[f32]) -> bool {
    numbers.iter().all(|number| number.is_finite())
}
