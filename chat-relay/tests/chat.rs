//! Chat beyond plain messages: edits, deletions, replies, reactions, read positions, pages of history, snapshots, and
//! direct messages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use chat_relay_protocol::{
    AnnotationId, Body, Chat, ChatFold, ChatMessage, ClientMessage, DirectOp, ErrorCode, Event,
    OpId, SceneOp, ServerMessage, SnapshotPart,
};
use client::{Device, start, start_with};

async fn page(device: &mut Device, before: u64, limit: u32) -> (Vec<ChatMessage>, bool) {
    let ask = ClientMessage::History { before, limit };
    device.socket.send(&ask).await;
    device
        .until(|message| match message {
            ServerMessage::History { messages, more, .. } => Some((messages, more)),
            _ => None,
        })
        .await
}

fn folded(log: &[Event]) -> ChatFold {
    let mut chat = ChatFold::default();
    for event in log {
        chat.apply(event);
    }
    chat
}

#[tokio::test]
async fn messages_are_edited_deleted_answered_and_reacted_to() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    let first = ada.say(Body::chat("frist")).await;
    ada.say(Body::ChatEdit {
        message: first,
        text: "first".into(),
        mentions: Vec::new(),
    })
    .await;
    ben.until_seq(2).await;
    let reply = Body::Chat(Chat {
        text: "second".into(),
        reply_to: Some(first),
        mentions: vec![ada.member()],
    });
    let second = ben.say(reply).await;
    let react = |on| Body::Reaction {
        message: first,
        emoji: "🎉".into(),
        on,
    };
    ben.say(react(true)).await;
    let edit_others = Body::ChatEdit {
        message: first,
        text: "mine".into(),
        mentions: Vec::new(),
    };
    assert_eq!(ben.refusal_of(edit_others).await, ErrorCode::Forbidden);
    let delete = |message| Body::ChatDelete { message };
    assert_eq!(ben.refusal_of(delete(first)).await, ErrorCode::Forbidden);
    // The owner may.
    let last = ada.say(delete(second)).await;
    assert_eq!(ada.refusal_of(delete(second)).await, ErrorCode::Gone);
    ben.until_seq(last).await;

    let chat = folded(&ben.log);
    let of = |seq| chat.get(seq).unwrap().clone();
    assert_eq!(of(first).text, "first");
    assert!(of(first).edited_at.is_some());
    assert!(of(first).reactions["🎉"].contains(&ben.member()));
    assert!(of(second).deleted);
    assert_eq!(of(second).reply_to, Some(first));

    // A page of history says the same as the log.
    let (messages, more) = page(&mut ben, 100, 10).await;
    assert_eq!(messages, chat.messages().cloned().collect::<Vec<_>>());
    assert!(!more);
    relay.shutdown().await;
}

#[tokio::test]
async fn history_pages_back_to_the_first_message() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let mut ada = Device::create(relay.http_address(), "Ada").await;
    for n in 0..25 {
        ada.chat(&n.to_string()).await;
    }
    ada.until_seq(25).await;
    let mut before = u64::MAX >> 11;
    let mut texts = Vec::new();
    loop {
        let (messages, more) = page(&mut ada, before, 10).await;
        before = messages[0].seq;
        texts.splice(0..0, messages.into_iter().map(|message| message.text));
        if !more {
            break;
        }
    }
    let expected: Vec<String> = (0..25).map(|n| n.to_string()).collect();
    assert_eq!(texts, expected);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_member_reads_on_all_devices_at_once() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    let mut phone = ben.link(address).await;
    let mut ben = ben;
    for n in 0..5 {
        ada.chat(&n.to_string()).await;
    }
    ada.until_seq(5).await;
    ben.until_seq(5).await;
    ben.socket.send(&ClientMessage::Read { seq: 3 }).await;
    let read = phone
        .until(|message| match message {
            ServerMessage::Read { seq, unread } => Some((seq, unread)),
            _ => None,
        })
        .await;
    assert_eq!(read, (3, 2));
    // What is ahead of the log, or behind what was read, changes nothing.
    ben.socket.send(&ClientMessage::Read { seq: 99 }).await;
    ben.socket.send(&ClientMessage::Read { seq: 1 }).await;
    ben.settle().await;
    let again = ben.reconnect(address).await;
    assert_eq!((again.welcome.read_seq, again.welcome.unread), (3, 2));
    relay.shutdown().await;
    let relay = start(data.path()).await;
    let again = phone.reconnect(relay.http_address()).await;
    assert_eq!((again.welcome.read_seq, again.welcome.unread), (3, 2));
    relay.shutdown().await;
}

#[tokio::test]
async fn who_missed_much_gets_a_snapshot_and_what_follows() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.replay_events = 20;
        config.limits.snapshot_every_events = 10;
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    for n in 0..60 {
        let id = AnnotationId::new(format!("a{n}")).unwrap();
        let op = SceneOp::Put {
            id,
            fields: [("kind".to_owned(), "pin".into())].into(),
        };
        ada.send(Body::Scene { op }).await;
        ada.chat(&n.to_string()).await;
    }
    ada.until_seq(120).await;
    let joined = client::join_room(address, &ada.joined.code, "Ben").await;
    let mut ben = Device::connect(address, joined, None, Vec::new(), 0).await;
    assert!(ben.welcome.snapshot && ben.welcome.from_start);
    let mut whole = SnapshotPart::default();
    loop {
        let part = ben
            .until(|message| match message {
                ServerMessage::Snapshot(part) => Some(part),
                _ => None,
            })
            .await;
        whole.seq = part.seq;
        whole.annotations.extend(part.annotations);
        whole.messages.extend(part.messages);
        if part.last {
            break;
        }
    }
    assert_eq!(whole.seq, 120);
    assert_eq!(whole.annotations.len(), 60);
    let expected: Vec<ChatMessage> = folded(&ada.log).messages().cloned().collect();
    assert_eq!(whole.messages, expected);
    // What follows goes on behind it.
    ada.chat("after").await;
    let next = loop {
        if let ServerMessage::Events { events } = ben.socket.next().await {
            break events;
        }
    };
    assert_eq!(next[0].seq, 121);

    // A loaded room is the same as one that was folded all along.
    relay.shutdown().await;
    let relay = start(data.path()).await;
    let mut ada = ada.reconnect(relay.http_address()).await;
    let (messages, more) = page(&mut ada, 1000, 100).await;
    assert_eq!(messages.len(), 61);
    assert!(!more);
    relay.shutdown().await;
}

#[tokio::test]
async fn direct_messages_reach_two_members_and_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let code = ada.joined.code.clone();
    let mut ben = Device::join(address, &code, "Ben").await;
    let mut cleo = Device::join(address, &code, "Cleo").await;
    let mut phone = ben.link(address).await;
    let direct = |device: &mut Device, to: &Device, text: &str| {
        device.counter += 1;
        DirectOp {
            op_id: OpId {
                device: device.id().clone(),
                counter: device.counter,
            },
            to: to.member(),
            text: text.into(),
        }
    };
    let secret = direct(&mut ada, &ben, "for you alone");
    ada.socket
        .send(&ClientMessage::Direct(secret.clone()))
        .await;
    for device in [&mut ada, &mut ben, &mut phone] {
        while device.inbox.is_empty() {
            if let ServerMessage::Inbox { entries } = device.socket.next().await {
                device.inbox.extend(entries);
            }
        }
        assert_eq!(device.inbox[0].text, "for you alone");
        assert_eq!(
            (device.inbox[0].seq, &device.inbox[0].op_id),
            (1, &secret.op_id)
        );
    }
    cleo.settle().await;
    assert!(cleo.inbox.is_empty());

    // Sent again it is there once; who was away gets it on return.
    ada.socket
        .send(&ClientMessage::Direct(secret.clone()))
        .await;
    let acked = ada
        .until(|message| match message {
            ServerMessage::Ack { op_id, .. } => Some(op_id),
            _ => None,
        })
        .await;
    assert_eq!(acked, secret.op_id);
    drop(phone);
    let (joined, resume) = (ben.joined.clone(), ben.resume());
    drop(ben);
    let later = direct(&mut ada, &cleo, "x");
    ada.socket.send(&ClientMessage::Direct(later)).await;
    let mut ben = Device::connect(address, joined, Some(resume), Vec::new(), 0).await;
    let for_ben = direct(&mut ada, &ben, "more");
    ada.socket.send(&ClientMessage::Direct(for_ben)).await;
    while ben.inbox.is_empty() {
        if let ServerMessage::Inbox { entries } = ben.socket.next().await {
            ben.inbox.extend(entries);
        }
    }
    assert_eq!((ben.inbox[0].seq, ben.inbox[0].text.as_str()), (2, "more"));

    // To oneself, or to nobody, there is no direct message.
    let me = ada.member();
    let mut to_me = direct(&mut ada, &cleo, "x");
    to_me.to = me;
    ada.socket.send(&ClientMessage::Direct(to_me.clone())).await;
    let error = ada
        .until(|message| client::error_of(message).filter(|error| error.op_id.is_some()))
        .await;
    assert_eq!(error.code, ErrorCode::Gone);
    relay.shutdown().await;
}
