//! What an event says, and the ops that ask for it.

use super::{
    id, ids, needed, shape, texts,
    values::{fields, spot, written},
    wire::{self, body::Kind, room_change::Kind as ChangeKind, scene_op::Kind as OpKind},
};
use crate::{
    body::{Body, Chat, RoomChange, SceneOp},
    error::DecodeError,
    ids::OpId,
    message::Op,
};

impl From<&OpId> for wire::OpId {
    fn from(op_id: &OpId) -> Self {
        wire::OpId {
            device: op_id.device.to_string(),
            counter: op_id.counter,
        }
    }
}

impl TryFrom<wire::OpId> for OpId {
    type Error = DecodeError;

    fn try_from(op_id: wire::OpId) -> Result<Self, DecodeError> {
        Ok(OpId {
            device: id(op_id.device, "op_id.device")?,
            counter: op_id.counter,
        })
    }
}

impl From<&Op> for wire::Op {
    fn from(op: &Op) -> Self {
        wire::Op {
            op_id: Some((&op.op_id).into()),
            body: Some((&op.body).into()),
        }
    }
}

impl TryFrom<wire::Op> for Op {
    type Error = DecodeError;

    fn try_from(op: wire::Op) -> Result<Self, DecodeError> {
        Ok(Op {
            op_id: needed(op.op_id, "op_id")?,
            body: needed(op.body, "body")?,
        })
    }
}

impl From<&Body> for wire::Body {
    fn from(body: &Body) -> Self {
        let kind = match body {
            Body::Chat(Chat {
                text,
                reply_to,
                mentions,
            }) => Some(Kind::Chat(wire::Chat {
                text: text.clone(),
                reply_to: *reply_to,
                mentions: texts(mentions),
            })),
            Body::ChatEdit {
                message,
                text,
                mentions,
            } => Some(Kind::ChatEdit(wire::ChatEdit {
                message: *message,
                text: text.clone(),
                mentions: texts(mentions),
            })),
            Body::ChatDelete { message } => {
                Some(Kind::ChatDelete(wire::ChatDelete { message: *message }))
            }
            Body::Reaction { message, emoji, on } => Some(Kind::Reaction(wire::Reaction {
                message: *message,
                emoji: emoji.clone(),
                on: *on,
            })),
            Body::Scene { op } => Some(Kind::Scene(op.into())),
            Body::Room { change } => Some(Kind::Room(change.into())),
            Body::Unknown => None,
        };
        wire::Body { kind }
    }
}

impl TryFrom<wire::Body> for Body {
    type Error = DecodeError;

    fn try_from(body: wire::Body) -> Result<Self, DecodeError> {
        Ok(match body.kind {
            None => Body::Unknown,
            Some(Kind::Chat(chat)) => Body::Chat(Chat {
                text: chat.text,
                reply_to: chat.reply_to,
                mentions: ids(chat.mentions, "chat.mentions")?,
            }),
            Some(Kind::ChatEdit(edit)) => Body::ChatEdit {
                message: edit.message,
                text: edit.text,
                mentions: ids(edit.mentions, "chat_edit.mentions")?,
            },
            Some(Kind::ChatDelete(delete)) => Body::ChatDelete {
                message: delete.message,
            },
            Some(Kind::Reaction(reaction)) => Body::Reaction {
                message: reaction.message,
                emoji: reaction.emoji,
                on: reaction.on,
            },
            Some(Kind::Scene(op)) => Body::Scene { op: op.try_into()? },
            Some(Kind::Room(change)) => Body::Room {
                change: change.try_into()?,
            },
        })
    }
}

impl From<&SceneOp> for wire::SceneOp {
    fn from(op: &SceneOp) -> Self {
        let kind = match op {
            SceneOp::Put { fields, .. } => OpKind::Put(wire::scene_op::Put {
                fields: written(fields),
            }),
            SceneOp::Patch {
                fields,
                only_if_seq,
                ..
            } => OpKind::Patch(wire::scene_op::Patch {
                fields: written(fields),
                only_if_seq: only_if_seq.clone(),
            }),
            SceneOp::Delete { .. } => OpKind::Delete(wire::scene_op::Delete {}),
            SceneOp::Append { field, values, .. } => OpKind::Append(wire::scene_op::Append {
                field: field.clone(),
                values: Some(values.as_slice().into()),
            }),
        };
        wire::SceneOp {
            id: op.id().to_string(),
            kind: Some(kind),
        }
    }
}

impl TryFrom<wire::SceneOp> for SceneOp {
    type Error = DecodeError;

    fn try_from(op: wire::SceneOp) -> Result<Self, DecodeError> {
        let id = id(op.id, "scene.id")?;
        Ok(match op.kind {
            None => return Err(shape("a scene op without put, patch, delete or append")),
            Some(OpKind::Put(put)) => SceneOp::Put {
                id,
                fields: fields(put.fields)?,
            },
            Some(OpKind::Patch(patch)) => SceneOp::Patch {
                id,
                fields: fields(patch.fields)?,
                only_if_seq: patch.only_if_seq,
            },
            Some(OpKind::Delete(_)) => SceneOp::Delete { id },
            Some(OpKind::Append(append)) => SceneOp::Append {
                id,
                field: append.field,
                values: needed(append.values, "append.values")?,
            },
        })
    }
}

impl From<&RoomChange> for wire::RoomChange {
    fn from(change: &RoomChange) -> Self {
        use wire::room_change as of;
        let kind = match change {
            RoomChange::DefineFrame {
                second_spot_in_room,
            } => Some(ChangeKind::DefineFrame(of::DefineFrame {
                second_spot_in_room: Some((*second_spot_in_room).into()),
            })),
            RoomChange::SetRole { member, role } => Some(ChangeKind::SetRole(of::SetRole {
                member: member.to_string(),
                role: wire::Role::from(*role).into(),
            })),
            RoomChange::Mute { member, muted } => Some(ChangeKind::Mute(of::Mute {
                member: member.to_string(),
                muted: *muted,
            })),
            RoomChange::Remove { member } => Some(ChangeKind::Remove(of::Remove {
                member: member.to_string(),
            })),
            RoomChange::Lock { locked } => Some(ChangeKind::Lock(of::Lock { locked: *locked })),
            RoomChange::LockAnnotation { id, locked } => {
                Some(ChangeKind::LockAnnotation(of::LockAnnotation {
                    id: id.to_string(),
                    locked: *locked,
                }))
            }
            RoomChange::SetApproval { required } => {
                Some(ChangeKind::SetApproval(of::SetApproval {
                    required: *required,
                }))
            }
            RoomChange::Approve { op_id } => Some(ChangeKind::Approve(op_id.into())),
            RoomChange::Reject { op_id } => Some(ChangeKind::Reject(op_id.into())),
            RoomChange::SetOpen { open } => Some(ChangeKind::SetOpen(of::SetOpen { open: *open })),
            RoomChange::Unknown => None,
        };
        wire::RoomChange { kind }
    }
}

impl TryFrom<wire::RoomChange> for RoomChange {
    type Error = DecodeError;

    fn try_from(change: wire::RoomChange) -> Result<Self, DecodeError> {
        Ok(match change.kind {
            None => RoomChange::Unknown,
            Some(ChangeKind::DefineFrame(frame)) => RoomChange::DefineFrame {
                second_spot_in_room: spot(frame.second_spot_in_room, "second_spot_in_room")?,
            },
            Some(ChangeKind::SetRole(set)) => RoomChange::SetRole {
                role: set.role().into(),
                member: id(set.member, "set_role.member")?,
            },
            Some(ChangeKind::Mute(mute)) => RoomChange::Mute {
                member: id(mute.member, "mute.member")?,
                muted: mute.muted,
            },
            Some(ChangeKind::Remove(remove)) => RoomChange::Remove {
                member: id(remove.member, "remove.member")?,
            },
            Some(ChangeKind::Lock(lock)) => RoomChange::Lock {
                locked: lock.locked,
            },
            Some(ChangeKind::LockAnnotation(lock)) => RoomChange::LockAnnotation {
                id: id(lock.id, "lock_annotation.id")?,
                locked: lock.locked,
            },
            Some(ChangeKind::SetApproval(set)) => RoomChange::SetApproval {
                required: set.required,
            },
            Some(ChangeKind::Approve(op_id)) => RoomChange::Approve {
                op_id: op_id.try_into()?,
            },
            Some(ChangeKind::Reject(op_id)) => RoomChange::Reject {
                op_id: op_id.try_into()?,
            },
            Some(ChangeKind::SetOpen(set)) => RoomChange::SetOpen { open: set.open },
        })
    }
}
