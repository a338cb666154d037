//! Members and what they may do: roles, muting, removing, locks, approval, second devices, tokens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use chat_relay_protocol::{
    AnnotationId, Body, ErrorCode, HeldOp, Retry, Role, RoomChange, SceneOp, ServerMessage,
    WireError, rest::Renewed,
};
use client::{Device, Socket, call, hello, join_room, post, start, start_with};

fn change(change: RoomChange) -> Body {
    Body::Room { change }
}

fn put(id: &str) -> Body {
    Body::Scene {
        op: SceneOp::Put {
            id: AnnotationId::new(id).unwrap(),
            fields: [("kind".to_owned(), "pin".into())].into(),
        },
    }
}

/// The next standing that a device is told of its own member.
async fn told(device: &mut Device) -> (Role, bool) {
    let who = device.member();
    device
        .until(|message| match message {
            ServerMessage::Joined { member } if member.member == who => {
                Some((member.role, member.muted))
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn who_makes_a_room_owns_it_and_says_what_others_may_do() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let mut pupil = Device::join(address, &owner.joined.code.clone(), "Pupil").await;
    assert_eq!(owner.joined.role, Role::Owner);
    assert_eq!(owner.welcome.you.role, Role::Owner);
    assert_eq!(pupil.welcome.you.role, Role::Editor);
    assert_eq!(
        pupil
            .refusal_of(change(RoomChange::Lock { locked: true }))
            .await,
        ErrorCode::Forbidden
    );

    let member = pupil.member();
    let mute = |muted| {
        change(RoomChange::Mute {
            member: member.clone(),
            muted,
        })
    };
    owner.say(mute(true)).await;
    pupil.until_seq(1).await;
    assert_eq!(told(&mut pupil).await, (Role::Editor, true));
    assert_eq!(pupil.refusal_of(Body::chat("psst")).await, ErrorCode::Muted);
    owner.say(mute(false)).await;
    pupil.until_seq(2).await;
    pupil.say(Body::chat("thanks")).await;

    owner
        .say(change(RoomChange::SetRole {
            member: member.clone(),
            role: Role::Viewer,
        }))
        .await;
    pupil.until_seq(4).await;
    assert_eq!(pupil.refusal_of(put("a")).await, ErrorCode::Forbidden);

    // It is so after a restart as well.
    relay.shutdown().await;
    let relay = start(data.path()).await;
    let mut pupil = pupil.reconnect(relay.http_address()).await;
    assert_eq!(pupil.welcome.you.role, Role::Viewer);
    assert_eq!(pupil.refusal_of(put("a")).await, ErrorCode::Forbidden);
    relay.shutdown().await;
}

#[tokio::test]
async fn who_is_removed_goes_at_once_with_all_devices_and_stays_out() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let mut pupil = Device::join(address, &owner.joined.code.clone(), "Pupil").await;
    let mut phone = pupil.link(address).await;
    assert_eq!(phone.member(), pupil.member());
    owner
        .say(change(RoomChange::Remove {
            member: pupil.member(),
        }))
        .await;
    for device in [&mut pupil, &mut phone] {
        let (error, close) = device.socket.ending().await;
        assert_eq!(error.code, ErrorCode::Removed);
        assert_eq!(u16::from(close.code), 4003);
    }
    for token in [&pupil.joined.token, &phone.joined.secret] {
        let mut socket = Socket::open(address, &pupil.joined.room).await;
        socket.send(&hello(token, None)).await;
        assert_eq!(socket.ending().await.0.code, ErrorCode::Removed);
    }
    let renew = format!(r#"{{"secret":"{}"}}"#, pupil.joined.secret);
    assert_eq!(post(address, "/v1/token", &renew).await.status, 403);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_closed_room_takes_nobody_new() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let code = owner.joined.code.clone();
    let join = format!(r#"{{"code":"{code}","name":"Late"}}"#);
    owner.say(change(RoomChange::SetOpen { open: false })).await;
    let answer = post(address, "/v1/rooms/join", &join).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json::<WireError>().code, ErrorCode::RoomClosed);
    owner.say(change(RoomChange::SetOpen { open: true })).await;
    join_room(address, &code, "Late").await;
    relay.shutdown().await;
}

#[tokio::test]
async fn what_needs_approval_is_held_until_an_owner_decides() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let code = owner.joined.code.clone();
    let mut pupil = Device::join(address, &code, "Pupil").await;
    let mut other = Device::join(address, &code, "Other").await;
    owner
        .say(change(RoomChange::SetApproval { required: true }))
        .await;
    let held = |message| match message {
        ServerMessage::Held { ops } => Some(ops),
        _ => None,
    };
    let good = pupil.send(Body::chat("good")).await;
    let ops: Vec<HeldOp> = owner.until(held).await;
    assert_eq!((&ops[0].op, &ops[0].from), (&good, &pupil.member()));
    assert_eq!(
        pupil.until(held).await,
        ops,
        "the sender hears that it waits"
    );
    let bad = pupil.send(Body::chat("bad")).await;
    owner.until(held).await;

    // Held ops outlive the relay, and are recognised when they are sent again.
    relay.shutdown().await;
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = owner.reconnect(address).await;
    let mut pupil = pupil.reconnect(address).await;
    other = other.reconnect(address).await;
    assert!(pupil.welcome.settings.approval);
    assert_eq!(owner.until(held).await.len(), 2);
    assert_eq!(pupil.until(held).await.len(), 2);
    pupil
        .socket
        .send(&chat_relay_protocol::ClientMessage::Op(good.clone()))
        .await;
    assert_eq!(pupil.until(held).await[0].op, good);

    let approve = |op_id| change(RoomChange::Approve { op_id });
    let approved = owner.say(approve(good.op_id.clone())).await;
    owner
        .say(change(RoomChange::Reject {
            op_id: bad.op_id.clone(),
        }))
        .await;
    assert_eq!(
        owner.refusal_of(approve(bad.op_id.clone())).await,
        ErrorCode::Gone
    );
    other.until_seq(approved + 2).await;
    assert_eq!(other.texts(), ["good"]);
    let shown = other.log.iter().find(|event| event.seq == approved + 1);
    assert_eq!(shown.unwrap().op_id, good.op_id);
    assert_eq!(shown.unwrap().from, pupil.member());
    relay.shutdown().await;
}

#[tokio::test]
async fn who_waits_for_approval_may_go_on_and_take_it_back() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let mut pupil = Device::join(address, &owner.joined.code.clone(), "Pupil").await;
    owner
        .say(change(RoomChange::SetApproval { required: true }))
        .await;
    let held = |message| match message {
        ServerMessage::Held { ops } => Some(ops),
        _ => None,
    };
    let label = |id: &str| Body::Scene {
        op: SceneOp::Patch {
            id: AnnotationId::new(id).unwrap(),
            fields: [("label".to_owned(), "mine".into())].into(),
            only_if_seq: Default::default(),
        },
    };
    let delete = |id: &str| Body::Scene {
        op: SceneOp::Delete {
            id: AnnotationId::new(id).unwrap(),
        },
    };
    let approve = |op_id| change(RoomChange::Approve { op_id });

    let first = pupil.send(put("first")).await;
    let of_first = pupil.send(label("first")).await;
    let second = pupil.send(put("second")).await;
    let of_second = pupil.send(label("second")).await;
    for op in [&first, &of_first, &second, &of_second] {
        assert_eq!(owner.until(held).await[0].op, *op);
    }
    // A change waits for the annotation that it is about.
    assert_eq!(
        owner.refusal_of(approve(of_first.op_id.clone())).await,
        ErrorCode::Gone
    );
    owner.say(approve(first.op_id.clone())).await;
    owner.say(approve(of_first.op_id.clone())).await;

    // In the log stands that the second was taken back, and its change went with it.
    let seq = pupil.say(delete("second")).await;
    let taken_back = change(RoomChange::Reject {
        op_id: second.op_id.clone(),
    });
    assert_eq!(
        pupil.log.iter().find(|e| e.seq == seq).unwrap().body,
        taken_back
    );
    for op in [second, of_second] {
        assert_eq!(owner.refusal_of(approve(op.op_id)).await, ErrorCode::Gone);
    }
    owner.until_seq(seq).await;
    let mut scene = chat_relay_protocol::Scene::default();
    owner.log.iter().for_each(|event| scene.apply(event));
    let shown: Vec<_> = scene
        .annotations()
        .map(|(id, annotation)| (id.to_string(), annotation.text("label").to_owned()))
        .collect();
    assert_eq!(shown, [("first".to_owned(), "mine".to_owned())]);

    // Nothing of it comes back with the room.
    relay.shutdown().await;
    let relay = start(data.path()).await;
    let mut owner = owner.reconnect(relay.http_address()).await;
    owner.settle().await;
    let again = owner.refusal_of(approve(of_first.op_id)).await;
    assert_eq!(again, ErrorCode::Gone);
    relay.shutdown().await;
}

#[tokio::test]
async fn the_commands_of_an_owner_who_repeats_itself_are_told_once() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let mut owner = Device::create(relay.http_address(), "Owner").await;
    let code = owner.joined.code.clone();
    let mut pupil = Device::join(relay.http_address(), &code, "Pupil").await;
    owner
        .say(change(RoomChange::SetApproval { required: true }))
        .await;
    pupil.send(Body::chat("waits")).await;
    owner
        .until(|message| matches!(message, ServerMessage::Held { .. }).then_some(()))
        .await;
    for _ in 0..3 {
        let op = owner
            .send(change(RoomChange::SetRole {
                member: owner.member(),
                role: Role::Owner,
            }))
            .await;
        // Until its event, nothing else comes.
        while owner.log.last().is_none_or(|event| event.op_id != op.op_id) {
            match owner.socket.next().await {
                ServerMessage::Events { events } => owner.note(events),
                other => panic!("told again: {other:?}"),
            }
        }
    }
    owner.settle().await;
    relay.shutdown().await;
}

#[tokio::test]
async fn a_token_ends_and_a_secret_gets_another_one() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.token_lifetime = std::time::Duration::ZERO;
    })
    .await;
    let address = relay.http_address();
    let ada = Device::create_with_secret(address, "Ada").await;
    let mut socket = Socket::open(address, &ada.joined.room).await;
    socket.send(&hello(&ada.joined.token, None)).await;
    let (error, _) = socket.ending().await;
    assert_eq!(error.code, ErrorCode::TokenExpired);
    assert_eq!(error.retry, Retry::Renew);
    relay.shutdown().await;

    let relay = start(data.path()).await;
    let address = relay.http_address();
    let renew = format!(r#"{{"secret":"{}"}}"#, ada.joined.secret);
    let renewed: Renewed = post(address, "/v1/token", &renew).await.json();
    let mut socket = Socket::open(address, &ada.joined.room).await;
    socket.send(&hello(&renewed.token, None)).await;
    assert!(matches!(socket.next().await, ServerMessage::Welcome(_)));
    let forged = format!("{}x", renewed.token);
    let mut socket = Socket::open(address, &ada.joined.room).await;
    socket.send(&hello(&forged, None)).await;
    assert_eq!(socket.ending().await.0.code, ErrorCode::Unauthorized);
    let wrong = post(address, "/v1/token", r#"{"secret":"nobody's"}"#).await;
    assert_eq!(wrong.status, 401);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_device_that_logs_out_is_closed_and_admitted_no_more() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let ada = Device::create(address, "Ada").await;
    let mut phone = ada.link(address).await;
    let bearer = format!("Authorization: Bearer {}", phone.joined.secret);
    let answer = call(address, "POST", "/v1/logout", &[&bearer], "").await;
    assert_eq!(answer.status, 204);
    let (error, _) = phone.socket.ending().await;
    assert_eq!(error.code, ErrorCode::Unauthorized);
    for token in [&phone.joined.token, &phone.joined.secret] {
        let mut socket = Socket::open(address, &phone.joined.room).await;
        socket.send(&hello(token, None)).await;
        assert_eq!(socket.ending().await.0.code, ErrorCode::Unauthorized);
    }
    // The member's other device is not concerned.
    let mut ada = ada;
    ada.say(Body::chat("still here")).await;
    relay.shutdown().await;
}

#[tokio::test]
async fn a_restart_leaves_members_what_they_were() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut owner = Device::create(address, "Owner").await;
    let pupil = Device::join(address, &owner.joined.code.clone(), "Pupil").await;
    let (member, muted) = (pupil.member(), true);
    owner.say(change(RoomChange::Mute { member, muted })).await;
    relay.shutdown().await;

    let relay = start(data.path()).await;
    let pupil = pupil.reconnect(relay.http_address()).await;
    let you = &pupil.welcome.you;
    assert_eq!((you.role, you.muted), (Role::Editor, true));
    relay.shutdown().await;
}
