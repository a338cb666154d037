//! `slam simulate`: writes a generated sequence with its exact truth.
//!
//! In: what to simulate, as flags, and where one is named a recorded motion. Out: a folder as `slam::dataset` describes
//! it.

mod recorded;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;
use slam::camera::Distortion;
use slam::dataset::{CameraModel, SequenceWriter};
use slam::simulator::{
    CameraEffects, ColorImage, Fault, Lens, Motion, Quality, Room, RoomPlane, SensorNoise,
    Simulator, SimulatorConfig, benchmark,
};

use recorded::Recording;

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
    /// One of the benchmark's sequences by its name (`classroom-orbit`); other options than `--out` and `--depth` are
    /// not looked at
    #[arg(long, value_name = "NAME")]
    benchmark: Option<String>,
    /// A recorded motion instead of a generated one: a line `t x y z qx qy qz qw` for every pose, seconds and metres, the
    /// camera in a world whose Z is up (camera: X right, Y down, Z forward). The stretch that the frames take is turned
    /// about the vertical, shifted and, where it must be, shrunk, so that it keeps 0.2 m clear of everything; times and
    /// turns stay as they were, velocities and accelerations shrink with the lengths
    #[arg(long, value_name = "FILE", conflicts_with_all = ["motion", "benchmark"])]
    trajectory: Option<PathBuf>,
    /// Where in the recording the sequence begins, seconds after its first pose
    #[arg(
        long,
        value_name = "SECS",
        default_value_t = 0.0,
        requires = "trajectory"
    )]
    trajectory_start: f64,
    /// The recording's poses are those of a sensor with other axes than a camera's: mount the camera on it so that it
    /// looks level on average and towards the middle of the motion
    #[arg(long, requires = "trajectory")]
    level: bool,
    /// Also write `depth/NNNNNN.png`: 16 bits, millimetres along the optical axis, 0 for nothing
    #[arg(long)]
    depth: bool,
    /// Where
    #[arg(long, value_enum, default_value_t = RoomName::LivingRoom)]
    room: RoomName,
    /// The motion
    #[arg(long, value_enum, default_value_t = MotionName::HandHeld)]
    motion: MotionName,
    /// Coarser light and quicker rendering
    #[arg(long)]
    quick: bool,
    /// A phone's sensor noise
    #[arg(long)]
    noise: bool,
    /// Automatic exposure with this lag
    #[arg(long, value_name = "SECS")]
    auto_exposure: Option<f64>,
    /// The brightness changes by FACTOR at SECS
    #[arg(long, value_name = "SECS:FACTOR", value_parser = pair::<f64>)]
    exposure_step: Vec<(f64, f64)>,
    /// Motion blur: how long light is gathered for a frame
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    exposure_ms: f64,
    /// Rolling shutter: from the first row to the last
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    rolling_shutter_ms: f64,
    /// Share of the light lost in the corners
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    vignetting: f64,
    /// Radial distortion of the lens
    #[arg(
        long,
        value_name = "K1",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    k1: f64,
    /// The focal length in `camera.txt` over the true one
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    told_focal_factor: f64,
    /// Leave the distortion out of `camera.txt`
    #[arg(long)]
    hide_distortion: bool,
    /// Frames FIRST up to before END are black
    #[arg(long, value_name = "FIRST:END", value_parser = pair::<usize>)]
    black: Vec<(usize, usize)>,
    /// Frames FIRST up to before END repeat the one before them
    #[arg(long, value_name = "FIRST:END", value_parser = pair::<usize>)]
    frozen: Vec<(usize, usize)>,
    /// People who walk through
    #[arg(long, default_value_t = 0)]
    people: usize,
    /// Walls without pictures and patterns
    #[arg(long)]
    blank_walls: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoomName {
    LivingRoom,
    Classroom,
    Hall,
    Desk,
}

#[derive(Clone, Copy, ValueEnum)]
enum MotionName {
    HandHeld,
    Orbit,
    Scan,
    Walk,
    LookAround,
    StandStill,
    PureRotation,
    Backwards,
}

fn pair<T: FromStr>(text: &str) -> Result<(T, T), String> {
    let read = |word: &str| word.parse().map_err(|_| format!("{word:?} is no number"));
    let (a, b) = text
        .split_once(':')
        .ok_or("two numbers with a colon between")?;
    Ok((read(a)?, read(b)?))
}

impl Simulate {
    fn room(&self) -> Room {
        match self.room {
            RoomName::LivingRoom => Room::LivingRoom,
            RoomName::Classroom => Room::Classroom,
            RoomName::Hall => Room::Hall,
            RoomName::Desk => Room::Desk,
        }
    }

    fn motion(&self) -> anyhow::Result<Motion> {
        if let Some(path) = &self.trajectory {
            let fitted = Recording {
                path,
                start_secs: self.trajectory_start,
                duration_secs: f64::from(self.frames) / f64::from(self.fps),
                is_levelled: self.level,
            }
            .fit_into(self.room())?;
            writeln!(
                std::io::stderr(),
                "{} is followed at {} of its size",
                path.display(),
                fitted.scale
            )?;
            return Ok(Motion::Given(fitted.trajectory));
        }
        Ok(match self.motion {
            MotionName::HandHeld => Motion::HandHeld,
            MotionName::Orbit => Motion::Orbit,
            MotionName::Scan => Motion::Scan,
            MotionName::Walk => Motion::Walk,
            MotionName::LookAround => Motion::LookAround,
            MotionName::StandStill => Motion::StandStill,
            MotionName::PureRotation => Motion::PureRotation,
            MotionName::Backwards => Motion::Backwards,
        })
    }

    fn config(&self) -> anyhow::Result<SimulatorConfig> {
        if let Some(name) = &self.benchmark {
            let sequences = benchmark::sequences();
            let names = sequences.iter().map(|sequence| sequence.name);
            let names = names.collect::<Vec<_>>().join(", ");
            return sequences
                .into_iter()
                .find(|sequence| sequence.name == name)
                .map(|sequence| sequence.config)
                .with_context(|| format!("no benchmark sequence {name}; there are {names}"));
        }
        let black = self
            .black
            .iter()
            .map(|&(first, end)| Fault::Black { first, end });
        let frozen = self
            .frozen
            .iter()
            .map(|&(first, end)| Fault::Frozen { first, end });
        Ok(SimulatorConfig {
            width: self.width as usize,
            height: self.height as usize,
            frame_rate_hz: f64::from(self.fps),
            frame_count: self.frames as usize,
            seed: self.seed,
            room: self.room(),
            motion: self.motion()?,
            quality: if self.quick {
                Quality::Quick
            } else {
                Quality::Fine
            },
            lens: Lens {
                distortion: if self.k1 == 0.0 {
                    Distortion::None
                } else {
                    Distortion::Radial([self.k1, 0.0])
                },
                told_focal_factor: self.told_focal_factor,
                told_distortion: !self.hide_distortion,
            },
            effects: CameraEffects {
                rolling_shutter_secs: self.rolling_shutter_ms * 1e-3,
                exposure_secs: self.exposure_ms * 1e-3,
                auto_exposure_lag_secs: self.auto_exposure,
                exposure_steps: self.exposure_step.clone(),
                noise: self.noise.then_some(SensorNoise::PHONE_INDOORS),
                vignetting: self.vignetting,
                faults: black.chain(frozen).collect(),
                ..CameraEffects::default()
            },
            blank_walls: self.blank_walls,
            people: self.people,
            ..SimulatorConfig::default()
        })
    }
}

/// Renders and writes the sequence.
pub(crate) fn run(arguments: &Simulate) -> anyhow::Result<()> {
    let started = Instant::now();
    let simulator = Simulator::new(arguments.config()?);
    let told = CameraModel::from(simulator.told_camera());
    let size_px = told.size_px();
    let mut writer = SequenceWriter::create(&arguments.out, &told)
        .with_context(|| format!("cannot write to {}", arguments.out.display()))?;
    writer.imu(simulator.imu().iter().map(|sample| {
        (
            sample.capture_time_nanos,
            sample.angular_velocity_rad_s.into(),
            sample.specific_force_m_s2.into(),
        )
    }))?;
    let is_true = CameraModel::from(simulator.true_camera());
    if is_true != told {
        let path = arguments.out.join("true_camera.txt");
        std::fs::write(&path, format!("{is_true}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
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
        if arguments.depth {
            write_depth(&arguments.out, index, size_px, &simulator.depth(index))?;
        }
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

fn write_depth(
    folder: &Path,
    index: usize,
    [width, height]: [usize; 2],
    depth_m: &[f32],
) -> anyhow::Result<()> {
    let folder = folder.join("depth");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{index:06}.png"));
    let millimetres = depth_m.iter().map(|&depth| {
        let value = depth * 1000.0;
        if value < 65_535.0 {
            (value + 0.5) as u16
        } else {
            0
        }
    });
    let bytes: Vec<u8> = millimetres.flat_map(u16::to_ne_bytes).collect();
    let (width, height) = (u32::try_from(width)?, u32::try_from(height)?);
    image::save_buffer(&path, &bytes, width, height, image::ExtendedColorType::L16)
        .with_context(|| format!("cannot write {}", path.display()))
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
