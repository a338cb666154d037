//! Taking own changes back, without taking back what others did later.
//!
//! Once an own patch is in the log it is known what it replaced and which number it has: its inverse sets the old
//! values again, each only while the field's last change is that number. The relay's order decides, so a later edit by
//! somebody else survives, also one that this device has not seen.

use std::collections::{BTreeMap, BTreeSet};

use chat_relay_protocol::{AnnotationId, Body, Event, Fields, Scene, SceneOp, Seq, Value};

/// So many changes can be taken back.
const MOST: usize = 50;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Undo {
    /// Counters of own ops that can be taken back once they are in the log.
    awaited: BTreeSet<u64>,
    done: Vec<Done>,
}

#[derive(Debug, Clone)]
struct Done {
    id: AnnotationId,
    before: Fields,
    seq: Seq,
}

impl Undo {
    pub(crate) fn awaits(&mut self, counter: u64) {
        self.awaited.insert(counter);
    }

    /// An own event is about to be folded into `scene`.
    pub(crate) fn logged(&mut self, event: &Event, scene: &Scene) {
        if !self.awaited.remove(&event.op_id.counter) {
            return;
        }
        let Body::Scene {
            op: SceneOp::Patch { id, fields, .. },
        } = &event.body
        else {
            return;
        };
        let Some(annotation) = scene.get(id) else {
            return;
        };
        // A field that was not there cannot be taken away, only emptied; one that everybody reads has no empty value.
        let before = fields
            .iter()
            .filter_map(|(name, value)| {
                let old = annotation.field(name).cloned().or(match value {
                    Value::Text(_) => Some(Value::Text(String::new())),
                    _ => None,
                })?;
                Some((name.clone(), old))
            })
            .collect();
        self.done.push(Done {
            id: id.clone(),
            before,
            seq: event.seq,
        });
        if self.done.len() > MOST {
            self.done.remove(0);
        }
    }

    /// The op that takes the last own change back that still holds somewhere.
    pub(crate) fn take(&mut self, scene: &Scene) -> Option<SceneOp> {
        while let Some(Done { id, before, seq }) = self.done.pop() {
            let Some(annotation) = scene.get(&id) else {
                continue;
            };
            let fields: Fields = before
                .into_iter()
                .filter(|(name, _)| annotation.field_seq(name) == Some(seq))
                .collect();
            if fields.is_empty() {
                continue;
            }
            let only_if_seq = fields
                .keys()
                .map(|name| (name.clone(), seq))
                .collect::<BTreeMap<_, _>>();
            return Some(SceneOp::Patch {
                id,
                fields,
                only_if_seq,
            });
        }
        None
    }
}
