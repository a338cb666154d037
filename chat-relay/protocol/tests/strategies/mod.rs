//! Random values of the protocol's types, for property tests.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, DeviceId, ErrorCode, Event, Fields, Hello, Member,
    MemberPresence, Op, OpId, Presence, Resume, Retry, RoomChange, RoomId, SceneOp, ServerMessage,
    Tracking, Value, ViewMode, Welcome, WireError,
};
use proptest::{collection, option, prelude::*};

pub(crate) fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        -10.0..10.0_f64,
    ]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    collection::vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect())
}

pub(crate) fn id_text() -> impl Strategy<Value = String> {
    const ALPHABET: &[u8] = b"ABCXYZabcxyz0123456789-_.";
    collection::vec(0..ALPHABET.len(), 1..=64)
        .prop_map(|indices| indices.iter().map(|i| char::from(ALPHABET[*i])).collect())
}

fn device() -> impl Strategy<Value = DeviceId> {
    id_text().prop_map(|text| DeviceId::new(text).unwrap())
}

fn annotation() -> impl Strategy<Value = AnnotationId> {
    id_text().prop_map(|text| AnnotationId::new(text).unwrap())
}

fn op_id() -> impl Strategy<Value = OpId> {
    (device(), any::<u64>()).prop_map(|(device, counter)| OpId { device, counter })
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        finite().prop_map(Value::Number),
        text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            collection::btree_map(text(), inner, 0..6).prop_map(Value::Map),
        ]
    })
}

pub(crate) fn fields() -> impl Strategy<Value = Fields> {
    collection::btree_map(text(), value(), 0..5)
}

pub(crate) fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        text().prop_map(|text| Body::Chat { text }),
        scene_op().prop_map(|op| Body::Scene { op }),
        [finite(), finite(), finite()].prop_map(|second_spot_in_room| Body::Room {
            change: RoomChange::DefineFrame {
                second_spot_in_room
            },
        }),
    ]
}

fn scene_op() -> impl Strategy<Value = SceneOp> {
    prop_oneof![
        (annotation(), fields()).prop_map(|(id, fields)| SceneOp::Put { id, fields }),
        (
            annotation(),
            fields(),
            collection::btree_map(text(), any::<u64>(), 0..4)
        )
            .prop_map(|(id, fields, only_if_seq)| SceneOp::Patch {
                id,
                fields,
                only_if_seq
            }),
        annotation().prop_map(|id| SceneOp::Delete { id }),
        (annotation(), text(), collection::vec(value(), 0..4))
            .prop_map(|(id, field, values)| SceneOp::Append { id, field, values }),
    ]
}

fn presence() -> impl Strategy<Value = Presence> {
    (
        prop_oneof![
            Just(ViewMode::Page),
            Just(ViewMode::Camera),
            Just(ViewMode::Ar),
            Just(ViewMode::Room3d)
        ],
        prop_oneof![
            Just(Tracking::None),
            Just(Tracking::Limited),
            Just(Tracking::Good)
        ],
        any::<bool>(),
        // An absent head and a head of null are the same on the wire.
        option::of(collection::vec(finite().prop_map(Value::Number), 7).prop_map(Value::List)),
        any::<bool>(),
        collection::btree_map("x_[a-z]{1,8}", value(), 0..3),
    )
        .prop_map(
            |(mode, tracking, aligned, room_from_head, typing, more)| Presence {
                mode,
                tracking,
                aligned,
                room_from_head,
                typing,
                more,
            },
        )
}

fn member() -> impl Strategy<Value = Member> {
    (device(), text(), 0..8_u8, presence()).prop_map(|(device, name, hue, presence)| Member {
        device,
        name,
        hue,
        presence,
    })
}

fn event() -> impl Strategy<Value = Event> {
    (any::<u64>(), any::<i64>(), op_id(), body()).prop_map(|(seq, at, op_id, body)| Event {
        seq,
        at,
        from: op_id.device.clone(),
        op_id,
        body,
    })
}

fn wire_error() -> impl Strategy<Value = WireError> {
    let code = prop_oneof![
        Just(ErrorCode::BadMessage),
        Just(ErrorCode::InvalidOp),
        Just(ErrorCode::Lagged),
        Just(ErrorCode::ShuttingDown),
    ];
    let retry = prop_oneof![
        Just(Retry::Never),
        Just(Retry::Rejoin),
        any::<u64>().prop_map(|after_millis| Retry::Later { after_millis }),
    ];
    (code, text(), retry, option::of(op_id())).prop_map(|(code, message, retry, op_id)| WireError {
        code,
        message,
        retry,
        op_id,
    })
}

fn resume() -> impl Strategy<Value = Option<Resume>> {
    option::of((text(), any::<u64>()).prop_map(|(epoch, seq)| Resume { epoch, seq }))
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (any::<u32>(), text(), text(), resume()).prop_map(|(version, token, name, resume)| {
            ClientMessage::Hello(Hello {
                version,
                token,
                name,
                resume,
            })
        }),
        (op_id(), body()).prop_map(|(op_id, body)| ClientMessage::Op(Op { op_id, body })),
        presence().prop_map(ClientMessage::Presence),
        any::<u64>().prop_map(|nonce| ClientMessage::Ping { nonce }),
    ]
}

fn welcome() -> impl Strategy<Value = Welcome> {
    (
        id_text(),
        text(),
        any::<u64>(),
        any::<bool>(),
        member(),
        collection::vec(member(), 0..3),
        collection::vec(member(), 0..3),
        any::<u32>(),
    )
        .prop_map(
            |(room, code, seq, from_start, you, members, past_members, heartbeat_secs)| Welcome {
                room: RoomId::new(room).unwrap(),
                epoch: code.clone(),
                code,
                seq,
                from_start,
                you,
                members,
                past_members,
                heartbeat_secs,
            },
        )
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        welcome().prop_map(ServerMessage::Welcome),
        collection::vec(event(), 0..4).prop_map(|events| ServerMessage::Events { events }),
        (op_id(), any::<u64>()).prop_map(|(op_id, seq)| ServerMessage::Ack { op_id, seq }),
        member().prop_map(|member| ServerMessage::Joined { member }),
        device().prop_map(|device| ServerMessage::Left { device }),
        collection::vec(
            (device(), presence())
                .prop_map(|(device, presence)| MemberPresence { device, presence }),
            0..3
        )
        .prop_map(|members| ServerMessage::Presence { members }),
        any::<u64>().prop_map(|nonce| ServerMessage::Pong { nonce }),
        wire_error().prop_map(ServerMessage::Error),
    ]
}
