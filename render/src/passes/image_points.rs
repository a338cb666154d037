//! Image points: tracked feature points as discs on the picture, placed by the cover fit. They come
//! from the CPU or lie on the device already.

use crate::{
    DevicePoints, ImagePoint,
    instances::Instances,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(wgsl!("passes/view.wgsl"), wgsl!("passes/image_points.wgsl"));

/// Bytes of a point, either way.
const POINT_BYTES: u64 = size_of::<[f32; 4]>() as u64;
/// Bytes of the arguments of an indirect draw call.
const ARGUMENTS_BYTES: u64 = size_of::<[u32; 4]>() as u64;

const ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2];
const DEVICE_ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x2, 1 => Uint32];

pub(crate) struct ImagePoints {
    pipeline: wgpu::RenderPipeline,
    instances: Instances<[f32; 4]>,
    /// None where the device has no indirect draws.
    device_pipeline: Option<wgpu::RenderPipeline>,
}

impl ImagePoints {
    pub(crate) async fn new(context: &MarkContext<'_>, draws_indirectly: bool) -> Self {
        let module = shader(&context.maker.device, "image points", WGSL);
        let pipeline = async |label, vertex, attributes| {
            MarkPipeline {
                label,
                module: &module,
                vertex,
                fragment: "fs_image_point",
                groups: &[],
                buffers: &[wgpu::VertexBufferLayout {
                    array_stride: POINT_BYTES,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes,
                }],
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                cull: None,
                depth: Depth::Ignore,
            }
            .make(context)
            .await
        };
        ImagePoints {
            pipeline: pipeline("image points", "vs_image_point", &ATTRIBUTES).await,
            instances: Instances::new(&context.maker.device, "image points", 2048),
            device_pipeline: if draws_indirectly {
                Some(pipeline("device points", "vs_device_point", &DEVICE_ATTRIBUTES).await)
            } else {
                None
            },
        }
    }

    /// Whether points on the device can be drawn at all.
    pub(crate) fn draws_device_points(&self) -> bool {
        self.device_pipeline.is_some()
    }

    /// Whether these can: what a buffer lacks would otherwise be an error of the whole frame.
    pub(crate) fn can_draw(&self, points: &DevicePoints) -> bool {
        let holds = |buffer: &wgpu::Buffer, usage, offset: u64, bytes| {
            buffer.usage().contains(usage)
                && offset.is_multiple_of(4)
                && offset
                    .checked_add(bytes)
                    .is_some_and(|end| end <= buffer.size())
        };
        self.draws_device_points()
            && holds(
                points.buffer,
                wgpu::BufferUsages::VERTEX,
                points.first_point_offset,
                POINT_BYTES,
            )
            && holds(
                points.draw_arguments,
                wgpu::BufferUsages::INDIRECT,
                points.draw_arguments_offset,
                ARGUMENTS_BYTES,
            )
    }

    pub(crate) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        points: &[ImagePoint],
    ) {
        self.instances.clear();
        self.instances.extend(points.iter().map(|point| {
            [
                point.position_px[0],
                point.position_px[1],
                point.age,
                point.certain,
            ]
        }));
        self.instances.upload(device, queue);
    }

    /// Draws into the current view. Returns the number of points.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> u32 {
        if self.instances.len() > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_vertex_buffer(0, self.instances.all());
            pass.draw(0..4, 0..self.instances.len());
        }
        self.instances.len()
    }

    /// Draws points on the device into the current view. Returns the number of draw calls.
    pub(crate) fn draw_on_device(&self, pass: &mut wgpu::RenderPass, points: &DevicePoints) -> u32 {
        let Some(pipeline) = &self.device_pipeline else {
            return 0;
        };
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(0, points.buffer.slice(points.first_point_offset..));
        pass.draw_indirect(points.draw_arguments, points.draw_arguments_offset);
        1
    }
}

/// Whether the device takes the arguments of draw calls from buffers. wgpu's devices do not say so,
/// but those that do not refuse such a buffer.
pub(crate) async fn draws_indirectly(device: &wgpu::Device) -> bool {
    let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let _probe = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("probe of indirect draws"),
        size: ARGUMENTS_BYTES,
        usage: wgpu::BufferUsages::INDIRECT,
        mapped_at_creation: false,
    });
    scope.pop().await.is_none()
}
