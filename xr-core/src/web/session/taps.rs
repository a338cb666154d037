//! What a tap does: a pin on the surface that it meets, or a spot for the alignment.

use std::rc::Rc;

use super::{Mode, SharedSession, anchors::Anchors, events::SessionEvent, xr::XrInputSourceEvent};
use crate::{error::Error, frame::Hit, pose::Rigid, web::clock};

impl SharedSession {
    /// The session's `select` event.
    pub(super) fn tapped(self: &Rc<Self>, event: &XrInputSourceEvent) {
        if !self.running.get() {
            return;
        }
        let hit = self
            .hits
            .borrow()
            .of_input(&event.input_source(), clock::page_millis());
        let Some(hit) = hit else {
            self.tell(SessionEvent::NoHit);
            return;
        };
        let done = match self.mode.get() {
            Mode::Pin => self.place_pin(&hit, event),
            Mode::Align => self.touch_spot(&hit),
        };
        if let Err(error) = done {
            self.tell(error.into());
        }
    }

    fn place_pin(self: &Rc<Self>, hit: &Hit, event: &XrInputSourceEvent) -> Result<(), Error> {
        let viewer = self.frame.borrow().device_from_viewer;
        let towards = viewer.map_or(hit.point(), |viewer| viewer.translation_m);
        let device_from_pin = Rigid::on_surface(hit.point(), hit.normal(), towards);
        let label = self.label.borrow().clone();
        let (id, placed) = self
            .room
            .with_client(|client, now| {
                let id = client.place_pin_in_device(device_from_pin, &label, now)?;
                let placed = client.alignment().is_some();
                Ok((id, placed))
            })
            .unwrap_or(Err(Error::Closed))?;
        Anchors::hold(
            &self.anchors,
            &event.frame(),
            &self.space,
            id.clone(),
            device_from_pin,
        );
        self.tell(SessionEvent::Pin {
            id: id.into(),
            position: hit.point().to_array(),
            placed,
        });
        Ok(())
    }

    fn touch_spot(&self, hit: &Hit) -> Result<(), Error> {
        self.room
            .with_client(|client, now| client.touch_spot(hit.point(), now))
            .unwrap_or(Err(Error::Closed))?;
        self.tell_alignment();
        Ok(())
    }
}
