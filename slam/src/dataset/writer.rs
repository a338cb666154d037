//! A sequence that is written to a folder.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use nalgebra::Isometry3;
use serde::Serialize;

use super::{CameraModel, DatasetError};

const JPEG_QUALITY: u8 = 92;

/// Writes frames, times and truth as they come.
#[derive(Debug)]
pub struct SequenceWriter {
    folder: PathBuf,
    frame_count: usize,
    list: TextFile,
    truth: TextFile,
    stream: TextFile,
}

#[derive(Debug)]
struct TextFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl SequenceWriter {
    /// Makes the folder and begins the files in it; those of an earlier sequence are overwritten.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub fn create(folder: &Path, camera: &CameraModel) -> Result<Self, DatasetError> {
        let frames = folder.join("frames");
        if frames.exists() {
            // Frames past the end of the new sequence must not stay behind.
            std::fs::remove_dir_all(&frames).map_err(DatasetError::file(&frames))?;
        }
        std::fs::create_dir_all(&frames).map_err(DatasetError::file(&frames))?;
        let mut camera_file = TextFile::create(folder.join("camera.txt"))?;
        camera_file.write(format!("{camera}\n").as_bytes())?;
        camera_file.finish()?;
        Ok(Self {
            list: TextFile::create(folder.join("list.txt"))?,
            truth: TextFile::create(folder.join("truth.tum"))?,
            stream: TextFile::create(folder.join("sequence.mjpeg"))?,
            folder: folder.to_owned(),
            frame_count: 0,
        })
    }

    /// Adds a frame: sRGB, three bytes a pixel, `size_px` wide and high, and the pose it was taken from.
    ///
    /// # Errors
    /// [`DatasetError::File`] or [`DatasetError::Picture`].
    pub fn frame(
        &mut self,
        capture_time_nanos: i64,
        size_px: [usize; 2],
        rgb: &[u8],
        world_from_camera: &Isometry3<f64>,
    ) -> Result<(), DatasetError> {
        let name = format!("frames/{:06}.jpg", self.frame_count);
        let path = self.folder.join(&name);
        let mut jpeg = Vec::new();
        // Sizes past 32 bits fail in the encoder, as sizes past 16 bits do.
        let [width, height] = size_px.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
            .encode(rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(DatasetError::picture(&path))?;
        std::fs::write(&path, &jpeg).map_err(DatasetError::file(&path))?;
        self.stream.write(&jpeg)?;

        let secs = capture_time_nanos as f64 * 1e-9;
        self.list.write(format!("{secs:.9} {name}\n").as_bytes())?;
        let p = world_from_camera.translation.vector;
        let q = world_from_camera.rotation.coords;
        self.truth.write(
            format!(
                "{secs:.9} {:.9} {:.9} {:.9} {:.12} {:.12} {:.12} {:.12}\n",
                p.x, p.y, p.z, q.x, q.y, q.z, q.w
            )
            .as_bytes(),
        )?;
        self.frame_count += 1;
        Ok(())
    }

    /// Writes `imu.csv`: rows of time, gyroscope (rad/s) and specific force (m/s^2) in the camera's frame.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub fn imu(
        &mut self,
        rows: impl IntoIterator<Item = (i64, [f64; 3], [f64; 3])>,
    ) -> Result<(), DatasetError> {
        let mut file = TextFile::create(self.folder.join("imu.csv"))?;
        file.write(b"#t_nanos,gyro_x,gyro_y,gyro_z,accel_x,accel_y,accel_z\n")?;
        for (t, [gx, gy, gz], [ax, ay, az]) in rows {
            let row = format!("{t},{gx:.9},{gy:.9},{gz:.9},{ax:.9},{ay:.9},{az:.9}\n");
            file.write(row.as_bytes())?;
        }
        file.finish()
    }

    /// Writes a JSON file beside the frames.
    ///
    /// # Errors
    /// [`DatasetError::File`].
    pub fn json(&mut self, name: &str, value: &impl Serialize) -> Result<(), DatasetError> {
        let mut file = TextFile::create(self.folder.join(name))?;
        serde_json::to_writer_pretty(&mut file.file, value)
            .map_err(|error| DatasetError::file(&file.path)(error.into()))?;
        file.write(b"\n")?;
        file.finish()
    }

    /// Ends the files.
    ///
    /// # Errors
    /// [`DatasetError::File`] where the last bytes could not be written.
    pub fn finish(self) -> Result<(), DatasetError> {
        self.list.finish()?;
        self.truth.finish()?;
        self.stream.finish()
    }
}

impl TextFile {
    fn create(path: PathBuf) -> Result<Self, DatasetError> {
        let file = File::create(&path).map_err(DatasetError::file(&path))?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), DatasetError> {
        self.file
            .write_all(bytes)
            .map_err(DatasetError::file(&self.path))
    }

    fn finish(mut self) -> Result<(), DatasetError> {
        self.file.flush().map_err(DatasetError::file(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Sequence;
    use nalgebra::Vector3;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let camera = CameraModel::Pinhole {
            size_px: [32, 16],
            focal_px: [25.6, 25.6],
            center_px: [15.5, 7.5],
        };
        let pose = |k: i32| {
            Isometry3::new(
                Vector3::new(0.1 * f64::from(k), -2.0, 1.5),
                Vector3::new(0.3, -0.2, 0.1 * f64::from(k)),
            )
        };
        // A longer sequence first: none of its frames may stay.
        for count in [5_i32, 3] {
            let mut writer = SequenceWriter::create(folder.path(), &camera).expect("begun");
            for k in 0..count {
                let rgb = vec![40 * k as u8 + 20; 3 * 32 * 16];
                let time = i64::from(k) * 33_333_333;
                writer
                    .frame(time, [32, 16], &rgb, &pose(k))
                    .expect("written");
            }
            writer.finish().expect("ended");
        }

        let sequence = Sequence::open(folder.path()).expect("readable");
        assert_eq!(sequence.camera, Some(camera));
        assert_eq!(sequence.frames.len(), 3);
        assert!(!folder.path().join("frames/000003.jpg").exists());
        let mut stream = Vec::new();
        for (k, truth) in sequence.truth.iter().enumerate() {
            assert_eq!(truth.time_nanos, sequence.frames[k].capture_time_nanos);
            let difference = truth.world_from_camera.inverse() * pose(k as i32);
            assert!(difference.translation.vector.norm() < 1e-8);
            assert!(difference.rotation.angle() < 1e-8);
            let gray = sequence.gray(k).expect("a picture");
            let expected = 40 * k as i32 + 20;
            assert!(
                gray.data()
                    .iter()
                    .all(|&luma| (i32::from(luma) - expected).abs() <= 1)
            );
            stream.extend(std::fs::read(&sequence.frames[k].path).expect("bytes"));
        }
        let written = std::fs::read(folder.path().join("sequence.mjpeg")).expect("bytes");
        assert_eq!(written, stream);
    }
}
