//! The distances that the platform measures for each view, where it gives them to the CPU. What it leaves on the GPU is
//! not read.

use js_sys::Uint8Array;
use render::MeasuredDepth;
use wasm_bindgen::JsValue;

use super::{
    xr::{XrFrame, XrSession, XrView},
    xr_sensed::XrDepthInformation,
};
use crate::{
    axes::gpu_matrix_from_xr,
    sensed::{DepthFormat, DepthMap, DepthShape},
};

/// See the module.
pub(super) struct Depth {
    format: DepthFormat,
    /// One a view.
    maps: Vec<DepthMap>,
    /// How many of them count in this frame: all views' or none.
    measured: usize,
    bytes: Vec<u8>,
}

impl Depth {
    /// `None` where the session measures nothing, or nothing that is read here.
    pub(super) fn open(session: &XrSession) -> Result<Option<Depth>, JsValue> {
        if session.depth_usage()?.as_deref() != Some("cpu-optimized") {
            return Ok(None);
        }
        let format = session.depth_data_format()?;
        let format = format.as_deref().and_then(DepthFormat::from_name);
        Ok(format.map(|format| Depth {
            format,
            maps: Vec::new(),
            measured: 0,
            bytes: Vec::new(),
        }))
    }

    /// Reads the measurements of a frame for its views. They count when there is one for each.
    pub(super) fn read(&mut self, frame: &XrFrame, views: &[XrView]) -> Result<(), JsValue> {
        self.measured = 0;
        self.maps.resize_with(views.len(), DepthMap::default);
        for (index, view) in views.iter().enumerate() {
            let Some(information) = frame.depth_information(view)? else {
                return Ok(());
            };
            if !self.read_view(index, &information)? {
                return Ok(());
            }
        }
        self.measured = views.len();
        Ok(())
    }

    fn read_view(
        &mut self,
        index: usize,
        information: &XrDepthInformation,
    ) -> Result<bool, JsValue> {
        let matrix = information.measurement_from_view().matrix().to_vec();
        let Some(measurement_from_view) = gpu_matrix_from_xr(&matrix) else {
            return Ok(false);
        };
        let data = Uint8Array::new(information.data()?.as_ref());
        self.bytes.resize(data.length() as usize, 0);
        data.copy_to(&mut self.bytes);
        let map = &mut self.maps[index];
        map.measurement_from_view = measurement_from_view;
        let shape = DepthShape {
            size: [information.width(), information.height()],
            format: self.format,
            raw_value_to_metres: information.raw_value_to_metres(),
        };
        Ok(map.take(shape, &self.bytes))
    }

    /// The measurements of the last frame that was read: one for each view, or none.
    pub(super) fn measured(&self) -> impl Iterator<Item = MeasuredDepth<'_>> {
        self.maps[..self.measured].iter().map(|map| MeasuredDepth {
            size: map.size(),
            metres: map.metres(),
            measurement_from_view: map.measurement_from_view,
            revision: map.revision(),
        })
    }
}
