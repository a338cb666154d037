//! The tracker: frames in, poses out, and a map that grows beside.
//!
//! [`Tracker::submit`] and [`Tracker::poll`] are the tracking path, [`Tracker::track`] is both at once (`frames`): points
//! are followed, the pose is found from the landmarks among them (`localizer`), and now and then the frame becomes a
//! keyframe. [`Tracker::map_step`] works keyframes into the map (`mapper`), off that path, also while a frame is on its
//! way. Before there is a map, `starter` waits for parallax; without a position there is still an
//! orientation, from the gyroscope or from the tracks (`rotation`). Poses go out through `public_pose`, which spreads
//! corrections over frames.

mod config;
mod first_map;
mod frames;
mod intake;
mod links;
mod localizer;
mod mapper;
mod motion;
mod on_engine;
mod prediction;
mod public_pose;
mod queries;
mod rotation;
mod sight;
mod starter;
mod states;
mod tracking;
mod trail;

use nalgebra::{Isometry3, Point3, UnitQuaternion, Vector2, Vector3};

use crate::Error;
use crate::camera::Camera;
use crate::front_end::choice::Choice;
use crate::front_end::{FrontEnd, PointHint, TrackedPoint};
use crate::imu::ImuSample;
use crate::map::{KeyframeId, LandmarkId, Map};
use crate::ransac::Rng;
use crate::world::{World, WorldConfig};

pub use config::{CameraConfig, TrackerConfig};
use frames::Sent;
use intake::Shot;
use links::Links;
use localizer::{Localizer, wide};
use mapper::{Limits, Mapper, Shared};
use motion::Motion;
use public_pose::PublicPose;
use starter::Starter;
pub use tracking::{Position, Quality, Reason, State, Tracking};
use trail::Trail;

/// How much one [`Tracker::map_step`] may do. Slam has no clock: a unit is about the work of a thousand residuals
/// linearised once, some tenths of a millisecond; the caller measures and adapts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapBudget {
    /// Units of work after which the step stops at the next good place.
    pub work_units: u32,
}

/// What a [`Tracker::map_step`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MapProgress {
    /// Units of work done.
    pub work_units: u32,
    /// Whether work is left that another step would do.
    pub pending: bool,
}

/// A point of the last frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenPoint {
    /// The track's id.
    pub track: u32,
    /// The landmark it is, if it is one already.
    pub landmark: Option<LandmarkId>,
    /// Where it is in the picture, in pixels.
    pub position_px: [f32; 2],
    /// Frames since it was first seen.
    pub age_frames: u32,
    /// Its depth in the frame's camera in map units, where it is known.
    pub depth: Option<f32>,
}

/// Tracks a camera and maps what it sees.
#[derive(Debug)]
pub struct Tracker {
    config: TrackerConfig,
    rng: Rng,
    front_end: FrontEnd,
    /// What measured times choose, if they are asked.
    choice: Option<Choice>,
    motion: Motion,
    starter: Starter,
    localizer: Localizer,
    map: Map,
    mapper: Option<Mapper>,
    world: World,
    links: Links,
    public: PublicPose,
    trail: Trail,
    /// The shared camera, as it is known now.
    camera: Option<Camera>,
    /// Where things fall, if an accelerometer told it before the first frame.
    down_in_world: Option<Vector3<f64>>,
    /// The frame that the front end has, and the one that waits behind it.
    sent: Option<Sent>,
    waiting: Option<Shot>,
    /// The last frame that was answered.
    now: Now,
    points: Vec<SeenPoint>,
    /// Its points as they were when the frame after it was sent, and what was known of each.
    previous: Vec<TrackedPoint>,
    hints: Vec<PointHint>,
    rays: Vec<(Vector3<f64>, Vector3<f64>)>,
    depths: Vec<f64>,
}

/// What is known of the last frame.
#[derive(Debug, Clone, Copy)]
struct Now {
    state: State,
    reason: Reason,
    time_nanos: Option<i64>,
    /// Since the frame before.
    elapsed_secs: f64,
    /// How long the place was looked for in pictures that show something.
    lost_seeing_secs: f64,
    /// Of this frame: the shared camera, or the frame's own.
    camera: Option<Camera>,
    /// Whether it is the shared one.
    shares_camera: bool,
    /// In the map's frame; before there is a map its rotation alone.
    world_from_camera: Isometry3<f64>,
    /// How the camera turned since the frame before: `earlier_from_later`.
    turn: UnitQuaternion<f64>,
    /// Whether that was measured of this frame. While the pose is tracked and there is no gyroscope, it is not.
    turn_is_measured: bool,
    landmarks_seen: u32,
    /// Frames that have still to agree with the pose found after a loss.
    unconfirmed: u8,
    keyframe: Option<KeyframeId>,
    frames_since_keyframe: u32,
    /// Landmarks seen when the last keyframe was made.
    keyframe_landmarks: u32,
    /// Median depth of the landmarks seen.
    scene_depth: f64,
    /// Whether poses are given.
    posed: bool,
}

impl Default for Now {
    fn default() -> Self {
        Self {
            state: State::NotStarted,
            reason: Reason::NoParallax,
            time_nanos: None,
            lost_seeing_secs: 0.0,
            elapsed_secs: 0.0,
            camera: None,
            shares_camera: true,
            world_from_camera: Isometry3::identity(),
            turn: UnitQuaternion::identity(),
            turn_is_measured: false,
            landmarks_seen: 0,
            unconfirmed: 0,
            keyframe: None,
            frames_since_keyframe: 0,
            keyframe_landmarks: 0,
            scene_depth: SCENE_DEPTH,
            posed: false,
        }
    }
}

/// The median depth that a new monocular map is given: what a hand-held camera in a room looks at, so that contents
/// made in metres fit about.
const SCENE_DEPTH: f64 = 1.5;

impl Tracker {
    /// A tracker that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Config`] where a setting is out of its range.
    pub fn new(config: TrackerConfig) -> Result<Self, Error> {
        config.check()?;
        let room = config.front_end.max_points;
        Ok(Self {
            rng: Rng::new(config.seed),
            front_end: FrontEnd::new(config.front_end.clone())?,
            choice: None,
            motion: Motion::new(),
            starter: Starter::default(),
            localizer: Localizer::with_capacity(room),
            map: Map::default(),
            mapper: None,
            world: World::new(WorldConfig::default()),
            links: Links::with_capacity(room),
            public: PublicPose::default(),
            trail: Trail::new(config.keep_trajectory),
            camera: None,
            down_in_world: None,
            sent: None,
            waiting: None,
            now: Now::default(),
            points: Vec::with_capacity(room),
            previous: Vec::with_capacity(room),
            hints: Vec::with_capacity(room),
            rays: Vec::with_capacity(room),
            depths: Vec::with_capacity(room),
            config,
        })
    }

    /// Takes a reading of the motion sensors; readings come in the order of their times, before the frames they lead
    /// up to. One that is not newer than the last, or not finite, is left out.
    pub fn imu(&mut self, sample: &ImuSample) {
        self.motion.imu(sample);
    }

    /// Works on the map, off the tracking path: call it between frames, as often as time allows.
    pub fn map_step(&mut self, budget: MapBudget) -> MapProgress {
        self.trail.make_room();
        let Some(mapper) = &mut self.mapper else {
            return MapProgress::default();
        };
        let Some(camera) = &mut self.camera else {
            return MapProgress::default();
        };
        let reference = self.now.keyframe;
        let reference_pose = reference
            .and_then(|id| self.map.keyframe(id))
            .map(|k| k.world_from_camera);
        let mut shared = Shared {
            map: &mut self.map,
            links: &mut self.links,
            camera,
            world: &mut self.world,
            down_in_world: self.down_in_world,
            limits: Limits {
                keyframes: self.config.max_keyframes,
                landmarks: self.config.max_landmarks,
            },
            posed: self.now.posed,
        };
        let changes = mapper.step(&mut shared, budget);
        let progress = changes.progress;
        let pose_now = reference
            .and_then(|id| self.map.keyframe(id))
            .map(|k| k.world_from_camera);
        if changes.corrected
            && let (Some(before), Some(after)) = (reference_pose, pose_now)
        {
            self.map_corrected(&before, &after);
        }
        for removed in &changes.removed {
            self.trail.reparent(removed, &self.map);
        }
        // Any step may drop landmarks.
        if progress.work_units > 0 {
            let map = &self.map;
            self.links
                .retain(|_, landmark| map.landmark(landmark).is_some());
        }
        progress
    }

    /// The map as it stands, in its own frame.
    #[must_use]
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The frame in which poses are given, from the map's: it differs by corrections that are being spread over frames.
    #[must_use]
    pub fn public_from_map(&self) -> Isometry3<f64> {
        self.public.public_from_map()
    }

    /// The points of the last frame.
    #[must_use]
    pub fn points(&self) -> &[SeenPoint] {
        &self.points
    }

    /// The shared camera as it is known now, at the size of the last frame; none before the first one. Frames that bring their own teach nothing of it.
    #[must_use]
    pub fn camera(&self) -> Option<Camera> {
        let shared = self.camera?;
        Some(match self.now.camera {
            Some(last) => shared.at_size(last.size_px),
            None => shared,
        })
    }

    /// The ray through a pixel of the last frame in the public world: origin and direction of length 1.
    #[must_use]
    pub fn ray(&self, pixel: Vector2<f64>) -> Option<(Vector3<f64>, Vector3<f64>)> {
        let direction = self.now.camera?.unproject(pixel)?;
        let world_from_camera = self.public.public_from_map() * self.now.world_from_camera;
        Some((
            world_from_camera.translation.vector,
            world_from_camera.rotation * direction,
        ))
    }

    /// The pose of every tracked frame after all optimisation so far; empty unless the configuration asks to keep it.
    #[must_use]
    pub fn final_trajectory(&self) -> Vec<(i64, Isometry3<f64>)> {
        self.trail.poses(&self.map)
    }

    /// Forgets everything but the configuration and the sensors' readings, and gives up frames that are on their way.
    pub fn restart(&mut self) {
        self.sent = None;
        self.waiting = None;
        self.front_end.restart();
        self.forget_map();
    }

    /// Forgets everything but the configuration, the sensors' readings, and the front end's points.
    fn forget_map(&mut self) {
        self.motion.forget();
        self.starter.forget();
        self.map.clear();
        self.mapper = None;
        self.world.restart();
        self.down_in_world = None;
        self.links.clear();
        self.public.reset();
        self.trail.clear();
        self.camera = None;
        self.now = Now::default();
        self.points.clear();
    }

    /// The map moved, and the shared camera may have been mended: the last pose moves with its keyframe, and the public world makes up for it.
    fn map_corrected(&mut self, before: &Isometry3<f64>, after: &Isometry3<f64>) {
        let pose = self.now.world_from_camera;
        let mut corrected = after * before.inverse() * pose;
        if self.now.shares_camera {
            self.now.camera = self.camera();
        }
        // The map does not move as one piece: what the frame saw says where it is now.
        if let (State::Tracking, Some(camera), false) =
            (self.now.state, self.now.camera, self.now.posed)
            && let Some(camera_from_world) =
                self.localizer
                    .pose_again(&self.map, &camera, &corrected.inverse())
        {
            corrected = camera_from_world.inverse();
        }
        self.now.world_from_camera = corrected;
        self.motion.corrected(corrected, 1.0);
        if self.now.state == State::Tracking && !self.now.posed {
            self.public.map_corrected(&pose, &corrected);
        }
    }

    fn list_points(&mut self) {
        self.points.clear();
        let camera_from_world = self.now.world_from_camera.inverse();
        for point in self.front_end.points() {
            let landmark = self
                .links
                .get(point.id)
                .and_then(|id| self.map.landmark(id));
            let depth = landmark.map(|l| {
                camera_from_world
                    .transform_point(&Point3::from(l.point_in_world))
                    .z as f32
            });
            self.points.push(SeenPoint {
                track: point.id,
                landmark: landmark.map(|l| l.id),
                position_px: point.position_px,
                age_frames: point.age_frames,
                depth,
            });
        }
    }

    fn tracking(&self, capture_time_nanos: i64, frames_behind: u32) -> Tracking {
        let now = &self.now;
        let position = match now.state {
            State::Tracking if now.posed => Position::Metric,
            State::Tracking => Position::UpToScale,
            State::Lost => Position::Predicted,
            State::NotStarted | State::Initializing => Position::Unknown,
        };
        let score = match now.state {
            State::Tracking => (now.landmarks_seen as f32 / 80.0).clamp(0.1, 1.0),
            _ => 0.0,
        };
        Tracking {
            capture_time_nanos,
            state: now.state,
            world_from_camera: self.public.public_from_map() * now.world_from_camera,
            position,
            quality: Quality {
                score,
                reason: now.reason,
            },
            landmarks_seen: now.landmarks_seen,
            on_engine: self.front_end.was_on_engine(),
            frames_behind,
        }
    }
}

#[cfg(test)]
mod tests;
