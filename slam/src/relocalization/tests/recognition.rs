//! Views of the simulated room from elsewhere, rolled and scaled, matched with keyframes.

use super::*;
use crate::corners::{Corner, CornerConfig, CornerDetector};
use crate::image::GrayImage;
use crate::simulator::{Simulator, SimulatorConfig};
use nalgebra::{Matrix2, Rotation2, Vector2};

const LEVELS: usize = 4;
const MIDDLE: Vector2<f64> = Vector2::new(319.5, 239.5);

fn pyramid(image: &GrayImage) -> Pyramid {
    Pyramid::of(&image.view(), LEVELS).unwrap()
}

/// The image seen by a camera that is rolled and has another focal length.
fn rolled(image: &GrayImage, new_from_old: &Matrix2<f64>) -> GrayImage {
    let (width, height) = (image.width(), image.height());
    let back = new_from_old.try_inverse().unwrap();
    let pixel = |i: usize| {
        let p = back * (Vector2::new((i % width) as f64, (i / width) as f64) - MIDDLE) + MIDDLE;
        let x = p.x.clamp(0.0, width as f64 - 1.001);
        let y = p.y.clamp(0.0, height as f64 - 1.001);
        let (column, row) = (x as usize, y as usize);
        let at = |dx, dy| f64::from(image.data()[(row + dy) * width + column + dx]);
        let along = |dy| at(0, dy) + (at(1, dy) - at(0, dy)) * x.fract();
        (along(0) + (along(1) - along(0)) * y.fract()).round() as u8
    };
    GrayImage::from_vec(width, height, (0..width * height).map(pixel).collect()).unwrap()
}

/// A room, some of its frames, and their corners as landmarks.
struct Room {
    simulator: Simulator,
    index: RelocalizationIndex,
    frames: Vec<(usize, GrayImage, Vec<Corner>)>,
}

/// Landmarks of a keyframe start at this id.
fn first_landmark(frame: usize) -> u32 {
    frame as u32 * 1000
}

impl Room {
    fn new(frames: &[usize]) -> Self {
        let simulator = Simulator::new(SimulatorConfig {
            frame_rate_hz: 1.0,
            frame_count: 14,
            ..SimulatorConfig::default()
        });
        let mut index = RelocalizationIndex::default();
        let mut detector = CornerDetector::new(CornerConfig::default()).unwrap();
        let seen = |frame: &usize| {
            let mut image = GrayImage::new(640, 480).unwrap();
            simulator.render(*frame, &mut image);
            let pyramid = pyramid(&image);
            let mut corners = Vec::new();
            detector.detect(&pyramid, [], 300, &mut corners);
            let entries: Vec<_> = (first_landmark(*frame)..)
                .zip(&corners)
                .flat_map(|(id, corner)| {
                    let looks = describe_landmark(&pyramid, corner.position_px);
                    looks.map(move |descriptor| (LandmarkId(id), descriptor))
                })
                .collect();
            index.insert(KeyframeId(*frame as u32), &entries);
            (*frame, image, corners)
        };
        let frames = frames.iter().map(seen).collect();
        Self {
            simulator,
            index,
            frames,
        }
    }

    /// The matches of a view of frame `to` with the keyframe `from`: how many there are, and how many of them are
    /// within 5 px of where the landmark is seen.
    fn matches(&self, from: usize, to: usize, roll_degrees: f64, scale: f64) -> (usize, usize) {
        let frame = |wanted| {
            self.frames
                .iter()
                .find(|(frame, ..)| *frame == wanted)
                .unwrap()
        };
        let new_from_old = Rotation2::new(roll_degrees.to_radians()).into_inner() * scale;
        let image = rolled(&frame(to).1, &new_from_old);
        let mut describer = Describer::new(DescriberConfig::default()).unwrap();
        let features = describer.features(&pyramid(&image));
        let descriptors: Vec<_> = features.iter().map(|f| f.descriptor).collect();
        let found = self.index.query(&descriptors);
        let Some(candidate) = found.iter().find(|c| c.keyframe.0 == from as u32) else {
            return (0, 0);
        };
        let corners = &frame(from).2;
        let truth = |landmark: LandmarkId| {
            let corner = corners[(landmark.0 - first_landmark(from)) as usize];
            let there = self
                .simulator
                .transfer(from, to, corner.position_px.map(f64::from))?;
            let p = new_from_old * (Vector2::from(there) - MIDDLE) + MIDDLE;
            Some(nalgebra::Vector3::new(p.x, p.y, 0.0))
        };
        let visible = pairs(candidate, &features, truth);
        let right = visible.iter().filter(|pair| {
            let seen = Vector2::from(pair.position_px).cast::<f64>();
            (pair.point_in_world.xy() - seen).norm() < 5.0
        });
        (candidate.matches.len(), right.count())
    }
}

#[test]
fn places_are_recognised_from_elsewhere() {
    let room = Room::new(&[9, 11, 12]);
    let angle = |a, b| {
        let rotation = |frame| room.simulator.world_from_camera(frame).rotation;
        rotation(a).angle_to(&rotation(b)).to_degrees()
    };
    for (from, to) in [(9, 11), (11, 9), (11, 12), (12, 11)] {
        assert!(angle(from, to) > 14.0);
        for (roll, scale) in [(0.0, 1.0), (30.0, 1.0), (-30.0, 0.7), (30.0, 1.4)] {
            let (all, right) = room.matches(from, to, roll, scale);
            let case = format!("{from} to {to}, {roll} degrees, scale {scale}: {right} of {all}");
            // With a quarter of the matches right, 440 samples of three have one of right ones only with a
            // probability of 0.999: log(0.001) / log(1 - 0.25^3).
            assert!(right * 4 >= all && right >= 16, "{case}");
        }
    }
}
