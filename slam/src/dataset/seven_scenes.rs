//! Sequences of 7-Scenes: `frame-000000.color.png` (or `.jpg`) and `frame-000000.pose.txt`, a 4x4 matrix
//! `world_from_camera` row by row. Pictures may lie in a folder `color`. Frame `k` is at `k / 30` seconds.
//!
//! Where a trajectory lies beside the frames (`truth.tum` or `reference_colmap_tum.txt`), it is the truth instead of
//! the poses, which have an error of some centimetres of their own. The folder does not tell its colour camera unless
//! somebody put a `camera.txt` there (the 585 px that is often quoted is the depth camera's).

use std::path::{Path, PathBuf};

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion};

use super::text::lines;
use super::trajectory::read_tum;
use super::{CameraModel, DatasetError, FrameEntry, Sequence};
use crate::evaluation::TimedPose;

const FRAMES_A_SECOND: f64 = 30.0;
const TRUTHS: [&str; 2] = ["truth.tum", "reference_colmap_tum.txt"];
/// How far a row of the rotation may be from a unit one; the files have seven digits.
const MOST_SKEW: f64 = 0.01;

/// Whether the folder looks like one.
pub(super) fn recognises(folder: &Path) -> bool {
    pictures(folder).is_some()
}

/// Opens it.
pub(super) fn open(folder: &Path) -> Result<Sequence, DatasetError> {
    let frames = pictures(folder).unwrap_or_default();
    let truth = TRUTHS.map(|name| folder.join(name));
    let camera = folder.join("camera.txt");
    Ok(Sequence {
        truth: match truth.iter().find(|path| path.is_file()) {
            Some(path) => read_tum(path)?,
            None => poses(&frames)?,
        },
        frames,
        camera: camera
            .is_file()
            .then(|| CameraModel::read(&camera))
            .transpose()?,
        imu: Vec::new(),
        missing_frames: 0,
    })
}

/// The pictures in order, or nothing where there are none.
fn pictures(folder: &Path) -> Option<Vec<FrameEntry>> {
    let mut frames: Vec<(u32, PathBuf)> = [folder.to_owned(), folder.join("color")]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.strip_prefix("frame-")?;
            let (number, rest) = name.split_once('.')?;
            matches!(rest, "color.png" | "color.jpg" | "color.jpeg")
                .then_some((number.parse().ok()?, path))
        })
        .collect();
    frames.sort();
    frames.dedup_by_key(|(number, _)| *number);
    (!frames.is_empty()).then(|| {
        frames
            .into_iter()
            .map(|(number, path)| FrameEntry {
                capture_time_nanos: (f64::from(number) * 1e9 / FRAMES_A_SECOND).round() as i64,
                path,
            })
            .collect()
    })
}

/// The poses beside the pictures; frames without one have none.
fn poses(frames: &[FrameEntry]) -> Result<Vec<TimedPose>, DatasetError> {
    let mut poses = Vec::new();
    for frame in frames {
        // `frame-000000.color.png` and `frame-000000.pose.txt`.
        let path = frame.path.with_extension("").with_extension("pose.txt");
        if !path.is_file() {
            continue;
        }
        let content = std::fs::read_to_string(&path).map_err(DatasetError::file(&path))?;
        let mut rows = Vec::new();
        let mut found = lines(&path, &content);
        for line in found.by_ref().take(3) {
            rows.push(line.numbers::<4>("a row of the pose")?);
        }
        let [a, b, c] = rows.as_slice() else {
            return Err(DatasetError::Line {
                path: path.clone(),
                line: rows.len() + 1,
                problem: "a pose has four rows of four numbers".to_owned(),
            });
        };
        let rotation = Matrix3::new(a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2]);
        let skew = (rotation * rotation.transpose() - Matrix3::identity()).amax();
        if skew > MOST_SKEW || rotation.determinant() < 0.0 {
            return Err(DatasetError::Line {
                path: path.clone(),
                line: 1,
                problem: "the upper left of the pose is not a rotation".to_owned(),
            });
        }
        poses.push(TimedPose {
            time_nanos: frame.capture_time_nanos,
            world_from_camera: Isometry3::from_parts(
                Translation3::new(a[3], b[3], c[3]),
                UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix(&rotation)),
            ),
        });
    }
    Ok(poses)
}
