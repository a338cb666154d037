//! What members say: bodies and poses that carry the time when they were due, so that whoever receives them knows how
//! long they took.

use chat_relay_protocol::{
    AnnotationId, Body, DeviceId, Fields, Presence, SceneOp, Tracking, Value, ViewMode,
};

/// The field of the time when it was due, in microseconds of the test's clock.
const DUE: &str = "due_micros";
/// The list of a stroke's points. An appended piece ends with its time.
const POINTS: &str = "points";
/// So many ops go into an annotation: it is put, and then patched and appended to.
const OPS_OF_AN_ANNOTATION: u64 = 8;
/// So many annotations of a member are there; a later one is put in the place of the first.
const ANNOTATIONS: u64 = 4;

/// A message of about `bytes`.
pub(super) fn chat(due_micros: u64, bytes: u32) -> Body {
    let mut text = format!("{due_micros} ");
    let bytes = bytes as usize;
    while text.len() < bytes {
        text.push_str("and so on ");
    }
    text.truncate(bytes.max(1));
    Body::chat(text.trim_end())
}

/// A device's `count`th change of the scene, from 0.
pub(super) fn scene(device: &DeviceId, count: u64, due_micros: u64) -> Option<Body> {
    let name = format!("{device}-{}", count / OPS_OF_AN_ANNOTATION % ANNOTATIONS);
    let id = AnnotationId::new(&name).ok()?;
    let due = (DUE.to_owned(), whole(due_micros));
    let pose = ("parent_from_object".to_owned(), pose(due_micros));
    let op = match count % OPS_OF_AN_ANNOTATION {
        0 => {
            let text = |name: &str, text: &str| (name.to_owned(), Value::Text(text.into()));
            let fields = Fields::from([
                text("kind", "stroke"),
                text("label", "Load"),
                text("parent", "room"),
                (POINTS.to_owned(), Value::List(Vec::new())),
                pose,
                due,
            ]);
            SceneOp::Put { id, fields }
        }
        1..=3 => SceneOp::Patch {
            id,
            fields: Fields::from([pose, due]),
            only_if_seq: std::collections::BTreeMap::new(),
        },
        _ => {
            let mut values: Vec<_> = (0..4).map(|step| point(due_micros, step)).collect();
            values.push(whole(due_micros));
            let field = POINTS.to_owned();
            SceneOp::Append { id, field, values }
        }
    };
    Some(Body::Scene { op })
}

/// A head that walks in a circle.
pub(super) fn presence(due_micros: u64) -> Presence {
    Presence {
        mode: ViewMode::Ar,
        tracking: Tracking::Good,
        aligned: true,
        room_from_head: Some(pose(due_micros)),
        typing: false,
        more: Fields::from([(DUE.to_owned(), whole(due_micros))]),
    }
}

/// When an event's body was due.
pub(super) fn due_micros(body: &Body) -> Option<u64> {
    match body {
        Body::Chat(chat) => chat.text.split(' ').next()?.parse().ok(),
        Body::Scene {
            op: SceneOp::Put { fields, .. } | SceneOp::Patch { fields, .. },
        } => read(fields.get(DUE)?),
        Body::Scene {
            op: SceneOp::Append { values, .. },
        } => read(values.last()?),
        _ => None,
    }
}

/// When a pose was due.
pub(super) fn presence_due_micros(presence: &Presence) -> Option<u64> {
    read(presence.more.get(DUE)?)
}

fn whole(micros: u64) -> Value {
    Value::Integer(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn read(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(whole) => u64::try_from(*whole).ok(),
        _ => None,
    }
}

/// Where on the circle a member is, in radians.
#[allow(clippy::cast_precision_loss, reason = "where exactly does not matter")]
fn angle(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// `[x, y, z, qx, qy, qz, qw]`, metres.
fn pose(micros: u64) -> Value {
    let angle = angle(micros);
    let (sin, cos) = (angle / 2.0).sin_cos();
    let numbers = [angle.cos(), 1.6, angle.sin(), 0.0, sin, 0.0, cos];
    Value::List(numbers.map(Value::Number).to_vec())
}

fn point(micros: u64, step: u32) -> Value {
    let angle = angle(micros) + f64::from(step) / 100.0;
    let numbers = [angle.cos(), 1.2, angle.sin()];
    Value::List(numbers.map(Value::Number).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_keeps_its_time_and_is_allowed() {
        let device = DeviceId::new("d1").unwrap();
        let chats = [16, 128, 4000].map(|bytes| chat(1_234_567, bytes));
        let scenes = (0..40).filter_map(|count| scene(&device, count, 1_234_567));
        let bodies: Vec<_> = chats.into_iter().chain(scenes).collect();
        assert_eq!(bodies.len(), 43);
        for body in &bodies {
            body.check().unwrap();
            assert_eq!(due_micros(body), Some(1_234_567), "{body:?}");
        }
        assert_eq!(presence_due_micros(&presence(77)), Some(77));
    }
}
