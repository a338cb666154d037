//! Depth of models, for the shadow map and for the grounding of content: the pipelines, and drawing a
//! list with them. Who begins the pass chooses the view, which may be the light's.

use crate::{
    gpu::{materials::Materials, mesh_instances::MeshInstance, models::Kind, poses::Poses},
    instances::Instances,
    maker::Maker,
    model::{SkinVertex, Vertex},
    model_draws::{Draw, ModelStore},
    passes::models::{SKIN_LAYOUT, VERTEX_LAYOUT},
    pipeline::{DepthPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/depth_only.wgsl")
);

pub(crate) const POSED_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/mesh_pose.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/depth_only.wgsl"),
    wgsl!("passes/depth_only_posed.wgsl")
);

pub(crate) struct DepthOnly {
    /// By `posed`, then by `masked`.
    pipelines: [[wgpu::RenderPipeline; 2]; 2],
}

impl DepthOnly {
    pub(crate) async fn new(
        maker: &Maker,
        view: &wgpu::BindGroupLayout,
        materials: &Materials,
        poses: &Poses,
    ) -> Self {
        let device = &maker.device;
        let plain = shader(device, "depth of models", WGSL);
        let posed = shader(device, "depth of posed models", POSED_WGSL);
        let pipeline = async |is_posed: bool, masked: bool| {
            let buffers = [VERTEX_LAYOUT, MeshInstance::LAYOUT, SKIN_LAYOUT];
            DepthPipeline {
                label: "depth of models",
                module: if is_posed { &posed } else { &plain },
                vertex: if is_posed {
                    "vs_depth_posed"
                } else {
                    "vs_depth"
                },
                fragment: masked.then_some("fs_depth_masked"),
                groups: &[
                    Some(view),
                    None,
                    masked.then_some(&materials.layout),
                    is_posed.then_some(&poses.layout),
                ],
                buffers: if is_posed { &buffers } else { &buffers[..2] },
            }
            .make(maker)
            .await
        };
        DepthOnly {
            pipelines: [
                [pipeline(false, false).await, pipeline(false, true).await],
                [pipeline(true, false).await, pipeline(true, true).await],
            ],
        }
    }

    /// Draws those instances of each draw that `range` gives. Returns draw calls and instances.
    pub(crate) fn draw<'a>(
        &self,
        pass: &mut wgpu::RenderPass,
        store: &ModelStore,
        instances: &Instances<MeshInstance>,
        draws: impl Iterator<Item = &'a Draw>,
        range: impl Fn(&Draw) -> std::ops::Range<u32>,
    ) -> [u32; 2] {
        let mut current: Option<Kind> = None;
        let mut counted = [0, 0];
        for draw in draws {
            let range = range(draw);
            let Some(model) = store.get(&draw.model).filter(|_| !range.is_empty()) else {
                continue;
            };
            let key = |kind: Kind| (kind.posed, kind.masked);
            if current.map(key) != Some(key(draw.kind)) {
                let [plain, posed] = &self.pipelines;
                let [opaque, masked] = if draw.kind.posed { posed } else { plain };
                pass.set_pipeline(if draw.kind.masked { masked } else { opaque });
                current = Some(draw.kind);
            }
            pass.set_vertex_buffer(1, instances.from(range.start as usize));
            let count = range.len() as u32;
            model.draw(pass, draw.part, draw.kind.masked, count);
            counted[0] += 1;
            counted[1] += count;
        }
        counted
    }
}

const _: () = assert!(size_of::<Vertex>() == 52 && size_of::<SkinVertex>() == 16);
