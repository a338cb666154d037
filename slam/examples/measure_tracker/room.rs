//! One of the twelve simulated sequences: row 4.

use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use nalgebra::Vector2;
use slam::evaluation::{Similarity, TimedPose};
use slam::simulator::{Simulator, SimulatorConfig, benchmark};
use slam::tracker::CameraConfig;
use slam::world::{Plane, best_hit};
use slam::{GrayImage, Tracker};

use crate::clip::Clip;
use crate::figures::{Run, error_of};
use crate::play::{Played, forward, play, tracker};
use crate::surfaces::{Claim, compare, findable};

/// Frames between those in which rays are cast, from the third second on.
const HIT_STRIDE: usize = 45;
const FIRST_HITS: usize = 90;
/// Rays over the width and the height of the picture, at least a step from its edge.
const RAYS: [usize; 2] = [8, 6];
/// A hit or a plane counts as claimed from here on.
const LEAST_CONFIDENCE: f64 = 0.5;

/// One run a seed.
pub(crate) fn measure(name: &str, seeds: Range<u64>, cache: &Path) -> anyhow::Result<Vec<Run>> {
    let sequence = benchmark::sequences()
        .into_iter()
        .find(|sequence| sequence.name == name)
        .with_context(|| format!("there is no simulated sequence {name}"))?;
    let simulator = Simulator::new(sequence.config.clone());
    let clip = Clip::load_or(cache, name, || rendered(&sequence.config))?;
    let findable = findable(&simulator, &clip)?;
    seeds
        .map(|seed| {
            let mut tracker = tracker(CameraConfig::Known(clip.camera()), seed)?;
            let mut hits = Vec::new();
            let played = play(
                &mut tracker,
                &clip,
                &forward(&clip),
                |tracker, turn, tracking| {
                    let frame = turn.index;
                    let stands = tracking.position == slam::tracker::Position::UpToScale;
                    if stands && frame >= FIRST_HITS && frame % HIT_STRIDE == 0 {
                        cast(tracker, &simulator, frame, &mut hits);
                    }
                    Ok(())
                },
            )?;
            let mut run = Run::new(name, seed);
            let error = judge(&played, &truth(&simulator), &mut run);
            of_the_world(
                &tracker.planes(),
                error.as_ref(),
                &simulator,
                &findable,
                &mut run,
            );
            let scale = error.map(|similarity| similarity.scale);
            of_the_hits(&hits, scale, &mut run);
            Ok(run)
        })
        .collect()
}

/// Renders a sequence with its sensor's faults.
pub(crate) fn rendered(config: &SimulatorConfig) -> anyhow::Result<Clip> {
    let simulator = Simulator::new(config.clone());
    let mut clip = Clip::new(&camera(&simulator))?;
    let mut image = GrayImage::new(config.width, config.height)?;
    for index in 0..simulator.frame_count() {
        simulator.render(index, &mut image);
        clip.push(simulator.capture_time_nanos(index), image.data())?;
    }
    Ok(clip)
}

/// The true camera.
fn camera(simulator: &Simulator) -> slam::camera::Camera {
    let pinhole = simulator.camera();
    slam::camera::Camera {
        size_px: [pinhole.width, pinhole.height],
        focal_px: [pinhole.focal_px; 2],
        center_px: pinhole.center_px,
        distortion: slam::camera::Distortion::None,
    }
}

/// The true poses of all frames.
pub(crate) fn truth(simulator: &Simulator) -> Vec<TimedPose> {
    let pose = |index| TimedPose {
        time_nanos: simulator.capture_time_nanos(index),
        world_from_camera: simulator.world_from_camera(index),
    };
    (0..simulator.frame_count()).map(pose).collect()
}

/// The figures of the trajectory; how it was moved onto the truth.
pub(crate) fn judge(played: &Played, truth: &[TimedPose], run: &mut Run) -> Option<Similarity> {
    let position = |pose: &TimedPose| pose.world_from_camera.translation.vector;
    let path_m: f64 = truth
        .windows(2)
        .map(|two| (position(&two[1]) - position(&two[0])).norm())
        .sum();
    // Before the start there is nothing to compare: a start within two seconds is no gap.
    let expected = truth
        .len()
        .saturating_sub(played.start().unwrap_or(0).min(60));
    let error = error_of(&played.returned(), truth, expected);
    let percent = |rmse_m: f64| 100.0 * rmse_m / path_m;
    run.add(
        "as_returned_percent",
        error.as_ref().map(|e| percent(e.rmse_m)),
    );
    run.add(
        "final_percent",
        error_of(&played.final_poses, truth, expected).map(|e| percent(e.rmse_m)),
    );
    run.add("tracked_percent", played.tracked_percent());
    run.add("start_frame", played.start().map(|frame| frame as f64));
    run.add("path_m", Some(path_m));
    error.map(|error| error.reference_from_estimate)
}

/// A ray's distance by the world, in the map's unit, where it claims to know one, and the true one in metres.
type Cast = (Option<f64>, f64);

fn cast(tracker: &Tracker, simulator: &Simulator, frame: usize, hits: &mut Vec<Cast>) {
    let camera = simulator.camera();
    let step = |side: usize, count: usize| side as f64 / (count + 1) as f64;
    for y in 1..=RAYS[1] {
        for x in 1..=RAYS[0] {
            let pixel = [
                x as f64 * step(camera.width, RAYS[0]),
                y as f64 * step(camera.height, RAYS[1]),
            ];
            let Some(depth) = simulator.depth_at(frame, pixel) else {
                continue;
            };
            let found = tracker.hit_test(Vector2::from(pixel));
            let sure = best_hit(&found).filter(|hit| hit.confidence > LEAST_CONFIDENCE);
            let distance = sure.map(|hit| hit.distance);
            hits.push((distance, depth * camera.ray(pixel).norm()));
        }
    }
}

fn of_the_world(
    planes: &[Plane],
    truth_from_public: Option<&Similarity>,
    simulator: &Simulator,
    findable: &[slam::simulator::RoomPlane],
    run: &mut Run,
) {
    let sure = planes
        .iter()
        .filter(|plane| plane.confidence > LEAST_CONFIDENCE);
    let claims: Vec<Claim> = match truth_from_public {
        Some(similarity) => sure.map(|plane| Claim::of(plane, similarity)).collect(),
        None => Vec::new(),
    };
    let findings = compare(&claims, findable, simulator);
    run.add("planes_findable", Some(findable.len() as f64));
    run.add("planes_found", Some(findings.angles_rad.len() as f64));
    run.add("planes_false", Some(findings.false_claims as f64));
    run.extend(
        "normal_deg",
        findings.angles_rad.iter().map(|angle| angle.to_degrees()),
    );
    run.missed = findings.missed;
}

/// The figures of the rays: errors in percent of those that hit, and how many did.
pub(crate) fn of_the_hits(hits: &[Cast], metres_from_map: Option<f64>, run: &mut Run) {
    let errors = hits.iter().filter_map(|(distance, truth)| {
        Some(100.0 * (distance.as_ref()? * metres_from_map? / truth - 1.0).abs())
    });
    run.add("hit_rays", Some(hits.len() as f64));
    run.extend("hit_error_percent", errors);
}
