//! How two sets of pictures differ to the eye: `flip FOLDER REFERENCE TEST` compares every `NAME.REFERENCE.png` of a
//! folder with `NAME.TEST.png`, by FLIP (Andersson et al., "FLIP: A Difference Evaluator for Alternating Images",
//! 2020) as its authors wrote it.
//!
//! It writes `NAME.flip.png`, where the brighter differs more, and `flip.json`: the mean of each pair from 0 to 1, and
//! the pixels a degree of the eye that were assumed: the authors' 0.7 m before a display of 0.7 m with 3840 pixels.
//! An example and not a part of xtask, so that the commands need no C++ compiler.

#![allow(clippy::print_stdout, reason = "a command speaks through its terminal")]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use image::RgbImage;
use nv_flip::{DEFAULT_PIXELS_PER_DEGREE, FlipImageRgb8, FlipPool, flip, magma_lut};
use serde_json::{Map, json};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, reference, test] = arguments.as_slice() else {
        bail!("usage: flip FOLDER REFERENCE TEST");
    };
    let folder = PathBuf::from(folder);
    let names = names(&folder, reference)?;
    ensure!(
        !names.is_empty(),
        "{} has no pictures of {reference}",
        folder.display()
    );
    let mut means = Map::new();
    for name in names {
        let file = |side: &str| folder.join(format!("{name}.{side}.png"));
        let mean = compare(&file(reference), &file(test), &file("flip"))?;
        println!("{name}: {mean:.4}");
        means.insert(name, mean.into());
    }
    let report = json!({ "pixelsPerDegree": DEFAULT_PIXELS_PER_DEGREE, "means": means });
    fs::write(
        folder.join("flip.json"),
        serde_json::to_string_pretty(&report)? + "\n",
    )?;
    Ok(())
}

/// The names of the pairs, sorted.
fn names(folder: &Path, reference: &str) -> Result<Vec<String>> {
    let ending = format!(".{reference}.png");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?
    {
        let file = entry?.file_name();
        names.extend(
            file.to_string_lossy()
                .strip_suffix(&ending)
                .map(str::to_owned),
        );
    }
    names.sort();
    Ok(names)
}

/// The mean difference of two pictures; a picture of where they differ goes to `map`.
fn compare(reference: &Path, test: &Path, map: &Path) -> Result<f64> {
    let (reference, test) = (read(reference)?, read(test)?);
    ensure!(
        reference.dimensions() == test.dimensions(),
        "the pictures of {} are not of one size",
        map.display()
    );
    let (width, height) = reference.dimensions();
    let picture = |rgb: &RgbImage| FlipImageRgb8::with_data(width, height, rgb);
    let differences = flip(
        picture(&reference),
        picture(&test),
        DEFAULT_PIXELS_PER_DEGREE,
    );
    let shown = differences.apply_color_lut(&magma_lut()).to_vec();
    RgbImage::from_raw(width, height, shown)
        .context("the map of differences has another size")?
        .save(map)
        .with_context(|| format!("{} cannot be written", map.display()))?;
    Ok(f64::from(FlipPool::from_image(&differences).mean()))
}

fn read(path: &Path) -> Result<RgbImage> {
    Ok(image::open(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .into_rgb8())
}
