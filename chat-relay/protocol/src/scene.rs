//! The scene of a room: a fold over its events.
//!
//! In: events in order of `seq`. Out: annotations, each a map of fields. Per field the later `seq` wins; what
//! was deleted stays deleted. The fold is deterministic, so that every device and the relay agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    body::{Body, RoomChange, SceneOp},
    ids::{AnnotationId, DeviceId, Seq},
    message::Event,
    value::{Pose, Value},
};

/// Field: what the annotation is: `pin`, `label`, `stroke`, `model`, `measurement`, `anchor`.
pub const FIELD_KIND: &str = "kind";
/// Field: the annotation's parent: `room`, or the id of an anchor.
pub const FIELD_PARENT: &str = "parent";
/// Field: the pose in the parent, see [`Pose::to_value`].
pub const FIELD_PARENT_FROM_OBJECT: &str = "parent_from_object";
/// Field: the text of a label.
pub const FIELD_LABEL: &str = "label";
/// The parent that is the room itself.
pub const PARENT_ROOM: &str = "room";
/// The kind of an anchor, which other annotations may name as their parent.
pub const KIND_ANCHOR: &str = "anchor";
/// The kind of a pin.
pub const KIND_PIN: &str = "pin";

/// How many parents a place is followed through before it counts as unknown: a chain that long is a cycle.
const MAX_PARENTS: usize = 8;

/// One thing in the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Who made it.
    pub from: DeviceId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub at: i64,
    fields: BTreeMap<String, (Seq, Value)>,
}

impl Annotation {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).map(|(_, value)| value)
    }

    /// The event that last set a field.
    pub fn field_seq(&self, name: &str) -> Option<Seq> {
        self.fields.get(name).map(|(seq, _)| *seq)
    }

    /// The text of a field, empty when it has none.
    pub fn text(&self, name: &str) -> &str {
        self.field(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What the annotation is.
    pub fn kind(&self) -> &str {
        self.text(FIELD_KIND)
    }
}

/// Everything that stands in a room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    annotations: BTreeMap<AnnotationId, Annotation>,
    deleted: BTreeSet<AnnotationId>,
    second_spot_in_room: Option<[f64; 3]>,
}

impl Scene {
    /// Folds one event in. Events come in order of `seq`; a pending op of the own device may be folded in with
    /// the `seq` it is expected to get.
    pub fn apply(&mut self, event: &Event) {
        match &event.body {
            Body::Scene { op } => self.apply_op(op, event),
            Body::Room {
                change:
                    RoomChange::DefineFrame {
                        second_spot_in_room,
                    },
            } => {
                self.second_spot_in_room.get_or_insert(*second_spot_in_room);
            }
            Body::Chat { .. }
            | Body::Room {
                change: RoomChange::Unknown,
            }
            | Body::Unknown => {}
        }
    }

    /// The annotations, by id.
    pub fn annotations(&self) -> impl Iterator<Item = (&AnnotationId, &Annotation)> {
        self.annotations.iter()
    }

    /// One annotation.
    pub fn get(&self, id: &AnnotationId) -> Option<&Annotation> {
        self.annotations.get(id)
    }

    /// The second spot that defines the room's frame, once it is defined; the first is the origin.
    pub fn second_spot_in_room(&self) -> Option<[f64; 3]> {
        self.second_spot_in_room
    }

    /// The poses from `id` up to the room, the nearest first; `None` while a parent is missing, unplaced, or
    /// part of a cycle. Multiply them from last to first to get `room_from_object`.
    pub fn poses_to_room(&self, id: &AnnotationId) -> Option<Vec<Pose>> {
        let mut poses = Vec::new();
        let mut at = self.annotations.get(id)?;
        for _ in 0..MAX_PARENTS {
            poses.push(Pose::from_value(at.field(FIELD_PARENT_FROM_OBJECT)?)?);
            let parent = at.text(FIELD_PARENT);
            if parent == PARENT_ROOM {
                return Some(poses);
            }
            at = self.annotations.get(&AnnotationId::new(parent).ok()?)?;
            if at.kind() != KIND_ANCHOR {
                return None;
            }
        }
        None
    }

    fn apply_op(&mut self, op: &SceneOp, event: &Event) {
        if self.deleted.contains(op.id()) {
            return;
        }
        match op {
            SceneOp::Put { id, fields } => {
                let (from, at) = self.annotations.get(id).map_or_else(
                    || (event.from.clone(), event.at),
                    |old| (old.from.clone(), old.at),
                );
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), (event.seq, value.clone())))
                    .collect();
                self.annotations
                    .insert(id.clone(), Annotation { from, at, fields });
            }
            SceneOp::Patch {
                id,
                fields,
                only_if_seq,
            } => {
                let Some(annotation) = self.annotations.get_mut(id) else {
                    return;
                };
                for (name, value) in fields {
                    let required = only_if_seq.get(name);
                    if required.is_none_or(|seq| annotation.field_seq(name) == Some(*seq)) {
                        annotation
                            .fields
                            .insert(name.clone(), (event.seq, value.clone()));
                    }
                }
            }
            SceneOp::Delete { id } => {
                self.annotations.remove(id);
                self.deleted.insert(id.clone());
            }
            SceneOp::Append { id, field, values } => {
                let Some(annotation) = self.annotations.get_mut(id) else {
                    return;
                };
                let entry = annotation
                    .fields
                    .entry(field.clone())
                    .or_insert((event.seq, Value::List(Vec::new())));
                if let Value::List(items) = &mut entry.1 {
                    items.extend(values.iter().cloned());
                    entry.0 = event.seq;
                }
            }
        }
    }
}
