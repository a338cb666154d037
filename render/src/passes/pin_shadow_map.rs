//! Pin shadow map: the depth of every pin as its light sees it, each pin in its own tile.
//!
//! Drawn only when a pin or the light has changed. A dropping pin is drawn as it will stand, so that
//! its shadow lands first.

use glam::Vec3;

use crate::{
    instances::Instances,
    maker::Maker,
    mesh::{Mesh, MeshVertex},
    pins::{PinInstance, ShadowCaster},
    pipeline::{DEPTH_FORMAT, DepthPipeline, begin_depth_pass, shader},
    timings::Recorder,
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/pin.wgsl"),
    wgsl!("passes/pin_shadow_map.wgsl")
);

const SIDE_PX: u32 = 1024;
const TILES_A_SIDE: usize = 8;
/// Pins that can throw a shadow at the same time.
pub(crate) const TILE_COUNT: usize = TILES_A_SIDE * TILES_A_SIDE;

pub(crate) struct PinShadowMap {
    pipeline: wgpu::RenderPipeline,
    view: wgpu::TextureView,
    /// Group 2 of the passes that receive shadows.
    pub(crate) layout: wgpu::BindGroupLayout,
    pub(crate) group: wgpu::BindGroup,
    drawn: Vec<ShadowCaster>,
}

/// Corner and size of the `index`-th tile in texture coordinates.
pub(crate) fn tile(index: usize) -> Vec3 {
    let size = 1.0 / TILES_A_SIDE as f32;
    Vec3::new(
        (index % TILES_A_SIDE) as f32 * size,
        (index / TILES_A_SIDE) as f32 * size,
        size,
    )
}

impl PinShadowMap {
    pub(crate) async fn new(maker: &Maker) -> Self {
        let device = &maker.device;
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("pin shadow map"),
            size: wgpu::Extent3d {
                width: SIDE_PX,
                height: SIDE_PX,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: DEPTH_FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        let view = texture.create_view(&Default::default());
        let layout = layout(device);
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("pin shadow map"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            compare: Some(wgpu::CompareFunction::LessEqual),
            ..Default::default()
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pin shadow map"),
            layout: &layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(&sampler),
                },
            ],
        });
        PinShadowMap {
            pipeline: DepthPipeline {
                label: "pin shadow map",
                module: &shader(device, "pin shadow map", WGSL),
                vertex: "vs_pin_shadow_map",
                fragment: None,
                groups: &[],
                buffers: &[MeshVertex::LAYOUT, PinInstance::LAYOUT],
            }
            .make(maker)
            .await,
            view,
            layout,
            group,
            drawn: Vec::new(),
        }
    }

    /// Draws the map if `casters` are not those that are in it. Returns whether it drew.
    pub(crate) fn draw(
        &mut self,
        recorder: &mut Recorder,
        casters: impl Iterator<Item = ShadowCaster> + Clone,
        pins: &Instances<PinInstance>,
        mesh: &Mesh,
    ) -> bool {
        if pins.len() == 0 || casters.clone().eq(self.drawn.iter().copied()) {
            return false;
        }
        self.drawn.clear();
        self.drawn.extend(casters);
        let mut pass = begin_depth_pass(recorder, "pin shadow map", &self.view);
        pass.set_pipeline(&self.pipeline);
        pass.set_vertex_buffer(1, pins.all());
        mesh.draw(&mut pass, pins.len());
        true
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("pin shadow map"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Depth,
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Comparison),
                count: None,
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_side_by_side_within_the_map() {
        let mut corners: Vec<_> = (0..TILE_COUNT)
            .map(|index| {
                let tile = tile(index);
                assert!(tile.x + tile.z <= 1.0 && tile.y + tile.z <= 1.0);
                (tile.x.to_bits(), tile.y.to_bits())
            })
            .collect();
        corners.sort_unstable();
        corners.dedup();
        assert_eq!(corners.len(), TILE_COUNT);
    }
}
