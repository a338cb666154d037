//! The frames of a folder.

use std::error::Error;
use std::path::Path;

use serde_json::json;
use slam::{FrontEndConfig, GrayImage};

/// The first frames: those of `list.txt`, or the .jpg files in the order of their names.
pub(crate) fn read(folder: &Path, most: usize) -> Result<Vec<GrayImage>, Box<dyn Error>> {
    let list = folder.join("list.txt");
    let mut paths = Vec::new();
    if list.exists() {
        let text = std::fs::read_to_string(list)?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        paths.extend(lines.filter_map(|line| Some(folder.join(line.split_whitespace().nth(1)?))));
    } else {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("jpg"))
            {
                paths.push(path);
            }
        }
        paths.sort();
    }
    paths.truncate(most);
    if paths.len() < 8 {
        return Err(format!("{} holds fewer than eight frames", folder.display()).into());
    }
    let decode = |path: &std::path::PathBuf| -> Result<GrayImage, Box<dyn Error>> {
        let luma = image::open(path)?.to_luma8();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        Ok(GrayImage::from_vec(width, height, luma.into_raw())?)
    };
    paths.iter().map(decode).collect()
}

/// Leaves the frames as raw luma, and what is measured on them: numbers of points and the settings for each.
pub(crate) fn write(
    folder: &Path,
    images: &[GrayImage],
    rounds: usize,
    settings: &[(usize, FrontEndConfig)],
) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    for (k, image) in images.iter().enumerate() {
        std::fs::write(folder.join(format!("frame-{k}.luma")), image.data())?;
    }
    let settings: Vec<_> = settings
        .iter()
        .map(|(points, config)| {
            json!({ "points": points, "options": {
                "maxPoints": config.max_points,
                "gridCellPx": config.grid_cell_px,
                "minDistancePx": config.min_distance_px,
                "windowPx": config.window_px,
                "levels": config.levels,
                "fastThreshold": config.fast_threshold,
                "minCornerScore": config.min_corner_score,
                "minMissingPoints": config.min_missing_points,
            } })
        })
        .collect();
    let description = json!({
        "count": images.len(), "rounds": rounds, "width": images[0].width(), "height": images[0].height(),
        "settings": settings,
    });
    std::fs::write(folder.join("frames.json"), description.to_string())?;
    Ok(())
}
