//! A tracker under abuse: bytes choose its configuration and a row of calls with what no caller should hand over.
//!
//! Shared by the bounded test with a seed and by the fuzz target in `slam/fuzz`. In: any bytes. Out: nothing; it panics
//! where the tracker does, or where an answer breaks its own promise.

mod careless;

use careless::Careless;
use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion, Vector2, Vector3};
use slam::camera::{Camera, Distortion};
use slam::tracker::{CameraConfig, MapBudget, Tracking};
use slam::world::AnchorId;
use slam::{Frame, FrontEndConfig, GrayImage, ImageView, ImuSample, Tracker, TrackerConfig};

/// Bytes that decide; 0 for ever after their end.
pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    /// All choices are made by these.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn is_over(&self) -> bool {
        self.bytes.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()])) % limit.max(1)
    }

    /// A number of the kind that breaks things, or one that `sane` makes of 0 to 1.
    fn number(&mut self, sane: impl Fn(f64) -> f64) -> f64 {
        match self.byte() {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 0.0,
            4 => -1.0,
            5 => f64::MAX,
            6 => -1e12,
            7 => f64::MIN_POSITIVE,
            _ => sane(self.below(10_000) as f64 / 10_000.0),
        }
    }

    fn vector(&mut self, size: f64) -> Vector3<f64> {
        Vector3::from_fn(|_, _| self.number(|u| size * (2.0 * u - 1.0)))
    }

    fn camera(&mut self, size_px: [usize; 2]) -> Camera {
        let width = size_px[0] as f64;
        let mut small = || self.number(|u| 0.4 * u - 0.2);
        let distortion = [small(), small(), small(), small()];
        Camera {
            size_px: match self.byte() {
                0 => [0, 0],
                1 => [usize::MAX, 1],
                _ => size_px,
            },
            focal_px: [0, 1].map(|_| self.number(|u| width * (0.3 + 2.0 * u))),
            center_px: size_px.map(|side| self.number(|u| u * side as f64)),
            distortion: match self.byte() % 4 {
                0 => Distortion::None,
                1 => Distortion::Radial([distortion[0], distortion[1]]),
                2 => Distortion::RadialTangential(distortion),
                _ => Distortion::Fisheye(distortion),
            },
        }
    }

    fn pose(&mut self) -> Isometry3<f64> {
        let rotation = match self.byte() {
            // Not of length 1, or not a number.
            0 => UnitQuaternion::new_unchecked(Quaternion::from(
                self.vector(2.0).push(self.number(|u| u)),
            )),
            _ => UnitQuaternion::from_scaled_axis(self.vector(0.1)),
        };
        Isometry3::from_parts(Translation3::from(self.vector(0.2)), rotation)
    }

    fn config(&mut self) -> TrackerConfig {
        let default = TrackerConfig::default();
        let count = |choices: &mut Self, usual: usize| match choices.byte() {
            0 => 0,
            1 => 1,
            2 => usize::MAX,
            3 => 10,
            _ => usual,
        };
        TrackerConfig {
            camera: match self.byte() {
                0..=99 => CameraConfig::Known(self.camera([96, 72])),
                100..=119 => CameraConfig::Guess {
                    horizontal_fov_rad: self.number(|u| 3.2 * u),
                },
                _ => default.camera,
            },
            front_end: FrontEndConfig {
                max_points: match self.byte() {
                    0 => 0,
                    1 => 1,
                    2 => 65_536,
                    _ => default.front_end.max_points,
                },
                levels: match self.byte() {
                    0 => 0,
                    1 => 8,
                    _ => default.front_end.levels,
                },
                ..default.front_end
            },
            seed: u64::from(self.byte()),
            max_keyframes: count(self, default.max_keyframes),
            max_landmarks: count(self, default.max_landmarks),
            keep_trajectory: self.byte().is_multiple_of(2),
        }
    }

    /// A picture of any size, or one of the real sequence.
    fn picture(&mut self, sequence: &[GrayImage], place: &mut usize) -> GrayImage {
        let kind = self.byte();
        if kind >= 100 && !sequence.is_empty() {
            *place += 1;
            return sequence[*place % sequence.len()].clone();
        }
        let (width, height) = match kind {
            0 => (1, 1),
            1 => (1 + self.below(400), 1),
            2 => (1, 1 + self.below(400)),
            3..=20 => (1 + self.below(200), 1 + self.below(200)),
            _ => (96, 72),
        };
        let (seed, level) = (self.below(usize::from(u16::MAX)), self.byte());
        let pixel = |i: usize| match level {
            0 => 0,
            1 => 255,
            2 => 128,
            // Blocks, moved by their frame.
            _ => {
                let (x, y) = (i % width + *place, i / width);
                ((x / 7).wrapping_mul(2_654_435_761) ^ (y / 5).wrapping_mul(40_503 + seed) >> 5)
                    as u8
            }
        };
        let luma = (0..width * height).map(pixel).collect();
        GrayImage::from_vec(width, height, luma).expect("sizes are in range")
    }
}

/// Makes a tracker and calls it until the bytes are used up. `sequence` are pictures that it can really track.
pub fn abuse(choices: &mut Choices<'_>, sequence: &[GrayImage]) {
    let usual = choices.byte() > 60;
    let config = if usual {
        TrackerConfig::default()
    } else {
        choices.config()
    };
    let Ok(mut tracker) = Tracker::new(config) else {
        return;
    };
    if choices.byte() > 100 {
        tracker.use_engine(Some(Box::new(Careless::new(choices.byte()))));
    }
    let mut nanos = 0_i64;
    let mut place = 0;
    let mut anchors = Vec::new();
    while !choices.is_over() {
        match choices.byte() {
            0..=9 => tracker.restart(),
            10..=29 => tracker.imu(&ImuSample {
                capture_time_nanos: nanos
                    .wrapping_add(choices.below(1_000) as i64 * 100_000 - 50_000_000),
                angular_velocity_rad_s: choices.vector(5.0),
                specific_force_m_s2: choices.vector(20.0),
            }),
            30..=32 => engine(choices, &mut tracker),
            33..=39 => {
                let _ = tracker.final_trajectory();
                let pixel = Vector2::new(choices.number(|u| 1e3 * u), choices.number(|u| 1e3 * u));
                if let Some((origin, direction)) = tracker.ray(pixel) {
                    assert!(origin.iter().chain(direction.iter()).all(|x| x.is_finite()));
                }
            }
            40..=89 => work(choices, &mut tracker),
            90..=99 => ask(choices, &mut tracker, &mut anchors),
            _ => track(choices, &mut tracker, sequence, &mut nanos, &mut place),
        }
        assert!(
            tracker
                .points()
                .iter()
                .all(|point| point.position_px.iter().all(|x| x.is_finite()))
        );
    }
}

/// Hands in an engine that is none, takes it away, or changes what it is used for.
fn engine(choices: &mut Choices<'_>, tracker: &mut Tracker) {
    match choices.byte() % 4 {
        0 => drop(tracker.use_engine(None)),
        1 => drop(tracker.use_engine(Some(Box::new(Careless::new(choices.byte()))))),
        2 => {
            tracker.set_on_engine(choices.byte() > 60);
        }
        _ => tracker.set_max_points(usize::from(choices.byte()) * 3),
    }
}

/// Works on the map in portions that no caller would choose.
fn work(choices: &mut Choices<'_>, tracker: &mut Tracker) {
    let (work_units, times) = match choices.byte() {
        0 => (0, 1),
        1 => (u32::MAX, 1),
        2 => (u32::MAX - 1, 2),
        3 => (0, 50),
        4..=60 => (1, 20),
        more => (u32::from(more), 1),
    };
    for _ in 0..times {
        tracker.map_step(MapBudget { work_units });
    }
}

/// Asks about the world: planes, hits of pixels and rays, anchors at poses and under ids of all kinds.
fn ask(choices: &mut Choices<'_>, tracker: &mut Tracker, anchors: &mut Vec<AnchorId>) {
    for plane in tracker.planes() {
        assert_finite(&plane.world_from_plane);
        assert!(plane.polygon.len() >= 3 && plane.polygon.iter().flatten().all(|x| x.is_finite()));
        assert!((plane.normal.norm() - 1.0).abs() < 1e-6, "{plane:?}");
        assert!((0.0..=1.0).contains(&plane.confidence), "{plane:?}");
    }
    let pixel = Vector2::new(choices.number(|u| 192.0 * u), choices.number(|u| 144.0 * u));
    let (origin, direction) = (choices.vector(2.0), choices.vector(1.0));
    for hits in [
        tracker.hit_test(pixel),
        tracker.hit_test_ray(&origin, &direction),
    ] {
        assert!(
            hits.windows(2)
                .all(|two| two[0].distance <= two[1].distance)
        );
        for hit in &hits {
            assert_finite(&hit.world_from_hit);
            assert!(hit.distance.is_finite(), "{hit:?}");
            assert!((0.0..=1.0).contains(&hit.confidence), "{hit:?}");
        }
        if let Some(hit) = hits.first() {
            anchors.push(tracker.add_anchor(hit.world_from_hit));
        }
    }
    let pose = choices.pose();
    let added = tracker.add_anchor(pose);
    assert!(tracker.anchor(added).is_some(), "it was just made");
    anchors.push(added);
    let any = anchors[choices.below(anchors.len())];
    // It may be of before a restart.
    let was_there = tracker.anchor(any).is_some();
    if choices.byte().is_multiple_of(2) {
        assert_eq!(tracker.remove_anchor(any), was_there);
        assert!(tracker.anchor(any).is_none());
        assert!(!tracker.remove_anchor(any));
    }
    let unknown = AnchorId(u32::from(choices.byte()) << 24 | 0x00ff_ffff);
    assert!(tracker.anchor(unknown).is_none() && !tracker.remove_anchor(unknown));
}

fn assert_finite(pose: &Isometry3<f64>) {
    let numbers = pose.translation.vector.iter();
    assert!(
        numbers
            .chain(pose.rotation.coords.iter())
            .all(|x| x.is_finite()),
        "{pose:?}"
    );
}

fn track(
    choices: &mut Choices<'_>,
    tracker: &mut Tracker,
    sequence: &[GrayImage],
    nanos: &mut i64,
    place: &mut usize,
) {
    let image = choices.picture(sequence, place);
    *nanos = match choices.byte() {
        0 => i64::MIN,
        1 => i64::MAX,
        2 => nanos.wrapping_sub(1_000_000_000),
        3 => *nanos,
        4 => nanos.saturating_add(10_000_000_000),
        _ => nanos.saturating_add(33_333_333),
    };
    let (width, height) = (image.width(), image.height());
    let mut frame = Frame::new(image.view(), *nanos);
    let odd = choices.byte();
    if odd == 0 {
        frame.intrinsics = Some(choices.camera([width, height]));
    }
    if odd == 1 {
        frame.world_from_camera = Some(choices.pose());
    }
    if odd == 2 {
        frame.exposure_secs = Some(choices.number(|u| u));
    }
    if odd == 3 {
        // Rows that lie apart, rows that overlap, buffers that end too early: the view refuses what it cannot hold.
        let stride = choices.below(2 * width + 2);
        if let Ok(view) = ImageView::new(image.data(), width, 1 + height / 2, stride) {
            frame.image = view;
        }
    }
    match choices.byte() {
        0..=60 => {
            let _ = tracker.submit(&frame);
        }
        61..=140 => {
            if tracker.submit(&frame).is_ok()
                && let Some(tracking) = tracker.poll()
            {
                check(&tracking);
            }
        }
        _ => {
            // What was submitted is answered first; a few looks may be in vain.
            for tracking in (0..9).filter_map(|_| tracker.poll()) {
                check(&tracking);
            }
            if let Ok(tracking) = tracker.track(&frame) {
                assert_eq!(tracking.capture_time_nanos, *nanos);
                assert_eq!(tracking.frames_behind, 0);
                check(&tracking);
            }
        }
    }
    // A clock at its end accepts nothing any more; go on from a usual time.
    if *nanos == i64::MAX || *nanos == i64::MIN {
        tracker.restart();
        *nanos = 0;
    }
}

/// What every answer promises.
fn check(tracking: &Tracking) {
    assert!(tracking.frames_behind <= 1, "{tracking:?}");
    let pose = tracking.world_from_camera;
    let numbers = pose
        .translation
        .vector
        .iter()
        .chain(pose.rotation.coords.iter());
    assert!(numbers.clone().all(|x| x.is_finite()), "{tracking:?}");
    assert!(
        (pose.rotation.coords.norm() - 1.0).abs() < 1e-3,
        "{tracking:?}"
    );
    assert!(
        (0.0..=1.0).contains(&tracking.quality.score),
        "{tracking:?}"
    );
}
