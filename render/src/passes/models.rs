//! Models: glTF materials under the frame's light, opaque ones into colour and depth, then, after all
//! that is opaque, blended ones over them.

use crate::{
    gpu::{materials::Materials, poses::Poses},
    model::{SkinVertex, Vertex},
    model_draws::{ModelDraws, ModelStore},
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/grounding_sampling.wgsl"),
    wgsl!("passes/shadow_sampling.wgsl"),
    wgsl!("passes/pbr.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/texels.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/models.wgsl")
);

pub(crate) const POSED_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/grounding_sampling.wgsl"),
    wgsl!("passes/shadow_sampling.wgsl"),
    wgsl!("passes/pbr.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/texels.wgsl"),
    wgsl!("passes/mesh.wgsl"),
    wgsl!("passes/mesh_pose.wgsl"),
    wgsl!("passes/material.wgsl"),
    wgsl!("passes/models.wgsl"),
    wgsl!("passes/models_posed.wgsl")
);

const VERTEX_ATTRIBUTES: [wgpu::VertexAttribute; 6] = wgpu::vertex_attr_array![
    0 => Float32x3, 1 => Snorm16x4, 2 => Snorm16x4, 3 => Float32x2, 4 => Float32x2, 5 => Unorm16x4
];

/// Slot 0: [`Vertex`].
pub(crate) const VERTEX_LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
    array_stride: size_of::<Vertex>() as u64,
    step_mode: wgpu::VertexStepMode::Vertex,
    attributes: &VERTEX_ATTRIBUTES,
};

const SKIN_ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![6 => Uint16x4, 7 => Unorm16x4];

/// Slot 1 of posed pipelines: [`SkinVertex`].
pub(crate) const SKIN_LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
    array_stride: size_of::<SkinVertex>() as u64,
    step_mode: wgpu::VertexStepMode::Vertex,
    attributes: &SKIN_ATTRIBUTES,
};

struct Variants {
    /// Without faces that look away, and with all.
    opaque: [wgpu::RenderPipeline; 2],
    /// Without faces that look away, and without those that look here.
    blended: [wgpu::RenderPipeline; 2],
}

pub(crate) struct Models {
    /// By `posed`.
    pipelines: [Variants; 2],
}

impl Models {
    pub(crate) async fn new(
        context: &MarkContext<'_>,
        materials: &Materials,
        poses: &Poses,
    ) -> Self {
        let device = &context.maker.device;
        let plain = shader(device, "models", WGSL);
        let posed = shader(device, "posed models", POSED_WGSL);
        let pipeline = async |is_posed: bool, blended: bool, cull: Option<wgpu::Face>| {
            let groups = [&materials.layout, &poses.layout];
            let buffers = [VERTEX_LAYOUT, SKIN_LAYOUT];
            MarkPipeline {
                label: "models",
                module: if is_posed { &posed } else { &plain },
                vertex: if is_posed {
                    "vs_model_posed"
                } else {
                    "vs_model"
                },
                fragment: "fs_model",
                groups: if is_posed { &groups } else { &groups[..1] },
                buffers: if is_posed { &buffers } else { &buffers[..1] },
                topology: wgpu::PrimitiveTopology::TriangleList,
                cull,
                depth: if blended {
                    Depth::Test
                } else {
                    Depth::TestAndWrite
                },
            }
            .make(context)
            .await
        };
        let (back, front) = (Some(wgpu::Face::Back), Some(wgpu::Face::Front));
        let variants = async |is_posed| Variants {
            opaque: [
                pipeline(is_posed, false, back).await,
                pipeline(is_posed, false, None).await,
            ],
            blended: [
                pipeline(is_posed, true, back).await,
                pipeline(is_posed, true, front).await,
            ],
        };
        Models {
            pipelines: [variants(false).await, variants(true).await],
        }
    }

    /// Draws what may be seen of the opaque or of the blended draws into the current view; the frame's
    /// group is bound. Returns draw calls and instances.
    pub(crate) fn draw(
        &self,
        pass: &mut wgpu::RenderPass,
        store: &ModelStore,
        draws: &ModelDraws,
        blended: bool,
    ) -> [u32; 2] {
        let mut current: Option<&wgpu::RenderPipeline> = None;
        let mut bound = false;
        let mut counted = [0, 0];
        for draw in &draws.draws {
            let count = draw.seen.len() as u32;
            let wanted = draw.kind.blended == blended && count > 0;
            let Some(model) = store.get(&draw.model).filter(|_| wanted) else {
                continue;
            };
            let variants = &self.pipelines[usize::from(draw.kind.posed)];
            let mirrored = usize::from(draw.mirrored);
            // What is seen through from both sides shows its far side first.
            let pipelines: [Option<&wgpu::RenderPipeline>; 2] =
                match (blended, draw.kind.double_sided) {
                    (false, _) => [None, Some(&variants.opaque[usize::from(draw.unculled)])],
                    (true, false) => [None, Some(&variants.blended[mirrored])],
                    (true, true) => [
                        Some(&variants.blended[1 - mirrored]),
                        Some(&variants.blended[mirrored]),
                    ],
                };
            for pipeline in pipelines.into_iter().flatten() {
                if current.replace(pipeline) != Some(pipeline) {
                    pass.set_pipeline(pipeline);
                }
                let buffers = (&draws.geometry, &mut bound);
                model.draw(pass, buffers, draw.part, true, draw.seen.clone());
                counted[0] += 1;
                counted[1] += count;
            }
        }
        counted
    }
}
