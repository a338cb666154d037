//! `slam simulate`: writes a generated sequence with its exact truth.
//!
//! In: what to simulate, as flags. Out: a folder as `slam::dataset` describes it.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use slam::dataset::{CameraModel, SequenceWriter};
use slam::simulator::{ColorImage, RoomPlane, Simulator, SimulatorConfig};

#[derive(Args)]
pub(crate) struct Simulate {
    /// The folder to write to; it is made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of frames
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    frames: u32,
    /// Chooses the motion
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Width of the frames, px
    #[arg(long, default_value_t = 640, value_parser = clap::value_parser!(u32).range(16..=8192))]
    width: u32,
    /// Height of the frames, px
    #[arg(long, default_value_t = 480, value_parser = clap::value_parser!(u32).range(16..=8192))]
    height: u32,
    /// Frames a second
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=240))]
    fps: u32,
}

/// Renders and writes the sequence.
pub(crate) fn run(arguments: &Simulate) -> anyhow::Result<()> {
    let started = Instant::now();
    let simulator = Simulator::new(SimulatorConfig {
        width: arguments.width as usize,
        height: arguments.height as usize,
        frame_rate_hz: f64::from(arguments.fps),
        frame_count: arguments.frames as usize,
        seed: arguments.seed,
        ..SimulatorConfig::default()
    });
    let camera = simulator.camera();
    let size_px = [camera.width, camera.height];
    let model = CameraModel::Pinhole {
        size_px,
        focal_px: [camera.focal_px; 2],
        center_px: camera.center_px,
    };
    let mut writer = SequenceWriter::create(&arguments.out, &model)
        .with_context(|| format!("cannot write to {}", arguments.out.display()))?;
    writer.imu(simulator.imu().iter().map(|sample| {
        (
            sample.capture_time_nanos,
            sample.angular_velocity_rad_s.into(),
            sample.specific_force_m_s2.into(),
        )
    }))?;
    let planes: Vec<PlaneJson> = simulator.planes().iter().map(PlaneJson::of).collect();
    writer.json("room.json", &RoomJson { planes })?;

    let mut progress = Progress::new(simulator.frame_count());
    let mut image = ColorImage::default();
    for index in 0..simulator.frame_count() {
        simulator.render_color(index, &mut image);
        writer.frame(
            simulator.capture_time_nanos(index),
            size_px,
            &image.rgb,
            &simulator.world_from_camera(index),
        )?;
        progress.show(index + 1);
    }
    writer.finish()?;
    let secs = started.elapsed().as_secs_f64();
    let frames = simulator.frame_count();
    writeln!(
        std::io::stderr(),
        "{frames} frames in {secs:.1} s in {}",
        arguments.out.display()
    )?;
    Ok(())
}

/// `room.json`: the room's flat parts, for programs that place things in it.
#[derive(Serialize)]
struct RoomJson {
    planes: Vec<PlaneJson>,
}

/// A plane; metres, world Z up. Its own Z is its normal.
#[derive(Serialize)]
struct PlaneJson {
    name: &'static str,
    world_from_plane: PoseJson,
    half_size_m: [f64; 2],
}

#[derive(Serialize)]
struct PoseJson {
    position_m: [f64; 3],
    /// `x y z w`.
    quaternion_xyzw: [f64; 4],
}

impl PlaneJson {
    fn of(plane: &RoomPlane) -> Self {
        let pose = &plane.world_from_plane;
        Self {
            name: plane.name,
            world_from_plane: PoseJson {
                position_m: pose.translation.vector.into(),
                quaternion_xyzw: pose.rotation.coords.into(),
            },
            half_size_m: plane.half_size_m,
        }
    }
}

/// A bar on a terminal, a line every tenth elsewhere.
struct Progress {
    total: usize,
    started: Instant,
    shown_tenths: usize,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self {
            total,
            started: Instant::now(),
            shown_tenths: 0,
        }
    }

    fn show(&mut self, done: usize) {
        let left_secs =
            self.started.elapsed().as_secs_f64() / done as f64 * (self.total - done) as f64;
        let mut stderr = std::io::stderr();
        let tenths = done * 10 / self.total;
        // A progress line that cannot be shown is no reason to stop.
        let _ = if stderr.is_terminal() {
            let filled = done * 30 / self.total;
            let end = if done == self.total { "\n" } else { "" };
            write!(
                stderr,
                "\r[{}{}] {done}/{} frames, {left_secs:.0} s left \x1b[K{end}",
                "=".repeat(filled),
                " ".repeat(30 - filled),
                self.total
            )
        } else if tenths > self.shown_tenths {
            self.shown_tenths = tenths;
            writeln!(
                stderr,
                "{done}/{} frames, {left_secs:.0} s left",
                self.total
            )
        } else {
            Ok(())
        };
    }
}
