//! What members do just now. A device may say so as often as it likes; others hear of the latest only, as often as
//! they chose, in one batch for all that chose alike. Nothing of it queues: a connection that other things wait for
//! is passed over, and hears of everybody once it is level again.

use std::{collections::BTreeSet, time::Duration};

use chat_relay_protocol::{DeviceId, MemberPresence, Presence, ServerMessage};
use tokio::time::Instant;

use super::{
    Inner, Room,
    changed::INTERVALS_MILLIS,
    seats::{Seat, SeatId},
};
use crate::outbox::broadcast;

impl Room {
    /// Puts a device's presence in the place of what was known of it.
    pub(crate) fn set_presence(
        self: &std::sync::Arc<Self>,
        id: SeatId,
        presence: Presence,
        now: Instant,
    ) {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let Some(seat) = inner.seats.get_mut(id) else {
            return;
        };
        seat.typing_until = presence
            .typing
            .then(|| now + self.around.limits.typing_expiry);
        let device = seat.device.clone();
        seat.presence = presence;
        inner.changed.note(&device);
        if !std::mem::replace(&mut inner.ticking, true) {
            drop(guard);
            self.mailbox.tick(self);
        }
    }
}

impl Inner {
    /// Sends the batches that are due by now, and tells when the next one is.
    pub(super) fn tick_presence(&mut self, now: Instant) -> Option<Instant> {
        self.expire_typing(now);
        let mut next: Option<Instant> = None;
        for (index, interval) in INTERVALS_MILLIS.into_iter().enumerate() {
            let here = |seat: &Seat| seat.presence_millis == interval;
            let pending = &mut self.changed.by_interval[index];
            if !self.seats.iter().any(|(_, seat)| here(seat)) {
                pending.devices.clear();
                continue;
            }
            let stale = self
                .seats
                .iter()
                .any(|(_, seat)| here(seat) && seat.presence_stale);
            if pending.devices.is_empty() && !stale {
                continue;
            }
            let interval = Duration::from_millis(interval.into());
            let due = pending.last_sent.map_or(now, |sent| sent + interval);
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
                continue;
            }
            pending.last_sent = Some(now);
            let devices = std::mem::take(&mut pending.devices);
            self.send_presence(&devices, here);
            if self
                .seats
                .iter()
                .any(|(_, seat)| here(seat) && seat.presence_stale)
            {
                next = Some(next.map_or(now + interval, |next| next.min(now + interval)));
            }
        }
        let typing = self
            .seats
            .iter()
            .filter_map(|(_, seat)| seat.typing_until)
            .min();
        let next = [next, typing].into_iter().flatten().min()?;
        // What comes meanwhile waits for the next tick, also for those who want to hear of it soon.
        let soonest = self.shortest_interval();
        Some(soonest.map_or(next, |soonest| next.min(now + soonest)))
    }

    /// How often those hear of presence who hear of it most often.
    fn shortest_interval(&self) -> Option<Duration> {
        let seats = self.seats.iter().map(|(_, seat)| seat.presence_millis);
        let shortest = seats.filter(|millis| *millis > 0).min()?;
        Some(Duration::from_millis(shortest.into()))
    }

    fn expire_typing(&mut self, now: Instant) {
        let mut over = Vec::new();
        for seat in self.seats.iter_mut() {
            if seat.typing_until.is_some_and(|until| until <= now) {
                seat.typing_until = None;
                seat.presence.typing = false;
                over.push(seat.device.clone());
            }
        }
        for device in over {
            self.changed.note(&device);
        }
    }

    fn send_presence(&mut self, devices: &BTreeSet<DeviceId>, here: impl Fn(&Seat) -> bool) {
        let of = |which: &dyn Fn(&Seat) -> bool| ServerMessage::Presence {
            members: self
                .seats
                .iter()
                .filter(|(_, seat)| which(seat))
                .map(|(_, seat)| MemberPresence {
                    device: seat.device.clone(),
                    presence: seat.presence.clone(),
                })
                .collect(),
        };
        let news = of(&|seat| devices.contains(&seat.device));
        let everybody = of(&|_| true);
        let mut news = broadcast(&news);
        let mut everybody = broadcast(&everybody);
        for seat in self.seats.iter_mut().filter(|seat| here(seat)) {
            let dialect = seat.outbox.dialect();
            let frame = if seat.presence_stale {
                everybody.frame(dialect)
            } else {
                news.frame(dialect)
            };
            seat.presence_stale = !seat.outbox.push_if_idle(frame);
        }
    }
}
