//! Events as `events` messages. JSON is spliced from what the history holds; for the other codecs an event is read
//! from that JSON once, and written once a codec.

use std::fmt::Write as _;

use chat_relay_protocol::{Body, Codec, DeviceId, Event, MemberId, OpId, Seq, ServerMessage};

use crate::history::EventRow;

/// The size of an `events` message above which further events go into another one.
const MESSAGE_BYTES: usize = 128 * 1024;

/// An event with its body as JSON.
#[derive(Debug, Clone)]
pub(super) struct EventText {
    pub(super) seq: Seq,
    pub(super) at: i64,
    pub(super) from: MemberId,
    pub(super) device: DeviceId,
    pub(super) counter: u64,
    pub(super) body_json: Box<str>,
}

impl From<EventRow> for EventText {
    fn from(row: EventRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            from: row.member,
            device: row.device,
            counter: row.counter,
            body_json: row.body_json,
        }
    }
}

impl EventText {
    /// The event as a value; of a body that cannot be read its place is kept.
    pub(super) fn event(&self) -> Event {
        Event {
            seq: self.seq,
            at: self.at,
            from: self.from.clone(),
            op_id: OpId {
                device: self.device.clone(),
                counter: self.counter,
            },
            body: chat_relay_protocol::read_json(&self.body_json).unwrap_or(Body::Unknown),
        }
    }

    /// Ids need no escaping, see [`chat_relay_protocol::ids`].
    fn write_json(&self, json: &mut String) {
        let Self {
            seq,
            at,
            from,
            device,
            counter,
            body_json,
        } = self;
        // Writing to a string does not fail.
        let _ = write!(
            json,
            r#"{{"seq":{seq},"at":{at},"from":"{from}","op_id":{{"device":"{device}","counter":{counter}}},"body":{body_json}}}"#
        );
    }
}

/// Writes the `events` message of consecutive events.
pub(super) fn write_events(events: &[EventText], codec: Codec, out: &mut Vec<u8>) {
    if codec != Codec::Json {
        let events = events.iter().map(EventText::event).collect();
        codec.encode_server(&ServerMessage::Events { events }, out);
        return;
    }
    let bytes: usize = events.iter().map(|event| event.body_json.len() + 160).sum();
    let mut json = String::with_capacity(bytes);
    json.push_str(r#"{"type":"events","events":["#);
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        event.write_json(&mut json);
    }
    json.push_str("]}");
    if out.is_empty() {
        *out = json.into_bytes();
    } else {
        out.extend_from_slice(json.as_bytes());
    }
}

/// Consecutive events in pieces for one message each.
pub(super) fn pieces(mut events: &[EventText]) -> impl Iterator<Item = &[EventText]> {
    std::iter::from_fn(move || {
        if events.is_empty() {
            return None;
        }
        let mut bytes = 0;
        let fitting = events
            .iter()
            .take_while(|event| {
                bytes += event.body_json.len();
                bytes <= MESSAGE_BYTES
            })
            .count();
        let (piece, rest) = events.split_at(fitting.max(1));
        events = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seq: Seq, body: &Body) -> EventText {
        EventText {
            seq,
            at: 1_700_000_000_000,
            from: MemberId::new("m1").unwrap(),
            device: DeviceId::new("d1").unwrap(),
            counter: seq + 7,
            body_json: serde_json::to_string(body).unwrap().into(),
        }
    }

    #[test]
    fn the_spliced_message_is_what_the_codec_writes() {
        let body = Body::chat("a \"quoted\"\nline, \u{1F600}");
        let texts = [text(1, &body), text(2, &body)];
        let mut spliced = Vec::new();
        write_events(&texts, Codec::Json, &mut spliced);
        let expected = ServerMessage::Events {
            events: texts.iter().map(EventText::event).collect(),
        };
        assert_eq!(String::from_utf8(spliced).unwrap(), expected.to_json());
        let mut binary = Vec::new();
        write_events(&texts, Codec::MsgPack, &mut binary);
        assert_eq!(Codec::MsgPack.decode_server(&binary).unwrap(), expected);
    }

    #[test]
    fn events_are_cut_into_messages_and_one_that_is_too_large_goes_alone() {
        let large = text(1, &Body::chat("x".repeat(MESSAGE_BYTES)));
        let small = text(2, &Body::chat("y"));
        let texts = [large.clone(), small.clone(), small, large];
        let lengths: Vec<_> = pieces(&texts).map(<[_]>::len).collect();
        assert_eq!(lengths, [1, 2, 1]);
    }
}
