//! Sequences in EuRoC's layout: `mav0/cam0/data.csv` and `sensor.yaml`, `mav0/imu0/data.csv`,
//! `mav0/state_groundtruth_estimate0/data.csv`. TUM-VI is written alike.
//!
//! The folder opened may be the one above `mav0`, `mav0` itself, or one with `cam0` in it. The truth is that of the
//! body; the camera's mounting (`T_BS`) makes the camera's of it, and turns the sensors' readings into the camera's
//! axes. The accelerometer is not moved to the camera's place.

use std::path::{Path, PathBuf};

use nalgebra::{Isometry3, Matrix3, Quaternion, Rotation3, Translation3, UnitQuaternion};

use super::text::lines;
use super::trajectory::pose;
use super::{CameraModel, DatasetError, FrameEntry, Sequence, imu};
use crate::evaluation::TimedPose;

const TRUTHS: [&str; 3] = [
    "state_groundtruth_estimate0/data.csv",
    "mocap0/data.csv",
    "groundtruth_states.csv",
];

/// Whether the folder looks like one.
pub(super) fn recognises(folder: &Path) -> bool {
    root(folder).is_some()
}

fn root(folder: &Path) -> Option<PathBuf> {
    [folder.join("mav0"), folder.to_owned()]
        .into_iter()
        .find(|root| root.join("cam0/data.csv").is_file())
}

/// Opens it.
pub(super) fn open(folder: &Path) -> Result<Sequence, DatasetError> {
    let root = root(folder).unwrap_or_else(|| folder.join("mav0"));
    let sensor = root.join("cam0/sensor.yaml");
    let (camera, body_from_camera) = if sensor.is_file() {
        let yaml = Yaml::read(&sensor)?;
        (Some(camera(&yaml)?), yaml.mounting()?)
    } else {
        (None, Isometry3::identity())
    };
    let listed = read_frames(&root.join("cam0"))?;
    let count = listed.len();
    let frames: Vec<FrameEntry> = listed.into_iter().filter(|f| f.path.is_file()).collect();

    let truth = TRUTHS.iter().map(|name| root.join(name));
    let truth = truth.into_iter().find(|path| path.is_file());
    let imu_file = root.join("imu0/data.csv");
    let imu_sensor = root.join("imu0/sensor.yaml");
    let body_from_imu = if imu_sensor.is_file() {
        Yaml::read(&imu_sensor)?.mounting()?
    } else {
        Isometry3::identity()
    };
    Ok(Sequence {
        missing_frames: count - frames.len(),
        frames,
        camera,
        truth: match truth {
            Some(path) => read_truth(&path, &body_from_camera)?,
            None => Vec::new(),
        },
        imu: if imu_file.is_file() {
            let camera_from_imu = body_from_camera.rotation.inverse() * body_from_imu.rotation;
            imu::read_rotated(&imu_file, &camera_from_imu)?
        } else {
            Vec::new()
        },
    })
}

fn read_frames(folder: &Path) -> Result<Vec<FrameEntry>, DatasetError> {
    let list = folder.join("data.csv");
    let content = std::fs::read_to_string(&list).map_err(DatasetError::file(&list))?;
    let mut frames: Vec<FrameEntry> = Vec::new();
    for line in lines(&list, &content) {
        let Some((time, name)) = line.text.split_once(',') else {
            return Err(line.wrong("a frame is TIME_NANOS,FILE"));
        };
        let capture_time_nanos = line.parse(time.trim(), "the time")?;
        if frames
            .last()
            .is_some_and(|last| last.capture_time_nanos >= capture_time_nanos)
        {
            return Err(line.wrong("the time is not later than that of the frame before"));
        }
        frames.push(FrameEntry {
            capture_time_nanos,
            path: folder.join("data").join(name.trim()),
        });
    }
    Ok(frames)
}

/// Rows `t_nanos, position, quaternion w x y z, ...` of the body as poses of the camera.
fn read_truth(
    path: &Path,
    body_from_camera: &Isometry3<f64>,
) -> Result<Vec<TimedPose>, DatasetError> {
    let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
    let mut poses = Vec::new();
    for line in lines(path, &content) {
        let words: Vec<&str> = line.words().collect();
        let [time, numbers @ ..] = words.as_slice() else {
            continue;
        };
        let mut values = [0.0_f64; 7];
        if numbers.len() < values.len() {
            return Err(line.wrong("a state begins with a time, a position and a quaternion"));
        }
        for (value, word) in values.iter_mut().zip(numbers) {
            *value = line.parse(word, "a state")?;
            if !value.is_finite() {
                return Err(line.wrong(format!("a state has {word}, which is not finite")));
            }
        }
        let [x, y, z, qw, qx, qy, qz] = values;
        let world_from_body = pose(&line, [x, y, z], Quaternion::new(qw, qx, qy, qz))?;
        poses.push(TimedPose {
            time_nanos: line.parse(time, "the time")?,
            world_from_camera: world_from_body * body_from_camera,
        });
    }
    Ok(poses)
}

fn camera(yaml: &Yaml) -> Result<CameraModel, DatasetError> {
    let [width, height] = yaml.numbers("resolution")?;
    let [fx, fy, cx, cy] = yaml.numbers("intrinsics")?;
    // Also refuses sizes that are not whole numbers.
    let size_px = [width, height].map(|side| side as usize);
    if size_px.contains(&0) || size_px.map(|side| side as f64) != [width, height] {
        return Err(yaml.wrong("resolution", "is not the size of a picture"));
    }
    if fx <= 0.0 || fy <= 0.0 {
        return Err(yaml.wrong("intrinsics", "has a focal length that is not positive"));
    }
    let focal_px = [fx, fy];
    let center_px = [cx, cy];
    match yaml.word("distortion_model").unwrap_or("none") {
        "radial-tangential" | "radtan" | "plumb_bob" => Ok(CameraModel::OpenCv {
            size_px,
            focal_px,
            center_px,
            distortion: yaml.numbers("distortion_coefficients")?,
        }),
        "equidistant" => Ok(CameraModel::OpenCvFisheye {
            size_px,
            focal_px,
            center_px,
            distortion: yaml.numbers("distortion_coefficients")?,
        }),
        "none" => Ok(CameraModel::Pinhole {
            size_px,
            focal_px,
            center_px,
        }),
        other => Err(yaml.wrong(
            "distortion_model",
            &format!("is {other:?}; known are radial-tangential, equidistant and none"),
        )),
    }
}

/// As much of YAML as sensor files use: `key: word` and `key: [numbers]`, the latter over several lines.
#[derive(Debug)]
struct Yaml {
    path: PathBuf,
    content: String,
}

impl Yaml {
    fn read(path: &Path) -> Result<Self, DatasetError> {
        let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
        // Comments go; the lines stay, so that errors can name them.
        let content = content
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
        Ok(Self {
            path: path.to_owned(),
            content,
        })
    }

    /// Line number (from 1) and what follows the key, to the end of the file.
    fn after(&self, key: &str) -> Option<(usize, &str)> {
        let mut offset = 0;
        for (index, line) in self.content.split('\n').enumerate() {
            let text = line.trim_start();
            if let Some(rest) = text.strip_prefix(key).and_then(|r| r.strip_prefix(':')) {
                let start = offset + line.len() - rest.len();
                return Some((index + 1, &self.content[start..]));
            }
            offset += line.len() + 1;
        }
        None
    }

    fn word(&self, key: &str) -> Option<&str> {
        let (_, rest) = self.after(key)?;
        rest.lines().next().map(str::trim)
    }

    fn wrong(&self, key: &str, problem: &str) -> DatasetError {
        DatasetError::Line {
            path: self.path.clone(),
            line: self.after(key).map_or(1, |(line, _)| line),
            problem: format!("{key} {problem}"),
        }
    }

    fn numbers<const N: usize>(&self, key: &str) -> Result<[f64; N], DatasetError> {
        let (_, rest) = self
            .after(key)
            .ok_or_else(|| self.wrong(key, "is missing"))?;
        let list = rest
            .trim_start()
            .strip_prefix('[')
            .and_then(|list| list.split_once(']'))
            .ok_or_else(|| self.wrong(key, "is not a list in brackets"))?;
        let numbers: Vec<f64> = list
            .0
            .split(',')
            .map(|word| word.trim().parse().ok().filter(|n: &f64| n.is_finite()))
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong(key, "has something that is not a finite number"))?;
        let count = numbers.len();
        numbers
            .try_into()
            .map_err(|_| self.wrong(key, &format!("takes {N} numbers, found {count}")))
    }

    /// `T_BS`: the sensor in the body; the identity where the file does not tell it.
    fn mounting(&self) -> Result<Isometry3<f64>, DatasetError> {
        if self.after("T_BS").is_none() {
            return Ok(Isometry3::identity());
        }
        let m: [f64; 16] = self.numbers("data")?;
        let rotation = Matrix3::new(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]);
        let skew = (rotation * rotation.transpose() - Matrix3::identity()).amax();
        if skew > 1e-3 || rotation.determinant() < 0.0 {
            return Err(self.wrong("data", "of T_BS does not hold a rotation"));
        }
        Ok(Isometry3::from_parts(
            Translation3::new(m[3], m[7], m[11]),
            UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix(&rotation)),
        ))
    }
}
