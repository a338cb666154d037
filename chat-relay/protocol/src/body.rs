//! What an event says.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use crate::{
    ids::{AnnotationId, Seq},
    value::Value,
};

/// An annotation's fields by name. Known names are constants of [`crate::scene`].
pub type Fields = BTreeMap<String, Value>;

/// What an [`Op`](crate::Op) asks for and an [`Event`](crate::Event) says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    #[serde(other, skip_serializing)]
    Unknown,
}

/// A change of the scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
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
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lossy {
        Known(Body),
        Later(IgnoredAny),
    }
    Ok(match Lossy::deserialize(source)? {
        Lossy::Known(body) => body,
        Lossy::Later(_) => Body::Unknown,
    })
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    #[serde(other, skip_serializing)]
    Unknown,
}
