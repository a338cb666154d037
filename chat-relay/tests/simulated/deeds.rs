//! What people do, at random: all of it on few messages and few annotations, so that they get in each other's way.

use std::sync::Arc;

use chat_relay_client::{Client, Moment};
use chat_relay_protocol::{
    AnnotationId, Fields, MemberId, Presence, Role, RoomChange, SceneOp, Seq, Value, ViewMode,
};

use crate::{
    dice::Dice,
    phone::{Entrance, Phone},
};

/// Fields that everybody changes.
const FIELDS: [&str; 3] = ["label", "colour", "note"];
/// So many annotations there are about.
const ANNOTATIONS: usize = 5;

/// Asks a phone for something.
pub(crate) fn ask(phone: &Arc<Phone>, all: &[Arc<Phone>], dice: &mut Dice) {
    let members: Vec<MemberId> = all
        .iter()
        .filter(|other| !matches!(other.entrance, Entrance::IsSecondOf(_)))
        .filter_map(|other| Some(other.joined()?.member))
        .collect();
    let mut dice = Dice::new(dice.bits());
    let is_owner = phone.entrance == Entrance::Creates;
    let index = phone.index;
    let asked = Arc::clone(phone);
    phone.ask(move |client, now| {
        let before = client.next_op_id().counter;
        let mut deed = Deed {
            client,
            now,
            dice: &mut dice,
            index,
        };
        if is_owner && deed.dice.one_in(6) {
            deed.moderate(&members);
        } else if deed.act(&members) {
            asked.note_hanging(before..client.next_op_id().counter);
        }
    });
}

struct Deed<'a> {
    client: &'a mut Client,
    now: Moment,
    dice: &'a mut Dice,
    /// Of the phone.
    index: usize,
}

impl Deed<'_> {
    // What the client refuses by itself, as an edit of a message that is gone, is not done: that is all. Tells whether
    // it may hang on an annotation that is not approved yet, and go with it.
    fn act(&mut self, members: &[MemberId]) -> bool {
        let (now, text) = (self.now, self.text());
        let message = self.some_message();
        let annotation = self.some_annotation();
        let hangs = annotation
            .as_ref()
            .is_some_and(|id| self.client.annotation_waits(id) != (false, false));
        match (self.dice.below(22), message, annotation) {
            (0..=2, ..) => {
                let _op = self.client.chat(&text, now);
            }
            (3, Some(message), _) => {
                let _op = self
                    .client
                    .reply(Some(message), &text, members.to_vec(), now);
            }
            (4, Some(message), _) => {
                let _op = self.client.edit_message(message, &text, now);
            }
            (5, Some(message), _) => {
                let _op = self.client.delete_message(message, now);
            }
            (6, Some(message), _) => {
                let on = !self.dice.one_in(3);
                let _op = self.client.react(message, "\u{1f44d}", on, now);
            }
            (7, ..) => {
                let to = self.dice.pick(members).unwrap().clone();
                if to != self.client.me().member {
                    let _op = self.client.direct(to, &text, now);
                }
            }
            (8..=9, ..) => self.put(text),
            (10..=13, _, Some(id)) => {
                let fields = self.fields(&text);
                let _op = self.client.patch_undoably(id, fields, now);
            }
            (14, _, Some(id)) => {
                let field = "points".into();
                let values = vec![Value::Text(text)];
                let op = SceneOp::Append { id, field, values };
                let _op = self.client.change_scene(op, now);
            }
            (15, _, Some(id)) if self.dice.one_in(3) => {
                let _op = self.client.change_scene(SceneOp::Delete { id }, now);
            }
            (16..=18, ..) => {
                let _op = self.client.undo(now);
            }
            (19, ..) => {
                let mut presence = Presence {
                    mode: ViewMode::Ar,
                    typing: self.dice.one_in(2),
                    ..Presence::default()
                };
                presence.more.insert("at".into(), Value::Text(text));
                self.client.set_presence(presence, now);
            }
            (20, ..) => {
                let seq = self.client.last_seq();
                self.client.mark_read(seq, now);
                self.client.fetch_older_messages(now);
            }
            _ => {}
        }
        hangs
    }

    fn moderate(&mut self, members: &[MemberId]) {
        let member = self.dice.pick(&members[1..]).unwrap().clone();
        // What is forbidden is seldom forbidden for long.
        let yes = self.dice.one_in(5);
        let mut held: Vec<_> = self
            .client
            .held()
            .into_iter()
            .map(|held| (held.at, format!("{:?}", held.op.body), &held.op.op_id))
            .collect();
        // Not by ids: those are others in each run of a seed.
        held.sort();
        let held = held.first().map(|(.., op_id)| (*op_id).clone());
        let annotation = self.some_annotation();
        let change = match (self.dice.below(8), held, annotation) {
            (0, ..) => RoomChange::Lock { locked: yes },
            (1, ..) => RoomChange::Mute { member, muted: yes },
            (2, ..) => {
                let role = if yes { Role::Viewer } else { Role::Editor };
                RoomChange::SetRole { member, role }
            }
            (3, ..) => RoomChange::SetApproval { required: yes },
            (4 | 5, Some(op_id), _) => RoomChange::Approve { op_id },
            (6, Some(op_id), _) => RoomChange::Reject { op_id },
            (7, _, Some(id)) => RoomChange::LockAnnotation { id, locked: yes },
            _ => return,
        };
        let _op = self.client.change_room(change, self.now);
    }

    /// A text that nobody else writes.
    fn text(&self) -> String {
        format!("{} of {}", self.client.next_op_id().counter, self.index)
    }

    fn put(&mut self, text: String) {
        let ids: Vec<_> = self.ids();
        // Sometimes in the place of one that is there.
        let id = match self.dice.pick(&ids) {
            Some(id) if ids.len() >= ANNOTATIONS || self.dice.one_in(4) => id.clone(),
            _ => {
                let counter = self.client.next_op_id().counter;
                AnnotationId::new(format!("a{}-{counter}", self.index)).unwrap()
            }
        };
        let mut fields = self.fields(&text);
        fields.insert("kind".into(), Value::from("pin"));
        let op = SceneOp::Put { id, fields };
        let _op = self.client.change_scene(op, self.now);
    }

    fn fields(&mut self, text: &str) -> Fields {
        let mut fields = Fields::new();
        for field in FIELDS {
            if fields.is_empty() || self.dice.one_in(3) {
                fields.insert(field.into(), Value::from(text));
            }
        }
        if self.dice.one_in(2) {
            fields.remove("label");
            fields.insert("colour".into(), Value::from(text));
        }
        fields
    }

    fn ids(&self) -> Vec<AnnotationId> {
        let annotations = self.client.scene().annotations();
        annotations.map(|(id, _)| id.clone()).collect()
    }

    fn some_annotation(&mut self) -> Option<AnnotationId> {
        let ids = self.ids();
        self.dice.pick(&ids).cloned()
    }

    /// One of the latest messages, whosever it is.
    fn some_message(&mut self) -> Option<Seq> {
        let entries = self.client.chat_entries();
        let seqs: Vec<Seq> = entries
            .iter()
            .rev()
            .map(|entry| entry.message.seq)
            .filter(|seq| *seq > 0)
            .take(6)
            .collect();
        drop(entries);
        self.dice.pick(&seqs).copied()
    }
}
