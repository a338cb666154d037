//! How a model stands at a moment: animations are written into a pose, blended over it, and turned
//! into the transforms that meshes and skins are drawn with. A model is shared, a pose is each
//! copy's own. Nothing here allocates after [`Pose::at_rest`].

use glam::{Mat4, Quat, Vec3};

use super::animation::{Channel, Property, Repeat, rotation_of};
use super::content::Model;
use super::node::Local;

/// Where all nodes of one model are, and how much its morph targets count. To be used with the model
/// that it was made for; with another it does no harm and makes no sense.
///
/// Set locals and weights by [`rest`](Pose::rest), [`sample`](Pose::sample),
/// [`blend`](Pose::blend) and [`set_weights`](Pose::set_weights), then [`update`](Pose::update)
/// once, then read.
#[derive(Clone, Debug)]
pub struct Pose {
    locals: Vec<Local>,
    model_from_node: Vec<Mat4>,
    /// All nodes' weights one after the other.
    weights: Vec<f32>,
    /// Where a node's weights begin, and one more for the end.
    weights_start: Vec<usize>,
    /// A channel's value before it is blended in; as long as the longest row of weights.
    sampled: Vec<f32>,
    locals_changed: bool,
    revision: u64,
}

impl Pose {
    /// As the file has it, updated.
    pub fn at_rest(model: &Model) -> Pose {
        let mut weights_start = Vec::with_capacity(model.nodes.len() + 1);
        let mut weights = Vec::new();
        let mut widest = 4;
        for node in &model.nodes {
            weights_start.push(weights.len());
            weights.extend_from_slice(&node.weights);
            widest = widest.max(node.weights.len());
        }
        weights_start.push(weights.len());
        let mut pose = Pose {
            locals: model.nodes.iter().map(|node| node.local).collect(),
            model_from_node: vec![Mat4::IDENTITY; model.nodes.len()],
            weights,
            weights_start,
            sampled: vec![0.0; widest],
            locals_changed: true,
            revision: 0,
        };
        pose.update(model);
        pose
    }

    /// Back to what the file has.
    pub fn rest(&mut self, model: &Model) {
        for (place, node) in model.nodes.iter().enumerate() {
            self.set_local(place, node.local);
            self.set_weights(place, &node.weights);
        }
    }

    /// Writes what the animation moves, as it stands `time_secs` after its start; leaves the rest.
    pub fn sample(&mut self, model: &Model, animation: usize, time_secs: f32, repeat: Repeat) {
        let Some(animation) = model.animations.get(animation) else {
            return;
        };
        let time_secs = animation.time_within(time_secs, repeat);
        for channel in &animation.channels {
            self.apply(channel, time_secs, 1.0);
        }
    }

    /// Goes from what is there towards a looped animation, by `weight` of 0 (stays) to 1 (as
    /// [`sample`](Pose::sample)). Rotations go the shorter way round.
    pub fn blend(&mut self, model: &Model, animation: usize, time_secs: f32, weight: f32) {
        let Some(animation) = model.animations.get(animation) else {
            return;
        };
        let time_secs = animation.time_within(time_secs, Repeat::Loop);
        // Neither nothing nor a number that is none moves anything.
        if weight > 0.0 {
            for channel in &animation.channels {
                self.apply(channel, time_secs, weight.min(1.0));
            }
        }
    }

    /// Sets the weights of a node's morph targets, as many as both have.
    pub fn set_weights(&mut self, node: usize, weights: &[f32]) {
        let mut has_changed = false;
        for (to, from) in self.weights_mut(node).iter_mut().zip(weights) {
            has_changed |= to.to_bits() != from.to_bits();
            *to = *from;
        }
        self.revision += u64::from(has_changed);
    }

    /// Works out where all nodes are, if any was moved since the last time.
    pub fn update(&mut self, model: &Model) {
        if !self.locals_changed {
            return;
        }
        self.locals_changed = false;
        self.revision += 1;
        let places = self.locals.len().min(model.nodes.len());
        for place in 0..places {
            let parent_from_node = self.locals[place].matrix();
            // Parents come first, so that theirs is up to date.
            let parent = model.nodes[place]
                .parent
                .and_then(|parent| self.model_from_node.get(parent));
            self.model_from_node[place] = match parent {
                Some(model_from_parent) => *model_from_parent * parent_from_node,
                None => parent_from_node,
            };
        }
    }

    /// Where a node is, as of the last [`update`](Pose::update).
    pub fn model_from_node(&self, node: usize) -> Mat4 {
        self.model_from_node.get(node).copied().unwrap_or_default()
    }

    /// The weights of a node's morph targets; none for a node without.
    pub fn weights(&self, node: usize) -> &[f32] {
        match (
            self.weights_start.get(node),
            self.weights_start.get(node.saturating_add(1)),
        ) {
            (Some(&start), Some(&end)) => &self.weights[start..end],
            _ => &[],
        }
    }

    /// Writes what takes the vertices of a skinned mesh to the model's frame, one a joint, as many
    /// as `out` has room for. The transform of the node that shows the mesh has no part in it, as
    /// glTF demands.
    pub fn joint_matrices(&self, model: &Model, skin: usize, out: &mut [Mat4]) {
        let Some(skin) = model.skins.get(skin) else {
            return;
        };
        for ((out, joint), joint_from_mesh) in
            out.iter_mut().zip(&skin.joints).zip(&skin.inverse_bind)
        {
            *out = self.model_from_node(*joint) * *joint_from_mesh;
        }
    }

    /// Another number whenever anything has changed, be it a weight or, by [`update`](Pose::update),
    /// a transform.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn weights_mut(&mut self, node: usize) -> &mut [f32] {
        match (
            self.weights_start.get(node),
            self.weights_start.get(node.saturating_add(1)),
        ) {
            (Some(&start), Some(&end)) => &mut self.weights[start..end],
            _ => &mut [],
        }
    }

    fn set_local(&mut self, node: usize, local: Local) {
        if let Some(to) = self.locals.get_mut(node)
            && *to != local
        {
            *to = local;
            self.locals_changed = true;
        }
    }

    /// Goes by `share` from what is there to what the channel says.
    fn apply(&mut self, channel: &Channel, time_secs: f32, share: f32) {
        match channel.property {
            Property::Weights => self.apply_weights(channel, time_secs, share),
            property => {
                let Some(local) = self.locals.get(channel.node).copied() else {
                    return;
                };
                let mut sampled = [0.0; 4];
                let width = if property == Property::Rotation { 4 } else { 3 };
                channel.sample(time_secs, &mut sampled[..width]);
                self.set_local(channel.node, moved(local, property, sampled, share));
            }
        }
    }

    fn apply_weights(&mut self, channel: &Channel, time_secs: f32, share: f32) {
        // Taken out so that the pose can be borrowed beside it; put back below.
        let mut sampled = std::mem::take(&mut self.sampled);
        let count = self.weights(channel.node).len().min(sampled.len());
        channel.sample(time_secs, &mut sampled[..count]);
        for (sampled, weight) in sampled.iter_mut().zip(self.weights(channel.node)) {
            *sampled = toward(*weight, *sampled, share);
        }
        self.set_weights(channel.node, &sampled[..count]);
        self.sampled = sampled;
    }
}

/// A local of which one property went by `share` to the sampled value.
fn moved(local: Local, property: Property, sampled: [f32; 4], share: f32) -> Local {
    let Local::Parts {
        mut translation,
        mut rotation,
        mut scale,
    } = local
    else {
        return local;
    };
    let vector = Vec3::new(sampled[0], sampled[1], sampled[2]);
    let mix = |from: Vec3| {
        if share >= 1.0 {
            vector
        } else {
            from.lerp(vector, share)
        }
    };
    match property {
        Property::Translation => translation = mix(translation),
        Property::Scale => scale = mix(scale),
        Property::Rotation => rotation = turned(rotation, rotation_of(&sampled), share),
        Property::Weights => {}
    }
    Local::Parts {
        translation,
        rotation,
        scale,
    }
}

fn turned(from: Quat, to: Quat, share: f32) -> Quat {
    if share >= 1.0 {
        to
    } else {
        from.slerp(to, share).normalize()
    }
}

fn toward(from: f32, to: f32, share: f32) -> f32 {
    if share >= 1.0 {
        to
    } else {
        from + (to - from) * share
    }
}
