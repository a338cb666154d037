//! The JSON codec: what is written is read back, what is unknown is passed over, what is malformed is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod strategies;

use std::collections::BTreeSet;

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, DeviceId, ErrorCode, IdError, Role, RoomChange,
    RoomSettings, ServerMessage, Tracking, Value, ViewMode, WireError,
};
use proptest::prelude::*;
use strategies::{
    id_text,
    messages::{CODES, client_message, server_message},
    value,
};

proptest! {
    #[test]
    fn client_messages_come_back(message in client_message()) {
        prop_assert_eq!(ClientMessage::from_json(&message.to_json()).unwrap(), message);
    }

    #[test]
    fn server_messages_come_back(message in server_message()) {
        prop_assert_eq!(ServerMessage::from_json(&message.to_json()).unwrap(), message);
    }

    #[test]
    fn values_come_back_to_the_bit(value in value()) {
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    }

    #[test]
    fn no_text_makes_the_decoder_panic(text in ".{0,200}") {
        let _ = ClientMessage::from_json(&text);
        let _ = ServerMessage::from_json(&text);
    }

    #[test]
    fn ids_hold_their_alphabet_only(text in ".{0,70}", good in id_text()) {
        prop_assert_eq!(DeviceId::new(good.clone()).map(String::from), Ok(good));
        let well_formed = (1..=64).contains(&text.chars().count())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        prop_assert_eq!(AnnotationId::new(text).is_ok(), well_formed);
    }
}

#[test]
fn ids_say_what_is_wrong_with_them() {
    assert_eq!(DeviceId::new(""), Err(IdError::Length { actual: 0 }));
    assert_eq!(
        DeviceId::new("a".repeat(65)),
        Err(IdError::Length { actual: 65 })
    );
    assert_eq!(DeviceId::new("a b"), Err(IdError::Character { found: ' ' }));
    assert!(serde_json::from_str::<DeviceId>("\"a b\"").is_err());
}

#[test]
fn what_a_later_version_says_is_passed_over() {
    let later = r#"{"type":"fireworks","many":3}"#;
    assert_eq!(
        ServerMessage::from_json(later).unwrap(),
        ServerMessage::Unknown
    );
    let error = r#"{"code":"too_many_cats","message":"m","retry":"never"}"#;
    let error: WireError = serde_json::from_str(error).unwrap();
    assert_eq!(error.code, ErrorCode::Other);
    let ping = r#"{"type":"ping","nonce":1,"colour":"red"}"#;
    assert_eq!(
        ClientMessage::from_json(ping).unwrap(),
        ClientMessage::Ping { nonce: 1 }
    );
    let presence = r#"{"type":"presence","mode":"hologram","tracking":"superb","zoom":2}"#;
    let ClientMessage::Presence(presence) = ClientMessage::from_json(presence).unwrap() else {
        panic!("no presence");
    };
    assert_eq!(
        (presence.mode, presence.tracking),
        (ViewMode::Page, Tracking::None)
    );
    assert_eq!(presence.more["zoom"], Value::Integer(2));
}

#[test]
fn an_unknown_body_does_not_hide_the_events_around_it() {
    let event = |seq: u64, body: &str| {
        format!(
            r#"{{"seq":{seq},"at":0,"from":"d","op_id":{{"device":"d","counter":{seq}}},"body":{body}}}"#
        )
    };
    let bodies = [
        r#"{"kind":"chat","text":"a"}"#,
        r#"{"kind":"dance"}"#,
        r#"{"kind":"scene","op":{"type":"explode","id":"a"}}"#,
        r#"{"kind":"room","change":{"type":"paint"}}"#,
        r#"{"kind":"chat","text":"b"}"#,
    ];
    let events: Vec<String> = bodies
        .iter()
        .zip(1..)
        .map(|(b, seq)| event(seq, b))
        .collect();
    let message = format!(r#"{{"type":"events","events":[{}]}}"#, events.join(","));
    let ServerMessage::Events { events } = ServerMessage::from_json(&message).unwrap() else {
        panic!("no events");
    };
    let bodies: Vec<Body> = events.into_iter().map(|event| event.body).collect();
    let unknown_change = Body::Room {
        change: RoomChange::Unknown,
    };
    assert_eq!(
        bodies,
        [
            Body::chat("a"),
            Body::Unknown,
            Body::Unknown,
            unknown_change,
            Body::chat("b")
        ]
    );
}

#[test]
fn what_an_older_version_lacks_has_a_default() {
    let welcome = r#"{"type":"welcome","room":"r","code":"ABC234","epoch":"e","seq":0,"from_start":false,
        "you":{"member":"m","device":"d","name":"n","hue":0},"members":[],"heartbeat_secs":30}"#;
    let ServerMessage::Welcome(welcome) = ServerMessage::from_json(welcome).unwrap() else {
        panic!("no welcome");
    };
    assert_eq!((welcome.you.role, welcome.you.muted), (Role::Viewer, false));
    assert_eq!(welcome.settings, RoomSettings::default());
    let text = r#"{"kind":"chat_edit","message":1,"text":"t"}"#;
    let edit = Body::ChatEdit {
        message: 1,
        text: "t".into(),
        mentions: vec![],
    };
    assert_eq!(serde_json::from_str::<Body>(text).unwrap(), edit);
}

#[test]
fn every_error_code_has_its_own_name() {
    let names: BTreeSet<String> = CODES
        .iter()
        .map(|code| serde_json::to_string(code).unwrap())
        .collect();
    assert_eq!(names.len(), CODES.len());
    for (name, code) in CODES
        .iter()
        .map(|code| (serde_json::to_string(code).unwrap(), code))
    {
        assert_eq!(&serde_json::from_str::<ErrorCode>(&name).unwrap(), code);
    }
}

#[test]
fn an_error_tells_where_the_text_is_malformed() {
    let error = ClientMessage::from_json("{\"type\":\n \"ping\"").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}
