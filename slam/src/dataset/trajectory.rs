//! Trajectories in the notation of the TUM RGB-D benchmark: a line `t x y z qx qy qz qw` for every pose.
//!
//! Seconds and metres, `world_from_camera`, quaternion with `w` last. Lines that begin with `#` are comments.

use std::io::Write;
use std::path::Path;

use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion};

use super::DatasetError;
use super::text::{Line, lines, nanos};
use crate::evaluation::TimedPose;

/// Reads a trajectory; the poses come in the order of the file.
///
/// # Errors
/// [`DatasetError::File`], or [`DatasetError::Line`] for a line that is not eight numbers with a quaternion of length 1
/// (to 1%).
pub fn read_tum(path: &Path) -> Result<Vec<TimedPose>, DatasetError> {
    let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
    lines(path, &content)
        .map(|line| {
            let [t, x, y, z, qx, qy, qz, qw] = line.numbers("a pose")?;
            Ok(TimedPose {
                time_nanos: nanos(t).ok_or_else(|| line.wrong("the time is out of range"))?,
                world_from_camera: pose(&line, [x, y, z], Quaternion::new(qw, qx, qy, qz))?,
            })
        })
        .collect()
}

/// Writes one pose as a line that [`read_tum`] reads back to the same numbers.
///
/// # Errors
/// The writer's own.
pub fn write_tum_line(
    out: &mut impl Write,
    time_nanos: i64,
    world_from_camera: &Isometry3<f64>,
) -> std::io::Result<()> {
    let p = world_from_camera.translation.vector;
    let q = world_from_camera.rotation.coords;
    let sign = if time_nanos < 0 { "-" } else { "" };
    let nanos = time_nanos.unsigned_abs();
    writeln!(
        out,
        "{sign}{}.{:09} {} {} {} {} {} {} {}",
        nanos / 1_000_000_000,
        nanos % 1_000_000_000,
        p.x,
        p.y,
        p.z,
        q.x,
        q.y,
        q.z,
        q.w
    )
}

/// A pose of a line's numbers, with a quaternion that is a rotation up to rounding.
pub(super) fn pose(
    line: &Line<'_>,
    [x, y, z]: [f64; 3],
    quaternion: Quaternion<f64>,
) -> Result<Isometry3<f64>, DatasetError> {
    if (quaternion.norm() - 1.0).abs() > 0.01 {
        return Err(line.wrong(format!(
            "the quaternion has length {}, not 1",
            quaternion.norm()
        )));
    }
    Ok(Isometry3::from_parts(
        Translation3::new(x, y, z),
        UnitQuaternion::new_normalize(quaternion),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Vector3;

    #[test]
    fn what_is_written_is_read_back_to_the_same_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tum");
        let poses: Vec<(i64, Isometry3<f64>)> = (-1_i32..3)
            .map(|k| {
                let k = f64::from(k);
                let pose = Isometry3::new(
                    Vector3::new(k / 3.0, -1e-9 * k, 1e5 + k),
                    Vector3::new(0.1 * k, 2.0, -0.3),
                );
                (33_333_333 * k as i64, pose)
            })
            .collect();
        let mut bytes = Vec::new();
        for (time, pose) in &poses {
            write_tum_line(&mut bytes, *time, pose).expect("written");
        }
        std::fs::write(&path, bytes).expect("written");
        let read = read_tum(&path).expect("readable");
        assert_eq!(read.len(), poses.len());
        for (read, (time, pose)) in read.iter().zip(&poses) {
            assert_eq!(read.time_nanos, *time);
            assert_eq!(read.world_from_camera.translation, pose.translation);
            assert!(read.world_from_camera.rotation.angle_to(&pose.rotation) < 1e-7);
        }
    }
}
