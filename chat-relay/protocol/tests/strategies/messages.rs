//! What goes over the socket.

use chat_relay_protocol::{
    ClientMessage, Direct, DirectOp, ErrorCode, Event, HeldOp, Hello, Op, Resume, Retry,
    ServerMessage, WireError,
};
use proptest::{collection, option, prelude::*, sample};

use super::{
    bodies::body,
    device, member_id, op_id,
    rooms::{chat_message, member, member_presence, presence, snapshot_part, welcome},
    text,
};

pub(crate) const CODES: [ErrorCode; 25] = [
    ErrorCode::BadMessage,
    ErrorCode::TooLarge,
    ErrorCode::HelloExpected,
    ErrorCode::Version,
    ErrorCode::Unauthorized,
    ErrorCode::RoomNotFound,
    ErrorCode::RoomFull,
    ErrorCode::RateLimited,
    ErrorCode::InvalidOp,
    ErrorCode::NotYourDevice,
    ErrorCode::Forbidden,
    ErrorCode::Muted,
    ErrorCode::Gone,
    ErrorCode::LimitReached,
    ErrorCode::TokenExpired,
    ErrorCode::Removed,
    ErrorCode::RoomClosed,
    ErrorCode::RoomExpired,
    ErrorCode::TooManyConnections,
    ErrorCode::Origin,
    ErrorCode::Storage,
    ErrorCode::ShuttingDown,
    ErrorCode::Lagged,
    ErrorCode::Replaced,
    ErrorCode::Other,
];

fn op() -> impl Strategy<Value = Op> {
    (op_id(), body()).prop_map(|(op_id, body)| Op { op_id, body })
}

fn hello() -> impl Strategy<Value = Hello> {
    let resume = (text(), any::<u64>(), any::<u64>()).prop_map(|(epoch, seq, inbox)| Resume {
        epoch,
        seq,
        inbox,
    });
    (
        any::<u32>(),
        text(),
        text(),
        option::of(resume),
        option::of(any::<u32>()),
        option::of(any::<u32>()),
    )
        .prop_map(
            |(version, token, name, resume, presence_millis, heartbeat_secs)| Hello {
                version,
                token,
                name,
                resume,
                presence_millis,
                heartbeat_secs,
            },
        )
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        1 => hello().prop_map(ClientMessage::Hello),
        8 => op().prop_map(ClientMessage::Op),
        1 => (op_id(), member_id(), text()).prop_map(|(op_id, to, text)| {
            ClientMessage::Direct(DirectOp { op_id, to, text })
        }),
        2 => presence().prop_map(ClientMessage::Presence),
        1 => any::<u64>().prop_map(|seq| ClientMessage::Read { seq }),
        1 => (any::<u64>(), any::<u32>())
            .prop_map(|(before, limit)| ClientMessage::History { before, limit }),
        1 => any::<u32>().prop_map(|secs| ClientMessage::Heartbeat { secs }),
        1 => any::<u64>().prop_map(|nonce| ClientMessage::Ping { nonce }),
    ]
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    (any::<u64>(), any::<i64>(), member_id(), op_id(), body()).prop_map(
        |(seq, at, from, op_id, body)| Event {
            seq,
            at,
            from,
            op_id,
            body,
        },
    )
}

fn direct() -> impl Strategy<Value = Direct> {
    (
        any::<u64>(),
        any::<i64>(),
        member_id(),
        member_id(),
        op_id(),
        text(),
    )
        .prop_map(|(seq, at, from, to, op_id, text)| Direct {
            seq,
            at,
            from,
            to,
            op_id,
            text,
        })
}

fn wire_error() -> impl Strategy<Value = WireError> {
    let retry = prop_oneof![
        Just(Retry::Never),
        Just(Retry::Rejoin),
        Just(Retry::Renew),
        any::<u64>().prop_map(|after_millis| Retry::Later { after_millis }),
    ];
    (
        sample::select(&CODES[..]),
        text(),
        retry,
        option::of(op_id()),
    )
        .prop_map(|(code, message, retry, op_id)| WireError {
            code,
            message,
            retry,
            op_id,
        })
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    let held = (member_id(), any::<i64>(), op()).prop_map(|(from, at, op)| HeldOp { from, at, op });
    prop_oneof![
        2 => welcome().prop_map(ServerMessage::Welcome),
        2 => snapshot_part().prop_map(ServerMessage::Snapshot),
        4 => collection::vec(event(), 0..4).prop_map(|events| ServerMessage::Events { events }),
        1 => (op_id(), any::<u64>()).prop_map(|(op_id, seq)| ServerMessage::Ack { op_id, seq }),
        1 => collection::vec(held, 0..3).prop_map(|ops| ServerMessage::Held { ops }),
        1 => collection::vec(direct(), 0..3).prop_map(|entries| ServerMessage::Inbox { entries }),
        1 => member().prop_map(|member| ServerMessage::Joined { member }),
        1 => device().prop_map(|device| ServerMessage::Left { device }),
        1 => collection::vec(member_presence(), 0..3)
            .prop_map(|members| ServerMessage::Presence { members }),
        1 => (any::<u64>(), any::<u32>())
            .prop_map(|(seq, unread)| ServerMessage::Read { seq, unread }),
        1 => (any::<u64>(), collection::vec(chat_message(), 0..3), any::<bool>()).prop_map(
            |(before, messages, more)| ServerMessage::History {
                before,
                messages,
                more,
            }
        ),
        1 => (any::<u64>(), any::<u64>())
            .prop_map(|(after, last)| ServerMessage::Missed { after, last }),
        1 => any::<u32>().prop_map(|secs| ServerMessage::Heartbeat { secs }),
        1 => any::<u64>().prop_map(|nonce| ServerMessage::Pong { nonce }),
        1 => wire_error().prop_map(ServerMessage::Error),
        1 => Just(ServerMessage::Unknown),
    ]
}
