//! What an event says.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    from_map,
    ids::{AnnotationId, MemberId, OpId, Seq},
    json::{self, FromTree, ShapeError, Tree, by_tree, unknown_tag},
    role::Role,
    value::Value,
};

/// An annotation's fields by name. Known names are constants of [`crate::scene`].
pub type Fields = BTreeMap<String, Value>;

/// What an [`Op`](crate::Op) asks for and an [`Event`](crate::Event) says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A chat message.
    Chat(Chat),
    /// Another text for an own message.
    ChatEdit {
        /// The message: the event that brought it.
        message: Seq,
        /// What it says from now on.
        text: String,
        /// Who is mentioned from now on.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
    },
    /// Takes a message back.
    ChatDelete {
        /// The message.
        message: Seq,
    },
    /// A member's reaction to a message.
    Reaction {
        /// The message.
        message: Seq,
        /// One emoji.
        emoji: String,
        /// Whether the reaction is there from now on.
        on: bool,
    },
    /// A change of the scene.
    Scene {
        /// The change.
        op: SceneOp,
    },
    /// A change of the room.
    Room {
        /// The change.
        change: RoomChange,
    },
    /// A body of a later version: kept in its place in the order, otherwise passed over. As an op it is refused; in
    /// an event it is written as a kind that nobody knows, so that a relay that was set back to an older version can
    /// still send the log.
    Unknown,
}

/// A chat message.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Chat {
    /// What was written.
    pub text: String,
    /// The message that this one answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// Who is meant to notice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<MemberId>,
}

/// A change of the scene.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SceneOp {
    /// Makes an annotation, or replaces all its fields.
    Put {
        /// Which.
        id: AnnotationId,
        /// All its fields; `kind` is required.
        fields: Fields,
    },
    /// Sets some fields.
    Patch {
        /// Which.
        id: AnnotationId,
        /// The fields to set.
        fields: Fields,
        /// For each field named here, set it only while its last change has this sequence number.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        only_if_seq: BTreeMap<String, Seq>,
    },
    /// Removes an annotation for good; later patches of it are dropped.
    Delete {
        /// Which.
        id: AnnotationId,
    },
    /// Adds to the end of a list field, as a stroke's points.
    Append {
        /// Which.
        id: AnnotationId,
        /// The list field.
        field: String,
        /// What is added.
        values: Vec<Value>,
    },
}

/// A change of the room.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoomChange {
    /// Two spots define the room's frame: the origin is the first spot, Y points up against gravity, X points
    /// from the first spot to the second in the horizontal plane. The first such event of a room holds; later
    /// ones change nothing.
    DefineFrame {
        /// The second spot in the room's frame, in metres: `[horizontal distance, height, 0]`.
        second_spot_in_room: [f64; 3],
    },
    /// What a member may do from now on.
    SetRole {
        /// Who.
        member: MemberId,
        /// The new role.
        role: Role,
    },
    /// Whether a member may write.
    Mute {
        /// Who.
        member: MemberId,
        /// Whether it is silenced from now on.
        muted: bool,
    },
    /// Puts a member out of the room, with all its devices.
    Remove {
        /// Who.
        member: MemberId,
    },
    /// Whether only owners may write.
    Lock {
        /// From now on.
        locked: bool,
    },
    /// Whether only its maker and owners may change an annotation.
    LockAnnotation {
        /// Which.
        id: AnnotationId,
        /// From now on.
        locked: bool,
    },
    /// Whether what others than owners write is shown only once an owner approves.
    SetApproval {
        /// From now on.
        required: bool,
    },
    /// Shows an op that was held for approval: its own event follows this one.
    Approve {
        /// The op.
        op_id: OpId,
    },
    /// Drops an op that was held for approval.
    Reject {
        /// The op.
        op_id: OpId,
    },
    /// Whether the room's code admits new members.
    SetOpen {
        /// From now on.
        open: bool,
    },
    /// A change of a later version, passed over; see [`Body::Unknown`].
    Unknown,
}

from_map!(Chat { text, reply_to; or mentions });
by_tree!(Chat, Body, SceneOp, RoomChange);

impl FromTree for Body {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = json::Fields::read(tree)?;
        let tag: String = fields.take("kind")?;
        Ok(match tag.as_str() {
            "chat" => Self::Chat(fields.rest()?),
            "chat_edit" => Self::ChatEdit {
                message: fields.take("message")?,
                text: fields.take("text")?,
                mentions: fields.optional("mentions")?,
            },
            "chat_delete" => Self::ChatDelete {
                message: fields.take("message")?,
            },
            "reaction" => Self::Reaction {
                message: fields.take("message")?,
                emoji: fields.take("emoji")?,
                on: fields.take("on")?,
            },
            "scene" => Self::Scene {
                op: fields.take("op")?,
            },
            "room" => Self::Room {
                change: fields.take("change")?,
            },
            _ => Self::Unknown,
        })
    }
}

impl FromTree for SceneOp {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = json::Fields::read(tree)?;
        let tag: String = fields.take("type")?;
        let id = fields.take("id")?;
        match tag.as_str() {
            "put" => Ok(Self::Put {
                id,
                fields: fields.take("fields")?,
            }),
            "patch" => Ok(Self::Patch {
                id,
                fields: fields.take("fields")?,
                only_if_seq: fields.optional("only_if_seq")?,
            }),
            "delete" => Ok(Self::Delete { id }),
            "append" => Ok(Self::Append {
                id,
                field: fields.take("field")?,
                values: fields.take("values")?,
            }),
            _ => Err(unknown_tag(&tag)),
        }
    }
}

impl FromTree for RoomChange {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = json::Fields::read(tree)?;
        let tag: String = fields.take("type")?;
        Ok(match tag.as_str() {
            "define_frame" => Self::DefineFrame {
                second_spot_in_room: fields.take("second_spot_in_room")?,
            },
            "set_role" => Self::SetRole {
                member: fields.take("member")?,
                role: fields.take("role")?,
            },
            "mute" => Self::Mute {
                member: fields.take("member")?,
                muted: fields.take("muted")?,
            },
            "remove" => Self::Remove {
                member: fields.take("member")?,
            },
            "lock" => Self::Lock {
                locked: fields.take("locked")?,
            },
            "lock_annotation" => Self::LockAnnotation {
                id: fields.take("id")?,
                locked: fields.take("locked")?,
            },
            "set_approval" => Self::SetApproval {
                required: fields.take("required")?,
            },
            "approve" => Self::Approve {
                op_id: fields.take("op_id")?,
            },
            "reject" => Self::Reject {
                op_id: fields.take("op_id")?,
            },
            "set_open" => Self::SetOpen {
                open: fields.take("open")?,
            },
            _ => Self::Unknown,
        })
    }
}

impl Body {
    /// A chat message that answers nothing and mentions nobody.
    pub fn chat(text: impl Into<String>) -> Self {
        Self::Chat(Chat {
            text: text.into(),
            ..Chat::default()
        })
    }
}

impl SceneOp {
    /// The annotation that the op is about.
    pub fn id(&self) -> &AnnotationId {
        match self {
            SceneOp::Put { id, .. }
            | SceneOp::Patch { id, .. }
            | SceneOp::Delete { id }
            | SceneOp::Append { id, .. } => id,
        }
    }
}
