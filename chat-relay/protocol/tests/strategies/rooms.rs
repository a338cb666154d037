//! Who is in a room, and how it is set.

use chat_relay_protocol::{
    AnnotationState, ChatMessage, FieldState, Member, MemberPresence, Person, Presence, RoomId,
    RoomSettings, SnapshotPart, Tracking, Value, ViewMode, Welcome,
};
use proptest::{collection, option, prelude::*};

use super::{annotation, device, finite, id_text, member_id, op_id, role, spot, text, value};

pub(crate) fn presence() -> impl Strategy<Value = Presence> {
    (
        prop_oneof![
            Just(ViewMode::Page),
            Just(ViewMode::Camera),
            Just(ViewMode::Ar),
            Just(ViewMode::Room3d)
        ],
        prop_oneof![
            Just(Tracking::None),
            Just(Tracking::Limited),
            Just(Tracking::Good)
        ],
        any::<bool>(),
        // An absent head and a head of null are the same on the wire.
        option::of(collection::vec(finite().prop_map(Value::Number), 7).prop_map(Value::List)),
        any::<bool>(),
        collection::btree_map("x_[a-z]{1,8}", value(), 0..3),
    )
        .prop_map(
            |(mode, tracking, aligned, room_from_head, typing, more)| Presence {
                mode,
                tracking,
                aligned,
                room_from_head,
                typing,
                more,
            },
        )
}

pub(crate) fn member_presence() -> impl Strategy<Value = MemberPresence> {
    (device(), presence()).prop_map(|(device, presence)| MemberPresence { device, presence })
}

pub(crate) fn member() -> impl Strategy<Value = Member> {
    (
        member_id(),
        device(),
        text(),
        0..8_u8,
        role(),
        any::<bool>(),
        presence(),
    )
        .prop_map(
            |(member, device, name, hue, role, muted, presence)| Member {
                member,
                device,
                name,
                hue,
                role,
                muted,
                presence,
            },
        )
}

fn person() -> impl Strategy<Value = Person> {
    (member_id(), text(), 0..8_u8, role()).prop_map(|(member, name, hue, role)| Person {
        member,
        name,
        hue,
        role,
    })
}

fn settings() -> impl Strategy<Value = RoomSettings> {
    (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        collection::vec(annotation(), 0..3),
    )
        .prop_map(
            |(locked, approval, closed, locked_annotations)| RoomSettings {
                locked,
                approval,
                closed,
                locked_annotations,
            },
        )
}

pub(crate) fn welcome() -> impl Strategy<Value = Welcome> {
    let place = (id_text(), text(), text(), any::<u64>());
    let people = (
        member(),
        collection::vec(member(), 0..3),
        collection::vec(person(), 0..3),
    );
    let flags = (any::<bool>(), any::<bool>(), settings());
    let counts = (any::<u64>(), any::<u64>(), any::<u32>(), any::<u32>());
    (place, people, flags, counts).prop_map(|(place, people, flags, counts)| {
        let (room, code, epoch, seq) = place;
        let (you, members, past_members) = people;
        let (from_start, snapshot, settings) = flags;
        let (inbox, read_seq, unread, heartbeat_secs) = counts;
        Welcome {
            room: RoomId::new(room).unwrap(),
            code,
            epoch,
            seq,
            from_start,
            snapshot,
            you,
            members,
            past_members,
            settings,
            inbox,
            read_seq,
            unread,
            heartbeat_secs,
        }
    })
}

pub(crate) fn chat_message() -> impl Strategy<Value = ChatMessage> {
    let names = collection::btree_set(member_id(), 0..3);
    let place = (any::<u64>(), any::<i64>(), member_id(), op_id());
    let says = (
        text(),
        option::of(any::<u64>()),
        collection::vec(member_id(), 0..3),
    );
    let since = (
        option::of(any::<i64>()),
        any::<bool>(),
        collection::btree_map(text(), names, 0..3),
    );
    (place, says, since).prop_map(|(place, says, since)| {
        let (seq, at, from, op_id) = place;
        let (text, reply_to, mentions) = says;
        let (edited_at, deleted, reactions) = since;
        ChatMessage {
            seq,
            at,
            from,
            op_id,
            text,
            reply_to,
            mentions,
            edited_at,
            deleted,
            reactions,
        }
    })
}

fn annotation_state() -> impl Strategy<Value = AnnotationState> {
    let field = (any::<u64>(), value()).prop_map(|(seq, value)| FieldState { seq, value });
    (
        annotation(),
        member_id(),
        any::<i64>(),
        collection::btree_map(text(), field, 0..4),
    )
        .prop_map(|(id, from, at, fields)| AnnotationState {
            id,
            from,
            at,
            fields,
        })
}

pub(crate) fn snapshot_part() -> impl Strategy<Value = SnapshotPart> {
    (
        any::<u64>(),
        collection::vec(annotation_state(), 0..3),
        collection::vec(chat_message(), 0..3),
        any::<bool>(),
        option::of(spot()),
        any::<bool>(),
    )
        .prop_map(
            |(seq, annotations, messages, more_messages, second_spot_in_room, last)| SnapshotPart {
                seq,
                annotations,
                messages,
                more_messages,
                second_spot_in_room,
                last,
            },
        )
}
