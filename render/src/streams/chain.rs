//! The chain on the GPU: its pipelines, the video's texture, and the order of the passes.

use crate::{Error, TargetOrigin};

use super::{
    StreamAdjustments, StreamFit, deblock, present, sharpen,
    stream_pass::{StreamPass, group, group_layout},
    uniforms::StreamUniforms,
};

/// Between the passes: tones in steps finer than those of the video, so that what is evened out is
/// not cut to steps again.
const TONE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgb10a2Unorm;

/// Post-processes a video into targets of one format. See [the module](super) for an example.
pub struct StreamChain {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// Asking a browser for it in every picture takes long.
    largest_texture_px: u32,
    layout: wgpu::BindGroupLayout,
    deblock: StreamPass,
    sharpen: StreamPass,
    present: StreamPass,
    target_origin: TargetOrigin,
    uniforms: wgpu::Buffer,
    /// What `uniforms` holds.
    written: Option<StreamUniforms>,
    input: Option<Input>,
}

/// What is made for one size of the video.
struct Input {
    video: wgpu::Texture,
    reads_video: wgpu::BindGroup,
    deblocked: wgpu::TextureView,
    reads_deblocked: wgpu::BindGroup,
    sharpened: wgpu::TextureView,
    reads_sharpened: wgpu::BindGroup,
}

impl StreamChain {
    /// Compiles every shader and makes every pipeline; later calls make none.
    ///
    /// The device needs no feature and no more than `Limits::downlevel_webgl2_defaults()`.
    /// `target_format`: 8-bit RGBA or BGRA, sRGB or not.
    ///
    /// # Errors
    /// [`Error::UnsupportedTargetFormat`], and [`Error::Device`] when the device refuses a shader or
    /// a pipeline.
    pub async fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        target_format: wgpu::TextureFormat,
    ) -> Result<StreamChain, Error> {
        use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba8UnormSrgb};
        if ![Rgba8Unorm, Rgba8UnormSrgb, Bgra8Unorm, Bgra8UnormSrgb].contains(&target_format) {
            return Err(Error::UnsupportedTargetFormat {
                format: target_format,
            });
        }
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let chain = StreamChain::make(device, queue, target_format);
        match scope.pop().await {
            None => Ok(chain),
            Some(error) => Err(Error::Device {
                message: error.to_string(),
            }),
        }
    }

    fn make(
        device: wgpu::Device,
        queue: wgpu::Queue,
        target_format: wgpu::TextureFormat,
    ) -> StreamChain {
        let layout = group_layout(&device);
        let pass = |label, wgsl, fragment, format| {
            StreamPass::new(&device, label, wgsl, fragment, &layout, format)
        };
        let fs_present = if target_format.is_srgb() {
            "fs_present_srgb"
        } else {
            "fs_present_plain"
        };
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("stream"),
            size: size_of::<StreamUniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        StreamChain {
            deblock: pass("stream deblock", deblock::WGSL, "fs_deblock", TONE_FORMAT),
            sharpen: pass("stream sharpen", sharpen::WGSL, "fs_sharpen", TONE_FORMAT),
            present: pass("stream present", present::WGSL, fs_present, target_format),
            target_origin: TargetOrigin::TopLeft,
            uniforms,
            written: None,
            input: None,
            layout,
            largest_texture_px: device.limits().max_texture_dimension_2d,
            device,
            queue,
        }
    }

    /// The texture for the video (`Rgba8UnormSrgb`, rows from the top): copy or write each new
    /// picture into it. It stays the same while the size does; a new one is black. A size is kept
    /// within 1 and the device's largest texture.
    pub fn input(&mut self, width: u32, height: u32) -> &wgpu::Texture {
        let largest = self.largest_texture_px;
        let size_px = [width.clamp(1, largest), height.clamp(1, largest)];
        let kept = self
            .input
            .take()
            .filter(|input| [input.video.width(), input.video.height()] == size_px);
        let input =
            kept.unwrap_or_else(|| Input::new(&self.device, &self.layout, &self.uniforms, size_px));
        &self.input.insert(input).video
    }

    /// Which corner of its targets holds the first pixel in memory: the top left one, unless this says otherwise.
    pub fn set_target_origin(&mut self, origin: TargetOrigin) {
        self.target_origin = origin;
    }

    /// Draws the video into `target` and submits it; presenting a surface is the caller's.
    ///
    /// `target`: a view of a single-sampled texture of the chain's format and of `target_size_px`.
    /// It is overwritten. Returns whether it was: not before there is an input, and not where
    /// the target has no size or passes the device's limit.
    pub fn draw(
        &mut self,
        adjustments: &StreamAdjustments,
        target: &wgpu::TextureView,
        target_size_px: [u32; 2],
        fit: StreamFit,
    ) -> bool {
        let largest = self.largest_texture_px;
        let Some(input) = &self.input else {
            return false;
        };
        if !target_size_px
            .iter()
            .all(|size| (1..=largest).contains(size))
        {
            return false;
        }
        let video_px = [input.video.width(), input.video.height()];
        let uniforms = StreamUniforms::new(adjustments, video_px, target_size_px, fit)
            .drawn_from(self.target_origin);
        if self.written != Some(uniforms) {
            self.queue
                .write_buffer(&self.uniforms, 0, bytemuck::bytes_of(&uniforms));
            self.written = Some(uniforms);
        }
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut previous = &input.reads_video;
        if uniforms.deblocks() {
            self.deblock.draw(&mut encoder, previous, &input.deblocked);
            previous = &input.reads_deblocked;
        }
        if uniforms.sharpens() {
            self.sharpen.draw(&mut encoder, previous, &input.sharpened);
            previous = &input.reads_sharpened;
        }
        self.present.draw(&mut encoder, previous, target);
        self.queue.submit([encoder.finish()]);
        true
    }
}

impl Input {
    fn new(
        device: &wgpu::Device,
        layout: &wgpu::BindGroupLayout,
        uniforms: &wgpu::Buffer,
        size_px: [u32; 2],
    ) -> Input {
        let texture = |label, format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: wgpu::Extent3d {
                    width: size_px[0],
                    height: size_px[1],
                    depth_or_array_layers: 1,
                },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                // RENDER_ATTACHMENT: WebGPU asks for it where an external image is copied in.
                usage: usage
                    | wgpu::TextureUsages::TEXTURE_BINDING
                    | wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            })
        };
        let video = texture(
            "stream video",
            wgpu::TextureFormat::Rgba8UnormSrgb,
            wgpu::TextureUsages::COPY_DST,
        );
        let tones = |label| {
            texture(label, TONE_FORMAT, wgpu::TextureUsages::empty())
                .create_view(&Default::default())
        };
        let video_view = video.create_view(&Default::default());
        let [deblocked, sharpened] = [tones("stream deblocked"), tones("stream sharpened")];
        let reads = |previous| group(device, layout, uniforms, previous, &video_view);
        Input {
            reads_video: reads(&video_view),
            reads_deblocked: reads(&deblocked),
            reads_sharpened: reads(&sharpened),
            video,
            deblocked,
            sharpened,
        }
    }
}
