//! Pruning and expiry.

use std::time::Duration;

use chat_relay_protocol::Seq;

use super::data::Data;
use crate::history::{Retention, RoomKey, Swept};

impl Data {
    /// Drops events before `before_seq`; how many, and up to which all are gone.
    pub(super) fn prune(&mut self, key: RoomKey, before_seq: Seq) -> (u64, Seq) {
        let Ok(room) = self.live_mut(key) else {
            return (0, 0);
        };
        let snapshot = room.snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let until = before_seq.saturating_sub(1).min(snapshot);
        if until <= room.pruned_seq {
            return (0, room.pruned_seq);
        }
        let count = until - room.pruned_seq;
        let (gone, left) = std::mem::take(&mut room.events)
            .into_iter()
            .partition(|event| event.seq <= until);
        let gone: Vec<crate::history::NewEntry> = gone;
        room.events = left;
        for event in gone {
            room.keep_counter(event.device, event.counter);
        }
        room.pruned_seq = until;
        (count, until)
    }

    pub(super) fn sweep(&mut self, retention: &Retention, now_millis: i64) -> Swept {
        let before = |age: Duration| {
            now_millis.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
        };
        let mut swept = Swept::default();
        let keys: Vec<_> = self.rooms.keys().copied().collect();
        for key in keys {
            let open = self.open.contains_key(&key);
            let Ok(room) = self.live_mut(key) else {
                continue;
            };
            let used_at = room
                .events
                .last()
                .map_or(room.used_at, |event| event.at.max(room.used_at));
            if !open
                && retention
                    .room_unused
                    .is_some_and(|unused| used_at < before(unused))
            {
                room.expired_at = Some(now_millis);
                (room.members, room.devices, room.events) = (Vec::new(), Vec::new(), Vec::new());
                (room.held, room.snapshot) = (Vec::new(), None);
                swept.rooms_expired += 1;
                continue;
            }
            let by_count = retention
                .events_per_room
                .map_or(0, |most| (room.last_seq() + 1).saturating_sub(most));
            let by_age = retention.event_age.map_or(0, |age| {
                let recent = room.events.iter().find(|event| event.at >= before(age));
                recent.map_or(room.last_seq() + 1, |event| event.seq)
            });
            swept.events_pruned += self.prune(key, by_count.max(by_age)).0;
        }
        if let Some(known) = retention.expired_known {
            self.rooms
                .retain(|_, room| room.expired_at.is_none_or(|at| at >= before(known)));
        }
        swept
    }
}
