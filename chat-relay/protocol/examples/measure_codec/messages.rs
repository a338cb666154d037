//! What is measured: messages as a lesson sends them.

use std::collections::BTreeMap;

use chat_relay_protocol::{
    AnnotationId, AnnotationState, Body, Chat, ChatMessage, ClientMessage, Codec, Direct, DirectOp,
    ErrorCode, Event, FieldState, Fields, HeldOp, Hello, Member, MemberId, MemberPresence, Op,
    OpId, Pose, Presence, Resume, Retry, Role, RoomChange, RoomId, RoomSettings, SceneOp, Seq,
    ServerMessage, SnapshotPart, Tracking, Value, ViewMode, Welcome, WireError,
};

/// A message of either side.
#[allow(clippy::large_enum_variant, reason = "there are a few dozen of them")]
pub(crate) enum Message {
    /// A device's.
    Client(ClientMessage),
    /// The relay's.
    Server(ServerMessage),
}

impl Message {
    /// Behind what is in `out`.
    pub(crate) fn encode(&self, codec: Codec, compress_over_bytes: usize, out: &mut Vec<u8>) {
        match self {
            Message::Client(message) => codec.encode_client_over(message, compress_over_bytes, out),
            Message::Server(message) => codec.encode_server_over(message, compress_over_bytes, out),
        }
    }

    /// And dropped again.
    pub(crate) fn decode(&self, codec: Codec, bytes: &[u8]) {
        match self {
            Message::Client(_) => drop(codec.decode_client(bytes).unwrap()),
            Message::Server(_) => drop(codec.decode_server(bytes).unwrap()),
        }
    }
}

const SENTENCES: [&str; 4] = [
    "Could you put the second marker to the left of the window, where the table ends? Then we see both from here.",
    "Yes, one moment.",
    "I think that the measurement from yesterday was four centimetres off, somebody has moved the shelf since.",
    "Looks good from the other side of the room!",
];

const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
     eyJyb29tIjoicjdrMnEiLCJtZW1iZXIiOiJtNGY5IiwiZXhwIjoxNzkwMDAwMDAwfQ.\
     q3Zl0nTt3R7m2mXJ4n7w0bqkq3Zl0nTt3R7m2mXJ4n7";

/// Every kind of message, the hot ones first.
pub(crate) fn all() -> Vec<(&'static str, Message)> {
    use Message::{Client, Server};
    let chat = |text: &str| Body::chat(text);
    vec![
        ("op, chat of 128 bytes", Client(op(chat(&"x".repeat(128))))),
        (
            "events, one chat of 128 bytes",
            Server(ServerMessage::Events {
                events: vec![event(4711, chat(&"x".repeat(128)))],
            }),
        ),
        (
            "events, 50 chat messages",
            Server(ServerMessage::Events {
                events: (0..50)
                    .map(|n| event(4700 + n, chat(sentence(n))))
                    .collect(),
            }),
        ),
        (
            "presence of a device",
            Client(ClientMessage::Presence(presence(1))),
        ),
        (
            "presence of 10 members",
            Server(ServerMessage::Presence {
                members: (0..10)
                    .map(|n| MemberPresence {
                        device: member(n).device,
                        presence: presence(n),
                    })
                    .collect(),
            }),
        ),
        ("op, put a pin", Client(op(scene(put())))),
        ("op, append 100 points", Client(op(scene(append(100))))),
        (
            "op, patch",
            Client(op(scene(SceneOp::Patch {
                id: annotation(7),
                fields: pin(7),
                only_if_seq: BTreeMap::from([("label".to_owned(), 4711)]),
            }))),
        ),
        (
            "op, reaction",
            Client(op(Body::Reaction {
                message: 4711,
                emoji: "👍".into(),
                on: true,
            })),
        ),
        (
            "op, set a role",
            Client(op(Body::Room {
                change: RoomChange::SetRole {
                    member: member_id(3),
                    role: Role::Editor,
                },
            })),
        ),
        (
            "hello",
            Client(ClientMessage::Hello(Hello {
                version: 1,
                token: TOKEN.into(),
                name: "Ada".into(),
                resume: Some(Resume {
                    epoch: "e5k2m9".into(),
                    seq: 4711,
                    inbox: 3,
                }),
                presence_millis: Some(100),
                heartbeat_secs: None,
            })),
        ),
        (
            "direct",
            Client(ClientMessage::Direct(DirectOp {
                op_id: op_id(4711),
                to: member_id(3),
                text: SENTENCES[0].into(),
            })),
        ),
        ("read", Client(ClientMessage::Read { seq: 4711 })),
        (
            "history, asked",
            Client(ClientMessage::History {
                before: 4711,
                limit: 50,
            }),
        ),
        ("ping", Client(ClientMessage::Ping { nonce: 4711 })),
        (
            "welcome to 30 members",
            Server(ServerMessage::Welcome(welcome())),
        ),
        (
            "snapshot, 50 annotations, 50 messages",
            Server(ServerMessage::Snapshot(SnapshotPart {
                seq: 4711,
                annotations: (0..50).map(annotation_state).collect(),
                messages: (0..50).map(chat_message).collect(),
                more_messages: true,
                second_spot_in_room: Some([3.25, 0.5, 0.0]),
                last: true,
            })),
        ),
        (
            "events, one put",
            Server(ServerMessage::Events {
                events: vec![event(4711, scene(put()))],
            }),
        ),
        (
            "ack",
            Server(ServerMessage::Ack {
                op_id: op_id(4711),
                seq: 4711,
            }),
        ),
        (
            "held",
            Server(ServerMessage::Held {
                ops: vec![HeldOp {
                    from: member_id(3),
                    at: 1_790_000_000_000,
                    op: Op {
                        op_id: op_id(3),
                        body: chat(SENTENCES[0]),
                    },
                }],
            }),
        ),
        (
            "inbox",
            Server(ServerMessage::Inbox {
                entries: vec![Direct {
                    seq: 4,
                    at: 1_790_000_000_000,
                    from: member_id(1),
                    to: member_id(3),
                    op_id: op_id(1),
                    text: SENTENCES[0].into(),
                }],
            }),
        ),
        (
            "joined",
            Server(ServerMessage::Joined { member: member(3) }),
        ),
        (
            "left",
            Server(ServerMessage::Left {
                device: member(3).device,
            }),
        ),
        (
            "history, 50 messages",
            Server(ServerMessage::History {
                before: 4711,
                messages: (0..50).map(chat_message).collect(),
                more: true,
            }),
        ),
        (
            "error",
            Server(ServerMessage::Error(WireError {
                code: ErrorCode::RateLimited,
                message: "too many messages; send again in 2 seconds".into(),
                retry: Retry::Later { after_millis: 2000 },
                op_id: Some(op_id(4711)),
            })),
        ),
        ("pong", Server(ServerMessage::Pong { nonce: 4711 })),
    ]
}

fn sentence(n: Seq) -> &'static str {
    SENTENCES[usize::try_from(n).unwrap() % SENTENCES.len()]
}

/// Ids as the relay gives them: a letter and 16 characters.
fn scrambled(letter: char, n: Seq) -> String {
    format!(
        "{letter}{:016x}",
        (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    )
}

fn member_id(n: Seq) -> MemberId {
    MemberId::new(scrambled('m', n)).unwrap()
}

fn annotation(n: Seq) -> AnnotationId {
    AnnotationId::new(format!("{}-{n}", scrambled('d', n % 30))).unwrap()
}

fn op_id(n: Seq) -> OpId {
    OpId {
        device: member(n % 30).device,
        counter: n,
    }
}

fn op(body: Body) -> ClientMessage {
    ClientMessage::Op(Op {
        op_id: op_id(4711),
        body,
    })
}

fn scene(op: SceneOp) -> Body {
    Body::Scene { op }
}

fn event(seq: Seq, body: Body) -> Event {
    Event {
        seq,
        at: 1_790_000_000_000 + i64::try_from(seq).unwrap() * 731,
        from: member_id(seq % 30),
        op_id: op_id(seq),
        body,
    }
}

/// A number as sensors give them: no digit to spare.
fn number(n: Seq) -> f64 {
    let turned = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    f64::from(u32::try_from(turned).unwrap()) / 7.0e6
}

fn pose(n: Seq) -> Value {
    let q = [number(n), number(n + 1), number(n + 2), 1.0];
    let pose = Pose {
        position_m: [number(n + 3), number(n + 4), number(n + 5)],
        orientation_xyzw: q,
    };
    Pose::from_value(&pose.to_value()).unwrap().to_value()
}

fn pin(n: Seq) -> Fields {
    let pairs = [
        ("kind", "pin".into()),
        ("label", "the shelf".into()),
        ("parent", "room".into()),
        ("parent_from_object", pose(n)),
        ("hue", Value::Integer(3)),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn put() -> SceneOp {
    SceneOp::Put {
        id: annotation(7),
        fields: pin(7),
    }
}

fn append(points: Seq) -> SceneOp {
    let point = |n| {
        Value::List(
            (0..3)
                .map(|axis| Value::Number(number(3 * n + axis)))
                .collect(),
        )
    };
    SceneOp::Append {
        id: annotation(7),
        field: "points".into(),
        values: (0..points).map(point).collect(),
    }
}

fn presence(n: Seq) -> Presence {
    Presence {
        mode: ViewMode::Ar,
        tracking: Tracking::Good,
        aligned: true,
        room_from_head: Some(pose(n)),
        typing: false,
        more: BTreeMap::new(),
    }
}

fn member(n: Seq) -> Member {
    Member {
        member: member_id(n),
        device: chat_relay_protocol::DeviceId::new(scrambled('d', n)).unwrap(),
        name: format!("Ada the {n}th"),
        hue: u8::try_from(n % 8).unwrap(),
        role: Role::Editor,
        muted: false,
        presence: presence(n),
    }
}

fn welcome() -> Welcome {
    Welcome {
        room: RoomId::new(scrambled('r', 1)).unwrap(),
        code: "K7QM2P".into(),
        epoch: "e5k2m9".into(),
        seq: 4711,
        from_start: false,
        snapshot: false,
        you: member(3),
        members: (0..30).map(member).collect(),
        past_members: Vec::new(),
        settings: RoomSettings::default(),
        inbox: 3,
        read_seq: 4700,
        unread: 5,
        heartbeat_secs: 30,
    }
}

fn chat_message(n: Seq) -> ChatMessage {
    let mut message = ChatMessage::new(
        &event(4000 + n, Body::Unknown),
        &Chat {
            text: sentence(n).into(),
            reply_to: n.is_multiple_of(5).then_some(3990 + n),
            mentions: Vec::new(),
        },
    );
    if n.is_multiple_of(4) {
        let who = [member_id(n + 1), member_id(n + 2)];
        message.reactions.insert("👍".into(), who.into());
    }
    message
}

fn annotation_state(n: Seq) -> AnnotationState {
    let fields = pin(n).into_iter().map(|(name, value)| {
        let seq = 4000 + n;
        (name, FieldState { seq, value })
    });
    AnnotationState {
        id: annotation(n),
        from: member_id(n % 30),
        at: 1_790_000_000_000,
        fields: fields.collect(),
    }
}
