//! Depth of models, for the shadow map and for the grounding of content: the pipelines, and drawing a
//! list with them. Who begins the pass chooses the view, which may be the light's.

use crate::{
    gpu::{materials::Materials, models::Kind, poses::Poses},
    maker::Maker,
    model::{SkinVertex, Vertex},
    model_draws::{Draw, ModelDraws, ModelStore},
    passes::models::{SKIN_LAYOUT, VERTEX_LAYOUT},
    pipeline::{DepthPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/texels.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/depth_only.wgsl")
);

pub(crate) const POSED_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/texels.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/mesh_pose.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/depth_only.wgsl"),
    wgsl!("passes/depth_only_posed.wgsl")
);

/// Slot 0 where nothing but the place counts: OpenGL binds every attribute that a pipeline names.
const POSITION_LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
    attributes: &wgpu::vertex_attr_array![0 => Float32x3],
    ..VERTEX_LAYOUT
};

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
            let buffers = [VERTEX_LAYOUT, SKIN_LAYOUT];
            DepthPipeline {
                label: "depth of models",
                module: if is_posed { &posed } else { &plain },
                vertex: match (is_posed, masked) {
                    (true, _) => "vs_depth_posed",
                    (false, true) => "vs_depth_masked",
                    (false, false) => "vs_depth",
                },
                fragment: masked.then_some("fs_depth_masked"),
                groups: &[
                    Some(view),
                    None,
                    masked.then_some(&materials.layout),
                    is_posed.then_some(&poses.layout),
                ],
                buffers: match (is_posed, masked) {
                    (true, _) => &buffers,
                    (false, true) => &buffers[..1],
                    (false, false) => &[POSITION_LAYOUT],
                },
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
        draws: &'a ModelDraws,
        chosen: impl Iterator<Item = &'a Draw>,
        range: impl Fn(&Draw) -> std::ops::Range<u32>,
    ) -> [u32; 2] {
        let mut current: Option<Kind> = None;
        let mut bound = false;
        let mut counted = [0, 0];
        for draw in chosen {
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
            counted[0] += 1;
            counted[1] += range.len() as u32;
            let buffers = (&draws.geometry, &mut bound);
            model.draw(pass, buffers, draw.part, draw.kind.masked, range);
        }
        counted
    }
}

const _: () = assert!(size_of::<Vertex>() == 52 && size_of::<SkinVertex>() == 16);
