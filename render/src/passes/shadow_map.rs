//! Shadow map: the depth of models as the main light sees them, in one or two boxes along the light side
//! by side. Drawn only when something that throws a shadow, or the light, has changed.

use crate::{
    model_draws::{Draw, ModelDraws, ModelStore},
    passes::depth_only::DepthOnly,
    pipeline::{DEPTH_FORMAT, begin_depth_pass},
    shadow_fit::{CASCADE_PX, Cascade},
    timings::Recorder,
    view_uniforms::ViewBuffer,
};

pub(crate) struct ShadowMap {
    pub(crate) view: wgpu::TextureView,
    /// What is in it.
    drawn: Option<(u64, [Option<Cascade>; 2])>,
}

/// What the light sees.
pub(crate) struct LightViews<'a> {
    pub(crate) cascades: &'a [Option<Cascade>; 2],
    pub(crate) views: &'a ViewBuffer,
    /// Where in `views` those of the light begin, one for each cascade in use.
    pub(crate) first: usize,
}

impl ShadowMap {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("shadow map"),
            size: wgpu::Extent3d {
                width: 2 * CASCADE_PX,
                height: CASCADE_PX,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: DEPTH_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        ShadowMap {
            view: texture.create_view(&Default::default()),
            drawn: None,
        }
    }

    /// Draws the map if it is not the one that is there. Returns draw calls and instances, if it drew.
    pub(crate) fn draw(
        &mut self,
        recorder: &mut Recorder,
        depth_only: &DepthOnly,
        store: &ModelStore,
        draws: &ModelDraws,
        light: &LightViews,
    ) -> Option<[u32; 2]> {
        let cascades = light.cascades;
        let wanted = (draws.casters_key, *cascades);
        if cascades[0].is_none() || self.drawn == Some(wanted) {
            return None;
        }
        self.drawn = Some(wanted);
        let mut pass = begin_depth_pass(recorder, "shadow map", &self.view);
        let mut counted = [0, 0];
        for index in 0..cascades.iter().flatten().count() {
            let side = CASCADE_PX as f32;
            let left = index as u32 * CASCADE_PX;
            pass.set_viewport(left as f32, 0.0, side, side, 0.0, 1.0);
            pass.set_scissor_rect(left, 0, CASCADE_PX, CASCADE_PX);
            light.views.bind(&mut pass, light.first + index);
            let casting = |draw: &Draw| draw.casting.clone();
            let drawn = depth_only.draw(&mut pass, store, draws, draws.draws.iter(), casting);
            counted[0] += drawn[0];
            counted[1] += drawn[1];
        }
        Some(counted)
    }
}
