//! What an event says.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    ids::{AnnotationId, Seq},
    json::Tagged,
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
    Chat {
        /// What was written.
        text: String,
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
    /// A body of a later version: kept in its place in the order, otherwise passed over. Never sent.
    #[serde(skip)]
    Unknown,
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

/// Reads a body, or [`Body::Unknown`] where it is of a shape that this version does not know.
pub(crate) fn known_or_unknown<'de, D: Deserializer<'de>>(source: D) -> Result<Body, D::Error> {
    let tree = serde_json::Value::deserialize(source)?;
    Ok(serde_json::from_value(tree).unwrap_or(Body::Unknown))
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = Tagged::read(source, "kind")?;
        Ok(match fields.tag.as_str() {
            "chat" => Self::Chat {
                text: fields.field("text")?,
            },
            "scene" => Self::Scene {
                op: fields.field("op")?,
            },
            "room" => Self::Room {
                change: fields.field("change")?,
            },
            _ => Self::Unknown,
        })
    }
}

impl<'de> Deserialize<'de> for SceneOp {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = Tagged::read(source, "type")?;
        let id = fields.field("id")?;
        match fields.tag.as_str() {
            "put" => Ok(Self::Put {
                id,
                fields: fields.field("fields")?,
            }),
            "patch" => Ok(Self::Patch {
                id,
                fields: fields.field("fields")?,
                only_if_seq: fields
                    .field::<Option<_>, _>("only_if_seq")?
                    .unwrap_or_default(),
            }),
            "delete" => Ok(Self::Delete { id }),
            "append" => Ok(Self::Append {
                id,
                field: fields.field("field")?,
                values: fields.field("values")?,
            }),
            _ => Err(fields.unknown()),
        }
    }
}

impl<'de> Deserialize<'de> for RoomChange {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = Tagged::read(source, "type")?;
        Ok(match fields.tag.as_str() {
            "define_frame" => Self::DefineFrame {
                second_spot_in_room: fields.field("second_spot_in_room")?,
            },
            _ => Self::Unknown,
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
    /// A change of a later version, passed over.
    #[serde(skip)]
    Unknown,
}
