//! Lines: strokes, arrows, measurements, trajectories, keyframes and pointers. All their pieces are drawn
//! at once: first what hides others, then soft edges and what is translucent.

use crate::{
    Scene,
    instances::Instances,
    line_points::{LinePoint, push_lines},
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/lines.wgsl")
);

const STYLE_OFFSET: u64 = 20;
/// A piece reads four points that follow each other: the one before it, its ends, the one after it. Each
/// is a vertex buffer of its own, a point further on in the same memory.
const NEIGHBOUR_BEFORE: [wgpu::VertexAttribute; 2] = neighbour([0, 1]);
const NEIGHBOUR_AFTER: [wgpu::VertexAttribute; 2] = neighbour([8, 9]);
const END_A: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![2 => Float32x4, 3 => Unorm8x4, 4 => Uint8x4];
const END_B: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![5 => Float32x4, 6 => Unorm8x4, 7 => Uint8x4];

const fn neighbour([position, style]: [u32; 2]) -> [wgpu::VertexAttribute; 2] {
    [
        wgpu::VertexAttribute {
            format: wgpu::VertexFormat::Float32x4,
            offset: 0,
            shader_location: position,
        },
        wgpu::VertexAttribute {
            format: wgpu::VertexFormat::Uint8x4,
            offset: STYLE_OFFSET,
            shader_location: style,
        },
    ]
}

pub(crate) struct Lines {
    cores: wgpu::RenderPipeline,
    edges: wgpu::RenderPipeline,
    points: Instances<LinePoint>,
}

impl Lines {
    pub(crate) const PIPELINES: u32 = 2;

    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let module = shader(&context.maker.device, "lines", WGSL);
        let attributes: [&[wgpu::VertexAttribute]; 4] =
            [&NEIGHBOUR_BEFORE, &END_A, &END_B, &NEIGHBOUR_AFTER];
        let buffers = attributes.map(|attributes| wgpu::VertexBufferLayout {
            array_stride: size_of::<LinePoint>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes,
        });
        let pipeline = async |label, [vertex, fragment]: [&str; 2], depth| {
            MarkPipeline {
                label,
                module: &module,
                vertex,
                fragment,
                groups: &[],
                buffers: &buffers,
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                cull: None,
                depth,
            }
            .make(context)
            .await
        };
        Lines {
            cores: pipeline(
                "cores of lines",
                ["vs_line_core", "fs_line_core"],
                Depth::TestAndWrite,
            )
            .await,
            edges: pipeline(
                "edges of lines",
                ["vs_line_edge", "fs_line_edge"],
                Depth::Test,
            )
            .await,
            points: Instances::new(&context.maker.device, "lines", 4096),
        }
    }

    pub(crate) fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, scene: &Scene) {
        self.points.clear();
        push_lines(scene, &mut |point| self.points.push(point));
        self.points.upload(device, queue);
    }

    /// Draws into the current view. Returns draw calls and instances.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> [u32; 2] {
        // Without a line there is nothing before the first and after the last.
        let pieces = self.points.len().saturating_sub(3);
        if pieces == 0 {
            return [0, 0];
        }
        for slot in 0..4 {
            pass.set_vertex_buffer(slot, self.points.from(slot as usize));
        }
        for pipeline in [&self.cores, &self.edges] {
            pass.set_pipeline(pipeline);
            pass.draw(0..4, 0..pieces);
        }
        [2, 2 * pieces]
    }
}
