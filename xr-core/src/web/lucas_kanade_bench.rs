//! Lucas-Kanade on its own, for the benchmark: pictures, pyramids and points are given, one forward run is what is
//! timed, by JavaScript's clock.

use slam::{
    ImageView,
    lucas_kanade::{FlowStatus, LucasKanadeConfig},
    workload::Workload,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::tracker::refused;

/// As many levels as the tracker uses.
const LEVELS: usize = 4;

/// See the module.
#[wasm_bindgen]
pub struct LucasKanadeBench {
    workload: Workload,
}

#[wasm_bindgen]
impl LucasKanadeBench {
    /// For two pictures of one size, in luma, and points of the first: x and y in pixels, in turn.
    ///
    /// # Errors
    /// `tracker-refused` when the bytes do not fit the size.
    #[wasm_bindgen(constructor)]
    pub fn new(
        width: usize,
        height: usize,
        earlier: &[u8],
        later: &[u8],
        points: &[f32],
    ) -> Result<Self, JsValue> {
        let earlier = ImageView::new(earlier, width, height, width).map_err(refused)?;
        let later = ImageView::new(later, width, height, width).map_err(refused)?;
        let (points, _) = points.as_chunks::<2>();
        let config = LucasKanadeConfig::default();
        Ok(LucasKanadeBench {
            workload: Workload::new(&earlier, &later, points, LEVELS, config).map_err(refused)?,
        })
    }

    /// Follows every point once, and says how many were found.
    ///
    /// # Errors
    /// None that the constructor has not found already.
    pub fn run(&mut self) -> Result<usize, JsValue> {
        let flows = self.workload.track().map_err(refused)?;
        let tracked = |flow: &&slam::lucas_kanade::Flow| flow.status == FlowStatus::Tracked;
        Ok(flows.iter().filter(tracked).count())
    }
}
