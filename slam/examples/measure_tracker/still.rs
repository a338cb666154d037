//! Standing still after a start with parallax, with the noise of a phone's sensor: row 6.

use std::ops::Range;
use std::path::Path;

use nalgebra::Vector3;
use slam::Tracker;
use slam::simulator::{Simulator, benchmark};
use slam::tracker::CameraConfig;

use crate::clip::Clip;
use crate::figures::{Run, quantile};
use crate::play::{Played, forward, play, tracker};
use crate::room::rendered;

/// The motion's, with half a second for corrections to be spread.
const STILL_FROM_SECS: f64 = 3.5;
/// The scene depth that the issue names.
const SCENE_DEPTH_M: f64 = 1.5;
/// The first and the last part that drift is measured between.
const PART_SECS: f64 = 5.0;
const LEAST_SHARE: f64 = 0.95;

/// One run a seed.
pub(crate) fn measure(secs: f64, seeds: Range<u64>, cache: &Path) -> anyhow::Result<Vec<Run>> {
    let config = benchmark::standing_still(secs);
    let simulator = Simulator::new(config.clone());
    let clip = Clip::load_or(cache, &format!("still-{secs}"), || rendered(&config))?;
    seeds
        .map(|seed| {
            let mut tracker = tracker(CameraConfig::Known(clip.camera()), seed)?;
            let played = play(&mut tracker, &clip, &forward(&clip), |_, _, _| Ok(()))?;
            let mut run = Run::new("still", seed);
            let unit = depths(&tracker, &simulator, clip.len() - 1);
            judge(&played, unit, &mut run);
            Ok(run)
        })
        .collect()
}

/// Metres of a unit of the map, and the depth of the scene in metres, both as medians over the points of a frame.
pub(crate) type Unit = Option<(f64, f64)>;

fn depths(tracker: &Tracker, simulator: &Simulator, frame: usize) -> Unit {
    let both = tracker.points().iter().filter_map(|point| {
        let depth = f64::from(point.depth.filter(|depth| *depth > 0.0)?);
        let truth = simulator.depth_at(frame, point.position_px.map(f64::from))?;
        Some((truth / depth, truth))
    });
    let (mut ratios, mut truths): (Vec<f64>, Vec<f64>) = both.unzip();
    Some((quantile(&mut ratios, 0.5)?, quantile(&mut truths, 0.5)?))
}

/// Noise and drift in millimetres as they would be at 1.5 m; none where more than 5% of the frames are not tracked.
pub(crate) fn judge(played: &Played, unit: Unit, run: &mut Run) {
    let still_nanos = (STILL_FROM_SECS * 1e9) as i64;
    let part_nanos = (PART_SECS * 1e9) as i64;
    let still = || {
        played
            .records
            .iter()
            .filter(|r| r.time_nanos >= still_nanos)
    };
    let positions: Vec<(i64, Vector3<f64>)> = still()
        .filter(|record| record.is_tracked())
        .map(|record| {
            (
                record.time_nanos,
                record.world_from_camera.translation.vector,
            )
        })
        .collect();
    let enough = positions.len() as f64 >= LEAST_SHARE * still().count() as f64;
    let unit = unit.filter(|_| enough);
    let millimetres =
        |units: f64| unit.map(|(metres, depth_m)| 1e3 * units * metres * SCENE_DEPTH_M / depth_m);
    let mean = |of: &dyn Fn(i64) -> bool| {
        let chosen: Vec<_> = positions.iter().filter(|(time, _)| of(*time)).collect();
        chosen.iter().map(|(_, p)| p).sum::<Vector3<f64>>() / chosen.len() as f64
    };
    let end = positions.last().map_or(0, |(time, _)| *time);
    let all = mean(&|_| true);
    let squares: f64 = positions
        .iter()
        .map(|(_, p)| (p - all).norm_squared())
        .sum();
    let noise = (squares / positions.len() as f64).sqrt();
    let first = mean(&|time| time < still_nanos + part_nanos);
    let last = mean(&|time| time > end - part_nanos);
    run.add("noise_mm", millimetres(noise));
    run.add("drift_mm", millimetres((last - first).norm()));
    run.add("tracked_percent", played.tracked_percent());
    run.add("scene_depth_m", unit.map(|(_, depth_m)| depth_m));
}
