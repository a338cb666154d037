//! One frame of the session: read what WebXR says, tell the room, draw. An error becomes an event; the loop goes on.

use std::rc::Rc;

use chat_relay_protocol::Tracking;
use render::{FrameViews, RealWorld, Scene, View as RenderView};

use super::{
    Mode, SharedSession, events::SessionEvent, frame_reader, hits::Hits,
    report::MeasuredReflections, surroundings, xr::XrFrame,
};
use crate::{
    error::Error,
    frame::Frame,
    room::{Client, Moment, PresenceChange},
    web::{clock, cube::cube, view::SharedView},
};

/// The head is told to others at most this often, in milliseconds.
const HEAD_EVERY_MILLIS: f64 = 100.0;

impl SharedSession {
    /// The callback of `requestAnimationFrame`.
    pub(super) fn frame_came(self: &Rc<Self>, time_millis: f64, xr_frame: &XrFrame) {
        if !self.running.get() {
            return;
        }
        // Before all else: whatever goes wrong in this frame, another one comes.
        self.ask_for_frame();
        let started = clock::page_millis();
        let error = self.run_frame(time_millis, xr_frame).err();
        self.tell_error(error);
        self.times
            .borrow_mut()
            .add(started, clock::page_millis() - started);
    }

    fn run_frame(self: &Rc<Self>, time_millis: f64, xr_frame: &XrFrame) -> Result<(), Error> {
        let (mut frame, xr_views) =
            frame_reader::read(time_millis, xr_frame, &self.space, &self.layer)?;
        Hits::read(
            &self.hits,
            &self.xr,
            xr_frame,
            &self.space,
            clock::page_millis(),
        );
        if !frame.views.is_empty() {
            self.senses
                .borrow_mut()
                .read(time_millis, xr_frame, &self.space, &xr_views);
        }
        if frame.device_from_viewer.is_some() {
            frame.hit = self.hits.borrow().reticle();
        }
        self.tell_frame(&frame);
        self.tell_room(&frame);
        self.tell_alignment();
        let drawn = self.draw(&frame, xr_frame);
        *self.frame.borrow_mut() = frame;
        drawn
    }

    /// Tells the page what has changed since the last frame.
    fn tell_frame(&self, frame: &Frame) {
        if self.told_tracking.replace(Some(frame.tracking)) != Some(frame.tracking) {
            self.tell(SessionEvent::Tracking {
                state: frame.tracking,
            });
        }
        let visible = frame.hit.is_some();
        if self.told_hit.replace(Some(visible)) != Some(visible) {
            self.tell(SessionEvent::Hit { visible });
        }
    }

    /// Tells the room how well and where this device is.
    fn tell_room(&self, frame: &Frame) {
        let before = self.frame.borrow().time_millis;
        let due =
            (before / HEAD_EVERY_MILLIS).floor() < (frame.time_millis / HEAD_EVERY_MILLIS).floor();
        if !due {
            return;
        }
        let tracking: Tracking = frame.tracking;
        self.room.with_client(|client: &mut Client, now: Moment| {
            client.change_presence(
                PresenceChange {
                    tracking: Some(tracking),
                    ..PresenceChange::default()
                },
                now,
            );
            client.set_head(frame.device_from_viewer, now);
        });
    }

    /// Passes on what happened to the alignment.
    pub(super) fn tell_alignment(&self) {
        while let Some(event) = self
            .room
            .with_client(|client, _| client.take_alignment_event())
            .flatten()
        {
            self.tell(event.into());
        }
    }

    fn draw(&self, frame: &Frame, xr_frame: &XrFrame) -> Result<(), Error> {
        let mut view = self.view.borrow_mut();
        view.check()?;
        let SharedView {
            gpu,
            renderer,
            labels,
            ..
        } = &mut *view;
        let mut stage = self.stage.borrow_mut();
        let mut anchors = self.anchors.borrow_mut();
        self.room.read(|client| {
            anchors.read(xr_frame, &self.space, |pin| {
                client.scene().get(pin).is_some()
            });
            surroundings::set(
                &mut stage,
                client,
                &anchors,
                renderer,
                labels,
                frame.time_millis,
            );
        });
        if let Some(hit) = &frame.hit {
            surroundings::add_reticle(&mut stage, hit, self.mode.get() == Mode::Align);
        }
        if frame.views.is_empty() {
            return Ok(());
        }
        let views: Vec<RenderView> = frame
            .views
            .iter()
            .map(|view| RenderView {
                viewport_px: view.viewport_px,
                projection_from_view: view.projection_from_view,
                view_from_world: view.view_from_device,
            })
            .collect();
        #[allow(clippy::cast_possible_truncation, reason = "slow motion needs no more")]
        let frame_views = FrameViews {
            views: &views,
            target_size_px: frame.target_size_px,
            pixel_ratio: pixel_ratio(frame),
            time_secs: (frame.time_millis / 1000.0) as f32,
        };
        let points = surroundings::image_points(&self.points.borrow(), &frame.views, renderer);
        if let Some(measured) = self.senses.borrow_mut().take_reflections() {
            let half_floats = measured.half_floats();
            let side = measured.face_px() as u32;
            self.reflections.set(Some(MeasuredReflections {
                face_px: measured.face_px(),
                mean: measured.mean().to_array(),
            }));
            renderer.set_reflections(&cube(&gpu.device, &gpu.queue, side, &half_floats));
        }
        let senses = self.senses.borrow();
        let (surfaces, depth) = (senses.surfaces(), senses.measured_depth());
        let scene = Scene {
            real_world: RealWorld {
                surfaces: &surfaces,
                depth: &depth,
            },
            image_points: &points,
            pins: &stage.pins,
            spots: &stage.spots,
            ..Scene::default()
        };
        gpu.draw_into(
            self.layer.framebuffer(),
            frame.target_size_px,
            |target, origin| {
                renderer.draw(
                    &frame_views,
                    senses.light(),
                    &scene,
                    self.backdrop,
                    target,
                    origin,
                );
            },
        );
        labels.frame_done(renderer);
        Ok(())
    }

    /// Tells an error once, until it changes or a frame goes well.
    fn tell_error(&self, error: Option<Error>) {
        let event = error.map(SessionEvent::from);
        let told = self.told_error.replace(event.clone());
        if told != event
            && let Some(event) = event
        {
            self.tell(event);
        }
    }
}

/// A headset has two views and one pixel for one; a phone has one view over its whole screen.
#[allow(clippy::cast_possible_truncation, reason = "a small ratio")]
fn pixel_ratio(frame: &Frame) -> f32 {
    if frame.views.len() == 1 {
        web_sys::window().map_or(1.0, |window| window.device_pixel_ratio() as f32)
    } else {
        1.0
    }
}
