//! How large and how deep an op may be. The relay refuses what is out of bounds; a device checks before it
//! sends, so that an op is never refused after it was shown.

use crate::{
    MAX_CHAT_CHARS, MAX_EMOJI_BYTES, MAX_MENTIONS,
    body::{Body, Chat, Fields, RoomChange, SceneOp},
    ids::AnnotationId,
    message::{DirectOp, Op, Presence},
    scene::{FIELD_KIND, FIELD_LABEL, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT},
    value::{Pose, Value},
};

/// The most fields that one op sets, and the most items of a map in a field.
pub const MAX_FIELDS: usize = 64;

/// The longest field name, in Unicode scalar values.
pub const MAX_FIELD_NAME_CHARS: usize = 64;

/// The most items of a list in a field, or of one append.
pub const MAX_LIST_ITEMS: usize = 4096;

/// The longest label, in Unicode scalar values.
pub const MAX_LABEL_CHARS: usize = 200;

/// How deep lists and maps may stand in each other within a field.
pub const MAX_DEPTH: usize = 8;

/// The heaviest that the free fields of a presence may be together, in bytes of [`Value::weight`]: the relay keeps
/// them for as long as the device is connected, and sends them to everybody.
pub const MAX_PRESENCE_WEIGHT: usize = 2048;

/// The largest counter of an [`OpId`](crate::OpId): the largest whole number that is exact in JavaScript.
pub const MAX_COUNTER: u64 = (1 << 53) - 1;

const POSE: &str = "seven finite numbers: x y z in metres, then a quaternion x y z w";

/// Why an op, or a presence, is refused.
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
    /// More than [`MAX_MENTIONS`].
    #[error("a message mentions at most {MAX_MENTIONS} members, this one {actual}")]
    TooManyMentions {
        /// How many there are.
        actual: usize,
    },
    /// A reaction that is empty, longer than [`MAX_EMOJI_BYTES`], or has white space or letters in it.
    #[error("a reaction is one emoji")]
    Emoji,
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
    /// A field that Sightline knows has a value of another shape.
    #[error("the field '{field}' is {expected}")]
    FieldShape {
        /// The field.
        field: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// A list above [`MAX_LIST_ITEMS`], or an empty append.
    #[error(
        "a list has at most {MAX_LIST_ITEMS} items and an append at least one, this has {actual}"
    )]
    ListLength {
        /// How many there are.
        actual: usize,
    },
    /// A presence above [`MAX_PRESENCE_WEIGHT`].
    #[error(
        "what a presence says beside the known weighs at most {MAX_PRESENCE_WEIGHT} bytes, this {actual}"
    )]
    HeavyPresence {
        /// How much it weighs.
        actual: usize,
    },
    /// A text, or a name, with a control character other than tab, line feed and carriage return.
    #[error("a text has no control characters but tab, line feed and carriage return")]
    ControlCharacter,
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
        check_counter(self.op_id.counter)?;
        self.body.check()
    }
}

impl DirectOp {
    /// Whether the relay takes this op, apart from who sends it and to whom.
    ///
    /// # Errors
    /// [`BoundsError`] with the first bound that does not hold.
    pub fn check(&self) -> Result<(), BoundsError> {
        check_counter(self.op_id.counter)?;
        check_chat(&self.text)
    }
}

impl Presence {
    /// Whether the relay takes this presence.
    ///
    /// # Errors
    /// [`BoundsError`] with the first bound that does not hold.
    pub fn check(&self) -> Result<(), BoundsError> {
        if let Some(head) = &self.room_from_head
            && Pose::from_value(head).is_none()
        {
            return Err(BoundsError::FieldShape {
                field: "room_from_head",
                expected: POSE,
            });
        }
        let free = |(name, value): (&String, &Value)| name.len() + value.weight();
        let actual = self.more.iter().map(free).sum();
        if actual > MAX_PRESENCE_WEIGHT {
            return Err(BoundsError::HeavyPresence { actual });
        }
        self.more.iter().try_for_each(|(name, value)| {
            check_field_name(name)?;
            check_value(value, 0)
        })
    }
}

impl Body {
    /// Whether the relay takes this body.
    ///
    /// # Errors
    /// [`BoundsError`] with the first bound that does not hold.
    pub fn check(&self) -> Result<(), BoundsError> {
        match self {
            Body::Chat(Chat { text, mentions, .. }) | Body::ChatEdit { text, mentions, .. } => {
                let actual = mentions.len();
                if actual > MAX_MENTIONS {
                    return Err(BoundsError::TooManyMentions { actual });
                }
                check_chat(text)
            }
            Body::ChatDelete { .. } => Ok(()),
            Body::Reaction { emoji, .. } => check_emoji(emoji),
            Body::Scene { op } => check_scene_op(op),
            Body::Room { change } => check_change(change),
            Body::Unknown => Err(BoundsError::UnknownBody),
        }
    }
}

fn check_counter(actual: u64) -> Result<(), BoundsError> {
    if actual == 0 || actual > MAX_COUNTER {
        return Err(BoundsError::Counter { actual });
    }
    Ok(())
}

fn check_change(change: &RoomChange) -> Result<(), BoundsError> {
    match change {
        RoomChange::DefineFrame {
            second_spot_in_room: [x, y, z],
        } => {
            if !(x.is_finite() && y.is_finite() && z.is_finite()) {
                Err(BoundsError::NotFinite)
            } else if *x <= 0.0 || z.abs() > 1e-6 {
                Err(BoundsError::Frame)
            } else {
                Ok(())
            }
        }
        RoomChange::Unknown => Err(BoundsError::UnknownBody),
        _ => Ok(()),
    }
}

/// Emoji are many code points and grow by the year: what is surely none is refused, digits and the like too.
fn check_emoji(emoji: &str) -> Result<(), BoundsError> {
    // From U+2000 on there are letters that emoji are made of, as ℹ️.
    let plain =
        |c: char| c.is_whitespace() || c.is_control() || (c.is_alphabetic() && c < '\u{2000}');
    if emoji.is_empty()
        || emoji.len() > MAX_EMOJI_BYTES
        || emoji.is_ascii()
        || emoji.chars().any(plain)
    {
        return Err(BoundsError::Emoji);
    }
    Ok(())
}

/// JSON writes most control characters six times as long as they are, and nothing shows them.
fn check_text(text: &str) -> Result<(), BoundsError> {
    if text
        .bytes()
        .any(|b| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r'))
    {
        return Err(BoundsError::ControlCharacter);
    }
    Ok(())
}

fn check_chat(text: &str) -> Result<(), BoundsError> {
    check_text(text)?;
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
        check_value(value, 0)?;
        check_known_field(name, value)
    })
}

/// The schema of the fields that everybody has to understand; others are free.
fn check_known_field(name: &str, value: &Value) -> Result<(), BoundsError> {
    let (field, expected, fits) = match name {
        FIELD_KIND => (
            FIELD_KIND,
            "a text that is not empty",
            value.as_str().is_some_and(|kind| !kind.is_empty()),
        ),
        FIELD_LABEL => (
            FIELD_LABEL,
            "a text of at most 200 characters",
            value
                .as_str()
                .is_some_and(|label| label.chars().count() <= MAX_LABEL_CHARS),
        ),
        FIELD_PARENT => (
            FIELD_PARENT,
            "'room' or the id of an anchor",
            value
                .as_str()
                .is_some_and(|parent| AnnotationId::new(parent).is_ok()),
        ),
        FIELD_PARENT_FROM_OBJECT => (
            FIELD_PARENT_FROM_OBJECT,
            POSE,
            Pose::from_value(value).is_some(),
        ),
        _ => return Ok(()),
    };
    if fits {
        Ok(())
    } else {
        Err(BoundsError::FieldShape { field, expected })
    }
}

fn check_field_name(name: &str) -> Result<(), BoundsError> {
    if name.is_empty() || name.chars().count() > MAX_FIELD_NAME_CHARS {
        return Err(BoundsError::FieldName);
    }
    check_text(name)
}

fn check_value(value: &Value, depth: usize) -> Result<(), BoundsError> {
    if depth > MAX_DEPTH {
        return Err(BoundsError::Depth);
    }
    match value {
        Value::Number(number) if !number.is_finite() => Err(BoundsError::NotFinite),
        Value::Text(text) => check_text(text),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Number(_) => Ok(()),
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
