//! Camera models in the notation of COLMAP's `cameras.txt`: `MODEL WIDTH HEIGHT PARAMETERS...`.
//!
//! COLMAP puts the centre of the top left pixel at (0.5, 0.5); Sightline puts it at (0, 0). The half pixel is
//! taken off on reading and put back on writing, so that everything inside the crate has pixel centres at
//! integers. Models and parameter order: COLMAP, `src/colmap/sensor/models.h`.

use std::fmt;
use std::path::Path;

use super::DatasetError;
use super::text::{Line, lines};
use crate::camera::{Camera, Distortion};

const COLMAP_CORNER_PX: f64 = 0.5;

/// A camera with its distortion. All lengths in px; `center_px` with pixel centres at integers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CameraModel {
    /// No distortion.
    Pinhole {
        /// Width and height of the image.
        size_px: [usize; 2],
        /// Focal lengths `[fx, fy]`.
        focal_px: [f64; 2],
        /// Principal point `[cx, cy]`.
        center_px: [f64; 2],
    },
    /// One focal length and one radial coefficient.
    SimpleRadial {
        /// Width and height of the image.
        size_px: [usize; 2],
        /// Focal length in both directions.
        focal_px: f64,
        /// Principal point `[cx, cy]`.
        center_px: [f64; 2],
        /// Radial coefficient: `r * (1 + k1 * r^2)` at `z = 1`.
        k1: f64,
    },
    /// Two radial and two tangential coefficients, as OpenCV's standard model.
    OpenCv {
        /// Width and height of the image.
        size_px: [usize; 2],
        /// Focal lengths `[fx, fy]`.
        focal_px: [f64; 2],
        /// Principal point `[cx, cy]`.
        center_px: [f64; 2],
        /// `[k1, k2, p1, p2]`.
        distortion: [f64; 4],
    },
    /// Equidistant fisheye with four coefficients, as OpenCV's fisheye model.
    OpenCvFisheye {
        /// Width and height of the image.
        size_px: [usize; 2],
        /// Focal lengths `[fx, fy]`.
        focal_px: [f64; 2],
        /// Principal point `[cx, cy]`.
        center_px: [f64; 2],
        /// `[k1, k2, k3, k4]` of the angle.
        distortion: [f64; 4],
    },
}

impl CameraModel {
    /// Reads a file that holds one camera; a leading number (COLMAP's `CAMERA_ID`) is allowed.
    ///
    /// # Errors
    /// [`DatasetError::File`], or [`DatasetError::Line`] where the line is not a camera this crate knows.
    pub fn read(path: &Path) -> Result<Self, DatasetError> {
        let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
        let mut found = lines(path, &content);
        let line = found.next().ok_or_else(|| DatasetError::Line {
            path: path.to_owned(),
            line: 1,
            problem: "there is no camera in the file".to_owned(),
        })?;
        if let Some(second) = found.next() {
            return Err(second.wrong("there is a second camera; one is expected"));
        }
        Self::parse(&line)
    }

    /// Reads one line of the notation, as it stands in a file.
    ///
    /// # Errors
    /// [`DatasetError::Line`] where it is not a camera this crate knows.
    pub fn from_line(text: &str) -> Result<Self, DatasetError> {
        let path = Path::new("the camera given");
        let line = lines(path, text).next().ok_or_else(|| DatasetError::Line {
            path: path.to_owned(),
            line: 1,
            problem: "there is no camera in it".to_owned(),
        })?;
        Self::parse(&line)
    }

    /// Width and height of the image, px.
    #[must_use]
    pub fn size_px(&self) -> [usize; 2] {
        match self {
            Self::Pinhole { size_px, .. }
            | Self::SimpleRadial { size_px, .. }
            | Self::OpenCv { size_px, .. }
            | Self::OpenCvFisheye { size_px, .. } => *size_px,
        }
    }

    fn parse(line: &Line<'_>) -> Result<Self, DatasetError> {
        let mut words: Vec<&str> = line.text.split_whitespace().collect();
        if words[0].parse::<u32>().is_ok() {
            words.remove(0);
        }
        let [model, width, height, parameters @ ..] = words.as_slice() else {
            return Err(line.wrong("a camera is MODEL WIDTH HEIGHT PARAMETERS..."));
        };
        let size_px: [usize; 2] = [
            line.parse(width, "the width")?,
            line.parse(height, "the height")?,
        ];
        if size_px.contains(&0) {
            return Err(line.wrong("the image has no size"));
        }
        let numbers = parameters
            .iter()
            .map(|word| line.parse::<f64>(word, "a parameter"))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(position) = numbers.iter().position(|number| !number.is_finite()) {
            return Err(line.wrong(format!("parameter {} is not finite", position + 1)));
        }
        let expected = match *model {
            "PINHOLE" | "SIMPLE_RADIAL" => 4,
            "OPENCV" | "OPENCV_FISHEYE" => 8,
            other => {
                return Err(line.wrong(format!(
                    "the camera model {other:?} is not known; known are PINHOLE, SIMPLE_RADIAL, OPENCV, OPENCV_FISHEYE"
                )));
            }
        };
        if numbers.len() != expected {
            return Err(line.wrong(format!(
                "{model} takes {expected} parameters, found {}",
                numbers.len()
            )));
        }
        let p = |index: usize| numbers[index];
        let center = |index: usize| [p(index) - COLMAP_CORNER_PX, p(index + 1) - COLMAP_CORNER_PX];
        let camera = match *model {
            "PINHOLE" => Self::Pinhole {
                size_px,
                focal_px: [p(0), p(1)],
                center_px: center(2),
            },
            "SIMPLE_RADIAL" => Self::SimpleRadial {
                size_px,
                focal_px: p(0),
                center_px: center(1),
                k1: p(3),
            },
            "OPENCV" => Self::OpenCv {
                size_px,
                focal_px: [p(0), p(1)],
                center_px: center(2),
                distortion: [p(4), p(5), p(6), p(7)],
            },
            _ => Self::OpenCvFisheye {
                size_px,
                focal_px: [p(0), p(1)],
                center_px: center(2),
                distortion: [p(4), p(5), p(6), p(7)],
            },
        };
        if camera.focal_px().iter().any(|focal| *focal <= 0.0) {
            return Err(line.wrong("a focal length is not positive"));
        }
        Ok(camera)
    }

    fn focal_px(&self) -> [f64; 2] {
        match self {
            Self::SimpleRadial { focal_px, .. } => [*focal_px; 2],
            Self::Pinhole { focal_px, .. }
            | Self::OpenCv { focal_px, .. }
            | Self::OpenCvFisheye { focal_px, .. } => *focal_px,
        }
    }
}

impl From<CameraModel> for Camera {
    fn from(model: CameraModel) -> Self {
        let (center_px, distortion) = match model {
            CameraModel::Pinhole { center_px, .. } => (center_px, Distortion::None),
            CameraModel::SimpleRadial { center_px, k1, .. } => {
                (center_px, Distortion::Radial([k1, 0.0]))
            }
            CameraModel::OpenCv {
                center_px,
                distortion,
                ..
            } => (center_px, Distortion::RadialTangential(distortion)),
            CameraModel::OpenCvFisheye {
                center_px,
                distortion,
                ..
            } => (center_px, Distortion::Fisheye(distortion)),
        };
        Self {
            size_px: model.size_px(),
            focal_px: model.focal_px(),
            center_px,
            distortion,
        }
    }
}

/// The simplest model that says the same; a radial camera with two terms or two focal lengths becomes `OPENCV` without
/// tangential terms.
impl From<Camera> for CameraModel {
    fn from(camera: Camera) -> Self {
        let Camera {
            size_px,
            focal_px,
            center_px,
            distortion,
        } = camera;
        match distortion {
            Distortion::None => Self::Pinhole {
                size_px,
                focal_px,
                center_px,
            },
            Distortion::Radial([k1, k2]) if k2 == 0.0 && focal_px[0] == focal_px[1] => {
                Self::SimpleRadial {
                    size_px,
                    focal_px: focal_px[0],
                    center_px,
                    k1,
                }
            }
            Distortion::Radial([k1, k2]) => Self::OpenCv {
                size_px,
                focal_px,
                center_px,
                distortion: [k1, k2, 0.0, 0.0],
            },
            Distortion::RadialTangential(distortion) => Self::OpenCv {
                size_px,
                focal_px,
                center_px,
                distortion,
            },
            Distortion::Fisheye(distortion) => Self::OpenCvFisheye {
                size_px,
                focal_px,
                center_px,
                distortion,
            },
        }
    }
}

/// The line that [`CameraModel::read`] reads back to the same camera.
impl fmt::Display for CameraModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [width, height] = self.size_px();
        let [fx, fy] = self.focal_px();
        let corner = |center: &[f64; 2]| center.map(|c| c + COLMAP_CORNER_PX);
        match self {
            Self::Pinhole { center_px, .. } => {
                let [cx, cy] = corner(center_px);
                write!(f, "PINHOLE {width} {height} {fx} {fy} {cx} {cy}")
            }
            Self::SimpleRadial { center_px, k1, .. } => {
                let [cx, cy] = corner(center_px);
                write!(f, "SIMPLE_RADIAL {width} {height} {fx} {cx} {cy} {k1}")
            }
            Self::OpenCv {
                center_px,
                distortion: [a, b, c, d],
                ..
            } => {
                let [cx, cy] = corner(center_px);
                write!(
                    f,
                    "OPENCV {width} {height} {fx} {fy} {cx} {cy} {a} {b} {c} {d}"
                )
            }
            Self::OpenCvFisheye {
                center_px,
                distortion: [a, b, c, d],
                ..
            } => {
                let [cx, cy] = corner(center_px);
                write!(
                    f,
                    "OPENCV_FISHEYE {width} {height} {fx} {fy} {cx} {cy} {a} {b} {c} {d}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CameraModel, String> {
        let path = Path::new("camera.txt");
        let line = lines(path, text).next().expect("a line");
        CameraModel::parse(&line).map_err(|error| error.to_string())
    }

    #[test]
    fn every_model_is_read_and_written_back() {
        for text in [
            "PINHOLE 640 480 512 511.5 320 240.25",
            "SIMPLE_RADIAL 640 480 527.7 320 240 -0.0244",
            "OPENCV 752 480 458.5 457.25 367.25 248.375 -0.283 0.0739 0.00019 0.0000176",
            "OPENCV_FISHEYE 512 512 190.5 190.75 254.5 256.875 0.0034 0.0007 -0.002 0.0002",
        ] {
            assert_eq!(parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn cameras_of_the_tracker_and_of_files_are_the_same() {
        for text in [
            "PINHOLE 640 480 512 511.5 320 240.25",
            "SIMPLE_RADIAL 640 480 527.7 320 240 -0.0244",
            "OPENCV 752 480 458.5 457.25 367.25 248.375 -0.283 0.0739 0.00019 0.0000176",
            "OPENCV_FISHEYE 512 512 190.5 190.75 254.5 256.875 0.0034 0.0007 -0.002 0.0002",
        ] {
            let model = CameraModel::from_line(text).expect(text);
            assert_eq!(CameraModel::from(Camera::from(model)), model);
        }
        let radial = Camera {
            size_px: [640, 480],
            focal_px: [500.0, 501.0],
            center_px: [319.5, 239.5],
            distortion: Distortion::Radial([-0.1, 0.02]),
        };
        assert_eq!(
            CameraModel::from(radial).to_string(),
            "OPENCV 640 480 500 501 320 240 -0.1 0.02 0 0"
        );
    }

    #[test]
    fn the_half_pixel_of_the_notation_is_taken_off() {
        let camera = parse("1 PINHOLE 640 480 512 512 320 240").expect("a camera");
        assert_eq!(
            camera,
            CameraModel::Pinhole {
                size_px: [640, 480],
                focal_px: [512.0, 512.0],
                center_px: [319.5, 239.5],
            }
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            (
                "PINHOLE 640 480 512 512 320",
                "camera.txt:1: PINHOLE takes 4 parameters, found 3",
            ),
            (
                "# a camera\n\nFOV 640 480 1 2 3 4 5",
                "camera.txt:3: the camera model \"FOV\" is not known",
            ),
            (
                "PINHOLE 640 x 512 512 320 240",
                "camera.txt:1: the height is \"x\"",
            ),
            (
                "PINHOLE 640 480 0 512 320 240",
                "camera.txt:1: a focal length is not positive",
            ),
            (
                "PINHOLE 640 480 NaN 512 320 240",
                "camera.txt:1: parameter 1 is not finite",
            ),
            ("PINHOLE 640", "camera.txt:1: a camera is"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
