//! Taking own changes back, without taking back what others did later.
//!
//! Once an own patch is in the log it is known what it replaced and which number it has: its inverse sets the old
//! values again, each only while the field's last change is that number. The relay's order decides, so a later edit by
//! somebody else survives, also one that this device has not seen.

use std::collections::BTreeMap;

use chat_relay_protocol::{AnnotationId, Body, Event, Fields, Scene, SceneOp, Seq, Value};

/// So many changes can be taken back.
const MOST: usize = 50;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Undo {
    /// Counters of own ops that can be taken back once they are in the log.
    awaited: Vec<u64>,
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
        self.awaited.push(counter);
    }

    /// The log is another one: its events have other numbers. What is still awaited gets its number from it.
    pub(crate) fn forget(&mut self) {
        self.done.clear();
    }

    /// An own event is about to be folded into `scene`.
    pub(crate) fn logged(&mut self, event: &Event, scene: &Scene) {
        let counter = event.op_id.counter;
        if !self.awaited.contains(&counter) {
            return;
        }
        self.awaited.retain(|awaited| *awaited > counter);
        let Body::Scene {
            op: SceneOp::Patch { id, fields, .. },
        } = &event.body
        else {
            return;
        };
        let Some(annotation) = scene.get(id) else {
            return;
        };
        let mut before = Fields::new();
        for (name, value) in fields {
            match (annotation.field(name), value) {
                (Some(old), _) => before.insert(name.clone(), old.clone()),
                // A field that was not there cannot be taken away, only emptied.
                (None, Value::Text(_)) => before.insert(name.clone(), Value::Text(String::new())),
                (None, _) => None,
            };
        }
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
            let (mut fields, mut only_if_seq) = (Fields::new(), BTreeMap::new());
            for (name, old) in before {
                if annotation.field_seq(&name) == Some(seq) {
                    only_if_seq.insert(name.clone(), seq);
                    fields.insert(name, old);
                }
            }
            if fields.is_empty() {
                continue;
            }
            return Some(SceneOp::Patch {
                id,
                fields,
                only_if_seq,
            });
        }
        None
    }
}
