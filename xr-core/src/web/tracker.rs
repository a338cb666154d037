//! The tracker, for a worker: luma and what is known of the camera in, the pose and the points out; map work in small
//! steps between the frames.
//!
//! What goes to JavaScript are rows of numbers, read by `web/src/tracker_answer.ts`; positions and directions of the
//! world are in WebXR's axes.

use std::collections::VecDeque;

use js_sys::{Float32Array, Float64Array, Promise, Uint8Array};
use nalgebra::{Isometry3, Point3, Quaternion, Translation3, UnitQuaternion, Vector2, Vector3};
use slam::{
    Frame, ImuSample,
    camera::{Camera, Distortion},
    front_end::choice::{ChoiceConfig, FrameTimes},
    gpu::Signal,
    tracker::{
        CameraConfig, MapBudget, Position, Reason, SeenPoint, State, TrackerConfig, Tracking,
    },
    world::{AnchorId, AnchorState, Hit},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    luma::{Luma, view_f32, view_f64},
    options::Options,
    tracker_gpu::{TrackerGpu, promise_of},
    tracker_world::MapView,
};
use crate::{axes, error::Error, pose::Rigid};

/// Ids go to JavaScript as `f32`, which is exact up to here; then they start over.
pub(super) const ID_LIMIT: u32 = 1 << 24;

/// Of so many frames the poses are kept for questions about pictures that are still shown.
const KEPT_FRAMES: usize = 16;

/// Numbers a point: x, y, age, id, depth (0: unknown), whether it is a landmark.
const NUMBERS_A_POINT: usize = 6;

/// Finds out where a camera is, from its pictures.
#[wasm_bindgen(js_name = Tracker)]
pub struct TrackerForWorker {
    tracker: slam::Tracker,
    config: TrackerConfig,
    /// Tells that the GPU answered; none without one.
    signal: Option<Signal>,
    /// The intrinsics of the frames that are on their way, the oldest first: the tracker holds two at most.
    intrinsics: VecDeque<Option<Camera>>,
    held: Vec<AnchorId>,
    luma: Luma,
    /// The last frames, the newest last.
    shown: VecDeque<Shown>,
    frames: u32,
    answer: Vec<f64>,
    points: Vec<f32>,
    points_in_world: Vec<f32>,
    anchors: Vec<f64>,
}

/// What a question about a frame needs.
#[derive(Clone, Copy)]
struct Shown {
    frame: u32,
    tracked: bool,
    view: MapView,
    public_from_map: Isometry3<f64>,
}

#[wasm_bindgen(js_class = Tracker)]
impl TrackerForWorker {
    /// A tracker that has seen nothing. `options_json`: `{"maxPoints", "horizontalFovRad", "seed"}`.
    ///
    /// # Errors
    /// `bad-json`; `tracker-refused` when a value is out of its range.
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "what JavaScript hands over is owned"
    )]
    pub fn new(options_json: Option<String>) -> Result<TrackerForWorker, JsValue> {
        let options = Options::read(options_json.as_deref())?;
        let mut config = TrackerConfig::default();
        config.front_end.max_points = options.count("maxPoints", config.front_end.max_points)?;
        config.seed = options.count("seed", 0)? as u64;
        if let Some(horizontal_fov_rad) = options.number("horizontalFovRad")? {
            config.camera = CameraConfig::Guess { horizontal_fov_rad };
        }
        let points = Vec::with_capacity(config.front_end.max_points * NUMBERS_A_POINT);
        Ok(TrackerForWorker {
            tracker: slam::Tracker::new(config.clone()).map_err(refused)?,
            config,
            signal: None,
            intrinsics: VecDeque::with_capacity(2),
            held: Vec::new(),
            luma: Luma::default(),
            shown: VecDeque::with_capacity(KEPT_FRAMES),
            frames: 0,
            answer: Vec::new(),
            points,
            points_in_world: Vec::new(),
            anchors: Vec::new(),
        })
    }

    /// A view into the module's memory of `stride * height` bytes, for the luma of the next picture. It holds until
    /// the next call.
    ///
    /// # Errors
    /// `picture-size`; `bad-argument` when the stride is less than the width.
    pub fn buffer(&mut self, width: u32, height: u32, stride: u32) -> Result<Uint8Array, JsValue> {
        Ok(self.luma.buffer(width, height, stride)?)
    }

    /// Fills the buffer from RGBA pixels, `width * height * 4` bytes.
    ///
    /// # Errors
    /// `picture-size`; `bad-argument` when the bytes do not fit the size.
    #[wasm_bindgen(js_name = fromRgba)]
    pub fn take_rgba(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsValue> {
        Ok(self.luma.take_rgba(width, height, rgba)?)
    }

    /// Takes a reading of the motion sensors, seven numbers: time in nanoseconds of the frames' clock, angular
    /// velocity in rad/s and specific force in m/s^2, both in the camera's axes (X right, Y down, Z forward).
    ///
    /// # Errors
    /// `bad-argument` when there are not seven.
    pub fn motion(&mut self, reading: &[f64]) -> Result<(), JsValue> {
        let [nanos, gx, gy, gz, ax, ay, az] = *reading else {
            return Err(numbers_expected("reading", "seven numbers").into());
        };
        if reading.iter().all(|number| number.is_finite()) {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "whole nanoseconds of a page's life"
            )]
            self.tracker.imu(&ImuSample {
                capture_time_nanos: nanos as i64,
                angular_velocity_rad_s: Vector3::new(gx, gy, gz),
                specific_force_m_s2: Vector3::new(ax, ay, az),
            });
        }
        Ok(())
    }

    /// Lets the front end work on a GPU: where it is measured to be faster if `chooseByTimes` was asked for, else always.
    /// The device stays the caller's to end; without it the tracker goes on.
    ///
    /// # Errors
    /// `device` when it cannot do that work.
    #[wasm_bindgen(js_name = useGpu)]
    pub fn use_gpu(&mut self, gpu: &TrackerGpu) -> Result<(), JsValue> {
        let engine = gpu.engine(&self.config.front_end)?;
        self.signal = Some(engine.signal());
        self.tracker.use_engine(Some(Box::new(engine)));
        Ok(())
    }

    /// From now on what `measured` is told chooses where points are followed, and how many.
    ///
    /// # Errors
    /// None for options that the tracker has taken.
    #[wasm_bindgen(js_name = chooseByTimes)]
    pub fn choose_by_times(&mut self) -> Result<(), JsValue> {
        let config = ChoiceConfig::default();
        Ok(self.tracker.choose_by_times(config).map_err(refused)?)
    }

    /// Takes the picture in the buffer. `intrinsics`: kind of distortion (0 none, 1 radial, 2 radial-tangential, 3
    /// fisheye), focal lengths x and y, principal point x and y in pixels, then the kind's 0, 2, 4 or 4 coefficients.
    /// `pose`: where the platform has the camera, `world_from_view` in WebXR's axes, position in metres and
    /// orientation x y z w; the tracker then only maps.
    ///
    /// # Errors
    /// `frame-out-of-order` when the time is not after the last one's; `tracker-refused` when there is no picture, the
    /// intrinsics are no camera, or two frames are on their way; `bad-argument`. Such a frame changes nothing.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "what JavaScript hands over is owned"
    )]
    pub fn submit(
        &mut self,
        capture_time_nanos: i64,
        intrinsics: Option<Vec<f64>>,
        pose: Option<Vec<f64>>,
    ) -> Result<(), JsValue> {
        let intrinsics = intrinsics
            .as_deref()
            .map(|numbers| camera_of(numbers, self.luma.size_px()))
            .transpose()?;
        let mut frame = Frame::new(self.luma.image().map_err(refused)?, capture_time_nanos);
        frame.intrinsics = intrinsics;
        frame.world_from_camera = pose.as_deref().map(isometry_of).transpose()?;
        self.tracker.submit(&frame).map_err(refused)?;
        self.intrinsics.push_back(intrinsics);
        Ok(())
    }

    /// The answer to the oldest picture that was taken, if it is there: a view into the module's memory that holds
    /// until the next call. Frame number, state, what the position means, reason, score, landmarks seen, keyframes,
    /// `world_from_view` (position x y z, orientation x y z w), focal lengths and principal point of the camera (0
    /// where unknown), 1 if its points were followed on the GPU, how many newer pictures have been taken.
    pub fn poll(&mut self) -> Option<Float64Array> {
        let tracking = self.tracker.poll()?;
        let intrinsics = self.intrinsics.pop_front().flatten();
        self.frames = self.frames.wrapping_add(1);
        let camera = intrinsics.or_else(|| self.tracker.camera());
        self.remember(&tracking, camera);
        self.write_answer(&tracking, camera);
        self.write_points();
        self.write_anchors();
        Some(view_f64(&self.answer))
    }

    /// Whether a picture was taken that has no answer yet.
    #[wasm_bindgen(js_name = isBusy)]
    pub fn is_busy(&self) -> bool {
        !self.intrinsics.is_empty()
    }

    /// Settles when the GPU has answered, or will not; whether the answer is of use, `poll` says.
    pub fn answered(&self) -> Promise {
        promise_of(self.signal.clone().unwrap_or_default())
    }

    /// Tells the tracker what its caller's clock measured of the last answer, in milliseconds: from the picture's
    /// coming until its points were there, and from then to the answer. See `chooseByTimes`.
    pub fn measured(&mut self, front_end_millis: f64, pose_millis: f64) {
        self.tracker.measured(FrameTimes {
            front_end_millis,
            pose_millis,
        });
    }

    /// The points of the last frame, six numbers each: x and y in pixels (x right, y down, pixel centres at integers),
    /// age in frames, id, depth in the world's unit (0: unknown), 1 for a landmark of the map. A view into the
    /// module's memory that holds until the next call.
    pub fn points(&self) -> Float32Array {
        view_f32(&self.points)
    }

    /// Where the points of the last frame are in the world, as far as their depth is known: x, y, z each.
    #[wasm_bindgen(js_name = pointsInWorld)]
    pub fn points_in_world(&mut self) -> Float32Array {
        self.points_in_world.clear();
        if let Some(shown) = self.shown.back() {
            let public_from_camera = shown.public_from_map * shown.view.map_from_camera;
            for point in self.tracker.points() {
                let Some(in_camera) = in_camera(point, &shown.view.camera) else {
                    continue;
                };
                let in_public = public_from_camera * Point3::from(in_camera);
                let in_world = axes::from_slam(in_public.coords.into());
                self.points_in_world
                    .extend_from_slice(&axes::point_for_gpu(in_world));
            }
        }
        view_f32(&self.points_in_world)
    }

    /// The anchors as they are in the last frame, thirteen numbers each: id, position x y z, orientation x y z w (+Y is
    /// the surface's normal), the position moved to where a pinhole with the answer's focal lengths sees it on its
    /// pixel, the unit of the time when the anchor was made, 1 while it follows the map. A view into the module's
    /// memory that holds until the next call.
    pub fn anchors(&self) -> Float64Array {
        view_f64(&self.anchors)
    }

    /// What a pixel of an earlier frame shows, eight numbers: position x y z, normal x y z, distance from that frame's
    /// camera, confidence 0 to 1. Nothing where nothing is known, the frame was not tracked, or is too long ago.
    #[wasm_bindgen(js_name = hitTest)]
    pub fn hit_test(&self, frame: u32, x_px: f64, y_px: f64) -> Option<Vec<f64>> {
        Some(hit_numbers(&self.hit(frame, [x_px, y_px])?))
    }

    /// Puts an anchor where a pixel of an earlier frame shows a surface: the numbers of `hitTest`, then its id.
    pub fn place(&mut self, frame: u32, x_px: f64, y_px: f64) -> Option<Vec<f64>> {
        let hit = self.hit(frame, [x_px, y_px])?;
        let anchor = self.tracker.add_anchor(hit.world_from_hit);
        self.held.push(anchor);
        let mut numbers = hit_numbers(&hit);
        numbers.push(f64::from(anchor.0));
        Some(numbers)
    }

    /// Forgets an anchor.
    pub fn release(&mut self, anchor: u32) {
        self.held.retain(|held| held.0 != anchor);
        self.tracker.remove_anchor(AnchorId(anchor));
    }

    /// Works on the map, off the tracking path. Gives the units of work done; negative when nothing is left to do.
    #[wasm_bindgen(js_name = mapStep)]
    pub fn map_step(&mut self, work_units: u32) -> f64 {
        let progress = self.tracker.map_step(MapBudget { work_units });
        let done = f64::from(progress.work_units);
        if progress.pending { done } else { -1.0 - done }
    }

    /// Forgets everything, as after a clock that was set back.
    pub fn restart(&mut self) {
        self.tracker.restart();
        self.intrinsics.clear();
        self.held.clear();
        self.shown.clear();
    }
}

impl TrackerForWorker {
    /// Keeps what later questions about this frame need.
    fn remember(&mut self, tracking: &Tracking, camera: Option<Camera>) {
        let Some(camera) = camera else {
            return;
        };
        let public_from_map = self.tracker.public_from_map();
        if self.shown.len() == KEPT_FRAMES {
            self.shown.pop_front();
        }
        self.shown.push_back(Shown {
            frame: self.frames,
            tracked: tracking.state == State::Tracking,
            view: MapView {
                map_from_camera: public_from_map.inverse() * tracking.world_from_camera,
                camera,
            },
            public_from_map,
        });
    }

    fn hit(&self, frame: u32, pixel: [f64; 2]) -> Option<Hit> {
        let shown = self.shown.iter().find(|shown| shown.frame == frame)?;
        if !shown.tracked || !pixel.iter().all(|number| number.is_finite()) {
            return None;
        }
        shown.view.hit(&self.tracker, pixel)
    }

    fn write_anchors(&mut self) {
        self.anchors.clear();
        let Some(shown) = self.shown.back() else {
            return;
        };
        for id in &self.held {
            let Some(anchor) = self.tracker.anchor(*id) else {
                continue;
            };
            let public_from_anchor = anchor.world_from_anchor;
            let in_public = Point3::from(public_from_anchor.translation.vector);
            let in_map = shown
                .public_from_map
                .inverse_transform_point(&in_public)
                .coords;
            let drawn = shown.public_from_map * Point3::from(shown.view.as_pinhole_sees(in_map));
            let pose = axes::object_from_slam(
                public_from_anchor.translation.vector.into(),
                public_from_anchor.rotation.coords.into(),
            );
            self.anchors.push(f64::from(id.0));
            self.anchors.extend(pose.translation_m.to_array());
            self.anchors.extend(pose.rotation.to_array());
            self.anchors
                .extend(axes::from_slam(drawn.coords.into()).to_array());
            let follows = anchor.state == AnchorState::Followed;
            self.anchors
                .extend([anchor.scale, f64::from(u8::from(follows))]);
        }
    }

    fn write_answer(&mut self, tracking: &Tracking, camera: Option<Camera>) {
        let pose = rigid_of(&tracking.world_from_camera);
        let keyframes = self.tracker.map().keyframes().len();
        self.answer.clear();
        #[allow(clippy::cast_precision_loss, reason = "a map is bounded")]
        self.answer.extend([
            f64::from(self.frames),
            state_code(tracking.state),
            position_code(tracking.position),
            reason_code(tracking.quality.reason),
            f64::from(tracking.quality.score),
            f64::from(tracking.landmarks_seen),
            keyframes as f64,
        ]);
        self.answer.extend(pose.translation_m.to_array());
        self.answer.extend(pose.rotation.to_array());
        let (focal, center) = camera.map_or(([0.0; 2], [0.0; 2]), |known| {
            (known.focal_px, known.center_px)
        });
        self.answer.extend(focal);
        self.answer.extend(center);
        self.answer.extend([
            f64::from(u8::from(tracking.on_engine)),
            f64::from(tracking.frames_behind),
        ]);
    }

    fn write_points(&mut self) {
        self.points.clear();
        for point in self.tracker.points() {
            #[allow(
                clippy::cast_precision_loss,
                reason = "an age of 2^24 frames is a week"
            )]
            let (age, id) = (point.age_frames as f32, (point.track % ID_LIMIT) as f32);
            let [x, y] = point.position_px;
            let landmark = f32::from(u8::from(point.landmark.is_some()));
            self.points
                .extend_from_slice(&[x, y, age, id, point.depth.unwrap_or(0.0), landmark]);
        }
    }
}

/// Position, normal, distance, confidence in WebXR's axes.
fn hit_numbers(hit: &Hit) -> Vec<f64> {
    let public_from_hit = hit.world_from_hit;
    let normal = public_from_hit.rotation * Vector3::y();
    let mut numbers = Vec::with_capacity(9);
    numbers.extend(axes::from_slam(public_from_hit.translation.vector.into()).to_array());
    numbers.extend(axes::from_slam(normal.into()).to_array());
    numbers.extend([hit.distance, hit.confidence]);
    numbers
}

/// Where a point is in its camera, where its depth is known.
fn in_camera(point: &SeenPoint, camera: &Camera) -> Option<Vector3<f64>> {
    let depth = f64::from(point.depth?);
    let [x, y] = point.position_px.map(f64::from);
    let direction = camera.unproject(Vector2::new(x, y))?;
    (direction.z > 1e-6).then(|| direction * (depth / direction.z))
}

/// The camera that JavaScript describes.
fn camera_of(numbers: &[f64], size_px: [usize; 2]) -> Result<Camera, Error> {
    let what = "intrinsics";
    let [kind, fx, fy, cx, cy, ref coefficients @ ..] = *numbers else {
        return Err(numbers_expected(what, "five numbers or more"));
    };
    let count = || numbers_expected(what, "as many coefficients as the distortion has");
    let distortion = match kind {
        0.0 => Distortion::None,
        1.0 => Distortion::Radial(coefficients.try_into().map_err(|_| count())?),
        2.0 => Distortion::RadialTangential(coefficients.try_into().map_err(|_| count())?),
        3.0 => Distortion::Fisheye(coefficients.try_into().map_err(|_| count())?),
        _ => return Err(numbers_expected(what, "a known kind of distortion")),
    };
    Ok(Camera {
        size_px,
        focal_px: [fx, fy],
        center_px: [cx, cy],
        distortion,
    })
}

/// `map_from_camera` from `world_from_view`, seven numbers.
fn isometry_of(numbers: &[f64]) -> Result<Isometry3<f64>, Error> {
    let what = "pose";
    let [x, y, z, qx, qy, qz, qw] = *numbers else {
        return Err(numbers_expected(what, "seven numbers"));
    };
    let length = (qx * qx + qy * qy + qz * qz + qw * qw).sqrt();
    if !numbers.iter().all(|number| number.is_finite()) || length < 1e-6 {
        return Err(numbers_expected(
            what,
            "seven finite numbers with a rotation",
        ));
    }
    let (position, [qx, qy, qz, qw]) =
        axes::slam_camera_from_view(&axes::rigid_from_xr([x, y, z], [qx, qy, qz, qw]));
    Ok(Isometry3::from_parts(
        Translation3::from(Vector3::from(position)),
        UnitQuaternion::from_quaternion(Quaternion::new(qw, qx, qy, qz)),
    ))
}

/// `world_from_view` from `map_from_camera`.
fn rigid_of(map_from_camera: &Isometry3<f64>) -> Rigid {
    axes::view_from_slam_camera(
        map_from_camera.translation.vector.into(),
        map_from_camera.rotation.coords.into(),
    )
}

fn numbers_expected(what: &'static str, expected: &str) -> Error {
    Error::BadArgument {
        what,
        reason: format!("{expected} expected"),
    }
}

fn state_code(state: State) -> f64 {
    match state {
        State::NotStarted => 0.0,
        State::Initializing => 1.0,
        State::Tracking => 2.0,
        State::Lost => 3.0,
    }
}

fn position_code(position: Position) -> f64 {
    match position {
        Position::Unknown => 0.0,
        Position::Predicted => 1.0,
        Position::UpToScale => 2.0,
        Position::Metric => 3.0,
    }
}

/// A reason that is newer than this file counts as none.
fn reason_code(reason: Reason) -> f64 {
    match reason {
        Reason::NoParallax => 1.0,
        Reason::TooFewPoints => 2.0,
        Reason::TooDark => 3.0,
        Reason::FastMotion => 4.0,
        Reason::Interrupted => 5.0,
        Reason::Relocalizing => 6.0,
        _ => 0.0,
    }
}

/// slam's refusals by what a caller does about them.
#[allow(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
pub(super) fn refused(error: slam::Error) -> Error {
    let reason = error.to_string();
    match error {
        slam::Error::TimeNotIncreasing { .. } => Error::FrameOutOfOrder { reason },
        _ => Error::TrackerRefused { reason },
    }
}
