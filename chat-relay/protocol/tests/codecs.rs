//! All codecs: what one writes it reads, and a message stays the same on any way through them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod strategies;

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, Codec, DecodeError, DeviceId, MAX_MESSAGE_BYTES,
    MAX_SERVER_MESSAGE_BYTES, Op, OpId, Presence, RoomChange, SceneOp, ServerMessage, Value,
    codec::{COMPRESS_OVER_BYTES, MAX_CLIENT_DEPTH},
};
use proptest::{prelude::*, sample};
use strategies::messages::{client_message, server_message};

/// A way through the codecs, with compression of everything, of the long and of nothing.
fn way() -> impl Strategy<Value = Vec<(Codec, usize)>> {
    let step = (
        sample::select(Codec::ALL),
        sample::select(&[0, COMPRESS_OVER_BYTES, usize::MAX][..]),
    );
    proptest::collection::vec(step, 1..7)
}

proptest! {
    #[test]
    fn a_clients_message_comes_back_from_any_way(message in client_message(), way in way()) {
        let mut at = message.clone();
        let mut bytes = Vec::new();
        for (codec, compress_over_bytes) in way {
            bytes.clear();
            codec.encode_client_over(&at, compress_over_bytes, &mut bytes);
            let op_id = match &at {
                ClientMessage::Op(op) => Some(op.op_id.clone()),
                _ => None,
            };
            prop_assert_eq!(codec.op_id_of_unreadable(&bytes), op_id);
            at = codec.decode_client(&bytes).unwrap();
        }
        prop_assert_eq!(at, message);
    }

    #[test]
    fn a_relays_message_comes_back_from_any_way(message in server_message(), way in way()) {
        let mut at = message.clone();
        let mut bytes = Vec::new();
        for (codec, compress_over_bytes) in way {
            bytes.clear();
            codec.encode_server_over(&at, compress_over_bytes, &mut bytes);
            at = codec.decode_server(&bytes).unwrap();
        }
        prop_assert_eq!(at, message);
    }

    #[test]
    fn a_message_is_appended_to_what_is_there(message in server_message(), codec in sample::select(Codec::ALL)) {
        let mut alone = Vec::new();
        codec.encode_server(&message, &mut alone);
        let mut behind = b"before".to_vec();
        codec.encode_server(&message, &mut behind);
        prop_assert_eq!(&behind[..6], b"before");
        prop_assert_eq!(&behind[6..], &alone[..]);
    }
}

fn op_id() -> OpId {
    OpId {
        device: DeviceId::new("d1").unwrap(),
        counter: 7,
    }
}

fn op(body: Body) -> ClientMessage {
    ClientMessage::Op(Op {
        op_id: op_id(),
        body,
    })
}

fn put(value: Value) -> ClientMessage {
    op(Body::Scene {
        op: SceneOp::Put {
            id: AnnotationId::new("a").unwrap(),
            fields: [("x".to_owned(), value)].into(),
        },
    })
}

fn encoded(codec: Codec, message: &ClientMessage) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec.encode_client(message, &mut bytes);
    bytes
}

const BINARY: [Codec; 2] = [Codec::MsgPack, Codec::Protobuf];

#[test]
fn every_codec_has_its_own_subprotocol() {
    assert_eq!(Codec::ALL.len(), 3);
    for codec in Codec::ALL {
        assert_eq!(Codec::from_subprotocol(codec.subprotocol()), Some(*codec));
        assert_eq!(codec.is_text(), codec.subprotocol().ends_with("json"));
    }
    assert_eq!(Codec::from_subprotocol("sightline.v2.json"), None);
}

#[test]
fn whole_and_other_numbers_are_kept_apart() {
    for codec in Codec::ALL {
        for value in [
            Value::Integer(1),
            Value::Number(1.0),
            Value::Integer(i64::MIN),
            Value::Number(9.007_199_254_740_993e15),
            Value::List(vec![Value::Number(1.0), Value::Integer(2)]),
            Value::List(vec![]),
        ] {
            let message = put(value);
            let bytes = encoded(*codec, &message);
            assert_eq!(codec.decode_client(&bytes).unwrap(), message, "{codec:?}");
        }
    }
    // JavaScript writes a number that is whole without a point.
    let text = br#"{"type":"presence","zoom":1}"#;
    let ClientMessage::Presence(presence) = Codec::Json.decode_client(text).unwrap() else {
        panic!("no presence");
    };
    assert_eq!(presence.more["zoom"], Value::Integer(1));
    assert_eq!(presence.more["zoom"].as_f64(), Some(1.0));
}

#[test]
fn long_bodies_are_deflated_and_short_ones_are_not() {
    let long = op(Body::chat("long ".repeat(600)));
    let short = op(Body::chat("short"));
    for codec in BINARY {
        let (long_bytes, short_bytes) = (encoded(codec, &long), encoded(codec, &short));
        assert_eq!((long_bytes[0], short_bytes[0]), (1, 0), "{codec:?}");
        assert!(long_bytes.len() < 300, "{codec:?}: {}", long_bytes.len());
        // What does not get shorter stays as it is.
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from_u32(0x4e00 + u32::try_from(state >> 51).unwrap()).unwrap()
        });
        let noise = op(Body::chat(noise.take(1000).collect::<String>()));
        let mut plain = Vec::new();
        codec.encode_client_over(&noise, usize::MAX, &mut plain);
        assert!(encoded(codec, &noise).len() <= plain.len());
    }
}

#[test]
fn a_message_past_the_limit_is_refused_before_it_is_read() {
    let limit_bytes = MAX_MESSAGE_BYTES;
    for codec in Codec::ALL {
        let bytes = vec![b' '; MAX_MESSAGE_BYTES + 2];
        assert_eq!(
            codec.decode_client(&bytes),
            Err(DecodeError::TooLarge { limit_bytes }),
            "{codec:?}"
        );
    }
    // 16 MiB of zeroes take 16 KiB on the wire.
    let mut bomb = Vec::new();
    let mut deflater = flate2::Compress::new(flate2::Compression::best(), false);
    let zeroes = vec![0; 16 * 1024 * 1024];
    bomb.reserve(64 * 1024);
    deflater
        .compress_vec(&zeroes, &mut bomb, flate2::FlushCompress::Finish)
        .unwrap();
    bomb.insert(0, 1);
    assert!(bomb.len() < MAX_MESSAGE_BYTES / 2, "{}", bomb.len());
    for codec in BINARY {
        assert_eq!(
            codec.decode_client(&bomb),
            Err(DecodeError::TooLarge { limit_bytes })
        );
        assert_eq!(
            codec.decode_server(&bomb),
            Err(DecodeError::TooLarge {
                limit_bytes: MAX_SERVER_MESSAGE_BYTES
            })
        );
    }
}

#[test]
fn a_body_of_the_limit_is_taken_plain_and_deflated() {
    for codec in BINARY {
        let length = |text: usize| {
            let mut bytes = Vec::new();
            let message = op(Body::chat("x".repeat(text)));
            codec.encode_client_over(&message, usize::MAX, &mut bytes);
            bytes.len() - 1
        };
        let most = MAX_MESSAGE_BYTES - (length(60_000) - 60_000);
        assert_eq!(length(most), MAX_MESSAGE_BYTES);
        for (text, fits) in [(most, true), (most + 1, false)] {
            let message = op(Body::chat("x".repeat(text)));
            for compress_over_bytes in [0, usize::MAX] {
                let mut bytes = Vec::new();
                codec.encode_client_over(&message, compress_over_bytes, &mut bytes);
                assert_eq!(
                    codec.decode_client(&bytes).is_ok(),
                    fits,
                    "{codec:?} {text}"
                );
            }
        }
    }
}

#[test]
fn a_binary_message_starts_with_a_known_byte() {
    for codec in BINARY {
        assert_eq!(codec.decode_client(&[]), Err(DecodeError::Empty));
        assert_eq!(
            codec.decode_client(b"{\"type\":\"ping\",\"nonce\":1}"),
            Err(DecodeError::Framing { first_byte: b'{' })
        );
        let mut deflated = Vec::new();
        codec.encode_client_over(&op(Body::chat("long ".repeat(600))), 0, &mut deflated);
        assert_eq!(deflated[0], 1);
        for broken in [
            &deflated[..deflated.len() - 1],
            &[&deflated[..], b"x"].concat(),
            &[1],
            &[1, 0xff, 0xff],
        ] {
            let error = codec.decode_client(broken).unwrap_err();
            assert!(matches!(error, DecodeError::Deflate { .. }), "{error}");
        }
        // The next message on this thread is read as if nothing had been.
        assert!(codec.decode_client(&deflated).is_ok());
    }
}

#[test]
fn numbers_that_are_not_finite_are_refused_and_the_op_is_named() {
    for number in [f64::NAN, f64::INFINITY] {
        let pose = Value::List(vec![Value::Number(number); 7]);
        for codec in BINARY {
            let bytes = encoded(codec, &put(pose.clone()));
            assert_eq!(codec.decode_client(&bytes), Err(DecodeError::NotFinite));
            assert_eq!(
                codec.op_id_of_unreadable(&bytes),
                Some(op_id()),
                "{codec:?}"
            );
        }
        let frame = op(Body::Room {
            change: RoomChange::DefineFrame {
                second_spot_in_room: [1.0, number, 0.0],
            },
        });
        let bytes = encoded(Codec::Protobuf, &frame);
        assert_eq!(
            Codec::Protobuf.decode_client(&bytes),
            Err(DecodeError::NotFinite)
        );
    }
    let text =
        br#"{"type":"op","op_id":{"device":"d1","counter":7},"body":{"kind":"scene","op":7}}"#;
    let error = Codec::Json.decode_client(text).unwrap_err();
    assert!(matches!(error, DecodeError::Shape { .. }), "{error}");
    assert_eq!(Codec::Json.op_id_of_unreadable(text), Some(op_id()));
}

#[test]
fn what_a_later_version_says_of_presence_cannot_pose_as_what_is_known() {
    let later = |name: &str| (name.to_owned(), Value::Bool(true));
    let presence = Presence {
        more: ["type", "mode", "typing", "zoom"].map(later).into(),
        ..Presence::default()
    };
    let bytes = encoded(Codec::Protobuf, &ClientMessage::Presence(presence));
    let expected = Presence {
        more: [later("zoom")].into(),
        ..Presence::default()
    };
    assert_eq!(
        Codec::Protobuf.decode_client(&bytes).unwrap(),
        ClientMessage::Presence(expected)
    );
}

#[test]
fn what_is_no_op_has_no_op_id() {
    for codec in Codec::ALL {
        let ping = encoded(*codec, &ClientMessage::Ping { nonce: 1 });
        assert_eq!(codec.op_id_of_unreadable(&ping), None);
        assert_eq!(codec.op_id_of_unreadable(b"\x00garbage"), None);
        assert_eq!(codec.op_id_of_unreadable(b""), None);
    }
}

#[test]
fn depth_is_bounded_and_what_a_client_may_send_reaches_every_other() {
    let nested = |depth: usize| {
        (0..depth).fold(Value::Null, |inner, level| match level % 2 {
            0 => Value::List(vec![inner]),
            _ => Value::Map([("m".to_owned(), inner)].into()),
        })
    };
    let maps = |depth: usize| {
        (0..depth).fold(Value::Null, |inner, _| {
            Value::Map([("m".to_owned(), inner)].into())
        })
    };
    for codec in Codec::ALL {
        for nest in [&nested as &dyn Fn(usize) -> Value, &maps] {
            let presence = |depth| Presence {
                more: [("x".to_owned(), nest(depth))].into(),
                ..Presence::default()
            };
            // The message itself is the outermost map.
            let deepest = ClientMessage::Presence(presence(MAX_CLIENT_DEPTH - 1));
            let bytes = encoded(*codec, &deepest);
            assert_eq!(codec.decode_client(&bytes).unwrap(), deepest);
            let too_deep = ClientMessage::Presence(presence(MAX_CLIENT_DEPTH + 1));
            let error = codec
                .decode_client(&encoded(*codec, &too_deep))
                .unwrap_err();
            assert!(matches!(error, DecodeError::TooDeep { .. }), "{error}");
            let too_deep = put(nest(MAX_CLIENT_DEPTH + 1));
            assert_eq!(
                codec.op_id_of_unreadable(&encoded(*codec, &too_deep)),
                Some(op_id())
            );
            // Wrapped as deep as the relay wraps: a held put.
            let held = ServerMessage::Held {
                ops: vec![chat_relay_protocol::HeldOp {
                    from: chat_relay_protocol::MemberId::new("m").unwrap(),
                    at: 0,
                    op: Op {
                        op_id: op_id(),
                        body: Body::Scene {
                            op: SceneOp::Put {
                                id: AnnotationId::new("a").unwrap(),
                                fields: [("x".to_owned(), nest(MAX_CLIENT_DEPTH))].into(),
                            },
                        },
                    },
                }],
            };
            let mut bytes = Vec::new();
            codec.encode_server(&held, &mut bytes);
            assert_eq!(codec.decode_server(&bytes).unwrap(), held, "{codec:?}");
        }
    }
}

#[test]
fn msgpack_has_no_binary_no_extensions_and_no_rest() {
    let ping = |value: &[u8]| {
        let mut bytes = b"\x00\x82\xa4type\xa4ping\xa5nonce".to_vec();
        bytes.extend_from_slice(value);
        bytes
    };
    let read = |value: &[u8]| Codec::MsgPack.decode_client(&ping(value));
    assert_eq!(read(&[7]).unwrap(), ClientMessage::Ping { nonce: 7 });
    for refused in [
        &b"\xc4\x01x"[..],                // binary
        &b"\xd4\x01x"[..],                // an extension
        &b"\xa1\xff"[..],                 // text that is not UTF-8
        &b"\xc1"[..],                     // reserved
        &b"\x07\x07"[..],                 // another value behind the message
        &b""[..],                         // no value
        &b"\xdd\xff\xff\xff\xff\x07"[..], // a list of 2^32 - 1
    ] {
        let error = read(refused).unwrap_err();
        assert!(
            matches!(error, DecodeError::MsgPack { .. }),
            "{refused:?}: {error}"
        );
    }
    // Fields by position are no message.
    assert!(
        Codec::MsgPack
            .decode_client(b"\x00\x92\xa4ping\x07")
            .is_err()
    );
}

#[test]
fn protobuf_passes_over_what_it_does_not_know() {
    // A ping with field 15 beside the nonce, and field 100 beside the ping.
    let ping = b"\x00\x42\x05\x08\x07\x7a\x01x\xa2\x06\x01y";
    assert_eq!(
        Codec::Protobuf.decode_client(ping).unwrap(),
        ClientMessage::Ping { nonce: 7 }
    );
    // A kind of a later version: passed over from the relay, refused from a device.
    let later = b"\x00\xa2\x06\x01y";
    assert_eq!(
        Codec::Protobuf.decode_server(later).unwrap(),
        ServerMessage::Unknown
    );
    assert!(matches!(
        Codec::Protobuf.decode_client(later),
        Err(DecodeError::Shape { .. })
    ));
    // An op whose id cannot be, and one whose body is garbage.
    let bad_id = b"\x00\x12\x0a\x0a\x06\x0a\x02a \x10\x01\x12\x00";
    assert!(matches!(
        Codec::Protobuf.decode_client(bad_id),
        Err(DecodeError::Shape { .. })
    ));
    assert_eq!(Codec::Protobuf.op_id_of_unreadable(bad_id), None);
    let bad_body = b"\x00\x12\x0d\x0a\x06\x0a\x02d1\x10\x07\x12\x03\x0a\xff\x01";
    assert!(matches!(
        Codec::Protobuf.decode_client(bad_body),
        Err(DecodeError::Protobuf { .. })
    ));
    assert_eq!(Codec::Protobuf.op_id_of_unreadable(bad_body), Some(op_id()));
}

#[test]
fn an_unreadable_body_does_not_hide_the_events_around_it() {
    // Three events whose bodies are a chat, a field of a later version, and a scene op without a kind.
    let event = |seq: u8, body: &[u8]| {
        let head: &[u8] = &[0x08, seq, 0x1a, 1, b'm', 0x22, 5, 0x0a, 1, b'd', 0x10, seq];
        let body = [&[0x2a, u8::try_from(body.len()).unwrap()], body].concat();
        let event = [head, &body].concat();
        [&[0x0a, u8::try_from(event.len()).unwrap()], &event[..]].concat()
    };
    let events = [
        event(1, b"\x0a\x03\x0a\x01a"),
        event(2, b"\x7a\x01x"),
        event(3, b"\x2a\x03\x0a\x01a"),
    ]
    .concat();
    let message = [&[0, 0x12, u8::try_from(events.len()).unwrap()], &events[..]].concat();
    let ServerMessage::Events { events } = Codec::Protobuf.decode_server(&message).unwrap() else {
        panic!("no events");
    };
    let bodies: Vec<Body> = events.into_iter().map(|event| event.body).collect();
    assert_eq!(bodies, [Body::chat("a"), Body::Unknown, Body::Unknown]);
}
