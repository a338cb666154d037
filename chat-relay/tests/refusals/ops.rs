//! Ops that are refused, or answered otherwise than by their event.

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, Codec, DirectOp, ErrorCode, Fields, MAX_CHAT_CHARS,
    MemberId, Op, Pose, Retry, Role, RoomChange, SceneOp, ServerMessage, Value,
    scene::FIELD_PARENT_FROM_OBJECT,
};

use std::time::Duration;

use super::{
    case::{Case, Setup},
    client::{Device, error_of},
};

fn id(text: &str) -> AnnotationId {
    AnnotationId::new(text).unwrap()
}

fn put_with(name: &str, more: Fields) -> Body {
    let mut fields: Fields = [("kind".to_owned(), "pin".into())].into();
    fields.extend(more);
    Body::Scene {
        op: SceneOp::Put {
            id: id(name),
            fields,
        },
    }
}

fn put(name: &str) -> Body {
    put_with(name, Fields::new())
}

fn label(name: &str) -> Body {
    Body::Scene {
        op: SceneOp::Patch {
            id: id(name),
            fields: [("label".to_owned(), "mine".into())].into(),
            only_if_seq: [].into(),
        },
    }
}

fn change(change: RoomChange) -> Body {
    Body::Room { change }
}

/// A device of each codec in its turn sends the ops of `bodies`.
async fn all_refused(case: &Case, bodies: &[Body]) {
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        for body in bodies {
            case.refuses(&mut device, body.clone()).await;
        }
        // Nothing came of it, and the next op is taken under the counter of a refused one.
        device.counter -= 1;
        let before = device.welcome.seq;
        let seq = device.say(Body::chat("still here")).await;
        let own = device.log.iter().filter(|event| event.seq > before);
        let own: Vec<_> = own.filter(|event| event.from == device.member()).collect();
        assert_eq!((own.len(), own[0].seq), (1, seq));
    }
}

pub(crate) async fn foreign_device(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let mut op = device.op(Body::chat("in your name"));
        op.op_id.device = case.owner.id().clone();
        case.refuses_op(&mut device, op).await;
        let mut direct = DirectOp {
            op_id: device.op(Body::Unknown).op_id,
            to: case.owner.member(),
            text: "in your name".into(),
        };
        direct.op_id.device = case.owner.id().clone();
        device.socket.send(&ClientMessage::Direct(direct)).await;
        case.goes_on(&mut device).await;
    }
    case
}

pub(crate) async fn replayed_op(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let op = device.send(Body::chat("once")).await;
        let first = device.say(Body::chat("behind")).await;
        for _ in 0..3 {
            device.socket.send(&ClientMessage::Op(op.clone())).await;
            let (op_id, seq) = device
                .until(|message| match message {
                    ServerMessage::Ack { op_id, seq } => Some((op_id, seq)),
                    ServerMessage::Error(error) => panic!("{error:?}"),
                    _ => None,
                })
                .await;
            assert_eq!(op_id, op.op_id);
            assert!(seq < first);
            let stands = |event: &&chat_relay_protocol::Event| event.op_id == op.op_id;
            let standing: Vec<_> = device.log.iter().filter(stands).collect();
            assert_eq!((standing.len(), standing[0].seq), (1, seq));
        }
    }
    case.untold("goes on");
    case
}

pub(crate) async fn late_op(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let late = device.op(Body::chat("late"));
    device.say(Body::chat("first")).await;
    case.refuses_op(&mut device, late).await;
    case
}

pub(crate) async fn counter_zero(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        // Beyond what JavaScript counts exactly, too.
        for counter in [0, 1 << 53, u64::MAX >> 1] {
            let mut op = device.op(Body::chat("x"));
            op.op_id.counter = counter;
            case.refuses_op(&mut device, op).await;
        }
        device.say(Body::chat("still here")).await;
    }
    case
}

fn posed(x: f64) -> Body {
    let mut pose = Pose::IDENTITY;
    pose.position_m[0] = x;
    let field = (FIELD_PARENT_FROM_OBJECT.to_owned(), pose.to_value());
    put_with("a", [field].into())
}

pub(crate) async fn nan_pose(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in [Codec::MsgPack, Codec::Protobuf] {
        let mut device = case.join_as(codec).await;
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            case.refuses(&mut device, posed(number)).await;
        }
        device.say(posed(1.0)).await;
    }
    case
}

pub(crate) async fn nan_pose_json(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    for number in ["1e999", "-1e999", "NaN"] {
        let good = ClientMessage::Op(device.op(posed(0.5))).to_json();
        assert!(good.contains("0.5"), "{good}");
        device.socket.send_text(good.replace("0.5", number)).await;
        case.goes_on(&mut device).await;
    }
    device.say(posed(1.0)).await;
    case
}

pub(crate) async fn pose_of_six(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let numbers = |list: &[f64]| Value::List(list.iter().map(|n| Value::Number(*n)).collect());
    let bodies = [
        numbers(&[1.0; 6]),
        numbers(&[0.0; 7]),
        numbers(&[]),
        "here".into(),
        Value::Null,
    ]
    .map(|pose| put_with("a", [(FIELD_PARENT_FROM_OBJECT.to_owned(), pose)].into()));
    all_refused(&case, &bodies).await;
    case
}

pub(crate) async fn unknown_op(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    for body in [
        r#"{"kind":"hologram"}"#,
        r#"{"kind":"scene","op":{"type":"explode"}}"#,
        r#"{"kind":"scene","op":{"type":"delete","id":"no spaces"}}"#,
        r#"{"kind":"room","change":{"type":"paint"}}"#,
        r#"{"kind":"chat"}"#,
        r#"{"text":"no kind"}"#,
    ] {
        let op_id = device.op(Body::Unknown).op_id;
        let (id, counter) = (&op_id.device, op_id.counter);
        let op = format!(
            r#"{{"type":"op","op_id":{{"device":"{id}","counter":{counter}}},"body":{body}}}"#
        );
        device.socket.send_text(op).await;
        // Named, so that its device can let go of it.
        let error = case.goes_on(&mut device).await;
        assert_eq!(error.op_id, Some(op_id), "{body}");
    }
    case
}

pub(crate) async fn long_chat(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let bodies = [
        Body::chat("x".repeat(MAX_CHAT_CHARS + 1)),
        Body::chat(" "),
        Body::chat(""),
    ];
    all_refused(&case, &bodies).await;
    case
}

pub(crate) async fn control_characters(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let text = |text: &str| put_with("a", [("note".to_owned(), text.into())].into());
    let name = put_with("a", [("no\u{1}te".to_owned(), "x".into())].into());
    let bodies = [Body::chat("bell\u{7}"), text("null\0"), name];
    all_refused(&case, &bodies).await;
    let mut device = case.join().await;
    device.say(text("a\ttable\r\nin lines")).await;
    case
}

pub(crate) async fn many_reactions(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let message = case.owner.say(Body::chat("react")).await;
    let react = |emoji: u32| Body::Reaction {
        message,
        emoji: char::from_u32(0x1f600 + emoji).unwrap().to_string(),
        on: true,
    };
    for emoji in 0..20 {
        case.owner.say(react(emoji)).await;
    }
    all_refused(&case, &[react(20)]).await;
    let mut device = case.join().await;
    device.say(react(3)).await;
    case
}

pub(crate) async fn too_many_bytes(setup: Setup) -> Case {
    let case = setup
        .start(|config| {
            config.limits.connection_bytes_per_sec = 100_000;
            config.limits.connection_bytes_burst = 1_000_000;
        })
        .await;
    let mut device = case.join_as(Codec::MsgPack).await;
    // Each of its characters is one on the way and two in the log.
    let large = put_with(
        "a",
        [("text".to_owned(), Value::Text("\"".repeat(50_000)))].into(),
    );
    let sent: Vec<Op> = (0..16).map(|_| device.op(large.clone())).collect();
    for op in &sent {
        let op = ClientMessage::Op(op.clone());
        device.socket.send(&op).await;
    }
    let error = device
        .until(|message| error_of(message).filter(|error| error.code == ErrorCode::RateLimited))
        .await;
    case.told(&error, "goes on");
    let refused = error.op_id.as_ref().unwrap().counter;
    assert!(refused > 10, "{refused}");
    // Who waits as it is told is taken.
    let Retry::Later { after_millis } = error.retry else {
        panic!("no time to wait: {error:?}");
    };
    device.settle().await;
    tokio::time::sleep(Duration::from_millis(after_millis)).await;
    device.say(Body::chat("taken")).await;
    case
}

pub(crate) async fn deep_fields(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let nested = |depth| (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let deep = put_with("a", [("deep".to_owned(), nested(9))].into());
    all_refused(&case, &[deep]).await;
    case
}

/// Has the owner set a device's role or the like, and waits until the device knows.
async fn decide(case: &mut Case, device: &mut Device, body: Body) {
    let seq = case.owner.say(body).await;
    device.until_seq(seq).await;
}

pub(crate) async fn viewer_edits(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    case.owner.say(put("a")).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let body = change(RoomChange::SetRole {
            member: device.member(),
            role: Role::Viewer,
        });
        decide(&mut case, &mut device, body).await;
        for body in [put("b"), label("a"), Body::chat("x")] {
            case.refuses(&mut device, body).await;
        }
    }
    case
}

pub(crate) async fn muted_member(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let mute = |muted, member| change(RoomChange::Mute { member, muted });
    let body = mute(true, device.member());
    decide(&mut case, &mut device, body).await;
    for body in [Body::chat("psst"), put("a")] {
        case.refuses(&mut device, body).await;
    }
    let body = mute(false, device.member());
    decide(&mut case, &mut device, body).await;
    device.say(Body::chat("thanks")).await;
    case
}

pub(crate) async fn locked_room(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    // The others write too: for them the room must not be locked.
    case.unharmed().await;
    let lock = |locked| change(RoomChange::Lock { locked });
    decide(&mut case, &mut device, lock(true)).await;
    for body in [Body::chat("psst"), put("a")] {
        case.refuses(&mut device, body).await;
    }
    decide(&mut case, &mut device, lock(false)).await;
    device.say(Body::chat("thanks")).await;
    case
}

pub(crate) async fn locked_annotation(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    decide(&mut case, &mut device, put("a")).await;
    let lock = change(RoomChange::LockAnnotation {
        id: id("a"),
        locked: true,
    });
    decide(&mut case, &mut device, lock).await;
    let delete = Body::Scene {
        op: SceneOp::Delete { id: id("a") },
    };
    for body in [label("a"), delete, put("a")] {
        case.refuses(&mut device, body).await;
    }
    device.say(put("b")).await;
    case
}

pub(crate) async fn no_moderator(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let owner = case.owner.member();
    let bodies = [
        change(RoomChange::Lock { locked: true }),
        change(RoomChange::SetApproval { required: true }),
        change(RoomChange::SetOpen { open: false }),
        change(RoomChange::Mute {
            member: owner.clone(),
            muted: true,
        }),
        change(RoomChange::Remove { member: owner }),
    ];
    all_refused(&case, &bodies).await;
    case
}

pub(crate) async fn deleted_annotation(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    case.owner.say(put("a")).await;
    let delete = SceneOp::Delete { id: id("a") };
    case.owner.say(Body::Scene { op: delete.clone() }).await;
    let append = Body::Scene {
        op: SceneOp::Append {
            id: id("never"),
            field: "points".into(),
            values: vec![Value::Integer(1)],
        },
    };
    let bodies = [label("a"), put("a"), Body::Scene { op: delete }, append];
    all_refused(&case, &bodies).await;
    case
}

pub(crate) async fn full_scene(setup: Setup) -> Case {
    let mut case = setup
        .start(|config| {
            config.limits.annotations_per_room = 2;
            config.limits.annotation_bytes = 4096;
        })
        .await;
    for name in ["a", "b"] {
        case.owner.say(put(name)).await;
    }
    let large = put_with(
        "a",
        [("large".to_owned(), Value::Text("x".repeat(5000)))].into(),
    );
    all_refused(&case, &[put("c"), large]).await;
    case
}

pub(crate) async fn direct_to_nobody(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let members = [MemberId::new("m-nobody").unwrap(), device.member()];
    for to in members {
        let Op { op_id, .. } = device.op(Body::Unknown);
        let direct = DirectOp {
            op_id: op_id.clone(),
            to,
            text: "hello?".into(),
        };
        device.socket.send(&ClientMessage::Direct(direct)).await;
        let error = case.goes_on(&mut device).await;
        assert_eq!(error.op_id, Some(op_id));
    }
    case
}
