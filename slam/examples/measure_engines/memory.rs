//! Whether memory stays as it is, on the adapter and beside it.

use std::error::Error;

use serde_json::{Value, json};
use slam::gpu::GpuEngine;
use slam::{Frame, FrontEnd, FrontEndConfig, GrayImage, ImageView};

use crate::adapter::Adapter;

const FRAMES: usize = 10_000;
/// Until buffers are as large as they will be.
const WARM_FRAMES: usize = 200;

/// Follows many frames on the adapter.
pub(crate) fn measure(
    images: &[GrayImage],
    adapter: &Adapter,
    rows: &mut Vec<Value>,
) -> Result<(), Box<dyn Error>> {
    let config = FrontEndConfig {
        max_points: 60,
        ..FrontEndConfig::default()
    };
    let engine = GpuEngine::new(adapter.device.clone(), adapter.queue.clone(), &config)?;
    let mut front_end = FrontEnd::new(config)?;
    front_end.use_engine(Some(Box::new(engine)));
    let mut warm = (0, 0);
    for k in 0..FRAMES {
        // How large pictures are is no matter here, and parts of them are faster.
        let image = &images[k % images.len()];
        let part = ImageView::new(image.data(), 160, 120, image.width())?;
        let frame = Frame::new(part, k as i64);
        let ticket = front_end.submit(&frame)?;
        adapter.wait()?;
        front_end.poll(ticket).ok_or("no answer")?;
        if k == WARM_FRAMES {
            warm = (adapter.allocated_bytes(), resident_bytes());
        }
    }
    if front_end.engine_failed() {
        return Err("the engine failed".into());
    }
    let now = (adapter.allocated_bytes(), resident_bytes());
    let mut row = |measure: &str, before: u64, after: u64| {
        rows.push(json!({
            "measure": measure, "value": after as f64 - before as f64, "unit": "B", "note": format!("{before} B when warm"),
        }));
    };
    row("GPU memory grown over 10,000 frames", warm.0, now.0);
    row("resident memory, more after 10,000 frames", warm.1, now.1);
    Ok(())
}

/// Of this process; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    const PAGE_BYTES: u64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|p| p.parse().ok());
    pages.unwrap_or(0_u64) * PAGE_BYTES
}
