//! The whole tracker for the benchmark: pictures in, milliseconds by JavaScript's clock. In the default configuration
//! but for the camera, as every row of the bench.

use js_sys::Uint8Array;
use slam::camera::{Camera, Distortion};
use slam::tracker::{CameraConfig, MapBudget, Position};
use slam::{Frame, ImageView, TrackerConfig};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{luma::view_u8, tracker::refused};

/// See the module.
#[wasm_bindgen]
pub struct TrackerBench {
    tracker: slam::Tracker,
    luma: Vec<u8>,
    width: usize,
    height: usize,
}

#[wasm_bindgen]
impl TrackerBench {
    /// For pictures of this size of a camera with one radial term; lengths in pixels, pixel centres at integers.
    ///
    /// # Errors
    /// `front-end` when that is no camera.
    #[wasm_bindgen(constructor)]
    pub fn new(
        width: usize,
        height: usize,
        focal_px: &[f64],
        center_px: &[f64],
        k1: f64,
        seed: u64,
    ) -> Result<Self, JsValue> {
        let two = |numbers: &[f64]| [0, 1].map(|k| numbers.get(k).copied().unwrap_or(f64::NAN));
        let camera = Camera {
            size_px: [width, height],
            focal_px: two(focal_px),
            center_px: two(center_px),
            distortion: if k1 == 0.0 {
                Distortion::None
            } else {
                Distortion::Radial([k1, 0.0])
            },
        };
        let config = TrackerConfig {
            camera: CameraConfig::Known(camera),
            seed,
            ..TrackerConfig::default()
        };
        Ok(TrackerBench {
            tracker: slam::Tracker::new(config).map_err(refused)?,
            luma: vec![0; width * height],
            width,
            height,
        })
    }

    /// A view into the module's memory for the next picture; it holds until the next call.
    #[must_use]
    pub fn buffer(&self) -> Uint8Array {
        view_u8(&self.luma)
    }

    /// Tracks the picture in the buffer and says whether its position stands in the map.
    ///
    /// # Errors
    /// `front-end` when its time is not after the last one's.
    pub fn track(&mut self, capture_time_nanos: i64) -> Result<bool, JsValue> {
        let image =
            ImageView::new(&self.luma, self.width, self.height, self.width).map_err(refused)?;
        let frame = Frame::new(image, capture_time_nanos);
        let tracking = self.tracker.track(&frame).map_err(refused)?;
        Ok(matches!(
            tracking.position,
            Position::UpToScale | Position::Metric
        ))
    }

    /// Works on the map and says whether there is more to do.
    #[wasm_bindgen(js_name = mapStep)]
    pub fn map_step(&mut self, work_units: u32) -> bool {
        self.tracker.map_step(MapBudget { work_units }).pending
    }

    /// Keyframes in the map.
    #[must_use]
    pub fn keyframes(&self) -> usize {
        self.tracker.map().keyframes().len()
    }

    /// Landmarks in the map.
    #[must_use]
    pub fn landmarks(&self) -> usize {
        self.tracker.map().landmarks().len()
    }
}
