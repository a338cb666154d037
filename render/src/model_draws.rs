//! Which parts of which models a frame draws: culled, grouped into instanced draws, and ordered.
//!
//! In: the frame's [`ModelInstance`]s and the models on the device. Out: instances and poses on the
//! device, and lists of draws for the passes that draw models.

use std::{collections::HashMap, ops::Range};

use glam::{Mat4, Vec3};

use crate::{
    ModelId, ModelInstance,
    frustum::Frustum,
    gpu::{
        geometry::Geometry,
        mesh_instances::{MeshInstance, MeshInstances, PoseTexels},
        models::{GpuModel, Kind},
        poses::Poses,
    },
    model::Bounds,
};

/// Models by name.
pub(crate) type ModelStore = HashMap<ModelId, GpuModel>;

/// One part of a model for a row of instances.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) model: ModelId,
    pub(crate) part: usize,
    pub(crate) kind: Kind,
    /// Faces of both sides must be drawn: the material says so, or an instance is mirrored.
    pub(crate) unculled: bool,
    /// An instance is mirrored; of what is blended there is just one.
    pub(crate) mirrored: bool,
    /// Which instances may be seen.
    pub(crate) seen: Range<u32>,
    /// Which throw a shadow.
    pub(crate) casting: Range<u32>,
    /// From the eye to the middle.
    distance_m: f32,
}

/// An instance before it has its place in the row.
struct Candidate {
    place: usize,
    instance: MeshInstance,
    seen: bool,
    casts: bool,
    distance_m: f32,
}

pub(crate) struct ModelDraws {
    pub(crate) instances: MeshInstances,
    pub(crate) geometry: Geometry,
    pub(crate) poses: Poses,
    /// Opaque ones, ordered by pipeline; then blended ones, farthest first.
    pub(crate) draws: Vec<Draw>,
    /// Around each thing that throws a shadow, in the world.
    pub(crate) casters: Vec<Bounds>,
    /// Another number whenever what throws shadows is another.
    pub(crate) casters_key: u64,
    /// Instances of models that are not known, or that stand nowhere.
    pub(crate) skipped: u32,
    order: Vec<(ModelId, usize)>,
    row: Vec<Candidate>,
    /// First texel of the joints for each instance of a model and each of its skins; 0: not yet.
    joints: Vec<u32>,
    posed_key: u64,
    /// Which of the instances' textures its caller knows.
    known_instances: Option<u32>,
}

impl ModelDraws {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        ModelDraws {
            instances: MeshInstances::new(device),
            geometry: Geometry::new(device),
            poses: Poses::new(device),
            draws: Vec::new(),
            casters: Vec::new(),
            casters_key: 0,
            skipped: 0,
            order: Vec::new(),
            row: Vec::new(),
            joints: Vec::new(),
            posed_key: 0,
            known_instances: None,
        }
    }

    /// Sends the instances of the frame. Returns their texture where it is another one than before.
    pub(crate) fn upload_instances(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Option<wgpu::TextureView> {
        self.instances
            .upload(device, queue, &mut self.known_instances)
    }

    /// Takes the models of a frame and sends what has changed to the device.
    pub(crate) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        store: &mut ModelStore,
        looks: &[ModelInstance],
        views: &[Frustum],
        eye_in_world: Vec3,
    ) {
        self.instances.clear();
        self.poses.clear();
        self.draws.clear();
        self.casters.clear();
        self.casters_key = 0;
        self.skipped = 0;
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(
            looks
                .iter()
                .enumerate()
                .map(|(index, look)| (look.model, index)),
        );
        order.sort_unstable();
        let mut posed_caster = false;
        for row in order.chunk_by(|a, b| a.0 == b.0) {
            let Some(model) = store.get(&row[0].0) else {
                self.skipped += row.len() as u32;
                continue;
            };
            self.joints.clear();
            self.joints.resize(row.len() * model.skins.len(), 0);
            for part in 0..model.parts.len() {
                posed_caster |= self.gather(model, part, row, looks, views, eye_in_world);
            }
        }
        self.order = order;
        self.draws.sort_unstable_by(|a, b| {
            let blended = a.kind.blended.cmp(&b.kind.blended);
            blended.then_with(|| {
                if a.kind.blended {
                    b.distance_m.total_cmp(&a.distance_m)
                } else {
                    let key = |draw: &Draw| (draw.kind.posed, draw.unculled, draw.model, draw.part);
                    key(a).cmp(&key(b))
                }
            })
        });
        if self.poses.upload(device, queue) {
            self.posed_key += 1;
        }
        if posed_caster {
            self.casters_key = self
                .casters_key
                .wrapping_add(self.posed_key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        for row in self.order.chunk_by(|a, b| a.0 == b.0) {
            if let Some(model) = store.get_mut(&row[0].0) {
                model.use_poses(device, &self.poses);
            }
        }
    }

    /// Adds the draws of one part for all instances of its model. Returns whether one that is posed
    /// throws a shadow.
    fn gather(
        &mut self,
        model: &GpuModel,
        part_index: usize,
        row: &[(ModelId, usize)],
        looks: &[ModelInstance],
        views: &[Frustum],
        eye_in_world: Vec3,
    ) -> bool {
        let part = &model.parts[part_index];
        let kind = model.kind(part);
        self.row.clear();
        for (place, (_, index)) in row.iter().enumerate() {
            let look = &looks[*index];
            let pose = look.pose.unwrap_or(&model.rest);
            let world_from_mesh = look.world_from_model * model.model_from_mesh(part, pose);
            let bounds = part.bounds.transform(&world_from_mesh);
            if !bounds.min.is_finite() || !bounds.max.is_finite() {
                self.skipped += u32::from(part_index == 0);
                continue;
            }
            let seen = views.iter().any(|view| view.may_see(&bounds));
            if !seen && !look.casts_shadow {
                continue;
            }
            let texels = self.pose_texels(model, part_index, place, pose);
            let instance = MeshInstance::new(&world_from_mesh, look, texels);
            if look.casts_shadow {
                self.casters.push(bounds);
                let key = hash(bytemuck::bytes_of(&instance), (row[0].0, part_index));
                self.casters_key = self.casters_key.wrapping_add(key);
            }
            self.row.push(Candidate {
                place,
                instance,
                seen,
                casts: look.casts_shadow,
                distance_m: bounds.center().distance(eye_in_world),
            });
        }
        // In this order those that are seen lie side by side, and so do those that throw shadows.
        let rank = |candidate: &Candidate| match (candidate.seen, candidate.casts) {
            (true, false) => 0,
            (true, true) => 1,
            _ => 2,
        };
        self.row
            .sort_unstable_by_key(|candidate| (rank(candidate), candidate.place));
        let casts = self.row.iter().any(|candidate| candidate.casts);
        let a_draw = if kind.blended {
            1
        } else {
            self.row.len().max(1)
        };
        for together in self.row.chunks(a_draw) {
            let first = self.instances.len();
            let count = |least: usize, most: usize| {
                let within = |candidate: &&Candidate| (least..=most).contains(&rank(candidate));
                together.iter().filter(within).count() as u32
            };
            let mirrored = together
                .iter()
                .any(|candidate| candidate.instance.is_mirrored());
            self.draws.push(Draw {
                model: row[0].0,
                part: part_index,
                kind,
                unculled: kind.double_sided || mirrored,
                mirrored,
                seen: first..first + count(0, 1),
                casting: first + count(0, 0)..first + count(0, 2),
                distance_m: together[0].distance_m,
            });
            for candidate in together {
                self.instances.push(&candidate.instance);
            }
        }
        casts && kind.posed
    }

    fn pose_texels(
        &mut self,
        model: &GpuModel,
        part_index: usize,
        place: usize,
        pose: &crate::model::Pose,
    ) -> PoseTexels {
        let part = &model.parts[part_index];
        let mut texels = PoseTexels::default();
        if let Some((place_of_skin, skin)) = part
            .skin
            .and_then(|skin| Some((place * model.skins.len() + skin, model.skins.get(skin)?)))
        {
            if self.joints[place_of_skin] == 0 {
                let (first, rows) = self.poses.push_joints(skin.joints.len());
                let joints = skin.joints.iter().zip(&skin.inverse_bind);
                let (rows, _) = rows.as_chunks_mut::<3>();
                for (rows, (joint, joint_from_mesh)) in rows.iter_mut().zip(joints) {
                    let matrix: Mat4 = pose.model_from_node(*joint) * *joint_from_mesh;
                    let transposed = matrix.transpose();
                    *rows =
                        [transposed.x_axis, transposed.y_axis, transposed.z_axis].map(Into::into);
                }
                self.joints[place_of_skin] = first;
            }
            texels.joints = self.joints[place_of_skin];
        }
        let morph_targets = model.morph_targets(part);
        if morph_targets > 0 {
            let weights = pose.weights(part.node);
            texels.morph_targets = morph_targets.min(weights.len() as u32);
            texels.weights = self.poses.push_weights(weights);
        }
        texels
    }
}

/// FNV-1a (Fowler, Noll, Vo) over words.
fn hash(bytes: &[u8], (model, part): (ModelId, usize)) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(model.0) ^ ((part as u64) << 32);
    let (words, _) = bytes.as_chunks::<4>();
    for word in words {
        hash = (hash ^ u64::from(u32::from_ne_bytes(*word))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
