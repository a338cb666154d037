//! Distances that a device measured for one view, as metres.
//!
//! In: the bytes of `XRCPUDepthInformation` and how they are to be read. Out: metres along the view's axis, row by row
//! from the top, in a buffer that is kept; 0 where nothing is known. Bytes that are as they were are not read again.

use std::sync::atomic::{AtomicU64, Ordering};

use glam::Mat4;

/// How the bytes hold a distance, little-endian. Source: WebXR Depth Sensing, `XRDepthDataFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepthFormat {
    /// 16 bits without sign: `luminance-alpha` and `unsigned-short`. 0 is unknown.
    Integers,
    /// 32-bit floats: `float32`.
    Floats,
}

impl DepthFormat {
    /// By WebXR's name.
    pub fn from_name(name: &str) -> Option<DepthFormat> {
        match name {
            "luminance-alpha" | "unsigned-short" => Some(DepthFormat::Integers),
            "float32" => Some(DepthFormat::Floats),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            DepthFormat::Integers => 2,
            DepthFormat::Floats => 4,
        }
    }
}

/// What the bytes of a measurement mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthShape {
    /// Columns and rows.
    pub size: [u32; 2],
    /// How a distance is stored.
    pub format: DepthFormat,
    /// Metres a stored unit.
    pub raw_value_to_metres: f32,
}

/// The measurement of one view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DepthMap {
    shape: Option<DepthShape>,
    raw: Vec<u8>,
    metres: Vec<f32>,
    revision: u64,
    /// From the view (0..1, x right, y down) to the measurement (the same).
    pub measurement_from_view: Mat4,
}

impl DepthMap {
    /// Takes a measurement. False where the bytes do not fit its shape; the map is then empty.
    pub fn take(&mut self, shape: DepthShape, raw: &[u8]) -> bool {
        let [width, height] = shape.size.map(|side| side as usize);
        let needed = width
            .checked_mul(height)
            .and_then(|count| count.checked_mul(shape.format.bytes()));
        let Some(raw) = needed.and_then(|needed| raw.get(..needed)) else {
            self.shape = None;
            return false;
        };
        if self.shape == Some(shape) && self.raw == raw {
            return true;
        }
        self.shape = Some(shape);
        self.raw.clear();
        self.raw.extend_from_slice(raw);
        self.metres.clear();
        let metres = |value: f32| {
            let metres = value * shape.raw_value_to_metres;
            if metres.is_finite() {
                metres.max(0.0)
            } else {
                0.0
            }
        };
        match shape.format {
            DepthFormat::Integers => {
                let values = raw.as_chunks().0.iter();
                self.metres
                    .extend(values.map(|two| metres(f32::from(u16::from_le_bytes(*two)))));
            }
            DepthFormat::Floats => {
                let values = raw.as_chunks().0.iter();
                self.metres
                    .extend(values.map(|four| metres(f32::from_le_bytes(*four))));
            }
        }
        self.revision = next_revision();
        true
    }

    /// Columns and rows; 0 where nothing was measured.
    pub fn size(&self) -> [u32; 2] {
        self.shape.map_or([0, 0], |shape| shape.size)
    }

    /// Metres along the view's axis, row by row from the top; 0 where nothing is known.
    pub fn metres(&self) -> &[f32] {
        &self.metres
    }

    /// Another number for other metres, in any map of this program: a session's last measurement is never taken for
    /// the next one's first.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

fn next_revision() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLIMETRES: DepthShape = DepthShape {
        size: [2, 2],
        format: DepthFormat::Integers,
        raw_value_to_metres: 0.001,
    };

    #[test]
    fn integers_are_little_endian_and_zero_is_unknown() {
        let mut map = DepthMap::default();
        // 500 mm, unknown, 65.535 m, 256 mm, and bytes behind that belong to nothing.
        assert!(map.take(MILLIMETRES, &[0xf4, 1, 0, 0, 0xff, 0xff, 0, 1, 9, 9]));
        assert_eq!(map.metres(), [0.5, 0.0, 65.535, 0.256]);
        assert_eq!(map.size(), [2, 2]);
    }

    #[test]
    fn floats_that_are_no_distances_are_unknown() {
        let mut map = DepthMap::default();
        let raw: Vec<u8> = [1.5, f32::NAN, f32::INFINITY, -2.0]
            .into_iter()
            .flat_map(f32::to_le_bytes)
            .collect();
        let shape = DepthShape {
            format: DepthFormat::Floats,
            raw_value_to_metres: 2.0,
            ..MILLIMETRES
        };
        assert!(map.take(shape, &raw));
        assert_eq!(map.metres(), [3.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn what_stays_keeps_its_revision_and_nothing_else_does() {
        let (mut map, mut other) = (DepthMap::default(), DepthMap::default());
        assert!(map.take(MILLIMETRES, &[1; 8]));
        let first = map.revision();
        let memory = map.metres().as_ptr();
        assert!(map.take(MILLIMETRES, &[1; 8]));
        assert_eq!(map.revision(), first);
        assert!(map.take(MILLIMETRES, &[2; 8]));
        assert_ne!(map.revision(), first);
        assert_eq!(map.metres().as_ptr(), memory, "the buffer is reused");
        let second = map.revision();
        let closer = DepthShape {
            raw_value_to_metres: 0.002,
            ..MILLIMETRES
        };
        assert!(map.take(closer, &[2; 8]));
        assert_ne!(map.revision(), second);
        assert!(other.take(MILLIMETRES, &[1; 8]));
        assert!(other.revision() > map.revision());
    }

    #[test]
    fn too_few_bytes_are_no_measurement() {
        let mut map = DepthMap::default();
        assert!(map.take(MILLIMETRES, &[1; 8]));
        assert!(!map.take(MILLIMETRES, &[1; 7]));
        assert_eq!(map.size(), [0, 0]);
        let huge = DepthShape {
            size: [u32::MAX, u32::MAX],
            ..MILLIMETRES
        };
        assert!(!map.take(huge, &[1; 8]));
        assert!(map.take(MILLIMETRES, &[1; 8]));
    }

    #[test]
    fn formats_by_their_names() {
        assert_eq!(
            DepthFormat::from_name("luminance-alpha"),
            Some(DepthFormat::Integers)
        );
        assert_eq!(DepthFormat::from_name("float32"), Some(DepthFormat::Floats));
        assert_eq!(DepthFormat::from_name("inverse"), None);
    }
}
