//! The front end: frames in, tracked points with ids and ages out.
//!
//! Every frame's points are followed from the frame before by Lucas-Kanade, followed back again to be sure, thinned
//! where they crowd, and replenished with new corners where the image has room. [`FrontEnd::submit`] takes a frame,
//! [`FrontEnd::poll`] gives its tracks; on the CPU they are ready at once, those of an [`engine`] come later.
//!
//! The work itself stands in `cpu`, and how a point is followed there and back in `round_trip`; what is asked of an
//! engine in `on_engine`; what an answer makes of the points in `tracks`.
//!
//! Losing points, a change of the image's size (all tracks start anew) and images without texture are data. Nothing
//! is allocated per frame once two frames of a size have been seen.

mod begun;
pub mod choice;
mod config;
mod cpu;
pub mod engine;
mod laps;
#[cfg(test)]
pub(crate) mod late_engine;
mod on_engine;
mod round_trip;
mod tracks;

use crate::Error;
use crate::frame::Frame;
use crate::pyramid::Pyramid;
use begun::{Begun, Pictures, Waiting};
pub use config::FrontEndConfig;
use cpu::CpuWork;
use engine::Engine;
pub use laps::Clock;
use tracks::TrackList;
pub use tracks::{TrackedPoint, Tracks};

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
#[derive(Debug)]
pub struct FrontEnd {
    config: FrontEndConfig,
    max_points: usize,
    cpu: CpuWork,
    engine: Option<Box<dyn Engine>>,
    uses_engine: bool,
    engine_failed: bool,
    pictures: Pictures,
    list: TrackList,
    /// The frame of `list`; none before the first frame and after a restart.
    last: Option<Ticket>,
    was_on_engine: bool,
    next_number: u64,
    /// A frame that is being worked on: between two calls, by the engine.
    begun: Option<Begun>,
    /// What was known of the points when it began.
    hints: Vec<PointHint>,
    waiting: Option<Waiting>,
}

impl FrontEnd {
    /// A front end that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Config`] where a setting is out of its range.
    pub fn new(config: FrontEndConfig) -> Result<Self, Error> {
        config.check()?;
        let room = config.max_points;
        Ok(Self {
            max_points: room,
            cpu: CpuWork::new(&config)?,
            engine: None,
            uses_engine: true,
            engine_failed: false,
            pictures: Pictures::new(config.levels)?,
            list: TrackList::with_capacity(room),
            last: None,
            was_on_engine: false,
            next_number: 0,
            begun: None,
            hints: Vec::with_capacity(room),
            waiting: None,
            config,
        })
    }

    /// Changes the most points of a frame, from the next one that begins on: at least 1, at most the configuration's.
    /// Where there are more, the youngest are not in that frame.
    pub fn set_max_points(&mut self, max_points: usize) {
        self.max_points = max_points.clamp(1, self.config.max_points);
    }

    /// The most points of the frames that begin from now on.
    #[must_use]
    pub fn max_points(&self) -> usize {
        self.max_points
    }

    /// Takes a frame and tracks its points. An image of another size than the last starts all tracks anew.
    ///
    /// # Errors
    /// [`Error::TimeNotIncreasing`] if the frame is not newer than the last, [`Error::FrameOnItsWay`] while that is
    /// not finished; the frame is then ignored.
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
        if self.is_busy() || self.waiting.is_some() {
            return Err(Error::FrameOnItsWay);
        }
        self.check_hints(hints)?;
        self.check_time(frame.capture_time_nanos)?;
        self.cpu.laps.start();
        self.pictures.later.build_base(&frame.image);
        self.cpu.laps.end("pyramid");
        let number = self.number();
        self.begin(number, frame.capture_time_nanos, hints);
        self.cpu.laps.go_on();
        self.pictures.later.build_coarser();
        self.cpu.laps.end("pyramid");
        Ok(self.go_on(number))
    }

    /// Takes the picture of a frame whose work has to wait for that of the frame before; see
    /// [`FrontEnd::submit_waiting`].
    ///
    /// # Errors
    /// [`Error::TimeNotIncreasing`] if the frame is not newer than the last, [`Error::FrameOnItsWay`] while another
    /// waits; the frame is then ignored.
    pub fn take(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        if self.waiting.is_some() {
            return Err(Error::FrameOnItsWay);
        }
        self.check_time(frame.capture_time_nanos)?;
        let number = self.number();
        let picture = &mut self.pictures.waiting;
        picture.build_base(&frame.image);
        if let Some(engine) = self.engine.as_mut().filter(|_| self.uses_engine) {
            // What is refused now is brought by the job.
            let _ = engine.prepare(number, picture);
        }
        picture.build_coarser();
        self.waiting = Some(Waiting {
            number,
            capture_time_nanos: frame.capture_time_nanos,
        });
        Ok(())
    }

    /// Begins the work on the frame that waits, with what is known of the points of the last frame, in their order;
    /// none if no frame waits.
    ///
    /// # Errors
    /// [`Error::FrameOnItsWay`] while the frame before is not finished, [`Error::Length`] if there is not one hint a
    /// point; the frame then goes on waiting.
    pub fn submit_waiting(&mut self, hints: Option<&[PointHint]>) -> Result<Option<Ticket>, Error> {
        let Some(waiting) = self.waiting else {
            return Ok(None);
        };
        if self.is_busy() {
            return Err(Error::FrameOnItsWay);
        }
        self.check_hints(hints)?;
        self.waiting = None;
        std::mem::swap(&mut self.pictures.later, &mut self.pictures.waiting);
        self.begin(waiting.number, waiting.capture_time_nanos, hints);
        Ok(Some(self.go_on(waiting.number)))
    }

    /// Whether a frame is on its way: an engine works on it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.begun.is_some()
    }

    /// The tracks of a frame, if they are ready and those of no later frame are. It does not wait. Where the engine
    /// failed, the frame is done on the CPU here.
    #[must_use]
    pub fn poll(&mut self, ticket: Ticket) -> Option<&Tracks> {
        if self.begun.is_some_and(|begun| begun.number == ticket.0) {
            self.look();
        }
        (self.last == Some(ticket)).then_some(&self.list.tracks)
    }

    /// The last finished frame's points.
    #[must_use]
    pub fn points(&self) -> &[TrackedPoint] {
        &self.list.tracks.points
    }

    /// The last finished frame's pyramid; empty before the first.
    #[must_use]
    pub fn pyramid(&self) -> &Pyramid {
        &self.pictures.earlier
    }

    /// Corrects points of the last frame: what the function changes of a position stands, what it refuses is dropped.
    /// While another frame is on its way, it changes nothing.
    pub fn amend(&mut self, mut keep: impl FnMut(&mut TrackedPoint) -> bool) {
        if self.is_busy() {
            return;
        }
        self.list.tracks.points.retain_mut(|point| {
            let id = point.id;
            let kept = keep(point) && point.position_px.iter().all(|c| c.is_finite());
            point.id = id;
            kept
        });
    }

    /// Starts a point in the last frame and gives its id; none where all points are in use, and while another frame is
    /// on its way.
    pub fn add(&mut self, position_px: [f32; 2]) -> Option<u32> {
        let has_room = self.list.tracks.points.len() < self.max_points;
        let is_refused = self.is_busy() || !has_room || !position_px.iter().all(|c| c.is_finite());
        (!is_refused).then(|| self.list.start(position_px))
    }

    /// Forgets all points and the last frame's time, and gives up frames that are on their way or wait. Ids go on.
    pub fn restart(&mut self) {
        if let Some(engine) = &mut self.engine {
            engine.cancel();
        }
        self.begun = None;
        self.waiting = None;
        self.forget_points();
    }

    /// Forgets all points and the last frame's time; a frame that waits goes on waiting.
    pub(crate) fn forget_points(&mut self) {
        debug_assert!(!self.is_busy(), "its answer is about the points");
        self.list.clear();
        self.last = None;
    }

    fn check_hints(&self, hints: Option<&[PointHint]>) -> Result<(), Error> {
        let required = self.list.tracks.points.len();
        match hints {
            Some(hints) if hints.len() != required => Err(Error::Length {
                required,
                actual: hints.len(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a frame that is not newer than the newest one.
    fn check_time(&self, actual_nanos: i64) -> Result<(), Error> {
        let begun = self.begun.map(|begun| begun.capture_time_nanos);
        let waiting = self.waiting.map(|waiting| waiting.capture_time_nanos);
        let last = self.last.map(|_| self.list.tracks.capture_time_nanos);
        match waiting.or(begun).or(last) {
            Some(previous_nanos) if actual_nanos <= previous_nanos => {
                Err(Error::TimeNotIncreasing {
                    previous_nanos,
                    actual_nanos,
                })
            }
            _ => Ok(()),
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// Begins the work on the later picture, whose finest level is filled: the engine is set to it if it is used.
    fn begin(&mut self, number: u64, capture_time_nanos: i64, hints: Option<&[PointHint]>) {
        let is_same_size = self.pictures.earlier.size() == self.pictures.later.size();
        let earlier = self.last.filter(|_| is_same_size).map(|ticket| ticket.0);
        let unmet = self.list.begin(earlier.is_some());
        let points = match earlier {
            Some(_) => self.list.tracks.points.len().min(self.max_points),
            None => 0,
        };
        self.hints.clear();
        self.hints.extend_from_slice(hints.unwrap_or_default());
        let begun = Begun {
            number,
            capture_time_nanos,
            earlier,
            points,
            has_hints: hints.is_some(),
            max_points: self.max_points,
            min_missing: self.config.min_missing_points + unmet,
            on_engine: false,
        };
        self.begun = Some(self.set_engine_to(begun));
    }

    /// Once the later picture is whole: does its work here unless the engine is at it.
    fn go_on(&mut self, number: u64) -> Ticket {
        if self.begun.is_some_and(|begun| !begun.on_engine) {
            self.finish_on_cpu();
        }
        Ticket(number)
    }

    /// Does the work of the frame that has begun, if one has.
    fn finish_on_cpu(&mut self) {
        let Some(begun) = self.begun else {
            return;
        };
        let job = begun.job(&self.pictures, &self.list.tracks.points, &self.hints);
        let answer = self.cpu.run(&job);
        self.list.accept(answer);
        self.finished(Begun {
            on_engine: false,
            ..begun
        });
    }

    /// Its tracks are there: it is the last frame.
    fn finished(&mut self, begun: Begun) {
        std::mem::swap(&mut self.pictures.earlier, &mut self.pictures.later);
        self.list.tracks.capture_time_nanos = begun.capture_time_nanos;
        self.last = Some(Ticket(begun.number));
        self.was_on_engine = begun.on_engine;
        self.begun = None;
    }
}

/// Frames until points are looked for again that were not found.
const PAUSE_FRAMES: u32 = 3;

/// New points must come back within this part of the distance that is allowed to old ones.
pub(crate) const PROOF: f32 = 0.2;

#[cfg(test)]
mod tests;
