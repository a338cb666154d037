//! The values of an annotation's fields. Unknown fields and values survive a round trip, so that an older
//! client keeps what a newer one wrote.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::json::{FromTree, ShapeError, Tree, by_tree};

/// About what a node of a map takes in memory.
const MAP_NODE_BYTES: usize = 640;

/// One field's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The number in `self`, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            #[allow(
                clippy::cast_precision_loss,
                reason = "fields hold metres and counts, far below 2^53"
            )]
            Value::Integer(whole) => Some(*whole as f64),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text in `self`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// About how many bytes `self` takes: for limits, not exact.
    pub fn weight(&self) -> usize {
        match self {
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Number(_) => 8,
            Value::Text(text) => 8 + text.len(),
            Value::List(items) => 8 + items.iter().map(Value::weight).sum::<usize>(),
            // A map's smallest node holds eleven entries, whether they are there or not.
            Value::Map(items) => {
                items.len().div_ceil(6) * MAP_NODE_BYTES
                    + items
                        .iter()
                        .map(|(name, value)| name.len() + value.weight())
                        .sum::<usize>()
            }
        }
    }

    /// Whether every number in `self`, however deep, is finite.
    pub fn is_finite(&self) -> bool {
        match self {
            Value::Number(number) => number.is_finite(),
            Value::List(items) => items.iter().all(Value::is_finite),
            Value::Map(items) => items.values().all(Value::is_finite),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Text(_) => true,
        }
    }
}

impl FromTree for Value {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        Ok(match tree {
            Tree::Null => Value::Null,
            Tree::Bool(flag) => Value::Bool(flag),
            // Beyond i64 a number is rounded, as JavaScript rounds it.
            Tree::Number(number) => number.as_i64().map_or_else(
                || Value::Number(number.as_f64().unwrap_or(f64::NAN)),
                Value::Integer,
            ),
            Tree::String(text) => Value::Text(text),
            Tree::Array(_) => Value::List(FromTree::from_tree(tree)?),
            Tree::Object(_) => Value::Map(FromTree::from_tree(tree)?),
        })
    }
}

by_tree!(Value);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

/// A rigid transform `parent_from_object`: metres, and a unit quaternion in the order x, y, z, w.
/// Axes as in WebXR: X right, Y up, Z towards the viewer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Where the object's origin is in the parent, in metres.
    pub position_m: [f64; 3],
    /// The object's orientation in the parent: x, y, z, w.
    pub orientation_xyzw: [f64; 4],
}

impl Pose {
    /// No translation, no rotation.
    pub const IDENTITY: Pose = Pose {
        position_m: [0.0; 3],
        orientation_xyzw: [0.0, 0.0, 0.0, 1.0],
    };

    /// Writes the pose as a field: a list of seven numbers, x y z then qx qy qz qw.
    pub fn to_value(self) -> Value {
        Value::List(
            self.position_m
                .iter()
                .chain(&self.orientation_xyzw)
                .map(|n| Value::Number(*n))
                .collect(),
        )
    }

    /// Reads a pose out of a field; `None` when it is not seven finite numbers with a quaternion that can be
    /// normalised.
    pub fn from_value(value: &Value) -> Option<Pose> {
        let Value::List(items) = value else {
            return None;
        };
        let numbers: Vec<f64> = items.iter().map(Value::as_f64).collect::<Option<_>>()?;
        let [x, y, z, qx, qy, qz, qw] = numbers[..] else {
            return None;
        };
        let length = (qx * qx + qy * qy + qz * qz + qw * qw).sqrt();
        if !numbers.iter().all(|n| n.is_finite()) || !length.is_finite() || length < 1e-6 {
            return None;
        }
        Some(Pose {
            position_m: [x, y, z],
            orientation_xyzw: [qx / length, qy / length, qz / length, qw / length],
        })
    }
}
