//! The map is corrected while frames come: nothing that is drawn may show it.

use crate::walk::{Walk, stands, tracker};
use nalgebra::{Isometry3, Point3, Vector2};
use slam::Tracker;
use slam::map::LandmarkId;
use slam::tracker::{CameraConfig, MapBudget, SeenPoint, Tracking};
use slam::world::AnchorId;

/// Where a point of the public world is in the picture of an answer.
fn seen_at(walk: &Walk, answer: &Tracking, in_public: &Point3<f64>) -> Option<Vector2<f64>> {
    let in_camera = answer.world_from_camera.inverse_transform_point(in_public);
    walk.camera().project(&in_camera.coords)
}

/// A landmark in the public world.
fn landmark(tracker: &Tracker, id: LandmarkId) -> Option<Point3<f64>> {
    let landmark = tracker.map().landmark(id)?;
    Some(tracker.public_from_map() * Point3::from(landmark.point_in_world))
}

#[test]
fn corrections_between_frames_are_not_seen() {
    let walk = Walk::shared();
    for (units, factor) in [(3, 1.0), (3, 1.05), (8, 1.0), (8, 1.05)] {
        let told = walk.camera().with_focal_factor(factor);
        let mut tracker = tracker(CameraConfig::Known(told));
        let mut pins: Vec<(AnchorId, LandmarkId)> = Vec::new();
        let mut answers: Vec<Tracking> = Vec::new();
        let mut farthest: f64 = 0.0;
        let mut compared = 0;
        let mut astray = 0;
        for k in 0..walk.frames.len() {
            let answer = tracker.track(&walk.frame(k)).unwrap();
            if stands(&answer) {
                for (anchor, id) in &pins {
                    let Some(point) = landmark(&tracker, *id) else {
                        continue;
                    };
                    let anchor = tracker.anchor(*anchor).unwrap();
                    let anchor = Point3::from(anchor.world_from_anchor.translation.vector);
                    let ends = [anchor, point].map(|end| seen_at(walk, &answer, &end));
                    if let [Some(anchor), Some(point)] = ends
                        && walk.camera().sees(&point, 0.0)
                    {
                        farthest = farthest.max((anchor - point).norm());
                        astray += usize::from((anchor - point).norm() > 2.5);
                        compared += 1;
                    }
                }
                if k % 10 == 0 {
                    let seen = |p: &SeenPoint| p.landmark.filter(|_| p.age_frames > 20);
                    if let Some(id) = tracker.points().iter().find_map(seen)
                        && let Some(point) = landmark(&tracker, id)
                    {
                        let place = Isometry3::translation(point.x, point.y, point.z);
                        pins.push((tracker.add_anchor(place), id));
                    }
                }
            }
            answers.push(answer);
            tracker.map_step(MapBudget { work_units: units });
        }
        println!(
            "{units} units, {factor}: {farthest:.2} px in {compared} views of pins, {astray} astray"
        );
        assert!(compared > 300, "only {compared} views of pins");
        let steps = walk.steps(&answers);
        let worst = steps.iter().map(|(said, is)| (said - is).abs());
        let worst = worst.fold(0.0, f64::max);
        let largest = steps.iter().map(|(_, is)| *is).fold(0.0, f64::max);
        println!("steps of up to {largest:.4} m, off by up to {worst:.4} m");
        // A landmark moves by itself, too; an anchor goes with all around it.
        assert_eq!(astray, 0, "up to {farthest} px");
        // A step is the true one and what fades of a correction in a frame, a seventh of it.
        assert!(worst < 0.8 * largest, "{worst} of {largest}");
    }
}
