//! What an event says.

use chat_relay_protocol::{Body, Chat, RoomChange, SceneOp};
use proptest::{collection, option, prelude::*};

use super::{annotation, fields, member_id, op_id, role, spot, text, value};

pub(crate) fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        1 => chat().prop_map(Body::Chat),
        1 => (
            any::<u64>(),
            text(),
            collection::vec(member_id(), 0..3)
        )
            .prop_map(|(message, text, mentions)| Body::ChatEdit {
                message,
                text,
                mentions
            }),
        1 => any::<u64>().prop_map(|message| Body::ChatDelete { message }),
        1 => (any::<u64>(), text(), any::<bool>()).prop_map(|(message, emoji, on)| Body::Reaction {
            message,
            emoji,
            on
        }),
        4 => scene_op().prop_map(|op| Body::Scene { op }),
        4 => room_change().prop_map(|change| Body::Room { change }),
        1 => Just(Body::Unknown),
    ]
}

fn chat() -> impl Strategy<Value = Chat> {
    (
        text(),
        option::of(any::<u64>()),
        collection::vec(member_id(), 0..3),
    )
        .prop_map(|(text, reply_to, mentions)| Chat {
            text,
            reply_to,
            mentions,
        })
}

pub(crate) fn scene_op() -> impl Strategy<Value = SceneOp> {
    prop_oneof![
        (annotation(), fields()).prop_map(|(id, fields)| SceneOp::Put { id, fields }),
        (
            annotation(),
            fields(),
            collection::btree_map(text(), any::<u64>(), 0..4)
        )
            .prop_map(|(id, fields, only_if_seq)| SceneOp::Patch {
                id,
                fields,
                only_if_seq
            }),
        annotation().prop_map(|id| SceneOp::Delete { id }),
        (annotation(), text(), collection::vec(value(), 0..4))
            .prop_map(|(id, field, values)| SceneOp::Append { id, field, values }),
    ]
}

pub(crate) fn room_change() -> impl Strategy<Value = RoomChange> {
    prop_oneof![
        spot().prop_map(|second_spot_in_room| RoomChange::DefineFrame {
            second_spot_in_room
        }),
        (member_id(), role()).prop_map(|(member, role)| RoomChange::SetRole { member, role }),
        (member_id(), any::<bool>()).prop_map(|(member, muted)| RoomChange::Mute { member, muted }),
        member_id().prop_map(|member| RoomChange::Remove { member }),
        any::<bool>().prop_map(|locked| RoomChange::Lock { locked }),
        (annotation(), any::<bool>())
            .prop_map(|(id, locked)| RoomChange::LockAnnotation { id, locked }),
        any::<bool>().prop_map(|required| RoomChange::SetApproval { required }),
        op_id().prop_map(|op_id| RoomChange::Approve { op_id }),
        op_id().prop_map(|op_id| RoomChange::Reject { op_id }),
        any::<bool>().prop_map(|open| RoomChange::SetOpen { open }),
        Just(RoomChange::Unknown),
    ]
}
