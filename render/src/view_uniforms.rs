//! What the shaders know of a view: the mirror of `ViewUniforms` in `view.wgsl`.
//!
//! All views of a frame are written at once, each into its own slot of one buffer, and chosen by a
//! dynamic offset. Their group also holds the instances of meshes, which every view draws.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec4};

use crate::{
    FrameViews, View,
    gpu::texels::{layout_entry, texture},
    picture_fit,
};

/// Clip z from -1..1 (OpenGL, WebXR) to 0..1 (wgpu): z' = (z + w) / 2.
pub(crate) const WGPU_FROM_OPENGL_CLIP: Mat4 = Mat4::from_cols(
    Vec4::new(1.0, 0.0, 0.0, 0.0),
    Vec4::new(0.0, 1.0, 0.0, 0.0),
    Vec4::new(0.0, 0.0, 0.5, 0.0),
    Vec4::new(0.0, 0.0, 0.5, 1.0),
);

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct ViewUniforms {
    pub(crate) clip_from_world: Mat4,
    world_from_view: Mat4,
    unproject: Vec4,
    depth_terms: Vec4,
    viewport: Vec4,
    picture_fit: Vec4,
    picture_size: Vec4,
}

impl ViewUniforms {
    /// The values for `view`. `picture_px_per_point_px`: of the points on the device.
    pub(crate) fn new(
        view: &View,
        pixel_ratio: f32,
        picture_size_px: [u32; 2],
        picture_px_per_point_px: [f32; 2],
    ) -> Self {
        let [left, top, width, height] = view.viewport_px;
        let fit = picture_fit(picture_size_px, [width, height]);
        let projection = WGPU_FROM_OPENGL_CLIP * view.projection_from_view;
        let (x, y, z) = (projection.x_axis, projection.y_axis, projection.z_axis);
        ViewUniforms {
            clip_from_world: projection * view.view_from_world,
            world_from_view: view.view_from_world.inverse(),
            unproject: Vec4::new(1.0 / x.x, 1.0 / y.y, z.x / x.x, z.y / y.y),
            depth_terms: Vec4::new(z.z, projection.w_axis.z, left as f32, top as f32),
            viewport: Vec4::new(width as f32, height as f32, px_per_metre(view), pixel_ratio),
            picture_fit: Vec4::new(fit.scale, fit.offset_px[0], fit.offset_px[1], 0.0),
            picture_size: Vec4::new(
                picture_size_px[0] as f32,
                picture_size_px[1] as f32,
                picture_px_per_point_px[0],
                picture_px_per_point_px[1],
            ),
        }
    }

    /// For passes that only transform: a view of the shadow map.
    pub(crate) fn of_light(clip_from_world: Mat4) -> Self {
        ViewUniforms {
            clip_from_world,
            ..ViewUniforms::zeroed()
        }
    }
}

/// Pixels of the viewport that a metre takes where clip w is 1.
pub(crate) fn px_per_metre(view: &View) -> f32 {
    (view.projection_from_view.y_axis.y.abs() * view.viewport_px[3] as f32 * 0.5).max(1e-3)
}

/// The frame's pixel ratio, made usable.
pub(crate) fn pixel_ratio(frame: &FrameViews) -> f32 {
    if frame.pixel_ratio.is_finite() {
        frame.pixel_ratio.clamp(0.25, 8.0)
    } else {
        1.0
    }
}

/// The buffer of all views of a frame and its bind group.
pub(crate) struct ViewBuffer {
    pub(crate) layout: wgpu::BindGroupLayout,
    buffer: wgpu::Buffer,
    /// The instances of meshes.
    instances: wgpu::TextureView,
    bind_group: wgpu::BindGroup,
    staged: Vec<u8>,
    stride: u32,
    slots: u32,
}

impl ViewBuffer {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("view"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                    ty: wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: true,
                        min_binding_size: wgpu::BufferSize::new(size_of::<ViewUniforms>() as u64),
                    },
                    count: None,
                },
                layout_entry(1),
            ],
        });
        let alignment = device.limits().min_uniform_buffer_offset_alignment.max(1);
        let stride = (size_of::<ViewUniforms>() as u32).next_multiple_of(alignment);
        let slots = 2;
        let buffer = buffer_of(device, stride, slots);
        let instances = texture(device, "no instances", 1).create_view(&Default::default());
        ViewBuffer {
            bind_group: group_of(device, &layout, &buffer, &instances),
            layout,
            buffer,
            instances,
            staged: Vec::new(),
            stride,
            slots,
        }
    }

    /// Forgets the views of the last frame.
    pub(crate) fn clear(&mut self) {
        self.staged.clear();
    }

    pub(crate) fn push(&mut self, uniforms: &ViewUniforms) {
        self.staged.extend_from_slice(bytemuck::bytes_of(uniforms));
        let end = self.staged.len().next_multiple_of(self.stride as usize);
        self.staged.resize(end, 0);
    }

    /// The instances of meshes lie there from now on.
    pub(crate) fn set_instances(&mut self, device: &wgpu::Device, instances: wgpu::TextureView) {
        self.instances = instances;
        self.bind_group = group_of(device, &self.layout, &self.buffer, &self.instances);
    }

    /// Sends all pushed views to the device in one write.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        let needed = self.staged.len() as u32 / self.stride;
        if needed > self.slots {
            self.slots = needed;
            self.buffer = buffer_of(device, self.stride, needed);
            self.bind_group = group_of(device, &self.layout, &self.buffer, &self.instances);
        }
        if needed > 0 {
            queue.write_buffer(&self.buffer, 0, &self.staged);
        }
    }

    /// Makes the `index`-th pushed view the current one, at group 0.
    pub(crate) fn bind(&self, pass: &mut wgpu::RenderPass, index: usize) {
        pass.set_bind_group(0, &self.bind_group, &[index as u32 * self.stride]);
    }
}

fn buffer_of(device: &wgpu::Device, stride: u32, slots: u32) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("views"),
        size: u64::from(stride) * u64::from(slots),
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn group_of(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    buffer: &wgpu::Buffer,
    instances: &wgpu::TextureView,
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("views"),
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset: 0,
                    size: wgpu::BufferSize::new(size_of::<ViewUniforms>() as u64),
                }),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::TextureView(instances),
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use glam::camera::rh::proj::opengl::perspective;

    use super::*;

    #[test]
    fn near_and_far_go_to_zero_and_one() {
        let projection = perspective(1.0, 1.0, 0.1, 100.0);
        let clip = WGPU_FROM_OPENGL_CLIP * projection;
        let near = clip * Vec4::new(0.0, 0.0, -0.1, 1.0);
        let far = clip * Vec4::new(0.0, 0.0, -100.0, 1.0);
        assert!((near.z / near.w).abs() < 1e-5);
        assert!((far.z / far.w - 1.0).abs() < 1e-5);
    }
}
