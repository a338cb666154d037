//! A sequence that is read from a folder.

use std::path::{Path, PathBuf};

use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion};

use super::text::lines;
use super::{CameraModel, DatasetError};
use crate::GrayImage;

/// A line of `list.txt`.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameEntry {
    /// When the frame was captured, nanoseconds on the sequence's clock.
    pub capture_time_nanos: i64,
    /// The picture's file.
    pub path: PathBuf,
}

/// A line of `truth.tum`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimedPose {
    /// When, nanoseconds on the sequence's clock.
    pub time_nanos: i64,
    /// The camera's pose (X right, Y down, Z forward), metres.
    pub world_from_camera: Isometry3<f64>,
}

/// A folder with a list of frames, and what else is known about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The frames in order of time.
    pub frames: Vec<FrameEntry>,
    /// The camera, where the folder tells it.
    pub camera: Option<CameraModel>,
    /// The true poses, where the folder tells them; empty otherwise.
    pub truth: Vec<TimedPose>,
}

impl Sequence {
    /// Reads the list, and the camera and the truth where their files are there. Pictures are read one by one by
    /// [`Sequence::gray`].
    ///
    /// # Errors
    /// [`DatasetError::File`] where the list is missing or a file is not readable, [`DatasetError::Line`] where
    /// one says nonsense.
    pub fn open(folder: &Path) -> Result<Self, DatasetError> {
        let list = folder.join("list.txt");
        let content = std::fs::read_to_string(&list).map_err(DatasetError::file(&list))?;
        let mut frames: Vec<FrameEntry> = Vec::new();
        for line in lines(&list, &content) {
            let Some((time, name)) = line.text.split_once(char::is_whitespace) else {
                return Err(line.wrong("a frame is TIME_SECS PATH"));
            };
            let capture_time_nanos = nanos(line.parse(time, "the time")?)
                .ok_or_else(|| line.wrong("the time is out of range"))?;
            if frames
                .last()
                .is_some_and(|last| last.capture_time_nanos >= capture_time_nanos)
            {
                return Err(line.wrong("the time is not later than that of the frame before"));
            }
            frames.push(FrameEntry {
                capture_time_nanos,
                path: folder.join(name.trim()),
            });
        }
        let camera = folder.join("camera.txt");
        let truth = folder.join("truth.tum");
        Ok(Self {
            frames,
            camera: if camera.exists() {
                Some(CameraModel::read(&camera)?)
            } else {
                None
            },
            truth: if truth.exists() {
                read_poses(&truth)?
            } else {
                Vec::new()
            },
        })
    }

    /// Decodes the luma of a frame.
    ///
    /// # Errors
    /// [`DatasetError::NoSuchFrame`], [`DatasetError::Picture`] or [`DatasetError::Size`].
    pub fn gray(&self, index: usize) -> Result<GrayImage, DatasetError> {
        let entry = self.frames.get(index).ok_or(DatasetError::NoSuchFrame {
            index,
            count: self.frames.len(),
        })?;
        let picture = image::open(&entry.path).map_err(DatasetError::picture(&entry.path))?;
        let luma = picture.into_luma8();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        GrayImage::from_vec(width, height, luma.into_raw()).map_err(|source| DatasetError::Size {
            path: entry.path.clone(),
            source,
        })
    }
}

fn read_poses(path: &Path) -> Result<Vec<TimedPose>, DatasetError> {
    let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
    let mut poses = Vec::new();
    for line in lines(path, &content) {
        let [t, x, y, z, qx, qy, qz, qw] = line.numbers("a pose")?;
        let quaternion = Quaternion::new(qw, qx, qy, qz);
        if (quaternion.norm() - 1.0).abs() > 0.01 {
            return Err(line.wrong(format!(
                "the quaternion has length {}, not 1",
                quaternion.norm()
            )));
        }
        poses.push(TimedPose {
            time_nanos: nanos(t).ok_or_else(|| line.wrong("the time is out of range"))?,
            world_from_camera: Isometry3::from_parts(
                Translation3::new(x, y, z),
                UnitQuaternion::new_normalize(quaternion),
            ),
        });
    }
    Ok(poses)
}

/// Seconds as whole nanoseconds; `None` where they do not fit.
fn nanos(secs: f64) -> Option<i64> {
    // 2^63 ns are 292 years; beyond that the cast would saturate.
    (secs.is_finite() && secs.abs() < 9.2e9).then(|| (secs * 1e9).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        folder
    }

    #[test]
    fn a_list_alone_is_a_sequence() {
        let folder = folder(&[(
            "list.txt",
            "# times\n0.5 frames/a b.jpg\n0.533333333 c.jpg\n",
        )]);
        let sequence = Sequence::open(folder.path()).expect("readable");
        assert_eq!(sequence.frames[0].capture_time_nanos, 500_000_000);
        assert_eq!(sequence.frames[1].capture_time_nanos, 533_333_333);
        assert_eq!(
            sequence.frames[0].path,
            folder.path().join("frames/a b.jpg")
        );
        assert!(sequence.camera.is_none() && sequence.truth.is_empty());
        assert!(matches!(
            sequence.gray(2),
            Err(DatasetError::NoSuchFrame { index: 2, count: 2 })
        ));
        assert!(matches!(
            sequence.gray(0),
            Err(DatasetError::Picture { .. })
        ));
    }

    #[test]
    fn errors_name_the_file_and_the_line() {
        let good = ("list.txt", "0 a.jpg\n");
        for (files, expected) in [
            (
                vec![("list.txt", "0 a.jpg\n0 b.jpg")],
                "list.txt:2: the time is not later",
            ),
            (
                vec![("list.txt", "0.1")],
                "list.txt:1: a frame is TIME_SECS PATH",
            ),
            (
                vec![("list.txt", "1e300 a.jpg")],
                "list.txt:1: the time is out of range",
            ),
            (
                vec![good, ("truth.tum", "0 1 2 3 0 0 0 1\n0 1 2")],
                "truth.tum:2: a pose takes 8 numbers, found 3",
            ),
            (
                vec![good, ("truth.tum", "0 1 2 3 0 0 0 2")],
                "truth.tum:1: the quaternion has length 2",
            ),
            (
                vec![good, ("truth.tum", "0 1 inf 3 0 0 0 1")],
                "truth.tum:1: a pose has inf",
            ),
            (
                vec![good, ("camera.txt", "# nothing\n")],
                "camera.txt:1: there is no camera",
            ),
            (vec![], "list.txt: "),
        ] {
            let folder = folder(&files);
            let error = Sequence::open(folder.path())
                .expect_err(expected)
                .to_string();
            let shown = error.replace(&format!("{}/", folder.path().display()), "");
            assert!(shown.starts_with(expected), "{shown}");
        }
    }
}
