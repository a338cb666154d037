//! What the tests on frames share: the real frames, and the quantiles that the limits are about.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;

use slam::GrayImage;

/// The real frames of `SIGHTLINE_DATA`, in order, or nothing where it is not set. The names of tests that need them
/// begin with `on_real_data`: the test command leaves those out where there are none.
pub(crate) fn kitchen_frames(count: usize) -> Option<Vec<GrayImage>> {
    let Some(data) = std::env::var_os("SIGHTLINE_DATA") else {
        println!("SKIPPED: SIGHTLINE_DATA names no folder of real data");
        return None;
    };
    let folder = PathBuf::from(data).join("sevenscenes_kitchen/color");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jpg"))
        .collect();
    paths.sort();
    let gray = |path: &PathBuf| {
        let luma = image::open(path).unwrap().to_luma8();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        GrayImage::from_vec(width, height, luma.into_raw()).unwrap()
    };
    Some(paths.iter().take(count).map(gray).collect())
}

/// The value below which the given share of the values lies. Sorts them.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() as f64 * share) as usize).min(values.len() - 1)]
}

/// Asserts the two limits of tracking errors, in pixels: median at most 0.3, 95% within 1.
pub(crate) fn assert_within_limits(what: &str, errors: &mut [f64]) {
    assert!(errors.len() > 1000, "{what}: only {} errors", errors.len());
    let (median, most) = (quantile(errors, 0.5), quantile(errors, 0.95));
    println!(
        "{what}: median {median:.3} px, 95% {most:.3} px, {} points",
        errors.len()
    );
    assert!(median <= 0.3, "{what}: median {median} px");
    assert!(most <= 1.0, "{what}: 95% within {most} px");
}
