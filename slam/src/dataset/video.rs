//! Video files, decoded by OpenCV.
//!
//! Times come from the container where it tells them, else from its frame rate. A video tells neither camera nor truth;
//! a file `NAME.camera.txt` beside it is its camera.

use std::path::{Path, PathBuf};

use ::opencv::core::Mat;
use ::opencv::prelude::*;
use ::opencv::videoio::{
    CAP_ANY, CAP_PROP_FPS, CAP_PROP_FRAME_COUNT, CAP_PROP_POS_MSEC, VideoCapture,
};
use ::opencv::{imgproc, videoio};

use super::{CameraModel, DatasetError, FrameEntry, Sequence};
use crate::GrayImage;

const USUAL_FRAMES_A_SECOND: f64 = 30.0;
/// Containers without an index claim absurd counts.
const MOST_FRAMES: f64 = 1e7;

/// Asks the container; no frame is decoded.
pub(super) fn open(path: &Path) -> Result<Sequence, DatasetError> {
    let reader = Reader::open(path)?;
    let count = reader
        .capture
        .get(CAP_PROP_FRAME_COUNT)
        .map_err(wrong(path))?;
    let count = if (1.0..=MOST_FRAMES).contains(&count) {
        count as usize
    } else {
        return Err(DatasetError::Unsupported {
            path: path.to_owned(),
            problem: "the container does not tell how many frames it has".to_owned(),
        });
    };
    let camera = path.with_extension("camera.txt");
    Ok(Sequence {
        frames: (0..count)
            .map(|index| FrameEntry {
                capture_time_nanos: reader.nominal_time_nanos(index),
                path: path.to_owned(),
            })
            .collect(),
        camera: camera
            .is_file()
            .then(|| CameraModel::read(&camera))
            .transpose()?,
        truth: Vec::new(),
        imu: Vec::new(),
        missing_frames: 0,
    })
}

/// Decodes one frame after the other.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    capture: VideoCapture,
    frames_a_second: f64,
    /// The frame that comes next.
    next: usize,
    last_time_nanos: Option<i64>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let name = path.to_str().ok_or_else(|| DatasetError::Unsupported {
            path: path.to_owned(),
            problem: "OpenCV takes names in UTF-8 only".to_owned(),
        })?;
        let capture = VideoCapture::from_file(name, CAP_ANY).map_err(wrong(path))?;
        if !videoio::VideoCapture::is_opened(&capture).map_err(wrong(path))? {
            return Err(DatasetError::Unsupported {
                path: path.to_owned(),
                problem: "OpenCV does not know this as a video".to_owned(),
            });
        }
        let rate = capture.get(CAP_PROP_FPS).map_err(wrong(path))?;
        Ok(Self {
            path: path.to_owned(),
            capture,
            frames_a_second: if rate.is_finite() && rate > 0.1 && rate < 1e4 {
                rate
            } else {
                USUAL_FRAMES_A_SECOND
            },
            next: 0,
            last_time_nanos: None,
        })
    }

    fn nominal_time_nanos(&self, index: usize) -> i64 {
        (index as f64 * 1e9 / self.frames_a_second).round() as i64
    }

    /// Frame `index` with its time; those before it are passed over. None at the end of the file.
    pub(super) fn read(&mut self, index: usize) -> Result<Option<(i64, GrayImage)>, DatasetError> {
        while self.next < index {
            if !self.capture.grab().map_err(wrong(&self.path))? {
                return Ok(None);
            }
            self.next += 1;
        }
        let mut picture = Mat::default();
        if !self.capture.read(&mut picture).map_err(wrong(&self.path))? {
            return Ok(None);
        }
        self.next += 1;
        let told = self
            .capture
            .get(CAP_PROP_POS_MSEC)
            .map_err(wrong(&self.path))?;
        let told = (told.is_finite() && told > 0.0).then(|| (told * 1e6).round() as i64);
        let is_later = |time: &i64| self.last_time_nanos.is_none_or(|last| *time > last);
        let time_nanos = told
            .filter(is_later)
            .or(Some(self.nominal_time_nanos(index)).filter(is_later))
            .or(self.last_time_nanos.map(|last| last.saturating_add(1)))
            .unwrap_or(0);
        self.last_time_nanos = Some(time_nanos);
        Ok(Some((time_nanos, self.gray(&picture)?)))
    }

    fn gray(&self, picture: &Mat) -> Result<GrayImage, DatasetError> {
        let path = &self.path;
        let mut luma = Mat::default();
        let luma = if picture.channels() == 1 {
            picture
        } else {
            imgproc::cvt_color_def(picture, &mut luma, imgproc::COLOR_BGR2GRAY)
                .map_err(wrong(path))?;
            &luma
        };
        let (width, height) = (luma.cols() as usize, luma.rows() as usize);
        let bytes = luma.data_bytes().map_err(wrong(path))?.to_vec();
        GrayImage::from_vec(width, height, bytes).map_err(|source| DatasetError::Size {
            path: path.clone(),
            source,
        })
    }
}

fn wrong(path: &Path) -> impl Fn(::opencv::Error) -> DatasetError {
    let path = path.to_owned();
    move |error| DatasetError::Unsupported {
        path: path.clone(),
        problem: format!("OpenCV says: {error}"),
    }
}
