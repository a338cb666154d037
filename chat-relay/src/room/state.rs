//! What a room's log says so far: its scene, its settings, its messages as far as the relay needs them.
//!
//! In: events in order of `seq`. Out: what an op is checked against ([`super::authority`]), what a snapshot holds, and
//! who wrote which message. Of messages the latest are held whole; of older ones only who wrote them, and which later
//! events changed them, so that a page of old messages can be told as they are now.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use chat_relay_protocol::{
    AnnotationId, AnnotationState, Body, ChatFold, ChatMessage, Event, MemberId, Scene, Seq,
    Settings,
};
use serde::{Deserialize, Serialize};

/// How many messages are held whole.
pub(crate) const RECENT_MESSAGES: usize = 100;

/// So many changes of one message are looked through for those that later ones took the place of.
const COMPACT_FROM: usize = 32;

/// An event that changed a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Amendment {
    seq: Seq,
    change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Change {
    Edit,
    Delete,
    Reaction {
        emoji: Box<str>,
        /// The index of a member.
        by: u32,
        on: bool,
    },
}

/// Drops durable amendments that later durable ones took the place of, so that what changes a message is bounded by who
/// may change it, and not by how often.
fn compact(amendments: &mut Vec<Amendment>, durable_seq: Seq) {
    let mut edited = false;
    let mut reacted = BTreeSet::new();
    let mut kept = Vec::new();
    for amendment in std::mem::take(amendments).into_iter().rev() {
        let keep = amendment.seq > durable_seq
            || match &amendment.change {
                Change::Edit => !std::mem::replace(&mut edited, true),
                Change::Delete => true,
                // A reaction that was taken back is as if it had never been.
                Change::Reaction { emoji, by, on } => reacted.insert((emoji.clone(), *by)) && *on,
            };
        if keep {
            kept.push(amendment);
        }
    }
    kept.reverse();
    *amendments = kept;
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RoomState {
    pub(crate) scene: Scene,
    pub(crate) settings: Settings,
    recent: ChatFold,
    authors: BTreeMap<Seq, u32>,
    members: Vec<MemberId>,
    deleted: BTreeSet<Seq>,
    amendments: BTreeMap<Seq, Vec<Amendment>>,
    /// The last event that is durable: until then a later amendment takes nothing from an earlier one.
    pub(crate) durable_seq: Seq,
    /// When the last event was taken: the log may not hold it any more.
    pub(crate) last_at: i64,
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
    changes: Vec<(Seq, Vec<Amendment>)>,
    seq: Seq,
    at: i64,
}

impl RoomState {
    /// Folds one event in.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.last_at = self.last_at.max(event.at);
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
                self.amend(*message, event.seq, Change::Delete);
            }
            Body::ChatEdit { message, .. } => self.amend(*message, event.seq, Change::Edit),
            Body::Reaction { message, emoji, on } => {
                let change = Change::Reaction {
                    emoji: emoji.as_str().into(),
                    by: self.index_of(&event.from),
                    on: *on,
                };
                self.amend(*message, event.seq, change);
            }
            _ => {}
        }
    }

    /// Who wrote a message, if there is one and it was not taken away.
    pub(crate) fn author(&self, message: Seq) -> Option<&MemberId> {
        if self.deleted.contains(&message) {
            return None;
        }
        // What is held whole may be older than what the log still holds.
        if let Some(message) = self.recent.get(message) {
            return (!message.deleted).then_some(&message.from);
        }
        self.members
            .get(usize::try_from(*self.authors.get(&message)?).ok()?)
    }

    /// How many different emojis a message has, how many reactions in all, and whether `emoji` is among them.
    pub(crate) fn reactions(&self, message: Seq, emoji: &str) -> (usize, usize, bool) {
        if let Some(message) = self.recent.get(message) {
            let all = message.reactions.values().map(BTreeSet::len).sum();
            let known = message.reactions.contains_key(emoji);
            return (message.reactions.len(), all, known);
        }
        let mut reactions = BTreeSet::new();
        for amendment in self.amendments.get(&message).into_iter().flatten() {
            match &amendment.change {
                Change::Reaction {
                    emoji,
                    by,
                    on: true,
                } => {
                    reactions.insert((&**emoji, *by));
                }
                Change::Reaction { emoji, by, .. } => {
                    reactions.remove(&(&**emoji, *by));
                }
                Change::Edit | Change::Delete => {}
            }
        }
        let emojis: BTreeSet<_> = reactions.iter().map(|(emoji, _)| *emoji).collect();
        (emojis.len(), reactions.len(), emojis.contains(emoji))
    }

    /// The latest messages, oldest first.
    pub(crate) fn recent(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.recent.messages()
    }

    /// Whether there are messages before the recent ones.
    pub(crate) fn has_older_messages(&self) -> bool {
        match self.recent.messages().next() {
            Some(oldest) => self.authors.range(..oldest.seq).next().is_some(),
            None => !self.authors.is_empty(),
        }
    }

    /// The latest messages before an event, newest first: their seqs, with the events that changed them since.
    pub(crate) fn page_before(&self, before: Seq, limit: usize) -> Vec<(Seq, Vec<Seq>)> {
        self.authors
            .range(..before)
            .rev()
            .take(limit)
            .map(|(seq, _)| {
                let amendments = self.amendments.get(seq);
                let changed_by = |amendments: &Vec<Amendment>| {
                    amendments.iter().map(|amendment| amendment.seq).collect()
                };
                (*seq, amendments.map(changed_by).unwrap_or_default())
            })
            .collect()
    }

    /// Messages of others after the start of a range up to its end, at most `most`.
    pub(crate) fn unread(
        &self,
        member: &MemberId,
        range: RangeInclusive<Seq>,
        most: usize,
    ) -> usize {
        let (after, last) = range.into_inner();
        if after >= last {
            return 0;
        }
        let own = self.members.iter().position(|known| known == member);
        self.authors
            .range(after + 1..=last)
            .filter(|(seq, author)| {
                usize::try_from(**author).ok() != own && !self.deleted.contains(seq)
            })
            .take(most)
            .count()
    }

    /// Forgets which messages there are up to an event that the log no longer holds. Those that are held whole stay.
    pub(crate) fn forget_through(&mut self, seq: Seq) {
        let next = seq + 1;
        self.authors = self.authors.split_off(&next);
        self.amendments = self.amendments.split_off(&next);
        self.deleted = self.deleted.split_off(&next);
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
            changes: self.amendments.clone().into_iter().collect(),
            seq: self.durable_seq,
            at: self.last_at,
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
            amendments: stored.changes.into_iter().collect(),
            durable_seq: stored.seq,
            last_at: stored.at,
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

    fn amend(&mut self, message: Seq, seq: Seq, change: Change) {
        if !self.authors.contains_key(&message) {
            return;
        }
        let amendments = self.amendments.entry(message).or_default();
        amendments.push(Amendment { seq, change });
        // Now and then, so that each costs little.
        if amendments.len() >= COMPACT_FROM && amendments.len().is_power_of_two() {
            compact(amendments, self.durable_seq);
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
        assert_eq!(state.unread(&member("a"), 0..=10, 99), 1);
        assert_eq!(state.unread(&member("b"), 0..=10, 99), 1);
        assert_eq!(state.unread(&member("c"), 1..=10, 99), 1);
        assert_eq!(state.unread(&member("c"), 1..=9, 99), 0);
        assert_eq!(state.unread(&member("c"), 10..=10, 99), 0);
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

    #[test]
    fn changes_of_a_message_that_others_took_the_place_of_are_not_kept() {
        let mut state = RoomState::default();
        state.apply(&event(1, "a", Body::chat("one")));
        let edit = |text: String| Body::ChatEdit {
            message: 1,
            text,
            mentions: vec![],
        };
        let react = |on| Body::Reaction {
            message: 1,
            emoji: "👍".into(),
            on,
        };
        for seq in 2..500_u64 {
            // The last ten or so are still under way.
            state.durable_seq = seq.saturating_sub(10);
            let body = match seq % 3 {
                0 => edit(seq.to_string()),
                1 => react(true),
                _ => react(seq < 400),
            };
            state.apply(&event(seq, "b", body));
        }
        let (_, changed_by) = state.page_before(9, 1).remove(0);
        assert!(changed_by.len() < 2 * COMPACT_FROM, "{}", changed_by.len());
        // What counts is there: the last edit, also the last durable one, and whether the reaction holds.
        assert!(changed_by.contains(&498) && changed_by.contains(&489));
        assert_eq!(state.reactions(1, "👍"), (1, 1, true));
    }

    #[test]
    fn a_message_that_is_held_whole_outlives_the_log() {
        let mut state = lively();
        state.forget_through(6);
        assert_eq!(state.author(1), Some(&member("a")));
        assert_eq!(state.author(2), None);
        assert!(state.page_before(10, 5).is_empty());
        assert!(!state.has_older_messages());
        let mut state = RoomState::default();
        for seq in 1..=150 {
            state.apply(&event(seq, "a", Body::chat(seq.to_string())));
        }
        state.forget_through(150);
        assert_eq!(state.author(100), Some(&member("a")));
        assert_eq!(state.author(50), None);
        assert!(!state.has_older_messages());
    }
}
