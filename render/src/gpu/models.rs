//! Models on the device: where their vertices and triangles lie, their materials' bind groups, and their parts, a part
//! being one primitive of one node. What skins and morph targets move has buffers of its own.

use std::ops::Range;

use bytemuck::cast_slice;
use glam::Mat4;
use wgpu::util::DeviceExt;

use crate::{
    Error,
    gpu::{
        geometry::{Geometry, Place},
        materials::Materials,
        poses::Poses,
        texels::texel_texture,
    },
    model::{
        Alpha, Bounds, Material, Model, MorphTarget, Pose, Primitive, Skin, SkinVertex, Vertex,
    },
};

/// A primitive as a node of the model shows it.
pub(crate) struct Part {
    pub(crate) node: usize,
    /// Place in the model's skins, for a node that has one and vertices that are bound to it.
    pub(crate) skin: Option<usize>,
    primitive: usize,
    /// In the frame of the mesh, or of the model for what a skin moves.
    pub(crate) bounds: Bounds,
}

/// The triangles of one material on the device.
struct Triangles {
    first_vertex: u64,
    vertex_count: u64,
    first_index: u32,
    index_count: u32,
    material: usize,
    morphs: Option<wgpu::Texture>,
    morph_targets: u32,
}

/// How a part is drawn: what chooses its pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) posed: bool,
    pub(crate) blended: bool,
    /// Its depth depends on its material's alpha.
    pub(crate) masked: bool,
    pub(crate) double_sided: bool,
}

/// Where a model's vertices and triangles lie.
enum Home {
    Shared(Place),
    Own {
        vertices: wgpu::Buffer,
        /// Where any part is posed.
        skin_vertices: Option<wgpu::Buffer>,
        indices: wgpu::Buffer,
    },
}

pub(crate) struct GpuModel {
    home: Home,
    triangles: Vec<Triangles>,
    materials: Vec<(Kind, wgpu::BindGroup)>,
    pub(crate) parts: Vec<Part>,
    pub(crate) skins: Vec<Skin>,
    pub(crate) rest: Pose,
    /// At rest, in the model's frame.
    pub(crate) bounds: Bounds,
    /// Group 3 of each part, made for one pose texture.
    pose_groups: Vec<wgpu::BindGroup>,
    pose_generation: Option<u32>,
}

impl GpuModel {
    /// `images`: the decoded pictures in the model's order, all their levels filled.
    ///
    /// # Errors
    /// [`Error::ModelTooBig`] where a buffer or texture would be larger than the device allows.
    pub(crate) fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        geometry: &mut Geometry,
        materials: &mut Materials,
        model: &Model,
        images: &[wgpu::TextureView],
    ) -> Result<GpuModel, Error> {
        let mut triangles = Vec::with_capacity(model.primitives.len());
        let mut vertices: Vec<Vertex> = Vec::new();
        let mut skin_vertices: Vec<SkinVertex> = Vec::new();
        let mut indices: Vec<u32> = Vec::new();
        let any_posed = model.primitives.iter().any(is_posed);
        for primitive in &model.primitives {
            triangles.push(Triangles {
                first_vertex: vertices.len() as u64,
                vertex_count: primitive.vertices.len() as u64,
                first_index: indices.len() as u32,
                index_count: primitive.indices.len() as u32,
                material: primitive.material,
                morphs: morph_texture(device, queue, primitive)?,
                morph_targets: primitive.morph_targets.len() as u32,
            });
            vertices.extend_from_slice(&primitive.vertices);
            indices.extend_from_slice(&primitive.indices);
            if any_posed {
                skin_vertices.extend_from_slice(&primitive.skin);
                skin_vertices.resize(vertices.len(), bytemuck::Zeroable::zeroed());
            }
        }
        let buffer = |label, contents: &[u8], usage| {
            let limit = device.limits().max_buffer_size;
            if contents.len() as u64 > limit {
                return Err(Error::ModelTooBig {
                    what: "buffer bytes on this device",
                    actual: contents.len(),
                    limit: limit as usize,
                });
            }
            Ok(
                device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: Some(label),
                    contents,
                    usage,
                }),
            )
        };
        let kind = |material: &Material| Kind {
            posed: false,
            blended: material.alpha == Alpha::Blend,
            masked: material.alpha != Alpha::Opaque,
            double_sided: material.double_sided,
        };
        let shared = if any_posed {
            None
        } else {
            let mut from_model = indices.clone();
            for triangles in &triangles {
                let first = triangles.first_index as usize;
                for index in &mut from_model[first..first + triangles.index_count as usize] {
                    *index += triangles.first_vertex as u32;
                }
            }
            geometry.add(device, queue, &vertices, &mut from_model)
        };
        let (vertex, index) = (wgpu::BufferUsages::VERTEX, wgpu::BufferUsages::INDEX);
        let home = match shared {
            Some(place) => Home::Shared(place),
            None => Home::Own {
                vertices: buffer("model vertices", cast_slice(&vertices), vertex)?,
                skin_vertices: any_posed
                    .then(|| buffer("model skin", cast_slice(&skin_vertices), vertex))
                    .transpose()?,
                indices: buffer("model indices", cast_slice(&indices), index)?,
            },
        };
        Ok(GpuModel {
            home,
            triangles,
            materials: model
                .materials
                .iter()
                .map(|material| (kind(material), materials.group(device, material, images)))
                .collect(),
            parts: parts(model),
            skins: model.skins.clone(),
            rest: Pose::at_rest(model),
            bounds: model.bounds,
            pose_groups: Vec::new(),
            pose_generation: None,
        })
    }

    pub(crate) fn kind(&self, part: &Part) -> Kind {
        let triangles = &self.triangles[part.primitive];
        Kind {
            posed: part.skin.is_some() || triangles.morph_targets > 0,
            ..self.materials[triangles.material].0
        }
    }

    pub(crate) fn morph_targets(&self, part: &Part) -> u32 {
        self.triangles[part.primitive].morph_targets
    }

    /// Makes group 3 of all parts anew if the pose texture is another one.
    pub(crate) fn use_poses(&mut self, device: &wgpu::Device, poses: &Poses) {
        let is_posed = matches!(
            self.home,
            Home::Own {
                skin_vertices: Some(_),
                ..
            }
        );
        if !is_posed || self.pose_generation == Some(poses.generation()) {
            return;
        }
        self.pose_generation = Some(poses.generation());
        let group =
            |part: &Part| poses.group(device, self.triangles[part.primitive].morphs.as_ref());
        self.pose_groups = self.parts.iter().map(group).collect();
    }

    /// Model from mesh, for a part that no skin moves; what a skin moves stands in the model's frame.
    pub(crate) fn model_from_mesh(&self, part: &Part, pose: &Pose) -> Mat4 {
        if part.skin.is_some() {
            Mat4::IDENTITY
        } else {
            pose.model_from_node(part.node)
        }
    }

    /// Gives back what it has of the shared buffers.
    pub(crate) fn leave(self, geometry: &mut Geometry) {
        if let Home::Shared(place) = self.home {
            geometry.remove(place);
        }
    }

    /// Draws a part; pipeline and groups 0 and 1 are set. `bound`: whether the shared buffers are, kept from draw to draw.
    pub(crate) fn draw(
        &self,
        pass: &mut wgpu::RenderPass,
        (geometry, bound): (&Geometry, &mut bool),
        part_index: usize,
        with_material: bool,
        instances: Range<u32>,
    ) {
        let part = &self.parts[part_index];
        let triangles = &self.triangles[part.primitive];
        if with_material {
            pass.set_bind_group(2, &self.materials[triangles.material].1, &[]);
        }
        let mut first = triangles.first_index;
        match &self.home {
            Home::Shared(place) => {
                first += place.indices.start;
                if !std::mem::replace(bound, true) {
                    geometry.bind(pass);
                }
            }
            Home::Own {
                vertices,
                skin_vertices,
                indices,
            } => {
                *bound = false;
                // WebGL2 has no base vertex: the buffers are cut instead.
                let cut = |size: usize| {
                    let start = triangles.first_vertex * size as u64;
                    start..start + triangles.vertex_count * size as u64
                };
                pass.set_vertex_buffer(0, vertices.slice(cut(size_of::<Vertex>())));
                pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
                if let (true, Some(skin_vertices)) = (self.kind(part).posed, skin_vertices) {
                    pass.set_vertex_buffer(1, skin_vertices.slice(cut(size_of::<SkinVertex>())));
                    pass.set_bind_group(3, self.pose_groups.get(part_index), &[]);
                }
            }
        }
        pass.draw_indexed(first..first + triangles.index_count, 0, instances);
    }
}

fn is_posed(primitive: &Primitive) -> bool {
    !primitive.skin.is_empty() || !primitive.morph_targets.is_empty()
}

fn parts(model: &Model) -> Vec<Part> {
    let mut parts = Vec::new();
    for (node, shown) in model.nodes.iter().enumerate() {
        let Some(range) = shown.mesh.and_then(|mesh| model.meshes.get(mesh)) else {
            continue;
        };
        for index in range.clone() {
            let primitive = &model.primitives[index];
            let skin = shown.skin.filter(|_| !primitive.skin.is_empty());
            let bounds = match skin {
                // A skin may carry its vertices anywhere near: room for half the model around it.
                Some(_) => widened(model.bounds, 0.5),
                None if primitive.morph_targets.is_empty() => primitive.bounds,
                None => widened(primitive.bounds, 0.5),
            };
            if !primitive.indices.is_empty() {
                parts.push(Part {
                    node,
                    skin,
                    primitive: index,
                    bounds,
                });
            }
        }
    }
    parts
}

fn widened(bounds: Bounds, part_of_size: f32) -> Bounds {
    let by = glam::Vec3::splat(bounds.size().max_element() * part_of_size);
    Bounds {
        min: bounds.min - by,
        max: bounds.max + by,
    }
}

/// Layout as `morphs` in `mesh_pose.wgsl`.
fn morph_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    primitive: &Primitive,
) -> Result<Option<wgpu::Texture>, Error> {
    let targets = &primitive.morph_targets;
    if targets.is_empty() {
        return Ok(None);
    }
    let has = |list: fn(&MorphTarget) -> &Vec<[f32; 3]>| {
        targets.iter().any(|target| !list(target).is_empty())
    };
    let attributes = if has(|target| &target.tangents) {
        3
    } else if has(|target| &target.normals) {
        2
    } else {
        1
    };
    let count = primitive.vertices.len();
    let mut texels = Vec::with_capacity(1 + targets.len() * attributes * count);
    texels.push([count as f32, attributes as f32, 0.0, 0.0]);
    for target in targets {
        for list in [&target.positions, &target.normals, &target.tangents]
            .into_iter()
            .take(attributes)
        {
            let filled = texels.len() + count;
            texels.extend(list.iter().map(|[x, y, z]| [*x, *y, *z, 0.0]));
            texels.resize(filled, [0.0; 4]);
        }
    }
    let actual = texels.len();
    match texel_texture(device, queue, "morph targets", texels) {
        Some(texture) => Ok(Some(texture)),
        None => Err(Error::ModelTooBig {
            what: "morph target values on this device",
            actual,
            limit: device.limits().max_texture_dimension_2d as usize * 1024,
        }),
    }
}
