//! The conversation in docs/protocol.md is of this protocol, to the letter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use chat_relay_protocol::{ClientMessage, ServerMessage};

#[test]
fn the_documented_conversation_is_what_goes_over_the_wire() {
    let page = include_str!("../docs/protocol.md");
    let said = |who: &'static str| page.lines().filter_map(move |line| line.strip_prefix(who));
    let mut lines = 0;
    for json in said("C: ") {
        assert_eq!(ClientMessage::from_json(json).unwrap().to_json(), json);
        lines += 1;
    }
    for json in said("R: ") {
        let message = ServerMessage::from_json(json).unwrap();
        assert_ne!(message, ServerMessage::Unknown, "{json}");
        assert_eq!(message.to_json(), json);
        lines += 1;
    }
    assert!(lines > 15, "{lines}");
}
