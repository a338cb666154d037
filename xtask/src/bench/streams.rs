//! The bench `streams`: what post-processing does to videos at a poor bit rate, by structural similarity (SSIM) with
//! what was sent.
//!
//! `web/tests/measure_streams.mjs` sends scenes through a real connection between two ends in one page of Chromium, on
//! this machine's loopback, and compares each picture that arrives with the one that was sent, plain and processed.
//! Where processing takes a video farther from its source, the table says so as it does of the others.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Row;
use crate::web;
use crate::workspace::Workspace;

/// A rendered desk, in the place of a camera's picture.
const PHOTOGRAPH: &str = "docs/pictures/render/desk.jpg";

/// What to send.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Only this codec, such as VP8; may be given several times.
    #[arg(long, value_name = "NAME")]
    codec: Vec<String>,
    /// Only this content: lesson, meadow or photograph; may be given several times.
    #[arg(long, value_name = "CONTENT")]
    only: Vec<String>,
    /// How many pictures of each video are compared.
    #[arg(long, value_name = "N", default_value_t = 16)]
    count: u32,
    /// Try many strengths in the place of the preset; a row each. It takes long.
    #[arg(long)]
    sweep: bool,
}

/// Sends and compares; rows for each video, and the mean gain over all.
pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<Vec<Row>> {
    web::build(workspace)?;
    let folder = workspace.target("bench/streams");
    let mut command = workspace.command("node");
    command
        .arg("web/tests/measure_streams.mjs")
        .arg(workspace.path(PHOTOGRAPH))
        .arg("--pictures")
        .arg(&folder)
        .args(["--count", &options.count.to_string()]);
    for codec in &options.codec {
        command.args(["--codec", codec]);
    }
    for content in &options.only {
        command.args(["--only", content]);
    }
    if options.sweep {
        command.arg("--sweep");
    }
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start Node")?;
    if !output.status.success() {
        bail!("the streams could not be measured");
    }
    println!(
        "the last pictures of each video are in {}",
        folder.display()
    );
    rows(&serde_json::from_slice(&output.stdout).context("the measurement is not JSON")?)
}

/// Four rows a video, and one for all.
fn rows(measured: &Value) -> Result<Vec<Row>> {
    let videos = measured["rows"].as_array().context("no rows")?;
    let adapter = measured["adapter"]
        .as_str()
        .unwrap_or("an adapter without a name");
    let backend = measured["backend"].as_str().unwrap_or_default();
    let mut rows = Vec::new();
    let mut gains = Vec::new();
    for video in videos {
        let number = |key: &str| video[key].as_f64().with_context(|| format!("no {key}"));
        let strengths = format!(
            "deblocking {:.2}, sharpness {:.2}",
            video["preset"]["deblocking"].as_f64().unwrap_or_default(),
            video["preset"]["sharpness"].as_f64().unwrap_or_default(),
        );
        let name = format!(
            "{} {} {} kbit/s",
            video["content"].as_str().context("no content")?,
            video["codec"].as_str().context("no codec")?,
            number("kbitPerSec")?,
        );
        let (before, after) = (number("before")?, number("after")?);
        let [pictures, nearer] = [number("pictures")?, number("nearer")?];
        rows.push(
            Row::plain(
                format!("{name}: bit rate measured"),
                number("measuredKbitPerSec")?,
                "kbit/s",
            )
            .note(format!("{:.1} pictures a second", number("framesPerSec")?)),
        );
        rows.push(
            Row::plain(format!("{name}: SSIM before"), before, "")
                .larger_is_better()
                .note(format!("{pictures} pictures")),
        );
        rows.push(
            Row::plain(format!("{name}: SSIM after"), after, "")
                .larger_is_better()
                .note(format!(
                    "{:+.4}; nearer in {nearer} of {pictures}; {strengths}",
                    after - before
                )),
        );
        gains.push(after - before);
    }
    #[allow(clippy::cast_precision_loss, reason = "a few dozen videos")]
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    let lost = gains.iter().filter(|gain| **gain <= 0.0).count();
    rows.push(
        Row::plain("SSIM gained, mean over all videos", mean, "")
            .at_least(0.0)
            .note(format!(
                "{lost} of {} videos lost; {backend} on {adapter}",
                gains.len()
            )),
    );
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn video(before: f64, after: f64) -> Value {
        json!({
            "content": "lesson", "codec": "VP8", "kbitPerSec": 100, "measuredKbitPerSec": 97.5, "framesPerSec": 30,
            "pictures": 16, "before": before, "after": after, "nearer": 4,
            "preset": { "deblocking": 0.2, "sharpness": 0.2 },
        })
    }

    #[test]
    fn a_loss_is_told() {
        let measured =
            |videos: &[Value]| json!({ "adapter": "A", "backend": "webgpu", "rows": videos });
        let better = rows(&measured(&[video(0.9, 0.92), video(0.9, 0.89)])).unwrap();
        assert_eq!(better.len(), 7);
        assert_eq!(better[6].met(), Some(true));
        assert!(
            better[6].note.starts_with("1 of 2 videos lost"),
            "{}",
            better[6].note
        );
        assert!(better[5].note.starts_with("-0.0100"), "{}", better[5].note);
        let worse = rows(&measured(&[video(0.9, 0.89)])).unwrap();
        assert_eq!(worse[3].met(), Some(false));
        // Nothing measured is no success.
        assert_eq!(rows(&measured(&[])).unwrap()[0].met(), Some(false));
    }
}
