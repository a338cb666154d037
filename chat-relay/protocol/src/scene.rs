//! The scene of a room: a fold over its events.
//!
//! In: events in order of `seq`. Out: annotations, each a map of fields. Per field the later `seq` wins; what
//! was deleted stays deleted. The fold is deterministic, so that every device and the relay agree.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    body::{Body, RoomChange, SceneOp},
    event::Event,
    from_map,
    ids::{AnnotationId, MemberId, Seq},
    json::by_tree,
    value::{Pose, Value},
};

from_map!(AnnotationState {
    id,
    from,
    at,
    fields
});
from_map!(FieldState { seq, value });
by_tree!(AnnotationState, FieldState);

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
    pub from: MemberId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub at: i64,
    fields: BTreeMap<String, (Seq, Value)>,
    weight: usize,
}

/// One annotation as it stands in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotationState {
    /// Which.
    pub id: AnnotationId,
    /// Who made it.
    pub from: MemberId,
    /// When it was made, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Its fields, by name.
    pub fields: BTreeMap<String, FieldState>,
}

/// One field as it stands in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldState {
    /// The event that last set it.
    pub seq: Seq,
    /// Its value.
    pub value: Value,
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

    /// About how many bytes its fields take.
    pub fn weight(&self) -> usize {
        self.weight
    }

    fn set(&mut self, name: &str, seq: Seq, value: Value) {
        self.weight += name.len() + value.weight();
        if let Some((_, old)) = self.fields.insert(name.to_owned(), (seq, value)) {
            self.weight -= name.len() + old.weight();
        }
    }
}

/// Everything that stands in a room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    annotations: BTreeMap<AnnotationId, Annotation>,
    deleted: BTreeSet<AnnotationId>,
    second_spot_in_room: Option<[f64; 3]>,
    weight: usize,
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
            _ => {}
        }
    }

    /// Puts an annotation of a snapshot in its place.
    pub fn restore(&mut self, state: AnnotationState) {
        let mut annotation = Annotation {
            from: state.from,
            at: state.at,
            fields: BTreeMap::new(),
            weight: 0,
        };
        for (name, field) in state.fields {
            annotation.set(&name, field.seq, field.value);
        }
        self.put(state.id, annotation);
    }

    /// Restores what a snapshot says beside annotations: the frame, and which ids were deleted.
    pub fn restore_rest(
        &mut self,
        second_spot_in_room: Option<[f64; 3]>,
        deleted: impl IntoIterator<Item = AnnotationId>,
    ) {
        self.second_spot_in_room = second_spot_in_room;
        self.deleted.extend(deleted);
    }

    /// An annotation as it stands in a snapshot.
    pub fn state(&self, id: &AnnotationId) -> Option<AnnotationState> {
        let annotation = self.annotations.get(id)?;
        // Collecting would sort, and bring sorting into the browser's module once more.
        let mut fields = BTreeMap::new();
        for (name, (seq, value)) in &annotation.fields {
            let (seq, value) = (*seq, value.clone());
            fields.insert(name.clone(), FieldState { seq, value });
        }
        Some(AnnotationState {
            id: id.clone(),
            from: annotation.from.clone(),
            at: annotation.at,
            fields,
        })
    }

    /// Ids that were deleted and can never be used again.
    pub fn deleted(&self) -> impl Iterator<Item = &AnnotationId> {
        self.deleted.iter()
    }

    /// Whether an id was deleted.
    pub fn is_deleted(&self, id: &AnnotationId) -> bool {
        self.deleted.contains(id)
    }

    /// How many annotations there are.
    pub fn len(&self) -> usize {
        self.annotations.len()
    }

    /// Whether nothing stands in the room.
    pub fn is_empty(&self) -> bool {
        self.annotations.is_empty()
    }

    /// About how many bytes all annotations take.
    pub fn weight(&self) -> usize {
        self.weight
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

    fn put(&mut self, id: AnnotationId, annotation: Annotation) {
        self.weight += annotation.weight;
        if let Some(old) = self.annotations.insert(id, annotation) {
            self.weight -= old.weight;
        }
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
                let mut annotation = Annotation {
                    from,
                    at,
                    fields: BTreeMap::new(),
                    weight: 0,
                };
                for (name, value) in fields {
                    annotation.set(name, event.seq, value.clone());
                }
                self.put(id.clone(), annotation);
            }
            SceneOp::Patch {
                id,
                fields,
                only_if_seq,
            } => {
                let Some(annotation) = self.annotations.get_mut(id) else {
                    return;
                };
                self.weight -= annotation.weight;
                for (name, value) in fields {
                    let required = only_if_seq.get(name);
                    if required.is_none_or(|seq| annotation.field_seq(name) == Some(*seq)) {
                        annotation.set(name, event.seq, value.clone());
                    }
                }
                self.weight += annotation.weight;
            }
            SceneOp::Delete { id } => {
                if let Some(old) = self.annotations.remove(id) {
                    self.weight -= old.weight;
                }
                self.deleted.insert(id.clone());
            }
            SceneOp::Append { id, field, values } => {
                let Some(annotation) = self.annotations.get_mut(id) else {
                    return;
                };
                if !annotation.fields.contains_key(field) {
                    annotation.set(field, event.seq, Value::List(Vec::new()));
                    self.weight += field.len() + Value::List(Vec::new()).weight();
                }
                if let Some((seq, Value::List(items))) = annotation.fields.get_mut(field) {
                    items.extend(values.iter().cloned());
                    *seq = event.seq;
                    let added: usize = values.iter().map(Value::weight).sum();
                    annotation.weight += added;
                    self.weight += added;
                }
            }
        }
    }
}
