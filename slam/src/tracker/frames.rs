//! The way of a frame through the tracker: taken, sent to the front end, and finished when its points are there.
//!
//! On the CPU the points are there at once. An engine's come later: one frame is then on its way and at most one waits
//! behind it, whose picture the front end has already. The waiting one is sent as soon as the pose of the one before is
//! known, so that the tracker works a frame behind rather than waiting.

use super::intake::Shot;
use super::motion::seconds;
use super::{Reason, State, Tracker, Tracking};
use crate::Error;
use crate::frame::Frame;
use crate::front_end::{PointHint, Ticket};

/// After a longer pause tracks are not followed; the place is looked for anew.
const LONGEST_GAP_NANOS: i64 = 1_000_000_000;

/// A frame that the front end has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    ticket: Ticket,
    pub(super) shot: Shot,
    turns: Turns,
}

/// How a frame comes after the one before.
#[derive(Debug, Clone, Copy)]
struct Turns {
    elapsed_nanos: i64,
    /// A map found by this tracker and one of given poses share neither unit nor axes.
    begins_anew: bool,
    /// Of another size than the one before: the phone was turned, and the camera's axes with the picture.
    resized: bool,
    /// There is a map, and nothing was seen for long.
    paused: bool,
}

impl Tracker {
    /// Takes a frame and tells where its camera was: [`Tracker::submit`] and [`Tracker::poll`], with the frame's points
    /// followed on the CPU even where an engine is used.
    ///
    /// Frames with a given pose after frames without, or the other way round, begin a new map, as after
    /// [`Tracker::restart`]; what is known of the camera stays.
    ///
    /// # Errors
    /// [`Error::TimeNotIncreasing`] for a frame that is not newer than the last, [`Error::Config`] for intrinsics or a
    /// pose that are none, [`Error::FrameOnItsWay`] while a submitted frame has no answer; such a frame changes
    /// nothing.
    pub fn track(&mut self, frame: &Frame<'_>) -> Result<Tracking, Error> {
        if self.sent.is_some() {
            return Err(Error::FrameOnItsWay);
        }
        let shot = self.check(frame)?;
        let on_engine = self.front_end.set_on_engine(false);
        let sent = self.send(shot, frame);
        self.front_end.set_on_engine(on_engine);
        Ok(self.finish(&sent?, 0))
    }

    /// Takes a frame, whose answer [`Tracker::poll`] gives: the next call of it on the CPU, a later one where an engine
    /// follows the points. While one frame is on its way another may be submitted, which waits.
    ///
    /// Points, rays, hits, anchors and planes are those of the frame answered last. [`Tracker::map_step`] may be called
    /// in between; readings of the motion sensors up to a frame should come before its answer.
    ///
    /// # Errors
    /// As [`Tracker::track`], but [`Error::FrameOnItsWay`] only while one frame is on its way and another waits.
    pub fn submit(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        if self.waiting.is_some() {
            return Err(Error::FrameOnItsWay);
        }
        let shot = self.check(frame)?;
        if self.sent.is_some() {
            self.front_end.take(frame)?;
            self.waiting = Some(shot);
        } else {
            self.sent = Some(self.send(shot, frame)?);
        }
        Ok(())
    }

    /// Tells where the camera of the oldest submitted frame was, if its points are there; it does not wait for them. The
    /// frame that waits behind it is sent in the same call.
    #[must_use]
    pub fn poll(&mut self) -> Option<Tracking> {
        let sent = self.sent?;
        self.front_end.poll(sent.ticket)?;
        self.sent = None;
        let waiting = self.waiting.take();
        let tracking = self.finish(&sent, u32::from(waiting.is_some()));
        self.sent = waiting.and_then(|shot| self.send_waiting(shot));
        Some(tracking)
    }

    /// Whether a frame was submitted that has no answer yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.sent.is_some()
    }

    fn send(&mut self, shot: Shot, frame: &Frame<'_>) -> Result<Sent, Error> {
        let turns = self.expect(&shot);
        let ticket = self.front_end.submit_from(frame, known(&self.hints))?;
        Ok(Sent {
            ticket,
            shot,
            turns,
        })
    }

    fn send_waiting(&mut self, shot: Shot) -> Option<Sent> {
        let turns = self.expect(&shot);
        // The frame before is finished, and there is a hint a point: it is not refused.
        let sent = self.front_end.submit_waiting(known(&self.hints));
        let ticket = sent.ok().flatten()?;
        Some(Sent {
            ticket,
            shot,
            turns,
        })
    }

    /// How a frame comes after the last one, and where its points are looked for: `hints`. What callers can ask is left
    /// as it is until the frame is finished.
    fn expect(&mut self, shot: &Shot) -> Turns {
        let time_nanos = shot.capture_time_nanos;
        let last_nanos = self.now.time_nanos;
        let elapsed_nanos = last_nanos.map_or(0, |last| time_nanos.saturating_sub(last));
        let is_posed = shot.world_from_camera.is_some();
        let begins_anew = last_nanos.is_some() && is_posed != self.now.posed;
        let last_camera = self.now.camera.filter(|_| !begins_anew);
        let resized = last_camera.is_some_and(|last| last.size_px != shot.size_px);
        // Before there is a map nothing is lost by following points over a pause: those that moved too far drop out.
        let has_map = self.mapper.is_some() && !begins_anew;
        let paused = has_map && elapsed_nanos > LONGEST_GAP_NANOS;
        if begins_anew || paused {
            self.front_end.forget_points();
        }
        if paused {
            self.links.clear();
            self.motion.rest();
        }
        let state = if resized && has_map {
            State::Lost
        } else {
            self.now.state
        };
        self.previous.clear();
        self.previous.extend_from_slice(self.front_end.points());
        let predicted = shot
            .world_from_camera
            .unwrap_or_else(|| self.predict(time_nanos, state));
        self.guess(&self.camera_of(shot), &predicted, state);
        Turns {
            elapsed_nanos,
            begins_anew,
            resized,
            paused,
        }
    }

    /// The front end has the frame's points: finds its pose. The map may have been corrected since the frame was sent.
    fn finish(&mut self, sent: &Sent, frames_behind: u32) -> Tracking {
        let Sent { shot, turns, .. } = sent;
        if turns.begins_anew {
            let camera = self.camera;
            self.forget_map();
            self.camera = camera;
        }
        let has_map = self.mapper.is_some();
        // The place is recognised anew.
        if turns.resized && has_map {
            self.now.state = State::Lost;
            self.motion.forget();
        }
        self.camera = Some(self.shared_camera(shot.size_px));
        let camera = self.camera_of(shot);
        let time_nanos = shot.capture_time_nanos;
        let predicted = shot
            .world_from_camera
            .unwrap_or_else(|| self.predict(time_nanos, self.now.state));
        self.end_unchecked();
        self.links.follow(self.front_end.points());

        let last_nanos = self.now.time_nanos.replace(time_nanos);
        // Without a map only the accelerometer can say how the axes lie now.
        let last_nanos = last_nanos.filter(|_| !turns.resized || has_map);
        let elapsed_secs = seconds(turns.elapsed_nanos);
        self.now.elapsed_secs = elapsed_secs;
        self.now.camera = Some(camera);
        self.now.shares_camera = shot.intrinsics.is_none();
        self.now.posed = shot.world_from_camera.is_some();
        self.now.frames_since_keyframe = self.now.frames_since_keyframe.saturating_add(1);
        self.turn(shot, &camera, last_nanos);
        self.public.fade(elapsed_secs);
        self.advance(shot, &camera, &predicted);
        if turns.paused && self.now.state == State::Lost {
            self.now.reason = Reason::Interrupted;
        }
        self.list_points();
        self.tracking(time_nanos, frames_behind)
    }

    /// Ends points that were not followed back for the sake of a landmark, where the map has dropped that since: nothing
    /// would check them.
    fn end_unchecked(&mut self) {
        let (links, map) = (&self.links, &self.map);
        let is_checked = |track| {
            let landmark = links.get(track);
            landmark.is_some_and(|landmark| map.landmark(landmark).is_some())
        };
        let mut unchecked = self
            .previous
            .iter()
            .zip(&self.hints)
            .filter(|(point, hint)| hint.is_checked_later && !is_checked(point.id))
            .map(|(point, _)| point.id)
            .peekable();
        // Mostly there are none.
        if unchecked.peek().is_none() {
            return;
        }
        self.front_end.amend(|point| {
            while unchecked.next_if(|id| *id < point.id).is_some() {}
            unchecked.peek() != Some(&point.id)
        });
    }
}

/// None where nothing is known of any point.
fn known(hints: &[PointHint]) -> Option<&[PointHint]> {
    (!hints.is_empty()).then_some(hints)
}
