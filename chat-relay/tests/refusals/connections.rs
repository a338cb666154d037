//! What happens to a connection by its own slowness, by others, and by the relay's end.

use std::time::Duration;

use chat_relay::Config;
use chat_relay_protocol::{Body, MAX_CHAT_CHARS, RoomChange, ServerMessage};

use super::{
    case::{Case, Setup},
    client::{Device, call},
    frames::hurried,
};

/// Takes messages as fast as they come.
fn unhurried(config: &mut Config) {
    config.limits.connection_messages_burst = 1_000_000;
    config.limits.connection_bytes_burst = 1_000_000_000;
    config.limits.room_bytes_burst = 1_000_000_000;
    config.limits.room_messages_burst = 1_000_000;
    config.limits.replay_events = 1_000_000;
}

/// 16 KB: many of them are more than the sockets' buffers and the queue hold.
fn long_line() -> Body {
    Body::chat("\u{1F600}".repeat(MAX_CHAT_CHARS))
}

pub(crate) async fn slow_reader(setup: Setup) -> Case {
    const LINES: usize = 700;
    let case = setup.start(unhurried).await;
    let mut slow = case.join().await;
    let mut writer = case.join().await;
    let mut last = 0;
    for _ in 0..LINES {
        last = writer.say(long_line()).await;
    }
    // Nobody has waited for it; now it reads on, and finds the rest in its place.
    let mut missed = 0;
    while slow.log.last().map_or(0, |event| event.seq) < last {
        match slow.socket.next().await {
            ServerMessage::Events { events } => slow.note(events),
            ServerMessage::Missed { after, last } => {
                assert_eq!(slow.log.last().map_or(0, |event| event.seq), after);
                missed += last - after;
            }
            ServerMessage::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    assert!(missed > 50, "{missed}");
    slow.say(Body::chat("and live again")).await;
    assert_eq!(slow.log[..writer.log.len()], writer.log[..]);
    case.untold("goes on");
    case
}

pub(crate) async fn never_reads(setup: Setup) -> Case {
    let mut case = setup
        .start(|config| {
            unhurried(config);
            hurried(config);
        })
        .await;
    let mut stalled = case.join().await;
    let gone = stalled.id().clone();
    let mut writer = case.join().await;
    let mut left = false;
    while !left {
        let op = writer.send(long_line()).await;
        while writer.log.iter().all(|event| event.op_id != op.op_id) {
            match writer.socket.next().await {
                ServerMessage::Events { events } => writer.note(events),
                ServerMessage::Left { device } => left |= device == gone,
                ServerMessage::Error(error) => panic!("{error:?}"),
                _ => {}
            }
        }
    }
    let last = writer.log.last().map_or(0, |event| event.seq);
    case.unharmed().await;
    // What it can still read is in order; the rest it gets when it comes back.
    while let Ok(message) = stalled.socket.next_or_close().await {
        if let ServerMessage::Events { events } = message {
            stalled.note(events);
        }
    }
    case.untold("dropped");
    let mut again = stalled.reconnect(case.address).await;
    assert!(!again.welcome.from_start);
    again.until_seq(last).await;
    assert_eq!(again.log[..writer.log.len()], writer.log[..]);
    case
}

pub(crate) async fn replaced(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut first = case.join().await;
    let joined = first.joined.clone();
    let mut second = Device::connect(case.address, joined, None, Vec::new(), 0).await;
    case.closes(&mut first.socket).await;
    let id = first.id().clone();
    let owner = &mut case.owner;
    for _ in 0..2 {
        owner
            .until(|message| match message {
                ServerMessage::Joined { member } => (member.device == id).then_some(()),
                _ => None,
            })
            .await;
    }
    second.say(Body::chat("it is me")).await;
    case
}

pub(crate) async fn logged_out(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let bearer = format!("Authorization: Bearer {}", device.joined.secret);
    let answer = call(case.address, "POST", "/v1/logout", &[&bearer], "").await;
    assert_eq!(answer.status, 204);
    case.closes(&mut device.socket).await;
    case.leaves(&device).await;
    case
}

pub(crate) async fn removed(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let mut phone = device.link(case.address).await;
    let change = RoomChange::Remove {
        member: device.member(),
    };
    case.owner.send(Body::Room { change }).await;
    for device in [&mut device, &mut phone] {
        case.closes(&mut device.socket).await;
        case.leaves(device).await;
    }
    case
}

pub(crate) async fn shutting_down(setup: Setup) -> Case {
    let mut case = setup
        .start(|config| config.limits.drain = Duration::from_millis(200))
        .await;
    let mut devices = vec![case.join().await, case.join().await, case.join().await];
    case.unharmed().await;
    let relay = case.relay.take().unwrap();
    let ended = tokio::spawn(relay.shutdown());
    let mut hints = Vec::new();
    for device in &mut devices {
        let (error, _) = case.closes(&mut device.socket).await;
        hints.push(error.retry);
    }
    ended.await.unwrap();
    assert!(hints.iter().any(|hint| *hint != hints[0]), "{hints:?}");
    case
}
