//! Grounding: how content and real surfaces darken each other, at half the size of the own picture.
//! Ambient occlusion on content, shadow and occlusion on real surfaces, then a blur that evens out
//! the samples' noise; and the catcher, which darkens what stands behind the marks by it.

use crate::{
    frame_uniforms::FrameGroup,
    pipeline::{
        DEPTH_FORMAT, Depth, MarkContext, MarkPipeline, begin_color_pass, full_screen_pipeline,
        shader,
    },
    timings::Recorder,
    view_uniforms::ViewBuffer,
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/shadow_sampling.wgsl"),
    wgsl!("passes/grounding.wgsl")
);
pub(crate) const BLUR_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/grounding_blur.wgsl")
);
pub(crate) const CATCHER_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/grounding_sampling.wgsl"),
    wgsl!("passes/grounding_catcher.wgsl")
);

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

pub(crate) struct Grounding {
    gather: wgpu::RenderPipeline,
    blur: wgpu::RenderPipeline,
    catcher: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

/// Depths and results of half the own picture's size; one pixel each while nothing needs them.
pub(crate) struct GroundingTargets {
    /// Of the own picture.
    size_px: [u32; 2],
    /// What hides marks.
    pub(crate) real_depth: wgpu::TextureView,
    /// What takes shadows.
    pub(crate) ground_depth: wgpu::TextureView,
    pub(crate) content_depth: wgpu::TextureView,
    noisy: wgpu::TextureView,
    /// The result.
    pub(crate) smooth: wgpu::TextureView,
    gather_group: wgpu::BindGroup,
    blur_group: wgpu::BindGroup,
}

impl Grounding {
    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let (device, view) = (&context.maker.device, context.view);
        let layout = layout(device);
        let gather = full_screen_pipeline(
            context.maker,
            "grounding",
            &shader(device, "grounding", WGSL),
            ["vs_grounding", "fs_grounding"],
            &[Some(view), Some(context.frame), Some(&layout)],
            FORMAT,
        )
        .await;
        let blur = full_screen_pipeline(
            context.maker,
            "grounding blur",
            &shader(device, "grounding blur", BLUR_WGSL),
            ["vs_grounding_blur", "fs_grounding_blur"],
            &[Some(view), None, Some(&layout)],
            FORMAT,
        )
        .await;
        let catcher = MarkPipeline {
            label: "grounding catcher",
            module: &shader(device, "grounding catcher", CATCHER_WGSL),
            vertex: "vs_grounding_catcher",
            fragment: "fs_grounding_catcher",
            groups: &[],
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Ignore,
        }
        .make(context)
        .await;
        Grounding {
            gather,
            blur,
            catcher,
            layout,
        }
    }

    /// Targets for an own picture of this size.
    pub(crate) fn targets(
        &self,
        device: &wgpu::Device,
        size_px: [u32; 2],
        shadow_map: &wgpu::TextureView,
    ) -> GroundingTargets {
        let texture = |label, format| {
            device
                .create_texture(&wgpu::TextureDescriptor {
                    label: Some(label),
                    size: wgpu::Extent3d {
                        width: size_px[0].div_ceil(2),
                        height: size_px[1].div_ceil(2),
                        depth_or_array_layers: 1,
                    },
                    mip_level_count: 1,
                    sample_count: 1,
                    dimension: wgpu::TextureDimension::D2,
                    format,
                    usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                        | wgpu::TextureUsages::TEXTURE_BINDING,
                    view_formats: &[],
                })
                .create_view(&Default::default())
        };
        let ground_depth = texture("ground depth", DEPTH_FORMAT);
        let content_depth = texture("content depth", DEPTH_FORMAT);
        let noisy = texture("grounding", FORMAT);
        let group = |third: &wgpu::TextureView| {
            let entry = |binding, view| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::TextureView(view),
            };
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("grounding"),
                layout: &self.layout,
                entries: &[
                    entry(0, &content_depth),
                    entry(1, &ground_depth),
                    entry(2, third),
                ],
            })
        };
        GroundingTargets {
            size_px,
            real_depth: texture("real depth", DEPTH_FORMAT),
            smooth: texture("grounding, smooth", FORMAT),
            gather_group: group(shadow_map),
            blur_group: group(&noisy),
            ground_depth,
            content_depth,
            noisy,
        }
    }

    /// Works out the grounding of `count` views, whose depths are drawn. `view_rects`: left, top, width
    /// and height of each in the own picture.
    pub(crate) fn draw(
        &self,
        recorder: &mut Recorder,
        targets: &GroundingTargets,
        frame: &FrameGroup,
        views: &ViewBuffer,
        view_rects: impl Iterator<Item = [u32; 4]> + Clone,
    ) -> u32 {
        let steps = [
            (
                "grounding",
                &self.gather,
                &targets.gather_group,
                &targets.noisy,
            ),
            (
                "grounding blur",
                &self.blur,
                &targets.blur_group,
                &targets.smooth,
            ),
        ];
        let mut draws = 0;
        for (label, pipeline, group, target) in steps {
            let mut pass = begin_color_pass(recorder, label, target, wgpu::Color::WHITE);
            pass.set_pipeline(pipeline);
            if draws == 0 {
                // Not in the second step: the group holds what that one writes.
                frame.bind(&mut pass);
            }
            pass.set_bind_group(2, group, &[]);
            for (index, rect) in view_rects.clone().enumerate() {
                set_half_viewport(&mut pass, rect);
                views.bind(&mut pass, index);
                pass.draw(0..3, 0..1);
                draws += 1;
            }
        }
        draws
    }

    /// Darkens what stands behind the marks of the current view; the frame's group is bound.
    pub(crate) fn draw_catcher(&self, pass: &mut wgpu::RenderPass) {
        pass.set_pipeline(&self.catcher);
        pass.draw(0..4, 0..1);
    }
}

impl GroundingTargets {
    pub(crate) fn size_px(&self) -> [u32; 2] {
        self.size_px
    }
}

/// A view of the own picture in a target of half its size.
pub(crate) fn set_half_viewport(pass: &mut wgpu::RenderPass, [left, top, width, height]: [u32; 4]) {
    let half = |value: u32| value as f32 * 0.5;
    pass.set_viewport(half(left), half(top), half(width), half(height), 0.0, 1.0);
    let right = (left + width).div_ceil(2);
    let bottom = (top + height).div_ceil(2);
    pass.set_scissor_rect(left / 2, top / 2, right - left / 2, bottom - top / 2);
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("grounding"),
        entries: &[entry(0), entry(1), entry(2)],
    })
}
