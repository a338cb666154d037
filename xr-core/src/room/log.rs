//! The room's log as far as this device has it, and the scene it folds to.

use chat_relay_protocol::{Body, DeviceId, Event, Resume, RoomChange, Scene, Seq};

/// Events from 1 without gaps, and their scene.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    epoch: Option<String>,
    events: Vec<Event>,
    scene: Scene,
    frame_defined_by: Option<DeviceId>,
}

/// An event came whose predecessors are missing: the connection cannot be trusted to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap;

impl Log {
    /// An empty log of `epoch`.
    pub(crate) fn empty(epoch: String) -> Log {
        Log {
            epoch: Some(epoch),
            ..Log::default()
        }
    }

    /// What a device stored, as far as it is gapless.
    pub(crate) fn restored(epoch: String, events: Vec<Event>) -> Log {
        let mut log = Log::empty(epoch);
        for event in events {
            if log.push(event).is_err() {
                break;
            }
        }
        log
    }

    /// Takes one event in. `Ok(false)` when the log has it already.
    pub(crate) fn push(&mut self, event: Event) -> Result<bool, Gap> {
        let next = self.last_seq() + 1;
        if event.seq < next {
            return Ok(false);
        }
        if event.seq > next {
            return Err(Gap);
        }
        self.scene.apply(&event);
        if self.frame_defined_by.is_none()
            && matches!(
                event.body,
                Body::Room {
                    change: RoomChange::DefineFrame { .. }
                }
            )
        {
            self.frame_defined_by = Some(event.from.clone());
        }
        self.events.push(event);
        Ok(true)
    }

    /// The last event's number, 0 when there is none.
    pub(crate) fn last_seq(&self) -> Seq {
        self.events.last().map_or(0, |event| event.seq)
    }

    /// Where to go on, when there is anything to go on from.
    pub(crate) fn resume(&self) -> Option<Resume> {
        self.epoch.clone().map(|epoch| Resume {
            epoch,
            seq: self.last_seq(),
        })
    }

    pub(crate) fn epoch(&self) -> Option<&str> {
        self.epoch.as_deref()
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The scene that every device with this much of the log has.
    pub(crate) fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Who defined the room's frame.
    pub(crate) fn frame_defined_by(&self) -> Option<&DeviceId> {
        self.frame_defined_by.as_ref()
    }
}
