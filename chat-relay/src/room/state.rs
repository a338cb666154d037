//! What a room's log says so far: its scene, its settings, its messages as far as the relay needs them.
//!
//! In: events in order of `seq`. Out: what an op is checked against ([`super::authority`]), what a snapshot holds, and
//! who wrote which message. Of messages the latest are held whole; of older ones only who wrote them, and which later
//! events changed them, so that a page of old messages can be told as they are now.

use std::collections::{BTreeMap, BTreeSet};

use chat_relay_protocol::{
    AnnotationId, AnnotationState, Body, ChatFold, ChatMessage, Event, MemberId, Scene, Seq,
    Settings,
};
use serde::{Deserialize, Serialize};

/// How many messages are held whole.
pub(crate) const RECENT_MESSAGES: usize = 100;

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RoomState {
    pub(crate) scene: Scene,
    pub(crate) settings: Settings,
    recent: ChatFold,
    authors: BTreeMap<Seq, u32>,
    members: Vec<MemberId>,
    deleted: BTreeSet<Seq>,
    amendments: BTreeMap<Seq, Vec<Seq>>,
}

/// A room's state as it is stored.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    annotations: Vec<AnnotationState>,
    deleted_annotations: Vec<AnnotationId>,
    second_spot_in_room: Option<[f64; 3]>,
    settings: Settings,
    recent: Vec<ChatMessage>,
    authors: Vec<(Seq, u32)>,
    members: Vec<MemberId>,
    deleted_messages: Vec<Seq>,
    amendments: Vec<(Seq, Vec<Seq>)>,
}

impl RoomState {
    /// Folds one event in.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.scene.apply(event);
        self.settings.apply(event);
        self.recent.apply(event);
        match &event.body {
            Body::Chat(_) => {
                let author = self.index_of(&event.from);
                self.authors.insert(event.seq, author);
                if self.recent.len() > RECENT_MESSAGES {
                    self.recent.forget_oldest();
                }
            }
            Body::ChatDelete { message } => {
                self.deleted.insert(*message);
                self.amend(*message, event.seq);
            }
            Body::ChatEdit { message, .. } | Body::Reaction { message, .. } => {
                self.amend(*message, event.seq);
            }
            _ => {}
        }
    }

    /// Who wrote a message, if there is one and it was not taken away.
    pub(crate) fn author(&self, message: Seq) -> Option<&MemberId> {
        if self.deleted.contains(&message) {
            return None;
        }
        self.members
            .get(usize::try_from(*self.authors.get(&message)?).ok()?)
    }

    /// The latest messages, oldest first.
    pub(crate) fn recent(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.recent.messages()
    }

    /// Whether there are messages before the recent ones.
    pub(crate) fn has_older_messages(&self) -> bool {
        self.authors.len() > self.recent.len()
    }

    /// The latest messages before an event, newest first: their seqs, with the events that changed them since.
    pub(crate) fn page_before(&self, before: Seq, limit: usize) -> Vec<(Seq, Vec<Seq>)> {
        self.authors
            .range(..before)
            .rev()
            .take(limit)
            .map(|(seq, _)| (*seq, self.amendments.get(seq).cloned().unwrap_or_default()))
            .collect()
    }

    /// Messages of others after an event, at most `most`.
    pub(crate) fn unread(&self, member: &MemberId, after: Seq, most: usize) -> usize {
        let own = self.members.iter().position(|known| known == member);
        self.authors
            .range(after + 1..)
            .filter(|(seq, author)| {
                usize::try_from(**author).ok() != own && !self.deleted.contains(seq)
            })
            .take(most)
            .count()
    }

    /// Forgets what is known of messages before an event that the log no longer holds.
    pub(crate) fn forget_before(&mut self, seq: Seq) {
        self.authors = self.authors.split_off(&seq);
        self.amendments = self.amendments.split_off(&seq);
        self.deleted = self.deleted.split_off(&seq);
    }

    /// The state for the store.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let stored = Stored {
            annotations: self
                .scene
                .annotations()
                .filter_map(|(id, _)| self.scene.state(id))
                .collect(),
            deleted_annotations: self.scene.deleted().cloned().collect(),
            second_spot_in_room: self.scene.second_spot_in_room(),
            settings: self.settings.clone(),
            recent: self.recent.messages().cloned().collect(),
            authors: self
                .authors
                .iter()
                .map(|(seq, author)| (*seq, *author))
                .collect(),
            members: self.members.clone(),
            deleted_messages: self.deleted.iter().copied().collect(),
            amendments: self.amendments.clone().into_iter().collect(),
        };
        serde_json::to_vec(&stored)
    }

    /// The state that [`Self::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> serde_json::Result<Self> {
        let stored: Stored = serde_json::from_slice(bytes)?;
        let mut state = Self {
            settings: stored.settings,
            authors: stored.authors.into_iter().collect(),
            members: stored.members,
            deleted: stored.deleted_messages.into_iter().collect(),
            amendments: stored.amendments.into_iter().collect(),
            ..Self::default()
        };
        for annotation in stored.annotations {
            state.scene.restore(annotation);
        }
        state
            .scene
            .restore_rest(stored.second_spot_in_room, stored.deleted_annotations);
        for message in stored.recent {
            state.recent.restore(message);
        }
        Ok(state)
    }

    fn amend(&mut self, message: Seq, by: Seq) {
        if self.authors.contains_key(&message) {
            self.amendments.entry(message).or_default().push(by);
        }
    }

    fn index_of(&mut self, member: &MemberId) -> u32 {
        let index = self.members.iter().position(|known| known == member);
        let index = index.unwrap_or_else(|| {
            self.members.push(member.clone());
            self.members.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::{DeviceId, Fields, OpId, Role, RoomChange, SceneOp, Value};

    use super::*;

    fn member(name: &str) -> MemberId {
        MemberId::new(name).unwrap()
    }

    fn event(seq: Seq, from: &str, body: Body) -> Event {
        Event {
            seq,
            at: 1_000 + i64::try_from(seq).unwrap(),
            from: member(from),
            op_id: OpId {
                device: DeviceId::new(format!("d-{from}")).unwrap(),
                counter: seq,
            },
            body,
        }
    }

    fn put(id: &str) -> Body {
        Body::Scene {
            op: SceneOp::Put {
                id: AnnotationId::new(id).unwrap(),
                fields: Fields::from([("kind".into(), Value::from("pin"))]),
            },
        }
    }

    fn lively() -> RoomState {
        let mut state = RoomState::default();
        state.settings.admit(&member("a"), Role::Owner);
        let bodies = [
            Body::chat("one"),
            Body::chat("two"),
            Body::ChatEdit {
                message: 1,
                text: "uno".into(),
                mentions: vec![],
            },
            Body::Reaction {
                message: 2,
                emoji: "👍".into(),
                on: true,
            },
            Body::ChatDelete { message: 2 },
            put("p1"),
            put("p2"),
            Body::Scene {
                op: SceneOp::Delete {
                    id: AnnotationId::new("p1").unwrap(),
                },
            },
            Body::Room {
                change: RoomChange::Lock { locked: true },
            },
            Body::chat("three"),
        ];
        for (seq, body) in (1..).zip(bodies) {
            state.apply(&event(seq, if seq % 2 == 0 { "b" } else { "a" }, body));
        }
        state
    }

    #[test]
    fn what_is_stored_comes_back() {
        let state = lively();
        let back = RoomState::from_bytes(&state.to_bytes().unwrap()).unwrap();
        assert_eq!(back, state);
    }

    #[test]
    fn authors_and_unread_messages_are_known_and_deleted_ones_are_not_counted() {
        let state = lively();
        assert_eq!(state.author(1), Some(&member("a")));
        assert_eq!(state.author(2), None);
        assert_eq!(state.author(6), None);
        assert_eq!(state.unread(&member("a"), 0, 99), 1);
        assert_eq!(state.unread(&member("b"), 0, 99), 1);
        assert_eq!(state.unread(&member("c"), 1, 99), 1);
    }

    #[test]
    fn a_page_names_the_events_that_changed_its_messages() {
        let state = lively();
        assert_eq!(state.page_before(10, 5), [(2, vec![4, 5]), (1, vec![3])]);
        assert_eq!(state.page_before(2, 5), [(1, vec![3])]);
    }

    #[test]
    fn only_the_latest_messages_are_held_whole() {
        let mut state = RoomState::default();
        for seq in 1..=150 {
            state.apply(&event(seq, "a", Body::chat(seq.to_string())));
        }
        assert_eq!(state.recent().count(), RECENT_MESSAGES);
        assert_eq!(state.recent().next().unwrap().seq, 51);
        assert!(state.has_older_messages());
        assert_eq!(state.author(1), Some(&member("a")));
    }
}
