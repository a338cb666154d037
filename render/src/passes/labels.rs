//! Labels: paper cards that face the viewer, over marks and other places, farthest first. All cards of a
//! view are one draw call.

use glam::{Vec2, Vec3, Vec4};

use crate::{
    Error, LabelId, Pointer, Scene, View,
    instances::Instances,
    label_atlas::LabelAtlas,
    label_layout::{LabelInstance, PlacedLabel, place_label},
    label_placement::{LabelPlacement, PlacementView, Wish},
    mesh::HEAD_HALF_EXTENTS,
    pins::{PIN_SPHERE_M, PIN_TOP_M, lift},
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
    view_uniforms::ViewUniforms,
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/labels.wgsl")
);

const ATTRIBUTES: [wgpu::VertexAttribute; 4] =
    wgpu::vertex_attr_array![0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4];

/// What a card hangs over, in the world.
#[derive(Clone, Copy)]
struct Anchor {
    id: LabelId,
    in_world: Vec3,
    clearance_m: f32,
}

pub(crate) struct Labels {
    pipeline: wgpu::RenderPipeline,
    atlas: LabelAtlas,
    placement: LabelPlacement,
    anchors: Vec<Anchor>,
    /// What moved cards should not cover, in the world.
    clear: Vec<Vec3>,
    instances: Instances<LabelInstance>,
    /// Of one view while its cards are placed.
    wishes: Vec<Wish>,
    placed: Vec<(PlacedLabel, Vec4)>,
    shifts_px: Vec<Vec2>,
    clear_px: Vec<Vec2>,
    /// From the farthest to the nearest.
    order: Vec<usize>,
    /// Where each view's instances end.
    view_ends: Vec<u32>,
    time_secs: f32,
}

impl Labels {
    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let device = &context.maker.device;
        let atlas = LabelAtlas::new(device);
        let pipeline = MarkPipeline {
            label: "labels",
            module: &shader(device, "labels", WGSL),
            vertex: "vs_label",
            fragment: "fs_label",
            groups: &[&atlas.layout],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<LabelInstance>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Test,
        }
        .make(context)
        .await;
        Labels {
            pipeline,
            atlas,
            placement: LabelPlacement::new(),
            anchors: Vec::new(),
            clear: Vec::new(),
            instances: Instances::new(device, "labels", 64),
            wishes: Vec::new(),
            placed: Vec::new(),
            shifts_px: Vec::new(),
            clear_px: Vec::new(),
            order: Vec::new(),
            view_ends: Vec::new(),
            time_secs: 0.0,
        }
    }

    pub(crate) fn set(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        id: LabelId,
        size_px: [u32; 2],
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        self.atlas
            .set(device, queue, id, size_px, premultiplied_srgb_rgba)
    }

    pub(crate) fn remove(&mut self, id: LabelId) {
        self.atlas.remove(id);
        self.placement.forget(id);
    }

    /// Takes the anchors of a frame; then [`Labels::prepare_view`] for each view, then
    /// [`Labels::upload`].
    pub(crate) fn prepare(&mut self, scene: &Scene, time_secs: f32) {
        self.instances.clear();
        self.view_ends.clear();
        self.time_secs = time_secs;
        self.atlas.begin_frame();
        self.placement.begin_frame();
        self.prepare_clear(scene);
        self.anchors.clear();
        let over = |id: Option<LabelId>, in_world, clearance_m| {
            Some(Anchor {
                id: id?,
                in_world,
                clearance_m,
            })
        };
        self.anchors.extend(scene.pins.iter().filter_map(|pin| {
            let top = Vec3::new(0.0, PIN_TOP_M + lift(pin), 0.0);
            over(pin.label, pin.world_from_pin.transform_point3(top), 0.03)
        }));
        self.anchors.extend(scene.heads.iter().filter_map(|head| {
            let above = Vec3::Y * (HEAD_HALF_EXTENTS.y + 0.02);
            let middle = head.world_from_head.w_axis.truncate();
            over(head.label, middle + above, HEAD_HALF_EXTENTS.x)
        }));
        self.anchors.extend(
            scene
                .arrows
                .iter()
                .filter_map(|arrow| over(arrow.label, arrow.from_in_world, arrow.width_m)),
        );
        self.anchors
            .extend(scene.measurements.iter().filter_map(|measured| {
                let middle = (measured.from_in_world + measured.to_in_world) * 0.5;
                over(measured.label, middle, 0.0)
            }));
        self.anchors
            .extend(scene.pointers.iter().filter_map(|pointer| {
                let direction = pointer.direction_in_world.try_normalize()?;
                let hit = pointer.origin_in_world + direction * pointer.hit_m?;
                over(pointer.label, hit, 0.01)
            }));
        self.anchors.extend(scene.labels.iter().map(|label| Anchor {
            id: label.id,
            in_world: label.anchor_in_world,
            clearance_m: label.clearance_m,
        }));
    }

    /// Takes what people look at: moved cards should leave it in sight.
    fn prepare_clear(&mut self, scene: &Scene) {
        let sphere = Vec3::Y * PIN_SPHERE_M;
        self.clear.clear();
        let pins = scene.pins.iter();
        self.clear
            .extend(pins.map(|pin| pin.world_from_pin.transform_point3(sphere)));
        let heads = scene.heads.iter();
        self.clear
            .extend(heads.map(|head| head.world_from_head.w_axis.truncate()));
        let arrows = scene.arrows.iter();
        self.clear.extend(arrows.map(|arrow| arrow.to_in_world));
        for measured in scene.measurements {
            self.clear
                .extend([measured.from_in_world, measured.to_in_world]);
        }
        self.clear
            .extend(scene.pointers.iter().filter_map(Pointer::hit_in_world));
    }

    /// Places the cards of the next view.
    pub(crate) fn prepare_view(
        &mut self,
        uniforms: &ViewUniforms,
        view: &View,
        px_per_metre: f32,
        pixel_ratio: f32,
    ) {
        self.wishes.clear();
        self.placed.clear();
        for anchor in &self.anchors {
            let Some(card) = self.atlas.card(anchor.id) else {
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
            let Some(placed) = placed else { continue };
            self.wishes.push(Wish {
                id: anchor.id,
                depth_m: placed.anchor.w,
                anchor_px: placed.anchor_px,
                middle_px: placed.anchor_px + placed.middle,
                half_px: placed.half_box_px(),
            });
            self.placed.push((placed, card.coordinates));
        }
        let [_, _, width, height] = view.viewport_px;
        let placement_view = PlacementView {
            index: self.view_ends.len(),
            size_px: Vec2::new(width as f32, height as f32),
            pixel_ratio,
            time_secs: self.time_secs,
        };
        self.clear_px.clear();
        for place in &self.clear {
            let clip = uniforms.clip_from_world * place.extend(1.0);
            if clip.w > 0.0 {
                let unit = Vec2::new(clip.x, -clip.y) / clip.w * 0.5 + 0.5;
                self.clear_px.push(unit * placement_view.size_px);
            }
        }
        self.clear_px
            .extend(self.wishes.iter().map(|wish| wish.anchor_px));
        self.placement.place(
            &placement_view,
            &self.wishes,
            &self.clear_px,
            &mut self.shifts_px,
        );
        self.order.clear();
        self.order.extend(0..self.placed.len());
        let depth = |index: &usize| self.placed[*index].0.anchor.w;
        self.order
            .sort_unstable_by(|a, b| depth(b).total_cmp(&depth(a)).then(a.cmp(b)));
        // Lines under all cards.
        for index in &self.order {
            let leader = self.placed[*index]
                .0
                .leader(self.shifts_px[*index], pixel_ratio);
            self.instances.extend(leader.into_iter());
        }
        for index in &self.order {
            let (placed, coordinates) = &self.placed[*index];
            self.instances
                .push(placed.card(self.shifts_px[*index], *coordinates));
        }
        self.view_ends.push(self.instances.len());
    }

    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        self.instances.upload(device, queue);
    }

    /// Draws the `index`-th view's cards and the lines to them. Returns their number.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass, index: usize) -> u32 {
        let start = if index == 0 {
            0
        } else {
            self.view_ends[index - 1]
        };
        let count = self.view_ends[index] - start;
        if count > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(2, self.atlas.group(), &[]);
            pass.set_vertex_buffer(0, self.instances.from(start as usize));
            pass.draw(0..4, 0..count);
        }
        count
    }
}
