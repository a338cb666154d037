//! Where tracker and renderer share a device, points are drawn from where the front end's passes left them: the same
//! picture as by the way through the host.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "the test ends where the device does")]

use glam::Mat4;
use render::{
    Backdrop, DevicePoints, FrameViews, ImagePoint, Light, OLD_POINT_FRAMES, Renderer,
    RendererConfig, Scene, TargetOrigin, View,
};
use slam::gpu::{GpuEngine, required_limits};
use slam::{Frame, FrontEnd, FrontEndConfig, ImageView, TrackedPoint};

const SIZE: [u32; 2] = [320, 240];
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Blobs that move by (2, 1) pixels a frame.
fn picture(frame: u32) -> Vec<u8> {
    let blob = |x: f32, y: f32| {
        let [column, row] = [x, y].map(|c| (c / 23.0).floor());
        let at = [column, row].map(|c| c * 23.0 + 11.0);
        let off = (x - at[0]).hypot(y - at[1]);
        let shade = ((column * 37.0 + row * 91.0) % 97.0).abs();
        (40.0 + shade + 140.0 * (-off * off / 18.0).exp()) as u8
    };
    let shift = [2.0, 1.0].map(|step| step * frame as f32 + 230.0);
    (0..SIZE[0] * SIZE[1])
        .map(|i| {
            blob(
                (i % SIZE[0]) as f32 + shift[0],
                (i / SIZE[0]) as f32 + shift[1],
            )
        })
        .collect()
}

fn open() -> Result<(wgpu::Device, wgpu::Queue), String> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(descriptor);
    pollster::block_on(async {
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions::default())
            .await
            .map_err(|error| error.to_string())?;
        adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_limits: required_limits(),
                ..Default::default()
            })
            .await
            .map_err(|error| error.to_string())
    })
}

/// What a scene looks like, as bytes of RGBA.
fn drawn(
    (device, queue): (&wgpu::Device, &wgpu::Queue),
    renderer: &mut Renderer,
    scene: &Scene<'_>,
) -> Vec<u8> {
    let size = wgpu::Extent3d {
        width: SIZE[0],
        height: SIZE[1],
        depth_or_array_layers: 1,
    };
    let target = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("target"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let views = [View {
        projection_from_view: Mat4::IDENTITY,
        view_from_world: Mat4::IDENTITY,
        viewport_px: [0, 0, SIZE[0], SIZE[1]],
    }];
    let frame = FrameViews {
        views: &views,
        target_size_px: SIZE,
        pixel_ratio: 1.0,
        time_secs: 0.0,
    };
    let report = renderer.draw(
        &frame,
        &Light::default(),
        scene,
        Backdrop::Picture,
        &target.create_view(&Default::default()),
        TargetOrigin::TopLeft,
    );
    assert!(!report.skipped_device_points);
    let row = SIZE[0] * 4;
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(row * SIZE[1]),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    encoder.copy_texture_to_buffer(
        target.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row),
                rows_per_image: None,
            },
        },
        size,
    );
    queue.submit([encoder.finish()]);
    buffer.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    buffer.get_mapped_range(..).unwrap().to_vec()
}

#[test]
fn points_are_drawn_from_where_the_front_end_left_them() {
    let (device, queue) = match open() {
        Ok(opened) => opened,
        Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
            panic!("{reason}")
        }
        Err(reason) => {
            println!("SKIPPED: {reason}");
            return;
        }
    };
    let config = FrontEndConfig {
        max_points: 200,
        ..FrontEndConfig::default()
    };
    let engine = GpuEngine::new(device.clone(), queue.clone(), &config).unwrap();
    let on_device = engine.points_on_device();
    assert!(on_device.buffers().is_none());
    let mut front_end = FrontEnd::new(config).unwrap();
    front_end.use_engine(Some(Box::new(engine)));
    let mut renderer = pollster::block_on(Renderer::new(
        device.clone(),
        queue.clone(),
        RendererConfig {
            target_format: FORMAT,
            ..RendererConfig::default()
        },
    ))
    .unwrap();
    assert!(renderer.draws_device_points());
    renderer.picture_texture(SIZE[0], SIZE[1]);

    for frame in 0..3 {
        let luma = picture(frame);
        let image = ImageView::new(&luma, SIZE[0] as usize, SIZE[1] as usize, SIZE[0] as usize);
        let frame = Frame::new(image.unwrap(), i64::from(frame) * 33_000_000);
        let ticket = front_end.submit(&frame).unwrap();

        // Before anything has come back: the work is in the queue, and so is the drawing.
        let buffers = on_device.buffers().unwrap();
        let scene = Scene {
            device_points: Some(DevicePoints {
                buffer: &buffers.points,
                first_point_offset: 0,
                draw_arguments: &buffers.draw,
                draw_arguments_offset: 0,
                picture_px_per_point_px: [1.0; 2],
            }),
            ..Scene::default()
        };
        let from_device = drawn((&device, &queue), &mut renderer, &scene);

        let tracks = front_end.poll(ticket).unwrap();
        assert!(tracks.points.len() > 60, "{}", tracks.points.len());
        let as_image_point = |point: &TrackedPoint| ImagePoint {
            position_px: point.position_px,
            age: (point.age_frames as f32 / OLD_POINT_FRAMES).min(1.0),
            certain: 1.0,
        };
        let points: Vec<_> = tracks.points.iter().map(as_image_point).collect();
        let scene = Scene {
            image_points: &points,
            ..Scene::default()
        };
        let from_host = drawn((&device, &queue), &mut renderer, &scene);
        assert!(from_device == from_host);
        let empty = drawn((&device, &queue), &mut renderer, &Scene::default());
        assert!(from_device != empty);
    }
    assert!(front_end.was_on_engine());
}
