//! A sequence that is read from a folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, ImageResult};

use super::text::{lines, nanos};
use super::trajectory::read_tum;
use super::{CameraModel, DatasetError, imu};
use crate::evaluation::TimedPose;
use crate::{GrayImage, ImuSample};

/// A line of `list.txt`.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameEntry {
    /// When the frame was captured, nanoseconds on the sequence's clock.
    pub capture_time_nanos: i64,
    /// The picture's file.
    pub path: PathBuf,
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
    /// The readings of its motion sensors in the camera's axes, where the folder has them; empty otherwise.
    pub imu: Vec<ImuSample>,
    /// Frames that are listed, but whose pictures are not there; they are not among `frames`.
    pub missing_frames: usize,
}

impl Sequence {
    /// Reads the list, and the camera, the truth and the sensors where their files are there. Pictures are read one by one by
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
        let sensors = folder.join("imu.csv");
        Ok(Self {
            frames,
            camera: if camera.exists() {
                Some(CameraModel::read(&camera)?)
            } else {
                None
            },
            truth: if truth.exists() {
                read_tum(&truth)?
            } else {
                Vec::new()
            },
            imu: if sensors.exists() {
                imu::read(&sensors)?
            } else {
                Vec::new()
            },
            missing_frames: 0,
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
        read_gray(&entry.path)
    }
}

/// Decodes the luma of a picture.
pub(super) fn read_gray(path: &Path) -> Result<GrayImage, DatasetError> {
    let picture = decode(path).map_err(DatasetError::picture(path))?;
    let luma = match picture {
        // Sixteen bits to eight by the upper byte, colour by image's weights.
        DynamicImage::ImageLuma8(luma) => luma,
        other => other.into_luma8(),
    };
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    GrayImage::from_vec(width, height, luma.into_raw()).map_err(|source| DatasetError::Size {
        path: path.to_owned(),
        source,
    })
}

fn decode(path: &Path) -> ImageResult<DynamicImage> {
    let format = ImageFormat::from_path(path)?;
    let bytes = std::fs::read(path)?;
    // The decoder paints what is missing grey; a tracker would take that for the scene.
    if format == ImageFormat::Jpeg && !has_jpeg_end(&bytes) {
        let problem = "the JPEG data breaks off before its end";
        return Err(std::io::Error::new(ErrorKind::UnexpectedEof, problem).into());
    }
    image::load_from_memory_with_format(&bytes, format)
}

/// Whether the end marker follows the last start of a scan. Neither can stand inside a scan, where 0xff is followed by 0,
/// while both stand in a thumbnail before it.
fn has_jpeg_end(bytes: &[u8]) -> bool {
    const START_OF_SCAN: [u8; 2] = [0xff, 0xda];
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
    let mut markers = bytes.windows(2).rev();
    markers.find(|pair| *pair == START_OF_SCAN || *pair == END_OF_IMAGE) == Some(&END_OF_IMAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_breaks_off_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let pixel = |x: u32, y: u32| image::Luma([(x * 7 + y * x) as u8]);
        let picture = image::GrayImage::from_fn(64, 48, pixel);
        for name in ["a.jpg", "a.png"] {
            let path = folder.path().join(name);
            picture.save(&path).expect("written");
            let whole = std::fs::read(&path).expect("bytes");
            assert!(read_gray(&path).is_ok(), "{name}");
            // What cameras append after the end does no harm.
            std::fs::write(&path, [&whole[..], &[0xff, 0x00, 0x17]].concat()).expect("written");
            assert!(read_gray(&path).is_ok(), "{name}");
            for length in (0..whole.len() - 1).step_by(61) {
                std::fs::write(&path, &whole[..length]).expect("written");
                let said = read_gray(&path);
                assert!(
                    matches!(said, Err(DatasetError::Picture { .. })),
                    "{name} of {length} bytes: {said:?}"
                );
            }
        }
    }

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
