//! The nodes of the default scene, put in an order in which parents come first. glTF 2.0, section
//! 3.5.

use glam::{Mat4, Quat, Vec3};

use super::document::{self, Document};
use super::faults::{broken, limited};
use super::kept::Kept;
use crate::Error;
use crate::model::animation::unit;
use crate::model::limits::ModelLimits;
use crate::model::node::{Local, Node};

/// The scene's nodes and what they use.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Where the file's nodes went.
    pub(super) kept: Kept,
    pub(super) meshes: Kept,
    pub(super) skins: Kept,
}

/// Reads the default scene; without one the first, and without any scene all nodes.
pub(super) fn read(document: &Document, limits: &ModelLimits) -> Result<Tree, Error> {
    let mut tree = Tree {
        nodes: Vec::new(),
        kept: Kept::new(document.nodes.len()),
        meshes: Kept::new(document.meshes.len()),
        skins: Kept::new(document.skins.len()),
    };
    let mut waiting: Vec<(usize, Option<usize>)> = roots(document)?
        .into_iter()
        .rev()
        .map(|root| (root, None))
        .collect();
    let mut weights: usize = 0;
    while let Some((in_file, parent)) = waiting.pop() {
        let at = format!("node {in_file}");
        let node = document
            .nodes
            .get(in_file)
            .ok_or_else(|| broken(&at, "does not exist"))?;
        if tree.kept.place(in_file).is_some() {
            return Err(broken(at, "has two parents, or is its own ancestor"));
        }
        limited("nodes", tree.nodes.len() + 1, limits.nodes)?;
        let place = tree.nodes.len();
        tree.kept.keep(in_file);
        let read = tree.node(document, node, parent, limits, &at)?;
        weights = weights.saturating_add(read.weights.len());
        limited("weights of morph targets", weights, limits.morph_vertices)?;
        tree.nodes.push(read);
        waiting.extend(
            node.children
                .iter()
                .rev()
                .map(|child| (*child, Some(place))),
        );
        // A node cannot wait twice in a sound file.
        if waiting.len() > document.nodes.len() {
            return Err(broken(at, "has a child with two parents"));
        }
    }
    Ok(tree)
}

fn roots(document: &Document) -> Result<Vec<usize>, Error> {
    let scene = document.scene.unwrap_or_default();
    match document.scenes.get(scene) {
        Some(scene) => Ok(scene.nodes.clone()),
        None if document.scene.is_none() => {
            let mut is_child = vec![false; document.nodes.len()];
            for child in document.nodes.iter().flat_map(|node| &node.children) {
                if let Some(is_child) = is_child.get_mut(*child) {
                    *is_child = true;
                }
            }
            Ok((0..is_child.len())
                .filter(|node| !is_child[*node])
                .collect())
        }
        None => Err(broken(format!("scene {scene}"), "does not exist")),
    }
}

impl Tree {
    fn node(
        &mut self,
        document: &Document,
        node: &document::Node,
        parent: Option<usize>,
        limits: &ModelLimits,
        at: &str,
    ) -> Result<Node, Error> {
        let missing =
            |what: &str, place: usize| broken(at, format!("{what} {place} does not exist"));
        let mesh = match node.mesh {
            Some(mesh) => Some(
                self.meshes
                    .keep(mesh)
                    .ok_or_else(|| missing("mesh", mesh))?,
            ),
            None => None,
        };
        // A skin without a mesh moves nothing.
        let skin = match node.skin.filter(|_| mesh.is_some()) {
            Some(skin) => Some(self.skins.keep(skin).ok_or_else(|| missing("skin", skin))?),
            None => None,
        };
        Ok(Node {
            name: node.name.clone(),
            parent,
            local: local(node, at)?,
            mesh,
            skin,
            weights: weights(document, node, limits, at)?,
        })
    }
}

fn local(node: &document::Node, at: &str) -> Result<Local, Error> {
    let translation = Vec3::from_array(node.translation.unwrap_or_default());
    let rotation = Quat::from_array(node.rotation.unwrap_or([0.0, 0.0, 0.0, 1.0]));
    let scale = Vec3::from_array(node.scale.unwrap_or([1.0; 3]));
    let matrix = node.matrix.map(|numbers| Mat4::from_cols_array(&numbers));
    let is_finite = translation.is_finite()
        && rotation.is_finite()
        && scale.is_finite()
        && matrix.is_none_or(|matrix| matrix.is_finite());
    if !is_finite {
        return Err(broken(at, "its transform is not finite"));
    }
    Ok(match matrix {
        Some(matrix) => Local::Matrix(matrix),
        None => Local::Parts {
            translation,
            rotation: unit(rotation),
            scale,
        },
    })
}

/// One a morph target: the node's own, those of its mesh, or zeros.
fn weights(
    document: &Document,
    node: &document::Node,
    limits: &ModelLimits,
    at: &str,
) -> Result<Vec<f32>, Error> {
    let Some(mesh) = node.mesh.and_then(|mesh| document.meshes.get(mesh)) else {
        return Ok(Vec::new());
    };
    let targets = mesh
        .primitives
        .first()
        .map_or(0, |first| first.targets.len());
    limited(
        "morph targets of a primitive",
        targets,
        limits.morph_targets,
    )?;
    match node.weights.as_ref().or(mesh.weights.as_ref()) {
        Some(weights) if weights.len() != targets => {
            let has = weights.len();
            Err(broken(
                at,
                format!("has {has} weights for {targets} morph targets"),
            ))
        }
        Some(weights) if !weights.iter().all(|weight| weight.is_finite()) => {
            Err(broken(at, "its weights are not finite"))
        }
        Some(weights) => Ok(weights.clone()),
        None => Ok(vec![0.0; targets]),
    }
}
