//! The page: figures, and the data that its script draws.

use std::fmt::Write as _;

use nalgebra::Isometry3;
use serde::Serialize;

use super::views::Views;
use super::{FrameRecord, Millis, Picture, Summary};
use crate::evaluation::{AbsoluteError, TimedPose, pose_at};
use crate::tracker::State;

/// The truth is drawn as a line over gaps shorter than this.
const LONGEST_GAP_NANOS: i64 = 1_000_000_000;

/// All that the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was replayed.
    pub title: &'a str,
    /// One line about how.
    pub subtitle: &'a str,
    /// Names and values for the table at the end.
    pub facts: &'a [(String, String)],
    /// Every frame that the tracker took.
    pub frames: &'a [FrameRecord],
    /// The true poses in order of time, where they are known.
    pub truth: &'a [TimedPose],
    /// The error of the poses as they were returned, where the truth is known; the path is drawn aligned by it.
    pub as_returned: Option<&'a AbsoluteError>,
    /// The error of the poses after all optimisation.
    pub at_the_end: Option<&'a AbsoluteError>,
    /// Some frames with their points.
    pub pictures: &'a [Picture],
}

/// What the script reads, a column each.
#[derive(Serialize)]
struct Data {
    index: Vec<usize>,
    secs: Vec<f64>,
    /// 0 not started, 1 initializing, 2 tracking, 3 lost, 4 tracking but with a predicted position.
    state: Vec<u8>,
    points: Vec<usize>,
    seen: Vec<u32>,
    landmarks: Vec<usize>,
    track: Vec<f64>,
    map: Vec<f64>,
    /// Metres, where the frame has a pose and a true one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Vec<Option<f64>>>,
    start: Option<usize>,
    views: ViewsData,
}

#[derive(Serialize)]
struct ViewsData {
    above: ViewData,
    side: ViewData,
}

#[derive(Serialize)]
struct ViewData {
    estimate: Vec<Option<[f64; 2]>>,
    truth: Vec<Option<[f64; 2]>>,
}

impl Report<'_> {
    /// The page as one file of HTML that loads nothing.
    ///
    /// # Errors
    /// Where the data cannot be written as JSON, which does not happen for numbers.
    pub fn page(&self) -> serde_json::Result<String> {
        // Nothing in the data may end the script element.
        let data = serde_json::to_string(&self.data())?.replace('<', "\\u003c");
        let summary = Summary::of(self.frames);
        let mut page = String::with_capacity(data.len() + 64 * 1024);
        let title = escape(self.title);
        page.push_str("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
        page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\n");
        page.push_str(&format!("<title>Replay of {title}</title>\n<style>\n"));
        page.push_str(include_str!("page.css"));
        page.push_str("</style>\n");
        page.push_str(&format!(
            "<header class=\"top\">{MARK}<h1>Replay of {title}</h1><p class=\"sub\">{}</p><p class=\"verdict\">{}</p></header>\n<main>\n",
            escape(self.subtitle),
            self.verdict(&summary)
        ));
        page.push_str(&self.figures(&summary));
        page.push_str(STATES);
        page.push_str(if self.truth.is_empty() {
            PATHS
        } else {
            PATHS_WITH_TRUTH
        });
        if self.as_returned.is_some() {
            page.push_str(ERROR);
        }
        page.push_str(CHARTS);
        page.push_str(&self.thumbnails());
        page.push_str(&self.tables(&summary));
        page.push_str(SCRUB);
        page.push_str("</main>\n<footer>Written by <code>slam replay --report</code>. Times are those of the machine it ran on.</footer>\n");
        page.push_str(&format!(
            "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{}</script>\n</html>\n",
            include_str!("page.js")
        ));
        Ok(page)
    }

    fn verdict(&self, summary: &Summary) -> String {
        let Some(start) = summary.start_frame else {
            return "The tracker did not start: no pose has a position.".to_owned();
        };
        let lost = match summary.times_lost {
            0 => "never got lost".to_owned(),
            1 => format!("got lost once, for {} frames", summary.longest_loss_frames),
            n => format!(
                "got lost {n} times, for at most {} frames",
                summary.longest_loss_frames
            ),
        };
        let error = self.as_returned.map_or_else(String::new, |error| {
            format!(
                " Its poses, as they were returned, are {} from the truth (rmse after similarity alignment).",
                centimetres(error.translation_m.rmse)
            )
        });
        format!(
            "The tracker started at frame {start}, followed {:.1}% of the frames after that and {lost}.{error}",
            100.0 * summary.tracked_share
        )
    }

    fn figures(&self, summary: &Summary) -> String {
        let mut figures = vec![
            (
                format!("{:.1}<small>%</small>", 100.0 * summary.tracked_share),
                "tracked after the start",
            ),
            (
                summary
                    .start_frame
                    .map_or("none".to_owned(), |k| k.to_string()),
                "first frame with a position",
            ),
        ];
        for (error, name) in [
            (self.as_returned, "error as returned"),
            (self.at_the_end, "error at the end"),
        ] {
            if let Some(error) = error {
                let text = format!("{:.2}<small>cm</small>", 100.0 * error.translation_m.rmse);
                figures.push((text, name));
            }
        }
        let ms = |millis: f64| format!("{millis:.1}<small>ms</small>");
        figures.push((ms(summary.track.median), "tracking, median"));
        figures.push((ms(summary.track.p95), "tracking, 95 of 100"));
        figures.push((ms(summary.together.mean), "with mapping, mean"));
        figures.push((
            format!(
                "{}<small>in {} keyframes</small>",
                summary.map.landmarks, summary.map.keyframes
            ),
            "landmarks",
        ));
        let cells: String = figures
            .iter()
            .map(|(value, name)| format!("<div><b>{value}</b><span>{name}</span></div>"))
            .collect();
        format!("<section class=\"figures\" aria-label=\"Figures\">{cells}</section>\n")
    }

    fn thumbnails(&self) -> String {
        let figures: String = self.pictures.iter().map(Picture::figure).collect();
        if figures.is_empty() {
            return String::new();
        }
        format!(
            "<section><div class=\"head\"><h2>What it followed</h2><p class=\"key\"><span><span class=\"c-sky\"><i></i></span>point</span> <span><span class=\"c-leaf\"><i></i></span>landmark of the map</span></p></div><div class=\"pictures\">{figures}</div></section>\n"
        )
    }

    fn tables(&self, summary: &Summary) -> String {
        let mut text = String::from(
            "<div class=\"two\"><section><div class=\"head\"><h2>Times and errors</h2></div><div class=\"table\"><table><tr><th></th><th style=\"text-align:right\">median</th><th style=\"text-align:right\">95 of 100</th><th style=\"text-align:right\">mean</th><th style=\"text-align:right\">most</th></tr>",
        );
        let mut row = |name: &str, values: [String; 4]| {
            let cells: String = values.iter().map(|v| format!("<td>{v}</td>")).collect();
            // Writing to a string does not fail.
            let _ = write!(text, "<tr><th>{name}</th>{cells}</tr>");
        };
        for (name, m) in [
            ("tracking, ms", summary.track),
            ("mapping, ms", summary.mapping),
            ("together, ms", summary.together),
        ] {
            row(
                name,
                [m.median, m.p95, m.mean, m.max].map(|v| format!("{v:.2}")),
            );
        }
        for (name, error) in [
            ("error as returned, cm", self.as_returned),
            ("error at the end, cm", self.at_the_end),
        ] {
            if let Some(error) = error {
                let spread = Millis::of(error.errors.iter().map(|e| 100.0 * e.translation_m));
                row(
                    name,
                    [spread.median, spread.p95, spread.mean, spread.max].map(|v| format!("{v:.2}")),
                );
                let spread = Millis::of(error.errors.iter().map(|e| e.rotation_rad.to_degrees()));
                row(
                    "of its orientation, degrees",
                    [spread.median, spread.p95, spread.mean, spread.max].map(|v| format!("{v:.2}")),
                );
            }
        }
        text.push_str("</table></div></section><section><div class=\"head\"><h2>About this replay</h2></div><table class=\"facts\">");
        for (name, value) in self.facts {
            let _ = write!(
                text,
                "<tr><th>{}</th><td>{}</td></tr>",
                escape(name),
                escape(value)
            );
        }
        text.push_str("</table></section></div>\n");
        text
    }

    fn data(&self) -> Data {
        let align = |pose: &Isometry3<f64>| match self.as_returned {
            Some(error) => error.reference_from_estimate.transform(pose),
            None => *pose,
        };
        let poses: Vec<Option<Isometry3<f64>>> = self
            .frames
            .iter()
            .map(|frame| frame.is_tracked().then(|| align(&frame.world_from_camera)))
            .collect();
        let truth = self.truth_while_played();
        let shown: Vec<Isometry3<f64>> = truth
            .iter()
            .chain(&poses)
            .filter_map(|pose| *pose)
            .collect();
        let views = Views::of(&shown);
        let project = |poses: &[Option<Isometry3<f64>>], side: bool| {
            poses
                .iter()
                .map(|pose| {
                    let point = pose.as_ref()?.translation.vector;
                    let seen = if side {
                        views.side(&point)
                    } else {
                        views.above(&point)
                    };
                    Some(seen.map(|value| rounded(value, 1e4)))
                })
                .collect()
        };
        let view = |side| ViewData {
            estimate: project(&poses, side),
            truth: project(&truth, side),
        };
        let start_nanos = self
            .frames
            .iter()
            .map(|frame| frame.time_nanos)
            .min()
            .unwrap_or(0);
        Data {
            index: self.frames.iter().map(|frame| frame.index).collect(),
            secs: self
                .frames
                .iter()
                .map(|frame| rounded((frame.time_nanos - start_nanos) as f64 * 1e-9, 1e3))
                .collect(),
            state: self.frames.iter().map(state_code).collect(),
            points: self.frames.iter().map(|frame| frame.points).collect(),
            seen: self
                .frames
                .iter()
                .map(|frame| frame.landmarks_seen)
                .collect(),
            landmarks: self
                .frames
                .iter()
                .map(|frame| frame.map.landmarks)
                .collect(),
            track: self
                .frames
                .iter()
                .map(|frame| rounded(frame.track_millis, 1e3))
                .collect(),
            map: self
                .frames
                .iter()
                .map(|frame| rounded(frame.map_millis, 1e3))
                .collect(),
            error: self.as_returned.map(|error| {
                let at = |frame: &FrameRecord| {
                    let found = error
                        .errors
                        .binary_search_by_key(&frame.time_nanos, |e| e.time_nanos);
                    found
                        .ok()
                        .map(|k| rounded(error.errors[k].translation_m, 1e6))
                };
                self.frames.iter().map(at).collect()
            }),
            start: Summary::of(self.frames).start_frame,
            views: ViewsData {
                above: view(false),
                side: view(true),
            },
        }
    }

    /// The true poses at the frames' times, a gap where they are not known.
    fn truth_while_played(&self) -> Vec<Option<Isometry3<f64>>> {
        self.frames
            .iter()
            .map(|frame| pose_at(self.truth, frame.time_nanos, LONGEST_GAP_NANOS))
            .collect()
    }
}

fn state_code(frame: &FrameRecord) -> u8 {
    match frame.state {
        State::NotStarted => 0,
        State::Initializing => 1,
        State::Tracking if frame.is_tracked() => 2,
        State::Tracking => 4,
        State::Lost => 3,
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn centimetres(metres: f64) -> String {
    if metres < 1.0 {
        format!("{:.2} cm", 100.0 * metres)
    } else {
        format!("{metres:.2} m")
    }
}

/// Text that stands in HTML as it is.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The horizon with a ring resting on it.
const MARK: &str = r#"<svg class="mark" viewBox="0 0 40 40" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" aria-hidden="true"><path d="M4 29h16a8.5 8.5 0 1 0-.01 0H36"/></svg>"#;

const STATES: &str = r#"<section><div class="head"><h2>State</h2><p class="key"><span><span class="c-amber"><i></i></span>initializing</span> <span><span class="c-leaf"><i></i></span>tracking</span> <span><span class="c-rose"><i></i></span>lost</span> <span><span class="c-soft"><i></i></span>position predicted</span></p></div><div id="states"></div></section>
"#;

const PATHS: &str = r#"<div class="two"><section><div class="head"><h2>From above</h2><p class="note">units of the map</p></div><div id="above"></div></section><section><div class="head"><h2>From the side</h2><p class="note">units of the map</p></div><div id="side"></div></section></div>
"#;

const PATHS_WITH_TRUTH: &str = r#"<div class="two"><section><div class="head"><h2>From above</h2><p class="key"><span><span class="c-signal"><i class="thin"></i></span>as returned</span> <span><span class="c-sky"><i class="thin"></i></span>truth</span> <span>metres</span></p></div><div id="above"></div></section><section><div class="head"><h2>From the side</h2><p class="key"><span><span class="c-signal"><i class="thin"></i></span>as returned</span> <span><span class="c-sky"><i class="thin"></i></span>truth</span> <span>metres</span></p></div><div id="side"></div></section></div>
"#;

const ERROR: &str = r#"<section><div class="head"><h2>Error over the frames</h2><p class="note">distance from the truth, aligned as a whole</p></div><div id="error"></div></section>
"#;

const CHARTS: &str = r#"<section><div class="head"><h2>Points</h2><p class="key"><span><span class="c-sky"><i class="thin"></i></span>followed in the picture</span> <span><span class="c-leaf"><i class="thin"></i></span>landmarks that made the pose</span></p></div><div id="points"></div></section>
<section><div class="head"><h2>Time a frame</h2><p class="key"><span><span class="c-sky"><i></i></span>tracking</span> <span><span class="c-soft"><i></i></span>mapping</span></p></div><div id="times"></div></section>
<div class="two"><section><div class="head"><h2>How many frames took how long</h2><p class="key"><span><span class="c-sky"><i></i></span>tracking</span> <span><span class="c-soft"><i></i></span>with mapping</span></p></div><div id="histogram"></div></section><section><div class="head"><h2>Size of the map</h2></div><div id="growth"></div></section></div>
"#;

const SCRUB: &str = r#"<div class="scrub"><section aria-label="One frame"><input id="frame" type="range" min="0" value="0" aria-label="Frame"><output id="readout" for="frame"></output></section></div><noscript><p class="note">The charts are drawn by a script of this page; it is off.</p></noscript>
"#;
