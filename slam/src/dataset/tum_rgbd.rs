//! Sequences of the TUM RGB-D benchmark: `rgb.txt` with a line `time_secs path` for every picture, `groundtruth.txt`.
//!
//! Excerpts without `rgb.txt` are read as well where the pictures are named by their seconds, as the benchmark names
//! them (`1341847980.722988.png`). The folder does not tell its camera unless somebody put a `camera.txt` there.

use std::path::{Path, PathBuf};

use super::text::{lines, nanos};
use super::trajectory::read_tum;
use super::{CameraModel, DatasetError, FrameEntry, Sequence};

const LIST: &str = "rgb.txt";
const TRUTH: &str = "groundtruth.txt";

/// Whether the folder looks like one.
pub(super) fn recognises(folder: &Path) -> bool {
    folder.join(LIST).is_file()
        || (folder.join(TRUTH).is_file() && timed_pictures(folder).is_ok_and(|f| !f.is_empty()))
}

/// Opens it.
pub(super) fn open(folder: &Path) -> Result<Sequence, DatasetError> {
    let list = folder.join(LIST);
    let listed = if list.is_file() {
        read_list(folder, &list)?
    } else {
        timed_pictures(folder)?
    };
    let count = listed.len();
    let frames: Vec<FrameEntry> = listed.into_iter().filter(|f| f.path.is_file()).collect();
    let truth = folder.join(TRUTH);
    let camera = folder.join("camera.txt");
    Ok(Sequence {
        missing_frames: count - frames.len(),
        frames,
        camera: camera
            .is_file()
            .then(|| CameraModel::read(&camera))
            .transpose()?,
        truth: if truth.is_file() {
            read_tum(&truth)?
        } else {
            Vec::new()
        },
        imu: Vec::new(),
    })
}

fn read_list(folder: &Path, list: &Path) -> Result<Vec<FrameEntry>, DatasetError> {
    let content = std::fs::read_to_string(list).map_err(DatasetError::file(list))?;
    let mut frames: Vec<FrameEntry> = Vec::new();
    for line in lines(list, &content) {
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
    Ok(frames)
}

/// The pictures of a folder whose names are seconds, in order of time.
fn timed_pictures(folder: &Path) -> Result<Vec<FrameEntry>, DatasetError> {
    let mut frames = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(DatasetError::file(folder))? {
        let path: PathBuf = entry.map_err(DatasetError::file(folder))?.path();
        let is_picture = path
            .extension()
            .is_some_and(|e| e == "png" || e == "jpg" || e == "jpeg");
        let time = path.file_stem().and_then(|stem| stem.to_str());
        let time = time.and_then(|t| t.parse().ok()).and_then(nanos);
        if let Some(capture_time_nanos) = time.filter(|_| is_picture) {
            frames.push(FrameEntry {
                capture_time_nanos,
                path,
            });
        }
    }
    frames.sort_by_key(|frame| frame.capture_time_nanos);
    frames.dedup_by_key(|frame| frame.capture_time_nanos);
    Ok(frames)
}
