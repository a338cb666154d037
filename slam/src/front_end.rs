//! The front end: frames in, tracked points with ids and ages out.
//!
//! Every frame's points are followed from the frame before by Lucas-Kanade, followed back again to be sure, thinned
//! where they crowd, and replenished with new corners where the image has room. [`FrontEnd::submit`] takes a frame,
//! [`FrontEnd::poll`] gives its tracks; on the CPU they are ready at once, a GPU's come later.
//!
//! How a point is followed there and back stands in `round_trip`.
//!
//! Losing points, a change of the image's size (all tracks start anew) and images without texture are data. Nothing
//! is allocated per frame once two frames of a size have been seen.

mod round_trip;

use crate::Error;
use crate::corners::{Corner, CornerConfig, CornerDetector, Occupancy};
use crate::frame::Frame;
use crate::image::ImageView;
use crate::lucas_kanade::{LucasKanade, LucasKanadeConfig};
use crate::pyramid::Pyramid;
use round_trip::{RoundTrip, Route};

/// The front end's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontEndConfig {
    /// The most points tracked in a frame: 1 to 65536.
    pub max_points: usize,
    /// Side of the cells that points are spread over, in pixels: 8 to 256.
    pub grid_cell_px: usize,
    /// New points keep this distance from all others, in pixels: 1 to the cell's side.
    pub min_distance_px: f32,
    /// Side of the tracker's window in pixels: odd, 3 to 15.
    pub window_px: usize,
    /// Levels of the image pyramid, the image itself included: 1 to 8.
    pub levels: usize,
    /// By how many grey levels a corner's surround must differ from it.
    pub fast_threshold: u8,
    /// The least Shi-Tomasi score of a corner in squared grey levels a squared pixel.
    pub min_corner_score: f32,
    /// New points are looked for when at least this many are missing: 1 to `max_points`.
    pub min_missing_points: usize,
    /// How far from its start a point may end when it is followed forward and back, in pixels: more than 0.
    pub max_back_error_px: f32,
}

impl Default for FrontEndConfig {
    fn default() -> Self {
        let corners = CornerConfig::default();
        Self {
            max_points: 1200,
            grid_cell_px: corners.cell_px,
            min_distance_px: corners.min_distance_px,
            window_px: 15,
            levels: 4,
            fast_threshold: corners.fast_threshold,
            min_corner_score: corners.min_score,
            min_missing_points: 1,
            max_back_error_px: 1.0,
        }
    }
}

/// What the caller knows of a point before it is followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointHint {
    /// Where it is looked for first, in pixels: what a gyroscope or a predicted pose tells.
    pub guess_px: [f32; 2],
    /// Whether the caller checks where it ends: it is then not followed back.
    pub is_checked_later: bool,
}

/// Which frame an answer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// A point of the scene, as it is seen in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct TrackedPoint {
    /// The same in every frame, never used again.
    pub id: u32,
    /// Frames since it was first seen; 0 in that frame.
    pub age_frames: u32,
    /// x to the right, y down, in pixels; integers are pixel centres.
    pub position_px: [f32; 2],
}

/// The points of one frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tracks {
    /// When the frame was taken.
    pub capture_time_nanos: i64,
    /// All points, the oldest first.
    pub points: Vec<TrackedPoint>,
    /// Points of the frame before that are not in this one.
    pub lost: usize,
    /// Points that start in this frame.
    pub started: usize,
}

/// Tracks points from frame to frame.
///
/// ```
/// use slam::Frame;
/// use slam::front_end::{FrontEnd, FrontEndConfig};
/// use slam::image::ImageView;
///
/// let mut front_end = FrontEnd::new(FrontEndConfig::default())?;
/// let luma: Vec<u8> = (0..320 * 240).map(|i| if (i / 9 + i / 320 / 7) % 2 == 0 { 30 } else { 220 }).collect();
/// for frame in 0..3 {
///     let image = ImageView::new(&luma, 320, 240, 320)?;
///     let ticket = front_end.submit(&Frame::new(image, frame * 33_000_000))?;
///     let tracks = front_end.poll(ticket).expect("the CPU answers at once");
///     assert!(tracks.points.iter().all(|point| i64::from(point.age_frames) <= frame));
/// }
/// # Ok::<(), slam::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FrontEnd {
    config: FrontEndConfig,
    lucas_kanade: LucasKanade,
    corners: CornerDetector,
    crowd: Occupancy,
    earlier: Pyramid,
    later: Pyramid,
    tracks: Tracks,
    /// The frame of `tracks`; none before the first frame and after a restart.
    last: Option<Ticket>,
    next_ticket: u64,
    next_id: u32,
    unmet: Unmet,
    scratch: Scratch,
}

/// What the last search for corners left missing. A picture that has no more corners has none in the next frame
/// either.
#[derive(Debug, Clone, Copy, Default)]
struct Unmet {
    points: usize,
    /// Frames for which those are not looked for again.
    frames: u32,
}

/// Frames until points are looked for again that were not found.
const PAUSE_FRAMES: u32 = 3;

/// Buffers of one frame's work.
#[derive(Debug, Clone, Default)]
struct Scratch {
    from: Vec<[f32; 2]>,
    there: RoundTrip,
    corners: Vec<Corner>,
}

impl FrontEnd {
    /// A front end that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Config`] where a setting is out of its range.
    pub fn new(config: FrontEndConfig) -> Result<Self, Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(1..=65536).contains(&config.max_points) {
            return refuse("max_points", config.max_points as f64, "1 to 65536");
        }
        if !(1..=config.max_points).contains(&config.min_missing_points) {
            let value = config.min_missing_points as f64;
            return refuse("min_missing_points", value, "1 to max_points");
        }
        if config.max_back_error_px.is_nan() || config.max_back_error_px <= 0.0 {
            let value = f64::from(config.max_back_error_px);
            return refuse("max_back_error_px", value, "more than 0");
        }
        let lucas_kanade = LucasKanade::new(LucasKanadeConfig {
            window_px: config.window_px,
            ..LucasKanadeConfig::default()
        })?;
        let corners = CornerDetector::new(CornerConfig {
            cell_px: config.grid_cell_px,
            min_distance_px: config.min_distance_px,
            margin_px: (config.window_px / 2 + 1).max(4),
            fast_threshold: config.fast_threshold,
            min_score: config.min_corner_score,
            ..CornerConfig::default()
        })?;
        let room = config.max_points;
        let mut crowd = Occupancy::new(config.grid_cell_px, config.min_distance_px);
        crowd.reserve(room);
        Ok(Self {
            lucas_kanade,
            corners,
            crowd,
            earlier: Pyramid::new(config.levels)?,
            later: Pyramid::new(config.levels)?,
            tracks: Tracks {
                points: Vec::with_capacity(room),
                ..Tracks::default()
            },
            last: None,
            next_ticket: 0,
            next_id: 0,
            unmet: Unmet::default(),
            scratch: Scratch {
                from: Vec::with_capacity(room),
                there: RoundTrip::with_capacity(room),
                corners: Vec::with_capacity(room),
            },
            config,
        })
    }

    /// Takes a frame and tracks its points. An image of another size than the last starts all tracks anew.
    ///
    /// # Errors
    /// [`Error::TimeNotIncreasing`] if the frame is not newer than the last; it is then ignored.
    pub fn submit(&mut self, frame: &Frame<'_>) -> Result<Ticket, Error> {
        self.submit_from(frame, None)
    }

    /// As [`FrontEnd::submit`], with what is known of the points of the last frame, in their order.
    ///
    /// # Errors
    /// As [`FrontEnd::submit`]; [`Error::Length`] if there is not one hint a point.
    pub fn submit_from(
        &mut self,
        frame: &Frame<'_>,
        hints: Option<&[PointHint]>,
    ) -> Result<Ticket, Error> {
        if let Some(hints) = hints
            && hints.len() != self.tracks.points.len()
        {
            return Err(Error::Length {
                required: self.tracks.points.len(),
                actual: hints.len(),
            });
        }
        if self.last.is_some() && frame.capture_time_nanos <= self.tracks.capture_time_nanos {
            return Err(Error::TimeNotIncreasing {
                previous_nanos: self.tracks.capture_time_nanos,
                actual_nanos: frame.capture_time_nanos,
            });
        }
        let before = self.tracks.points.len();
        self.later.build(&frame.image);
        let continues = self.last.is_some() && self.earlier.size() == self.later.size();
        if continues {
            self.follow(hints)?;
            self.thin(&frame.image);
        } else {
            self.tracks.points.clear();
            self.unmet = Unmet::default();
        }
        self.tracks.lost = before - self.tracks.points.len();
        self.replenish(continues)?;
        std::mem::swap(&mut self.earlier, &mut self.later);

        self.tracks.capture_time_nanos = frame.capture_time_nanos;
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.last = Some(ticket);
        Ok(ticket)
    }

    /// The tracks of a frame, if they are ready and no later frame was submitted.
    #[must_use]
    pub fn poll(&mut self, ticket: Ticket) -> Option<&Tracks> {
        (self.last == Some(ticket)).then_some(&self.tracks)
    }

    /// The last frame's points.
    #[must_use]
    pub fn points(&self) -> &[TrackedPoint] {
        &self.tracks.points
    }

    /// The last frame's pyramid; empty before the first.
    #[must_use]
    pub fn pyramid(&self) -> &Pyramid {
        &self.earlier
    }

    /// Corrects points of the last frame: what the function changes of a position stands, what it refuses is dropped.
    pub fn amend(&mut self, mut keep: impl FnMut(&mut TrackedPoint) -> bool) {
        self.tracks.points.retain_mut(|point| {
            let id = point.id;
            let kept = keep(point) && point.position_px.iter().all(|c| c.is_finite());
            point.id = id;
            kept
        });
    }

    /// Starts a point in the last frame and gives its id; none where all points are in use.
    pub fn add(&mut self, position_px: [f32; 2]) -> Option<u32> {
        let room = self.tracks.points.len() < self.config.max_points;
        if !room || !position_px.iter().all(|c| c.is_finite()) {
            return None;
        }
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        self.tracks.points.push(TrackedPoint {
            id,
            age_frames: 0,
            position_px,
        });
        Some(id)
    }

    /// Forgets all points and the last frame's time. Ids go on.
    pub fn restart(&mut self) {
        self.tracks.points.clear();
        self.last = None;
        self.unmet = Unmet::default();
    }

    /// Moves the points to where the new image has them; drops those that do not come back to where they were.
    fn follow(&mut self, hints: Option<&[PointHint]>) -> Result<(), Error> {
        let Scratch { from, there, .. } = &mut self.scratch;
        from.clear();
        from.extend(self.tracks.points.iter().map(|p| p.position_px));
        let route = Route {
            tracker: &self.lucas_kanade,
            start: &self.earlier,
            other: &self.later,
        };
        there.go_and_return(route, from, hints)?;

        let limit = self.config.max_back_error_px;
        let mut ends = there.ends();
        self.tracks.points.retain_mut(|point| {
            let Some(end) = ends.next() else {
                return false;
            };
            let kept = end.error_px <= limit;
            if kept {
                point.position_px = end.position_px;
                point.age_frames = point.age_frames.saturating_add(1);
            } else {
                self.corners.rest(point.position_px);
            }
            kept
        });
        Ok(())
    }

    /// Of points that came close to each other, keeps the oldest.
    fn thin(&mut self, image: &ImageView<'_>) {
        self.crowd.clear(image.width(), image.height());
        let distance = self.config.min_distance_px * 0.5;
        self.tracks.points.retain(|point| {
            let free = self.crowd.is_free_within(point.position_px, distance);
            if free {
                self.crowd.insert(point.position_px);
            }
            free
        });
    }

    /// Starts new points in the later image: corners that can be found in the earlier one, if there is one, and from
    /// there again. It spares the tracks that would not live.
    fn replenish(&mut self, prove: bool) -> Result<(), Error> {
        let Scratch {
            corners,
            from,
            there,
        } = &mut self.scratch;
        corners.clear();
        let wanted = self.config.max_points - self.tracks.points.len();
        match self.unmet.frames.checked_sub(1) {
            Some(left) => self.unmet.frames = left,
            None => self.unmet = Unmet::default(),
        }
        if wanted < self.config.min_missing_points + self.unmet.points {
            self.tracks.started = 0;
            return Ok(());
        }
        let taken = self.tracks.points.iter().map(|p| p.position_px);
        self.corners.detect(&self.later, taken, wanted, corners);
        if prove {
            from.clear();
            from.extend(corners.iter().map(|c| c.position_px));
            let route = Route {
                tracker: &self.lucas_kanade,
                start: &self.later,
                other: &self.earlier,
            };
            there.go_and_return(route, from, None)?;
            let limit = self.config.max_back_error_px * PROOF;
            let mut ends = there.ends();
            corners.retain(|_| ends.next().is_some_and(|end| end.error_px <= limit));
        }
        self.tracks.started = corners.len();
        if corners.len() * 2 < wanted {
            self.unmet = Unmet {
                points: wanted - corners.len(),
                frames: PAUSE_FRAMES,
            };
        }
        for corner in corners {
            self.tracks.points.push(TrackedPoint {
                id: self.next_id,
                age_frames: 0,
                position_px: corner.position_px,
            });
            self.next_id = self.next_id.wrapping_add(1);
        }
        Ok(())
    }
}

/// New points must come back within this part of the distance that is allowed to old ones.
const PROOF: f32 = 0.2;

#[cfg(test)]
mod tests;
