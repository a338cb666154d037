//! What JSON and MessagePack have in common: text or bytes are read into a tree, the tree into types.
//!
//! In: any serde source that describes itself. Out: a [`Value`] of bounded depth with finite numbers. The tree grows
//! with what is really read; lengths that the source claims reserve nothing.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::{
    error::DecodeError,
    ids::OpId,
    json::{FromTree, ShapeError},
};

/// Reads a tree in which maps and lists stand at most `max_depth` deep in each other.
///
/// # Errors
/// What was refused here, or what the source's own error is made into.
pub(super) fn read<'de, D: Deserializer<'de>>(
    source: D,
    max_depth: usize,
    broken: impl FnOnce(String) -> DecodeError,
) -> Result<Value, DecodeError> {
    let refused = Cell::new(None);
    let tree = Tree {
        levels_left: max_depth,
        max_depth,
        refused: Some(&refused),
    };
    tree.deserialize(source).map_err(|error| {
        refused
            .take()
            .unwrap_or_else(|| broken(clipped(&error.to_string())))
    })
}

/// Reads types out of a tree.
///
/// # Errors
/// [`DecodeError::Shape`].
pub(super) fn typed<T: FromTree>(tree: Value) -> Result<T, DecodeError> {
    T::from_tree(tree).map_err(misshapen)
}

fn misshapen(error: ShapeError) -> DecodeError {
    DecodeError::Shape {
        reason: clipped(&error.to_string()),
    }
}

/// The op's name in a message that is an op, whatever else is wrong with it: what would be refused reads as null.
pub(super) fn op_id<'de, D: Deserializer<'de>>(source: D, max_depth: usize) -> Option<OpId> {
    let tree = Tree {
        levels_left: max_depth,
        max_depth,
        refused: None,
    };
    let mut tree = tree.deserialize(source).ok()?;
    if tree.get("type")?.as_str()? != "op" {
        return None;
    }
    OpId::from_tree(tree.get_mut("op_id")?.take()).ok()
}

/// The start of a reason: serde repeats what it could not read, which may be all of a message.
fn clipped(reason: &str) -> String {
    const MOST_CHARS: usize = 200;
    match reason.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}...", &reason[..end]),
        None => reason.to_owned(),
    }
}

/// One place of the tree that is still to be read.
#[derive(Clone, Copy)]
struct Tree<'a> {
    levels_left: usize,
    max_depth: usize,
    /// Where a refusal is noted; without it, nothing is refused.
    refused: Option<&'a Cell<Option<DecodeError>>>,
}

impl<'a> Tree<'a> {
    fn refuse<E: Error>(self, refusal: DecodeError) -> Result<Value, E> {
        match self.refused {
            None => Ok(Value::Null),
            Some(refused) => {
                let error = E::custom(&refusal);
                refused.set(Some(refusal));
                Err(error)
            }
        }
    }

    fn inside(self) -> Option<Tree<'a>> {
        Some(Tree {
            levels_left: self.levels_left.checked_sub(1)?,
            ..self
        })
    }

    fn too_deep<E: Error>(self) -> Result<Value, E> {
        self.refuse(DecodeError::TooDeep {
            limit: self.max_depth,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map, a list, UTF-8 text, a number, true, false or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Value, E> {
        Ok(Value::Number(whole.into()))
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Value, E> {
        Ok(Value::Number(whole.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        match Number::from_f64(number) {
            Some(number) => Ok(Value::Number(number)),
            None => self.refuse(DecodeError::NotFinite),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let Some(inside) = self.inside() else {
            while source.next_element::<IgnoredAny>()?.is_some() {}
            return self.too_deep();
        };
        let mut items = Vec::new();
        while let Some(item) = source.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let Some(inside) = self.inside() else {
            while source.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.too_deep();
        };
        let mut fields = Map::new();
        while let Some(name) = source.next_key()? {
            fields.insert(name, source.next_value_seed(inside)?);
        }
        Ok(Value::Object(fields))
    }
}
