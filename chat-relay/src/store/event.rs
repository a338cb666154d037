//! An event as its JSON: made once from what the store holds, then shared by all who get it.

use std::fmt::Write as _;

use chat_relay_protocol::{DeviceId, Seq};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A committed event.
#[derive(Debug, Clone)]
pub(crate) struct StoredEvent {
    pub(crate) seq: Seq,
    /// The event as it stands in an `events` message.
    pub(crate) json: String,
}

impl StoredEvent {
    /// `body` is JSON already; ids need no escaping, see [`chat_relay_protocol::ids`].
    pub(super) fn new(seq: Seq, at: i64, device: &DeviceId, counter: u64, body: &str) -> Self {
        let mut json = String::with_capacity(body.len() + 128);
        // Writing to a string does not fail.
        let _ = write!(
            json,
            r#"{{"seq":{seq},"at":{at},"from":"{device}","op_id":{{"device":"{device}","counter":{counter}}},"body":{body}}}"#
        );
        Self { seq, json }
    }
}

/// The `events` message of consecutive events.
pub(crate) fn events_message(events: &[StoredEvent]) -> Utf8Bytes {
    let mut json =
        String::with_capacity(events.iter().map(|e| e.json.len() + 1).sum::<usize>() + 32);
    json.push_str(r#"{"type":"events","events":["#);
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push_str(&event.json);
    }
    json.push_str("]}");
    json.into()
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::{Body, Event, OpId, ServerMessage};

    use super::*;

    #[test]
    fn the_spliced_message_is_what_the_codec_writes() {
        let device = DeviceId::new("d1").unwrap();
        let body = Body::Chat {
            text: "a \"quoted\"\nline, \u{1F600}".into(),
        };
        let event = |seq: Seq| Event {
            seq,
            at: 1_700_000_000_000,
            from: device.clone(),
            op_id: OpId {
                device: device.clone(),
                counter: seq + 7,
            },
            body: body.clone(),
        };
        let stored = |seq: Seq| {
            let body = serde_json::to_string(&body).unwrap();
            StoredEvent::new(seq, 1_700_000_000_000, &device, seq + 7, &body)
        };
        let expected = ServerMessage::Events {
            events: vec![event(1), event(2)],
        };
        assert_eq!(
            events_message(&[stored(1), stored(2)]).as_str(),
            expected.to_json()
        );
    }
}
