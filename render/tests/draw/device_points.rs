//! Points that lie on the device look as those that are sent to it do.

use render::glam::Vec3;
use render::{
    Backdrop, DevicePoints, DrawReport, ImagePoint, OLD_POINT_FRAMES, Renderer, RendererConfig,
    Scene, View,
};

use crate::offscreen::{Offscreen, Pixels, on_every_backend};
use crate::{draw_with, view};

const PICTURE_PX: [u32; 2] = [80, 60];
const TARGET_PX: [u32; 2] = [240, 100];

/// x, y in pixels, age in frames.
type Point = (f32, f32, u32);

/// A pattern over the picture and its edges, of all ages.
fn pattern() -> Vec<Point> {
    (0..60_u32)
        .map(|k| {
            let (x, y) = ((k * 37 % 83) as f32 - 1.25, (k * 23 % 61) as f32 + 0.375);
            (x, y, if k == 59 { u32::MAX } else { k * 3 })
        })
        .collect()
}

/// The same for the renderer.
fn image_points(points: &[Point]) -> Vec<ImagePoint> {
    let made = points.iter().map(|&(x, y, age_frames)| ImagePoint {
        position_px: [x, y],
        age: (age_frames as f32 / OLD_POINT_FRAMES).min(1.0),
        certain: 1.0,
    });
    made.collect()
}

/// Buffers as a tracker leaves them, behind something else of its own.
struct Filled {
    points: wgpu::Buffer,
    arguments: wgpu::Buffer,
}

const POINTS_OFFSET: u64 = 36;
const ARGUMENTS_OFFSET: u64 = 20;

impl Filled {
    fn new(offscreen: &Offscreen, points: &[Point], count: u32) -> Self {
        let mut bytes = vec![0xa5; POINTS_OFFSET as usize];
        for (index, &(x, y, age_frames)) in points.iter().enumerate() {
            bytes.extend(x.to_le_bytes());
            bytes.extend(y.to_le_bytes());
            bytes.extend(age_frames.to_le_bytes());
            bytes.extend((index as u32).to_le_bytes());
        }
        let mut arguments = vec![0xa5; ARGUMENTS_OFFSET as usize];
        arguments.extend([4, count, 0, 0].into_iter().flat_map(u32::to_le_bytes));
        Filled {
            points: buffer(offscreen, wgpu::BufferUsages::VERTEX, &bytes),
            arguments: buffer(offscreen, wgpu::BufferUsages::INDIRECT, &arguments),
        }
    }

    fn device_points(&self) -> DevicePoints<'_> {
        DevicePoints {
            buffer: &self.points,
            first_point_offset: POINTS_OFFSET,
            draw_arguments: &self.arguments,
            draw_arguments_offset: ARGUMENTS_OFFSET,
            picture_px_per_point_px: [1.0, 1.0],
        }
    }
}

fn buffer(offscreen: &Offscreen, usage: wgpu::BufferUsages, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = offscreen.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("a tracker's"),
        size: bytes.len() as u64,
        usage: usage | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    offscreen.queue.write_buffer(&buffer, 0, bytes);
    buffer
}

/// A renderer with a gray picture.
fn renderer(offscreen: &Offscreen) -> Renderer {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    let gray = [128, 128, 128, 255].repeat((PICTURE_PX[0] * PICTURE_PX[1]) as usize);
    offscreen.write_picture(&mut renderer, PICTURE_PX, &gray);
    renderer
}

/// Two views, one beside the other, of different shapes.
fn views() -> [View; 2] {
    [[0, 0, 160, 100], [160, 10, 80, 90]].map(|at| view(at, Vec3::Z, Vec3::ZERO))
}

fn draw(offscreen: &Offscreen, renderer: &mut Renderer, scene: &Scene) -> (Pixels, DrawReport) {
    let backdrop = Backdrop::Picture;
    draw_with(offscreen, renderer, &views(), TARGET_PX, scene, backdrop)
}

fn draw_sent(offscreen: &Offscreen, renderer: &mut Renderer, points: &[ImagePoint]) -> Pixels {
    let scene = Scene {
        image_points: points,
        ..Scene::default()
    };
    draw(offscreen, renderer, &scene).0
}

#[test]
fn they_are_drawn_as_if_they_were_sent() {
    on_every_backend(|offscreen| {
        let mut renderer = renderer(offscreen);
        assert!(renderer.draws_device_points());
        let points = pattern();
        let sent = draw_sent(offscreen, &mut renderer, &image_points(&points));
        let filled = Filled::new(offscreen, &points, points.len() as u32);
        let scene = Scene {
            device_points: Some(filled.device_points()),
            ..Scene::default()
        };
        let (on_device, report) = draw(offscreen, &mut renderer, &scene);
        assert!(on_device.rgba == sent.rgba);
        assert!(!report.skipped_device_points);
        // Twice picture and points, and the last pass.
        assert_eq!(report.draw_calls, 5);
        assert!(on_device.rgba != draw_sent(offscreen, &mut renderer, &[]).rgba);
    });
}

#[test]
fn only_as_many_are_drawn_as_the_device_says() {
    on_every_backend(|offscreen| {
        let mut renderer = renderer(offscreen);
        let points = pattern();
        for count in [0, 1, 17] {
            let sent = image_points(&points[..count]);
            let sent = draw_sent(offscreen, &mut renderer, &sent);
            let filled = Filled::new(offscreen, &points, count as u32);
            let scene = Scene {
                device_points: Some(filled.device_points()),
                ..Scene::default()
            };
            let (on_device, _) = draw(offscreen, &mut renderer, &scene);
            assert!(on_device.rgba == sent.rgba, "{count}");
        }
    });
}

#[test]
fn both_kinds_are_drawn_in_one_frame() {
    on_every_backend(|offscreen| {
        let mut renderer = renderer(offscreen);
        let points = pattern();
        let all = image_points(&points);
        let sent = draw_sent(offscreen, &mut renderer, &all);
        let filled = Filled::new(offscreen, &points[20..], 40);
        let scene = Scene {
            image_points: &all[..20],
            device_points: Some(filled.device_points()),
            ..Scene::default()
        };
        assert!(draw(offscreen, &mut renderer, &scene).0.rgba == sent.rgba);
    });
}

#[test]
fn points_of_a_smaller_picture_are_put_where_they_belong() {
    on_every_backend(|offscreen| {
        let mut renderer = renderer(offscreen);
        let points = pattern();
        // Pixels have their centres at integers, so the corner at -0.5 is what stays.
        let smaller: Vec<_> = points
            .iter()
            .map(|&(x, y, age)| ((x + 0.5) / 2.0 - 0.5, (y + 0.5) / 4.0 - 0.5, age))
            .collect();
        let sent = draw_sent(offscreen, &mut renderer, &image_points(&points));
        let filled = Filled::new(offscreen, &smaller, smaller.len() as u32);
        let scene = Scene {
            device_points: Some(DevicePoints {
                picture_px_per_point_px: [2.0, 4.0],
                ..filled.device_points()
            }),
            ..Scene::default()
        };
        assert!(draw(offscreen, &mut renderer, &scene).0.rgba == sent.rgba);
    });
}

#[test]
fn they_wait_for_the_picture() {
    on_every_backend(|offscreen| {
        let mut renderer = offscreen.renderer(RendererConfig::default());
        let filled = Filled::new(offscreen, &pattern(), 60);
        let scene = Scene {
            device_points: Some(filled.device_points()),
            ..Scene::default()
        };
        let (pixels, report) = draw(offscreen, &mut renderer, &scene);
        assert!(
            pixels
                .rgba
                .chunks_exact(4)
                .all(|pixel| pixel == [0, 0, 0, 255])
        );
        assert!(!report.skipped_device_points);
    });
}

#[test]
fn buffers_that_cannot_be_drawn_from_are_skipped() {
    on_every_backend(|offscreen| {
        let mut renderer = renderer(offscreen);
        let filled = Filled::new(offscreen, &pattern(), 60);
        let good = filled.device_points();
        let plain = buffer(offscreen, wgpu::BufferUsages::empty(), &[0; 4096]);
        let unusable = [
            DevicePoints {
                buffer: &plain,
                ..good
            },
            DevicePoints {
                first_point_offset: 2,
                ..good
            },
            DevicePoints {
                first_point_offset: filled.points.size() - 12,
                ..good
            },
            DevicePoints {
                draw_arguments: &plain,
                ..good
            },
            DevicePoints {
                draw_arguments_offset: 19,
                ..good
            },
            DevicePoints {
                draw_arguments_offset: u64::MAX - 3,
                ..good
            },
        ];
        let nothing = draw_sent(offscreen, &mut renderer, &[]);
        for points in unusable {
            let scene = Scene {
                device_points: Some(points),
                ..Scene::default()
            };
            let (pixels, report) = draw(offscreen, &mut renderer, &scene);
            assert!(report.skipped_device_points, "{points:?}");
            assert!(pixels.rgba == nothing.rgba, "{points:?}");
        }
    });
}

/// Set in the process whose OpenGL is an old one.
const OLD_OPENGL: &str = "SIGHTLINE_OLD_OPENGL";

/// Mesa hides what WebGL2 does not have, but must be told before it is loaded: the test calls itself.
#[test]
fn a_device_without_indirect_draws_leaves_them_out() {
    if std::env::var_os(OLD_OPENGL).is_some() {
        match old_opengl() {
            Ok((offscreen, mut renderer)) => leaves_them_out(&offscreen, &mut renderer),
            Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
                panic!("{reason}")
            }
            Err(reason) => println!("SKIPPED: {reason}"),
        }
        return;
    }
    let name = "device_points::a_device_without_indirect_draws_leaves_them_out";
    let output = std::process::Command::new(std::env::current_exe().expect("this test is a file"))
        .args(["--exact", name, "--nocapture"])
        .env(OLD_OPENGL, "1")
        .env("MESA_GL_VERSION_OVERRIDE", "3.3")
        .env(
            "MESA_EXTENSION_OVERRIDE",
            "-GL_ARB_compute_shader -GL_ARB_draw_indirect",
        )
        .output()
        .expect("the test starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let passed = output.status.success() && said.contains("1 passed");
    assert!(
        passed,
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The runner's own words stand before it in the line.
    if let Some(at) = said.find("SKIPPED:") {
        println!("{}", said[at..].lines().next().unwrap_or_default());
    }
}

/// A device that has no indirect draws and a renderer on it, or why there is none.
fn old_opengl() -> Result<(Offscreen, Renderer), String> {
    let offscreen = Offscreen::open(wgpu::Backends::GL)?;
    let renderer = renderer(&offscreen);
    if renderer.draws_device_points() {
        return Err("this driver cannot hide indirect draws".to_owned());
    }
    Ok((offscreen, renderer))
}

fn leaves_them_out(offscreen: &Offscreen, renderer: &mut Renderer) {
    let vertices = buffer(offscreen, wgpu::BufferUsages::VERTEX, &[0; 4096]);
    let sent = image_points(&pattern());
    let scene = Scene {
        image_points: &sent,
        device_points: Some(DevicePoints {
            buffer: &vertices,
            first_point_offset: 0,
            draw_arguments: &vertices,
            draw_arguments_offset: 0,
            picture_px_per_point_px: [1.0, 1.0],
        }),
        ..Scene::default()
    };
    let (pixels, report) = draw(offscreen, renderer, &scene);
    assert!(report.skipped_device_points);
    assert!(pixels.rgba == draw_sent(offscreen, renderer, &sent).rgba);
}
