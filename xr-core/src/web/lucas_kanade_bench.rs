//! Lucas-Kanade on its own, for the benchmark: both pyramids are given, one forward run is what is timed.

use slam::{
    ImageView,
    corners::{CornerConfig, CornerDetector},
    lucas_kanade::{Flow, FlowStatus, LucasKanade, LucasKanadeConfig},
    pyramid::Pyramid,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::tracker::refused;

/// See the module.
#[wasm_bindgen]
pub struct LucasKanadeBench {
    width: usize,
    height: usize,
    max_points: usize,
    lucas_kanade: LucasKanade,
    corners: CornerDetector,
    earlier: Pyramid,
    later: Pyramid,
    points: Vec<[f32; 2]>,
    flows: Vec<Flow>,
}

#[wasm_bindgen]
impl LucasKanadeBench {
    /// For pictures of one size and at most `max_points` points a run; window 15, four levels.
    ///
    /// # Errors
    /// `front-end` when slam refuses the settings.
    #[wasm_bindgen(constructor)]
    pub fn new(width: usize, height: usize, max_points: usize) -> Result<Self, JsValue> {
        // As many corners as asked for, wherever they are: cells that hold several.
        let corners = CornerConfig {
            points_per_cell: 16,
            ..CornerConfig::default()
        };
        Ok(LucasKanadeBench {
            width,
            height,
            max_points,
            lucas_kanade: LucasKanade::new(LucasKanadeConfig::default()).map_err(refused)?,
            corners: CornerDetector::new(corners).map_err(refused)?,
            earlier: Pyramid::new(4).map_err(refused)?,
            later: Pyramid::new(4).map_err(refused)?,
            points: Vec::new(),
            flows: Vec::new(),
        })
    }

    /// Takes the next picture: builds its pyramid, and finds corners in the one before it.
    ///
    /// # Errors
    /// `front-end` when the bytes do not fit the size.
    pub fn frame(&mut self, luma: &[u8]) -> Result<(), JsValue> {
        let image = ImageView::new(luma, self.width, self.height, self.width).map_err(refused)?;
        std::mem::swap(&mut self.earlier, &mut self.later);
        self.later.build(&image);
        let mut found = Vec::new();
        self.corners
            .detect(&self.earlier, [], self.max_points, &mut found);
        self.points.clear();
        self.points
            .extend(found.iter().map(|corner| corner.position_px));
        let nowhere = Flow {
            position_px: [0.0; 2],
            status: FlowStatus::Tracked,
        };
        self.flows.resize(self.points.len(), nowhere);
        Ok(())
    }

    /// How many points a run follows.
    #[wasm_bindgen(js_name = pointCount)]
    pub fn point_count(&self) -> usize {
        self.points.len()
    }

    /// Follows the points from the picture before the last to the last one, and says how many were found.
    ///
    /// # Errors
    /// `front-end` when there were not two pictures.
    pub fn run(&mut self) -> Result<usize, JsValue> {
        self.lucas_kanade
            .track(
                &self.earlier,
                &self.later,
                &self.points,
                None,
                &mut self.flows,
            )
            .map_err(refused)?;
        let tracked = |flow: &&Flow| matches!(flow.status, FlowStatus::Tracked);
        Ok(self.flows.iter().filter(tracked).count())
    }
}
