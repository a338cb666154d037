//! Frames and messages of a device that is in its room.

use std::time::Duration;

use chat_relay::Config;
use chat_relay_protocol::{
    Body, ClientMessage, Codec, ErrorCode, Pose, Presence, Retry, ServerMessage, Value, ViewMode,
};
use futures_util::SinkExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{
    Bytes, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    case::{Case, Setup, is},
    client::{Device, encoded, error_of, framed, hello},
};

/// What is no message of any codec.
fn all_garbage(codec: Codec) -> Vec<Message> {
    let garbage: [&[u8]; 5] = [b"garbage", b"", b"{", b"[[[[[[", b"{\"type\":\"sing\"}"];
    let mut messages: Vec<_> = garbage
        .into_iter()
        .map(|bytes| framed(codec, bytes.to_vec()))
        .collect();
    if !codec.is_text() {
        let bytes: [&[u8]; 3] = [&[0, 0xff, 0xff], &[0, 0x81, 0xa4], &[7, 1, 2, 3]];
        messages.extend(bytes.map(|bytes| framed(codec, bytes.to_vec())));
    }
    messages
}

pub(crate) async fn garbage(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        for message in all_garbage(*codec) {
            device.socket.stream.send(message).await.unwrap();
            case.goes_on(&mut device).await;
        }
        device.say(Body::chat("still here")).await;
    }
    case
}

pub(crate) async fn much_garbage(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        for _ in 0..10 {
            let message = framed(*codec, b"garbage".to_vec());
            device.socket.stream.send(message).await.unwrap();
        }
        case.closes(&mut device.socket).await;
        case.leaves(&device).await;
    }
    case
}

/// That a device which sends `bytes` as they are is closed.
async fn closes_after_bytes(case: &mut Case, bytes: &[u8]) {
    let mut device = case.join().await;
    let stream = device.socket.stream.get_mut();
    stream.write_all(bytes).await.unwrap();
    case.closes(&mut device.socket).await;
    case.leaves(&device).await;
}

pub(crate) async fn not_utf8(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    // A whole message, and one that breaks in its second frame.
    closes_after_bytes(&mut case, &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]).await;
    let fragments = [0x01, 0x81, 0, 0, 0, 0, b'a', 0x80, 0x81, 0, 0, 0, 0, 0xff];
    closes_after_bytes(&mut case, &fragments).await;
    case
}

pub(crate) async fn wrong_kind(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let message = match encoded(*codec, &ClientMessage::Ping { nonce: 1 }) {
            Message::Text(text) => Message::Binary(text.into()),
            _ => Message::text("ping"),
        };
        device.socket.stream.send(message).await.unwrap();
        case.closes(&mut device.socket).await;
        case.leaves(&device).await;
    }
    case
}

pub(crate) async fn unmasked_frame(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    closes_after_bytes(&mut case, &[0x81, 2, b'{', b'}']).await;
    case
}

pub(crate) async fn unknown_opcode(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    for opcode in [3, 7, 11, 15] {
        closes_after_bytes(&mut case, &[0x80 | opcode, 0x80, 0, 0, 0, 0]).await;
    }
    // A ping in two frames, one of 126 bytes, and the middle of a message that did not begin.
    for frame in [[0x09, 0x80, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0]] {
        closes_after_bytes(&mut case, &frame).await;
    }
    let long_ping = [&[0x89, 0xfe, 0, 126, 0, 0, 0, 0][..], &[b'x'; 126]].concat();
    closes_after_bytes(&mut case, &long_ping).await;
    case
}

pub(crate) async fn reserved_bit(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    for bit in [0x40, 0x20, 0x10] {
        closes_after_bytes(&mut case, &[0x81 | bit, 0x80, 0, 0, 0, 0]).await;
    }
    case
}

pub(crate) async fn large_message(setup: Setup) -> Case {
    const BYTES: u64 = 65_000_000;
    let mut case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let opcode = if codec.is_text() { 0x81 } else { 0x82 };
        let mut frame = vec![opcode, 0xff];
        frame.extend_from_slice(&BYTES.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        device
            .socket
            .stream
            .get_mut()
            .write_all(&frame)
            .await
            .unwrap();
        // It goes on sending for as long as somebody takes it.
        let part = vec![b' '; 64 * 1024];
        for _ in 0..32 {
            if device
                .socket
                .stream
                .get_mut()
                .write_all(&part)
                .await
                .is_err()
            {
                break;
            }
        }
        case.closes(&mut device.socket).await;
        case.leaves(&device).await;
    }
    // As long as a length can be.
    let mut frame = vec![0x81, 0xff];
    frame.extend_from_slice(&(u64::MAX >> 1).to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    closes_after_bytes(&mut case, &frame).await;
    case
}

pub(crate) async fn large_in_fragments(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    for n in 0..200 {
        let opcode = OpCode::Data(if n == 0 { Data::Text } else { Data::Continue });
        let part = Frame::message(Bytes::from(vec![b' '; 1000]), opcode, false);
        if device
            .socket
            .stream
            .send(Message::Frame(part))
            .await
            .is_err()
        {
            break;
        }
    }
    case.closes(&mut device.socket).await;
    case.leaves(&device).await;
    case
}

/// Heartbeats as short as they can be.
pub(crate) fn hurried(config: &mut Config) {
    config.limits.heartbeat_interval = Duration::from_secs(1);
    config.limits.heartbeat_min = Duration::from_millis(200);
}

pub(crate) async fn half_a_frame(setup: Setup) -> Case {
    let mut case = setup.start(hurried).await;
    let mut device = case.join().await;
    let half = [0x81, 0x80 | 100, 0, 0, 0, 0, b'{'];
    device
        .socket
        .stream
        .get_mut()
        .write_all(&half)
        .await
        .unwrap();
    let began = std::time::Instant::now();
    case.leaves(&device).await;
    // Twice the interval, and what a busy machine takes.
    assert!(began.elapsed() < Duration::from_secs(10));
    while let Ok(message) = device.socket.next_or_close().await {
        assert!(!matches!(message, ServerMessage::Error(_)));
    }
    case.untold("dropped");
    case
}

/// A binary message whose body, of nothing but zeros, is deflated.
fn bomb(inflated_bytes: usize) -> Vec<u8> {
    let mut deflater = flate2::Compress::new(flate2::Compression::best(), false);
    let mut body = Vec::with_capacity(inflated_bytes / 500);
    let zeros = vec![0; inflated_bytes];
    let status = deflater
        .compress_vec(&zeros, &mut body, flate2::FlushCompress::Finish)
        .unwrap();
    assert_eq!(status, flate2::Status::StreamEnd);
    [&[1], &body[..]].concat()
}

pub(crate) async fn zip_bomb(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let bomb = bomb(40_000_000);
    assert!(bomb.len() < 60_000, "{}", bomb.len());
    for codec in [Codec::MsgPack, Codec::Protobuf] {
        let mut device = case.join_as(codec).await;
        for _ in 0..5 {
            let message = framed(codec, bomb.clone());
            device.socket.stream.send(message).await.unwrap();
            case.goes_on(&mut device).await;
        }
    }
    case
}

pub(crate) async fn broken_deflate(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in [Codec::MsgPack, Codec::Protobuf] {
        let mut device = case.join_as(codec).await;
        let mut good = Vec::new();
        let long = device.op(Body::chat("long ".repeat(600)));
        codec.encode_client(&ClientMessage::Op(long), &mut good);
        assert_eq!(good[0], 1, "long enough to be deflated");
        for broken in [
            vec![1],
            good[..good.len() - 1].to_vec(),
            [&good[..], b"x"].concat(),
            vec![1, 0xff, 0xff, 0xff],
        ] {
            let message = framed(codec, broken);
            device.socket.stream.send(message).await.unwrap();
            case.goes_on(&mut device).await;
        }
    }
    case
}

pub(crate) async fn flood_of_pings(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    let pings = [0x89, 0x80, 0, 0, 0, 0].repeat(10_000);
    for _ in 0..20 {
        device
            .socket
            .stream
            .get_mut()
            .write_all(&pings)
            .await
            .unwrap();
    }
    device.settle().await;
    case.untold("goes on");
    case
}

/// Forty messages a second.
fn strict(config: &mut Config) {
    config.limits.connection_messages_per_sec = 40;
    config.limits.connection_messages_burst = 40;
}

/// Sends chat without waiting for anything.
async fn pour(device: &mut Device, messages: usize) {
    for _ in 0..messages {
        let op = device.op(Body::chat("x"));
        let message = encoded(device.socket.codec, &ClientMessage::Op(op));
        if device.socket.stream.send(message).await.is_err() {
            return;
        }
    }
}

pub(crate) async fn too_fast(setup: Setup) -> Case {
    let case = setup.start(strict).await;
    let mut device = case.join().await;
    pour(&mut device, 90).await;
    let error = device.until(is(ErrorCode::RateLimited)).await;
    assert!(error.op_id.is_some());
    case.told(&error, "goes on");
    // Who waits as it is told is answered, and stays.
    let mut wait = error.retry;
    loop {
        if let Retry::Later { after_millis } = wait {
            tokio::time::sleep(Duration::from_millis(after_millis)).await;
        }
        device.socket.send(&ClientMessage::Ping { nonce: 7 }).await;
        let refused = device
            .until(|message| match message {
                ServerMessage::Pong { nonce: 7 } => Some(None),
                // Those of the ops before name their op.
                ServerMessage::Error(error) if error.op_id.is_none() => Some(Some(error.retry)),
                _ => None,
            })
            .await;
        match refused {
            Some(retry) => wait = retry,
            None => return case,
        }
    }
}

pub(crate) async fn flood(setup: Setup) -> Case {
    let mut case = setup.start(strict).await;
    let mut device = case.join().await;
    pour(&mut device, 3000).await;
    case.closes(&mut device.socket).await;
    case.leaves(&device).await;
    case
}

pub(crate) async fn flood_between(setup: Setup) -> Case {
    let mut case = setup
        .start(|config| {
            strict(config);
            config.limits.presence_per_sec = 1_000_000;
        })
        .await;
    let mut device = case.join().await;
    for n in 0..100 {
        pour(&mut device, 19).await;
        // Taken, and no reason to forget the rest.
        let presence = encoded(device.socket.codec, &ClientMessage::Presence(at(n.into())));
        if device.socket.stream.send(presence).await.is_err() {
            break;
        }
    }
    case.closes(&mut device.socket).await;
    case.leaves(&device).await;
    case
}

pub(crate) async fn flood_of_unreadable_ops(setup: Setup) -> Case {
    // Enough for the others, who talk without a pause.
    let case = setup
        .start(|config| {
            strict(config);
            config.limits.connection_messages_burst = 400;
        })
        .await;
    let mut device = case.join().await;
    for counter in 1..=500 {
        let id = device.id();
        let op = format!(
            r#"{{"type":"op","op_id":{{"device":"{id}","counter":{counter}}},"body":{{"kind":"chat"}}}}"#
        );
        device.socket.send_text(op).await;
    }
    let first = device.until(error_of).await;
    assert_eq!(first.code, ErrorCode::InvalidOp, "{}", first.message);
    let error = device.until(is(ErrorCode::RateLimited)).await;
    assert!(error.op_id.is_some());
    case.told(&error, "goes on");
    // The last of them are answered, too; then there is place for a ping.
    tokio::time::sleep(Duration::from_millis(200)).await;
    device.settle().await;
    case
}

pub(crate) async fn flood_of_large_presence(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.presence_per_sec = 10)
        .await;
    let mut device = case.join().await;
    let mut large = Presence::default();
    large.more.insert("x".into(), Value::Text("x".repeat(3000)));
    for _ in 0..50 {
        device
            .socket
            .send(&ClientMessage::Presence(large.clone()))
            .await;
    }
    let first = device.until(error_of).await;
    assert_eq!(first.code, ErrorCode::TooLarge);
    let error = device.until(is(ErrorCode::RateLimited)).await;
    case.told(&error, "goes on");
    device.settle().await;
    case
}

fn at(x: f64) -> Presence {
    let mut pose = Pose::IDENTITY;
    pose.position_m[0] = x;
    Presence {
        mode: ViewMode::Ar,
        room_from_head: Some(pose.to_value()),
        ..Presence::default()
    }
}

pub(crate) async fn flood_of_presence(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.presence_per_sec = 10)
        .await;
    let mut device = case.join().await;
    for n in 0..50 {
        device
            .socket
            .send(&ClientMessage::Presence(at(n.into())))
            .await;
    }
    let error = device.until(is(ErrorCode::RateLimited)).await;
    case.told(&error, "goes on");
    device.settle().await;
    device.say(Body::chat("still here")).await;
    case
}

pub(crate) async fn second_hello(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let again = hello(&device.joined.token, None);
        device.socket.send(&again).await;
        case.goes_on(&mut device).await;
    }
    case
}

pub(crate) async fn large_presence(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    // What does not get shorter by compression counts as it came.
    let text: String = (0..3000_u32)
        .map(|n| {
            char::from(
                b'!' + u8::try_from(n.wrapping_mul(n).wrapping_mul(2_654_435_761) >> 26).unwrap(),
            )
        })
        .collect();
    for codec in Codec::ALL {
        let mut device = case.join_as(*codec).await;
        let mut presence = Presence::default();
        presence.more.insert("x".into(), Value::Text(text.clone()));
        let message = ClientMessage::Presence(presence);
        device.socket.send(&message).await;
        case.goes_on(&mut device).await;
    }
    case
}

pub(crate) async fn nan_head(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for codec in [Codec::MsgPack, Codec::Protobuf] {
        let mut device = case.join_as(codec).await;
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let message = ClientMessage::Presence(at(number));
            device.socket.send(&message).await;
            case.goes_on(&mut device).await;
        }
    }
    case
}

pub(crate) async fn nan_head_json(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let mut device = case.join().await;
    for number in ["1e999", "-1e999", "NaN"] {
        let presence = format!(r#"{{"type":"presence","room_from_head":[{number},0,0,0,0,0,1]}}"#);
        device.socket.send_text(presence).await;
        case.goes_on(&mut device).await;
    }
    case
}
