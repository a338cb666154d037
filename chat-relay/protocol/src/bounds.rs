//! How large and how deep an op may be. The relay refuses what is out of bounds; a device checks before it
//! sends, so that an op is never refused after it was shown.

use crate::{
    MAX_CHAT_CHARS,
    body::{Body, Fields, RoomChange, SceneOp},
    message::Op,
    scene::FIELD_KIND,
    value::Value,
};

/// The most fields that one op sets, and the most items of a map in a field.
pub const MAX_FIELDS: usize = 64;

/// The longest field name, in Unicode scalar values.
pub const MAX_FIELD_NAME_CHARS: usize = 64;

/// The most items of a list in a field, or of one append.
pub const MAX_LIST_ITEMS: usize = 4096;

/// How deep lists and maps may stand in each other within a field.
pub const MAX_DEPTH: usize = 8;

/// The largest counter of an [`OpId`](crate::OpId): the largest whole number that is exact in JavaScript.
pub const MAX_COUNTER: u64 = (1 << 53) - 1;

/// Why an op is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BoundsError {
    /// The counter is 0 or above [`MAX_COUNTER`].
    #[error("an op's counter is 1 to {MAX_COUNTER}, this one is {actual}")]
    Counter {
        /// What it is.
        actual: u64,
    },
    /// A body that this version cannot read.
    #[error("this relay does not know such an op")]
    UnknownBody,
    /// A chat message without a visible character.
    #[error("a message needs some text")]
    EmptyChat,
    /// A chat message above [`MAX_CHAT_CHARS`].
    #[error("a message has at most {MAX_CHAT_CHARS} characters, this one has {actual}")]
    LongChat {
        /// How long it is.
        actual: usize,
    },
    /// More than [`MAX_FIELDS`].
    #[error("an op sets at most {MAX_FIELDS} fields, this one {actual}")]
    TooManyFields {
        /// How many there are.
        actual: usize,
    },
    /// A field's name is empty or longer than [`MAX_FIELD_NAME_CHARS`].
    #[error("a field's name has 1 to {MAX_FIELD_NAME_CHARS} characters")]
    FieldName,
    /// An annotation is put without saying what it is.
    #[error("an annotation needs a text field '{FIELD_KIND}'")]
    NoKind,
    /// A list above [`MAX_LIST_ITEMS`], or an empty append.
    #[error(
        "a list has at most {MAX_LIST_ITEMS} items and an append at least one, this has {actual}"
    )]
    ListLength {
        /// How many there are.
        actual: usize,
    },
    /// Lists and maps deeper than [`MAX_DEPTH`].
    #[error("lists and maps stand at most {MAX_DEPTH} deep in each other")]
    Depth,
    /// A number that is infinite or not a number.
    #[error("every number has to be finite")]
    NotFinite,
    /// The two spots of a room's frame stand above each other, or the second has a z.
    #[error("the second spot lies at a positive distance along x, at z 0")]
    Frame,
}

impl Op {
    /// Whether the relay takes this op, apart from who sends it.
    ///
    /// # Errors
    /// [`BoundsError`] with the first bound that does not hold.
    pub fn check(&self) -> Result<(), BoundsError> {
        let actual = self.op_id.counter;
        if actual == 0 || actual > MAX_COUNTER {
            return Err(BoundsError::Counter { actual });
        }
        self.body.check()
    }
}

impl Body {
    /// Whether the relay takes this body.
    ///
    /// # Errors
    /// [`BoundsError`] with the first bound that does not hold.
    pub fn check(&self) -> Result<(), BoundsError> {
        match self {
            Body::Chat { text } => check_chat(text),
            Body::Scene { op } => check_scene_op(op),
            Body::Room {
                change:
                    RoomChange::DefineFrame {
                        second_spot_in_room: [x, y, z],
                    },
            } => {
                if !(x.is_finite() && y.is_finite() && z.is_finite()) {
                    Err(BoundsError::NotFinite)
                } else if *x <= 0.0 || z.abs() > 1e-6 {
                    Err(BoundsError::Frame)
                } else {
                    Ok(())
                }
            }
            Body::Room {
                change: RoomChange::Unknown,
            }
            | Body::Unknown => Err(BoundsError::UnknownBody),
        }
    }
}

fn check_chat(text: &str) -> Result<(), BoundsError> {
    if text.trim().is_empty() {
        return Err(BoundsError::EmptyChat);
    }
    let actual = text.chars().count();
    if actual > MAX_CHAT_CHARS {
        return Err(BoundsError::LongChat { actual });
    }
    Ok(())
}

fn check_scene_op(op: &SceneOp) -> Result<(), BoundsError> {
    match op {
        SceneOp::Put { fields, .. } => {
            let kind = fields.get(FIELD_KIND).and_then(Value::as_str);
            if kind.is_none_or(str::is_empty) {
                return Err(BoundsError::NoKind);
            }
            check_fields(fields)
        }
        SceneOp::Patch {
            fields,
            only_if_seq,
            ..
        } => {
            let actual = only_if_seq.len();
            if actual > MAX_FIELDS {
                return Err(BoundsError::TooManyFields { actual });
            }
            only_if_seq
                .keys()
                .try_for_each(|name| check_field_name(name))?;
            check_fields(fields)
        }
        SceneOp::Delete { .. } => Ok(()),
        SceneOp::Append { field, values, .. } => {
            check_field_name(field)?;
            let actual = values.len();
            if actual == 0 || actual > MAX_LIST_ITEMS {
                return Err(BoundsError::ListLength { actual });
            }
            values.iter().try_for_each(|value| check_value(value, 1))
        }
    }
}

fn check_fields(fields: &Fields) -> Result<(), BoundsError> {
    let actual = fields.len();
    if actual > MAX_FIELDS {
        return Err(BoundsError::TooManyFields { actual });
    }
    fields.iter().try_for_each(|(name, value)| {
        check_field_name(name)?;
        check_value(value, 0)
    })
}

fn check_field_name(name: &str) -> Result<(), BoundsError> {
    if name.is_empty() || name.chars().count() > MAX_FIELD_NAME_CHARS {
        return Err(BoundsError::FieldName);
    }
    Ok(())
}

fn check_value(value: &Value, depth: usize) -> Result<(), BoundsError> {
    if depth > MAX_DEPTH {
        return Err(BoundsError::Depth);
    }
    match value {
        Value::Number(number) if !number.is_finite() => Err(BoundsError::NotFinite),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Number(_) | Value::Text(_) => {
            Ok(())
        }
        Value::List(items) => {
            let actual = items.len();
            if actual > MAX_LIST_ITEMS {
                return Err(BoundsError::ListLength { actual });
            }
            items
                .iter()
                .try_for_each(|item| check_value(item, depth + 1))
        }
        Value::Map(items) => {
            let actual = items.len();
            if actual > MAX_FIELDS {
                return Err(BoundsError::TooManyFields { actual });
            }
            items.iter().try_for_each(|(name, item)| {
                check_field_name(name)?;
                check_value(item, depth + 1)
            })
        }
    }
}
