//! Which ops the relay takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use std::collections::BTreeMap;

use chat_relay_protocol::{
    AnnotationId, Body, BoundsError, Chat, DeviceId, DirectOp, Fields, MAX_CHAT_CHARS,
    MAX_EMOJI_BYTES, MAX_MENTIONS, MemberId, Op, OpId, Pose, Presence, RoomChange, SceneOp, Value,
    bounds::{
        MAX_COUNTER, MAX_DEPTH, MAX_FIELD_NAME_CHARS, MAX_FIELDS, MAX_LABEL_CHARS, MAX_LIST_ITEMS,
        MAX_PRESENCE_WEIGHT,
    },
    scene::{FIELD_KIND, FIELD_LABEL, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, PARENT_ROOM},
};

fn chat(text: impl Into<String>) -> Body {
    Body::chat(text)
}

fn edit(text: impl Into<String>) -> Body {
    Body::ChatEdit {
        message: 1,
        text: text.into(),
        mentions: vec![],
    }
}

fn mentioning(count: usize) -> Body {
    Body::Chat(Chat {
        text: "x".into(),
        reply_to: None,
        mentions: vec![MemberId::new("m").unwrap(); count],
    })
}

fn reaction(emoji: &str) -> Body {
    Body::Reaction {
        message: 1,
        emoji: emoji.into(),
        on: true,
    }
}

fn change(change: RoomChange) -> Body {
    Body::Room { change }
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
fn messages_and_reactions_have_their_bounds() {
    let cases = [
        (mentioning(MAX_MENTIONS), Ok(())),
        (
            mentioning(MAX_MENTIONS + 1),
            Err(BoundsError::TooManyMentions {
                actual: MAX_MENTIONS + 1,
            }),
        ),
        (edit("é".repeat(MAX_CHAT_CHARS)), Ok(())),
        (edit("\t"), Err(BoundsError::EmptyChat)),
        (Body::ChatDelete { message: 1 }, Ok(())),
        (reaction("👍"), Ok(())),
        (reaction("👩‍👩‍👧‍👦"), Ok(())),
        (reaction("🇩🇪"), Ok(())),
        (reaction(""), Err(BoundsError::Emoji)),
        (reaction(":)"), Err(BoundsError::Emoji)),
        (reaction("é"), Err(BoundsError::Emoji)),
        (reaction("👍 👍"), Err(BoundsError::Emoji)),
        (
            reaction(&"👍".repeat(MAX_EMOJI_BYTES / 4 + 1)),
            Err(BoundsError::Emoji),
        ),
        (change(RoomChange::Lock { locked: true }), Ok(())),
        (change(RoomChange::Unknown), Err(BoundsError::UnknownBody)),
    ];
    for (body, expected) in cases {
        assert_eq!(body.check(), expected, "{body:.60?}");
    }
}

#[test]
fn fields_that_everybody_has_to_understand_have_a_shape() {
    let label = |chars| Value::Text("é".repeat(chars));
    let cases = [
        (FIELD_KIND, "pin".into(), true),
        (FIELD_KIND, "".into(), false),
        (FIELD_KIND, Value::Integer(1), false),
        (FIELD_LABEL, label(MAX_LABEL_CHARS), true),
        (FIELD_LABEL, label(MAX_LABEL_CHARS + 1), false),
        (FIELD_LABEL, Value::Null, false),
        (FIELD_PARENT, PARENT_ROOM.into(), true),
        (FIELD_PARENT, "an anchor".into(), false),
        (FIELD_PARENT_FROM_OBJECT, Pose::IDENTITY.to_value(), true),
        (FIELD_PARENT_FROM_OBJECT, Value::List(vec![]), false),
        ("colour", Value::Bool(true), true),
    ];
    for (name, value, fits) in cases {
        let fields: Fields = [(name.to_owned(), value)].into();
        let patch = Body::Scene {
            op: SceneOp::Patch {
                id: AnnotationId::new("a").unwrap(),
                fields: fields.clone(),
                only_if_seq: BTreeMap::new(),
            },
        };
        match patch.check() {
            Ok(()) => assert!(fits, "{fields:?}"),
            Err(BoundsError::FieldShape { field, .. }) => {
                assert!(!fits && field == name, "{fields:?}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn conditions_count_like_fields() {
    let patch = |conditions: usize| Body::Scene {
        op: SceneOp::Patch {
            id: AnnotationId::new("a").unwrap(),
            fields: Fields::new(),
            only_if_seq: (0..conditions).map(|n| (n.to_string(), 1)).collect(),
        },
    };
    assert_eq!(patch(MAX_FIELDS).check(), Ok(()));
    assert_eq!(
        patch(MAX_FIELDS + 1).check(),
        Err(BoundsError::TooManyFields {
            actual: MAX_FIELDS + 1
        })
    );
}

#[test]
fn direct_messages_have_the_bounds_of_chat() {
    let direct = |counter, text: &str| DirectOp {
        op_id: OpId {
            device: DeviceId::new("d").unwrap(),
            counter,
        },
        to: MemberId::new("m").unwrap(),
        text: text.into(),
    };
    assert_eq!(direct(1, "x").check(), Ok(()));
    assert_eq!(direct(1, " ").check(), Err(BoundsError::EmptyChat));
    assert_eq!(
        direct(0, "x").check(),
        Err(BoundsError::Counter { actual: 0 })
    );
}

#[test]
fn a_presence_stays_small_and_its_head_is_a_pose() {
    let saying = |name: &str, value| Presence {
        more: [(name.to_owned(), value)].into(),
        ..Presence::default()
    };
    let looking = |head| Presence {
        room_from_head: Some(head),
        ..Presence::default()
    };
    let text = |bytes| Value::Text("x".repeat(bytes));
    let rest = "x".len() + text(0).weight();
    assert_eq!(
        saying("x", text(MAX_PRESENCE_WEIGHT - rest)).check(),
        Ok(())
    );
    assert_eq!(
        saying("x", text(MAX_PRESENCE_WEIGHT - rest + 1)).check(),
        Err(BoundsError::HeavyPresence {
            actual: MAX_PRESENCE_WEIGHT + 1
        })
    );
    assert_eq!(saying("", Value::Null).check(), Err(BoundsError::FieldName));
    assert_eq!(
        saying("x", nested(MAX_DEPTH + 1)).check(),
        Err(BoundsError::Depth)
    );
    assert_eq!(looking(Pose::IDENTITY.to_value()).check(), Ok(()));
    let refused = looking(Value::Bool(true)).check();
    assert!(
        matches!(
            refused,
            Err(BoundsError::FieldShape {
                field: "room_from_head",
                ..
            })
        ),
        "{refused:?}"
    );
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
