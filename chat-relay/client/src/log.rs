//! The room as the relay's log says, as far as this device has it: scene, chat and settings, without what is pending.
//!
//! Events are folded in as they come and not kept. A snapshot stands for all events up to its own.

use chat_relay_protocol::{
    AnnotationId, Body, ChatFold, ChatMessage, DeviceId, Event, Resume, RoomChange, Scene, Seq,
    Settings, SnapshotPart,
};

use crate::storage::Stored;

/// So many messages are kept, and those that were fetched on top; older ones can be fetched again.
const KEPT_MESSAGES: usize = 500;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    epoch: Option<String>,
    last_seq: Seq,
    pub(crate) scene: Scene,
    pub(crate) chat: ChatFold,
    pub(crate) settings: Settings,
    frame_defined_by: Option<DeviceId>,
    /// There are messages before the oldest one here.
    pub(crate) has_older_messages: bool,
    /// Messages that were fetched beyond those that are kept anyway.
    fetched: usize,
    fetching: Option<Fetching>,
}

/// A page of older messages is on its way.
#[derive(Debug, Clone)]
struct Fetching {
    before: Seq,
    /// Changes of messages that came meanwhile, which the page may not hold.
    amendments: Vec<Event>,
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

    /// The log that a snapshot stands for. What a snapshot does not say is taken from `before`.
    pub(crate) fn of_snapshot(epoch: String, snapshot: SnapshotPart, before: &Log) -> Log {
        let frame_defined_by = before
            .frame_defined_by
            .clone()
            .filter(|_| before.epoch.as_ref() == Some(&epoch));
        let mut log = Log {
            last_seq: snapshot.seq,
            settings: before.settings.clone(),
            has_older_messages: snapshot.more_messages,
            frame_defined_by,
            ..Log::empty(epoch)
        };
        for annotation in snapshot.annotations {
            log.scene.restore(annotation);
        }
        let none_deleted = std::iter::empty::<AnnotationId>();
        log.scene
            .restore_rest(snapshot.second_spot_in_room, none_deleted);
        for message in snapshot.messages {
            log.chat.restore(message);
        }
        log
    }

    /// Puts back what was stored.
    pub(crate) fn of_stored(stored: &mut Stored) -> Log {
        let Some(epoch) = stored.epoch.take() else {
            return Log::default();
        };
        let snapshot = std::mem::take(&mut stored.snapshot);
        let before = Log {
            frame_defined_by: stored.frame_defined_by.take(),
            ..Log::empty(epoch.clone())
        };
        Log::of_snapshot(epoch, snapshot, &before)
    }

    /// Adds itself to what is stored, without messages that were fetched, and without settings: the relay tells them.
    pub(crate) fn store(&self, stored: &mut Stored) {
        let kept = self.chat.len().saturating_sub(KEPT_MESSAGES);
        stored.epoch.clone_from(&self.epoch);
        stored.frame_defined_by.clone_from(&self.frame_defined_by);
        stored.snapshot = SnapshotPart {
            seq: self.last_seq,
            annotations: self
                .scene
                .annotations()
                .filter_map(|(id, _)| self.scene.state(id))
                .collect(),
            messages: self.chat.messages().skip(kept).cloned().collect(),
            more_messages: self.has_older_messages || kept > 0,
            second_spot_in_room: self.scene.second_spot_in_room(),
            last: true,
        };
    }

    /// Takes one event in. `Ok(false)` when the log has it already.
    pub(crate) fn push(&mut self, event: &Event) -> Result<bool, Gap> {
        let next = self.last_seq + 1;
        if event.seq < next {
            return Ok(false);
        }
        if event.seq > next {
            return Err(Gap);
        }
        self.last_seq = event.seq;
        self.scene.apply(event);
        self.settings.apply(event);
        self.chat.apply(event);
        match &event.body {
            // While a page is on its way the oldest message stays: the page ends right before it.
            Body::Chat(_) if !self.is_fetching() => {
                while self.chat.len() > KEPT_MESSAGES + self.fetched {
                    self.chat.forget_oldest();
                    self.has_older_messages = true;
                }
            }
            Body::ChatEdit { .. } | Body::ChatDelete { .. } | Body::Reaction { .. } => {
                if let Some(fetching) = &mut self.fetching {
                    fetching.amendments.push(event.clone());
                }
            }
            Body::Room {
                change: RoomChange::DefineFrame { .. },
            } => {
                self.frame_defined_by
                    .get_or_insert_with(|| event.op_id.device.clone());
            }
            _ => {}
        }
        Ok(true)
    }

    /// The last event's number, 0 when there is none.
    pub(crate) fn last_seq(&self) -> Seq {
        self.last_seq
    }

    /// Where to go on, when there is anything to go on from.
    pub(crate) fn resume(&self, inbox: Seq) -> Option<Resume> {
        self.epoch.clone().map(|epoch| Resume {
            epoch,
            seq: self.last_seq,
            inbox,
        })
    }

    pub(crate) fn epoch(&self) -> Option<&str> {
        self.epoch.as_deref()
    }

    /// Whose event defined the room's frame, if this device has seen it.
    pub(crate) fn frame_defined_by(&self) -> Option<&DeviceId> {
        self.frame_defined_by.as_ref()
    }

    /// Whether a page of older messages is on its way.
    pub(crate) fn is_fetching(&self) -> bool {
        self.fetching.is_some()
    }

    /// A page is asked for: the messages before the one that this gives.
    pub(crate) fn begin_fetching(&mut self) -> Option<Seq> {
        if !self.has_older_messages || self.is_fetching() {
            return None;
        }
        let oldest = self.chat.messages().next();
        let before = oldest.map_or(self.last_seq + 1, |message| message.seq);
        self.fetching = Some(Fetching {
            before,
            amendments: Vec::new(),
        });
        Some(before)
    }

    /// The page does not come.
    pub(crate) fn stop_fetching(&mut self) {
        self.fetching = None;
    }

    /// A page of older messages came. One that was asked for before a snapshot came would leave a gap.
    pub(crate) fn fetched(&mut self, before: Seq, messages: Vec<ChatMessage>, more: bool) {
        let Some(Fetching { amendments, .. }) =
            self.fetching.take_if(|fetching| fetching.before == before)
        else {
            return;
        };
        let mut page = messages;
        page.retain(|message| self.chat.get(message.seq).is_none());
        for event in amendments {
            let (Body::ChatEdit { message: seq, .. }
            | Body::ChatDelete { message: seq }
            | Body::Reaction { message: seq, .. }) = &event.body
            else {
                continue;
            };
            if let Some(message) = page.iter_mut().find(|message| message.seq == *seq) {
                message.amend(&event);
            }
        }
        self.fetched += page.len();
        self.has_older_messages = more;
        for message in page {
            self.chat.restore(message);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]
mod tests {
    use chat_relay_protocol::{MemberId, OpId};

    use super::*;

    fn chat(seq: Seq) -> Event {
        Event {
            seq,
            at: 0,
            from: MemberId::new("m").unwrap(),
            op_id: OpId {
                device: DeviceId::new("d").unwrap(),
                counter: seq,
            },
            body: Body::chat(format!("message {seq}")),
        }
    }

    /// A log that has had to forget its first message.
    fn full() -> (Log, Seq) {
        let last = KEPT_MESSAGES as Seq + 1;
        let mut log = Log::empty("e".into());
        for seq in 1..=last {
            log.push(&chat(seq)).unwrap();
        }
        assert!(log.has_older_messages);
        (log, last)
    }

    fn first_message() -> ChatMessage {
        let mut chat_fold = ChatFold::default();
        chat_fold.apply(&chat(1));
        chat_fold.forget_oldest().unwrap()
    }

    #[test]
    fn a_message_that_comes_before_a_page_leaves_no_gap_behind_it() {
        let (mut log, last) = full();
        let before = log.begin_fetching().unwrap();
        assert_eq!(before, 2);
        log.push(&chat(last + 1)).unwrap();
        log.fetched(before, vec![first_message()], false);
        let here: Vec<Seq> = log.chat.messages().map(|message| message.seq).collect();
        assert_eq!(here, (1..=last + 1).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_kept_for_a_page_that_does_not_come_is_forgotten() {
        let (mut log, last) = full();
        log.begin_fetching().unwrap();
        log.push(&chat(last + 1)).unwrap();
        log.stop_fetching();
        log.push(&chat(last + 2)).unwrap();
        assert_eq!(log.chat.len(), KEPT_MESSAGES);
    }
}
