//! Labels: paper cards that face the viewer, over pins and heads, farthest first.

use std::collections::HashMap;

use glam::Vec3;

use crate::{
    Error, Head, LabelId, Pin, View,
    instances::Instances,
    label_bitmap,
    label_layout::{LabelInstance, place_label},
    mesh::HEAD_HALF_EXTENTS,
    pins::{PIN_TOP_M, lift},
    pipeline::{Depth, MarkPipeline, texture_group, texture_layout},
    view_uniforms::ViewUniforms,
};

pub(crate) const WGSL: &str = concat!(include_str!("view.wgsl"), include_str!("labels.wgsl"));

const ATTRIBUTES: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Float32x4];

struct Card {
    group: wgpu::BindGroup,
    size_px: [u32; 2],
}

/// What a card hangs over, in the world.
struct Anchor {
    id: LabelId,
    in_world: Vec3,
    clearance_m: f32,
}

pub(crate) struct Labels {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    cards: HashMap<LabelId, Card>,
    anchors: Vec<Anchor>,
    instances: Instances<LabelInstance>,
    /// The cards of one view while they are sorted.
    sorting: Vec<(LabelId, LabelInstance)>,
    /// Whose card each instance is.
    order: Vec<LabelId>,
    /// Where each view's instances end.
    view_ends: Vec<usize>,
}

impl Labels {
    pub(crate) fn new(device: &wgpu::Device, view: &wgpu::BindGroupLayout, samples: u32) -> Self {
        let layout = texture_layout(device, "label");
        let pipeline = MarkPipeline {
            label: "labels",
            wgsl: WGSL,
            vertex: "vs_label",
            fragment: "fs_label",
            groups: &[view, &layout],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<LabelInstance>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            depth: Depth::Test,
            samples,
        }
        .make(device);
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("label"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            mipmap_filter: wgpu::MipmapFilterMode::Linear,
            ..Default::default()
        });
        Labels {
            pipeline,
            layout,
            sampler,
            cards: HashMap::new(),
            anchors: Vec::new(),
            instances: Instances::new(device, "labels", 64),
            sorting: Vec::new(),
            order: Vec::new(),
            view_ends: Vec::new(),
        }
    }

    pub(crate) fn set(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        id: LabelId,
        [width, height]: [u32; 2],
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        let largest = device.limits().max_texture_dimension_2d;
        let possible = width > 0 && height > 0 && width <= largest && height <= largest;
        let required = if possible {
            width as usize * height as usize * 4
        } else {
            0
        };
        let actual = premultiplied_srgb_rgba.len();
        if required == 0 || actual != required {
            return Err(Error::LabelSize {
                width,
                height,
                required,
                actual,
            });
        }
        let levels = label_bitmap::levels(width, height, premultiplied_srgb_rgba);
        let texture = card_texture(device, queue, &levels);
        let group = texture_group(device, &self.layout, &texture, &self.sampler);
        self.cards.insert(
            id,
            Card {
                group,
                size_px: [width, height],
            },
        );
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: LabelId) {
        self.cards.remove(&id);
    }

    /// Takes the anchors of a frame; then [`Labels::prepare_view`] for each view, then
    /// [`Labels::upload`].
    pub(crate) fn prepare(&mut self, pins: &[Pin], heads: &[Head]) {
        self.instances.clear();
        self.order.clear();
        self.view_ends.clear();
        self.anchors.clear();
        self.anchors.extend(pins.iter().filter_map(|pin| {
            let top = Vec3::new(0.0, PIN_TOP_M + lift(pin), 0.0);
            Some(Anchor {
                id: pin.label?,
                in_world: pin.world_from_pin.transform_point3(top),
                clearance_m: 0.03,
            })
        }));
        self.anchors.extend(heads.iter().filter_map(|head| {
            let above = Vec3::Y * (HEAD_HALF_EXTENTS.y + 0.02);
            Some(Anchor {
                id: head.label?,
                in_world: head.world_from_head.w_axis.truncate() + above,
                clearance_m: HEAD_HALF_EXTENTS.x,
            })
        }));
    }

    /// Places the cards of the next view.
    pub(crate) fn prepare_view(
        &mut self,
        uniforms: &ViewUniforms,
        view: &View,
        px_per_metre: f32,
        pixel_ratio: f32,
    ) {
        self.sorting.clear();
        for anchor in &self.anchors {
            let Some(card) = self.cards.get(&anchor.id) else {
                continue;
            };
            let placed = place_label(
                &uniforms.clip_from_world,
                view,
                px_per_metre,
                pixel_ratio,
                anchor.in_world,
                anchor.clearance_m,
                card.size_px,
            );
            self.sorting
                .extend(placed.map(|instance| (anchor.id, instance)));
        }
        self.sorting
            .sort_unstable_by(|a, b| b.1.anchor.w.total_cmp(&a.1.anchor.w));
        for (id, instance) in &self.sorting {
            self.order.push(*id);
            self.instances.push(*instance);
        }
        self.view_ends.push(self.order.len());
    }

    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        self.instances.upload(device, queue);
    }

    /// Draws the `index`-th view's cards. Returns their number, one draw call each.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass, index: usize) -> u32 {
        let start = if index == 0 {
            0
        } else {
            self.view_ends[index - 1]
        };
        let end = self.view_ends[index];
        if start < end {
            pass.set_pipeline(&self.pipeline);
        }
        for instance in start..end {
            let Some(card) = self.cards.get(&self.order[instance]) else {
                continue;
            };
            pass.set_bind_group(1, &card.group, &[]);
            pass.set_vertex_buffer(0, self.instances.from(instance));
            pass.draw(0..4, 0..1);
        }
        (end - start) as u32
    }
}

fn card_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    levels: &[(u32, u32, Vec<u8>)],
) -> wgpu::Texture {
    let extent = |width, height| wgpu::Extent3d {
        width,
        height,
        depth_or_array_layers: 1,
    };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("label"),
        size: extent(levels[0].0, levels[0].1),
        mip_level_count: levels.len() as u32,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8UnormSrgb,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    for (level, (width, height, bytes)) in levels.iter().enumerate() {
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                mip_level: level as u32,
                ..texture.as_image_copy()
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: None,
            },
            extent(*width, *height),
        );
    }
    texture
}
