//! What the tracker says of a frame.

use nalgebra::Isometry3;

/// Where the tracker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No frame has come yet.
    NotStarted,
    /// There is no map yet; the orientation is known.
    Initializing,
    /// The pose is tracked in the map.
    Tracking,
    /// The map is kept and searched; orientation goes on, the position is held. A map of a few keyframes without anchors
    /// that is not found for two seconds is given up: the state is then [`State::Initializing`] again.
    Lost,
}

/// What the position of a pose means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Nothing: only the orientation is known.
    Unknown,
    /// Held or predicted from earlier frames.
    Predicted,
    /// In the map's own unit.
    UpToScale,
    /// In metres.
    Metric,
}

/// What limits the quality of a pose the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing does.
    Good,
    /// The camera has not moved sideways yet.
    NoParallax,
    /// Too little of the picture has texture.
    TooFewPoints,
    /// The picture is too dark or covered.
    TooDark,
    /// The picture is blurred or moves too fast.
    FastMotion,
    /// Pictures were missing for long.
    Interrupted,
    /// The place is not recognised yet.
    Relocalizing,
}

/// How good a pose is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// 0 (no use) to 1.
    pub score: f32,
    /// What limits it.
    pub reason: Reason,
}

/// What is known of a frame's camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracking {
    /// The frame's time.
    pub capture_time_nanos: i64,
    /// Where the tracker stands.
    pub state: State,
    /// The public pose: X right, Y down, Z forward of the camera in the world. It never jumps while the state is
    /// [`State::Tracking`]: corrections of the map are spread over frames.
    pub world_from_camera: Isometry3<f64>,
    /// What its position means.
    pub position: Position,
    /// How good it is.
    pub quality: Quality,
    /// Landmarks whose observations made the pose.
    pub landmarks_seen: u32,
    /// Whether its points were followed by an engine, not on the CPU.
    pub on_engine: bool,
    /// Newer frames that had been submitted when this one was answered: 0 when the answer came at once, 1 when the next
    /// frame was there before it.
    pub frames_behind: u32,
}
