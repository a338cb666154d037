//! Which ops the relay takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use chat_relay_protocol::{
    AnnotationId, Body, BoundsError, DeviceId, Fields, MAX_CHAT_CHARS, Op, OpId, RoomChange,
    SceneOp, Value,
    bounds::{MAX_COUNTER, MAX_DEPTH, MAX_FIELD_NAME_CHARS, MAX_FIELDS, MAX_LIST_ITEMS},
};

fn chat(text: impl Into<String>) -> Body {
    Body::Chat { text: text.into() }
}

fn put(fields: Fields) -> Body {
    Body::Scene {
        op: SceneOp::Put {
            id: AnnotationId::new("a").unwrap(),
            fields,
        },
    }
}

fn pin_with(name: &str, value: Value) -> Body {
    put([("kind".to_owned(), "pin".into()), (name.to_owned(), value)].into())
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}

fn frame(spot: [f64; 3]) -> Body {
    Body::Room {
        change: RoomChange::DefineFrame {
            second_spot_in_room: spot,
        },
    }
}

#[test]
fn the_bounds_are_where_they_are_said_to_be() {
    let long_name = "n".repeat(MAX_FIELD_NAME_CHARS + 1);
    let many: Fields = (0..=MAX_FIELDS)
        .map(|n| (n.to_string(), Value::Null))
        .collect();
    let with_kind = |mut fields: Fields| {
        fields.insert("kind".into(), "pin".into());
        fields
    };
    let most: Fields = many.clone().into_iter().skip(2).collect();
    let list = |n| Value::List(vec![Value::Null; n]);
    let cases = [
        (chat("é".repeat(MAX_CHAT_CHARS)), Ok(())),
        (
            chat("é".repeat(MAX_CHAT_CHARS + 1)),
            Err(BoundsError::LongChat {
                actual: MAX_CHAT_CHARS + 1,
            }),
        ),
        (chat(" \n"), Err(BoundsError::EmptyChat)),
        (put(with_kind(most)), Ok(())),
        (
            put(with_kind(many)),
            Err(BoundsError::TooManyFields {
                actual: MAX_FIELDS + 2,
            }),
        ),
        (put(Fields::new()), Err(BoundsError::NoKind)),
        (
            put([("kind".to_owned(), Value::Integer(1))].into()),
            Err(BoundsError::NoKind),
        ),
        (
            pin_with(&long_name, Value::Null),
            Err(BoundsError::FieldName),
        ),
        (pin_with("", Value::Null), Err(BoundsError::FieldName)),
        (pin_with("x", list(MAX_LIST_ITEMS)), Ok(())),
        (
            pin_with("x", list(MAX_LIST_ITEMS + 1)),
            Err(BoundsError::ListLength {
                actual: MAX_LIST_ITEMS + 1,
            }),
        ),
        (pin_with("x", nested(MAX_DEPTH)), Ok(())),
        (
            pin_with("x", nested(MAX_DEPTH + 1)),
            Err(BoundsError::Depth),
        ),
        (
            pin_with("x", Value::List(vec![Value::Number(f64::NAN)])),
            Err(BoundsError::NotFinite),
        ),
        (frame([1.5, -0.2, 0.0]), Ok(())),
        (frame([0.0, 1.0, 0.0]), Err(BoundsError::Frame)),
        (frame([1.0, 1.0, 0.5]), Err(BoundsError::Frame)),
        (
            frame([1.0, f64::INFINITY, 0.0]),
            Err(BoundsError::NotFinite),
        ),
        (Body::Unknown, Err(BoundsError::UnknownBody)),
    ];
    for (body, expected) in cases {
        assert_eq!(body.check(), expected, "{body:.60?}");
    }
}

#[test]
fn counters_are_exact_in_javascript() {
    for (counter, fine) in [
        (0, false),
        (1, true),
        (MAX_COUNTER, true),
        (MAX_COUNTER + 1, false),
    ] {
        let op = Op {
            op_id: OpId {
                device: DeviceId::new("d").unwrap(),
                counter,
            },
            body: chat("x"),
        };
        assert_eq!(op.check().is_ok(), fine, "{counter}");
    }
}

#[test]
fn an_append_needs_something_to_append() {
    let append = |values| Body::Scene {
        op: SceneOp::Append {
            id: AnnotationId::new("a").unwrap(),
            field: "points".into(),
            values,
        },
    };
    assert_eq!(append(vec![Value::Null]).check(), Ok(()));
    assert_eq!(
        append(vec![]).check(),
        Err(BoundsError::ListLength { actual: 0 })
    );
}
