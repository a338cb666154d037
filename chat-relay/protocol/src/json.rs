//! Reading JSON in two steps: text into a tree, the tree into types.
//!
//! The types are then read out of one kind of source only. Reading them from text as well as out of the buffers
//! that tagged enums need would put each reader into the browser's module three times.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Value};

use crate::error::DecodeError;

/// Reads any of this crate's types, or one made of them.
///
/// # Errors
/// [`DecodeError`] when `text` is not JSON, or JSON of another shape.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    let tree: Value = serde_json::from_str(text).map_err(|error| DecodeError::Json {
        reason: error.to_string(),
    })?;
    serde_json::from_value(tree).map_err(|error| DecodeError::Shape {
        reason: error.to_string(),
    })
}

/// A map whose one field tells of which variant of an enum the others are.
pub(crate) struct Tagged {
    /// What the field says.
    pub(crate) tag: String,
    others: Map<String, Value>,
}

impl Tagged {
    /// Reads the map; `tag` names the field.
    pub(crate) fn read<'de, D: Deserializer<'de>>(
        source: D,
        tag: &'static str,
    ) -> Result<Tagged, D::Error> {
        let mut others = fields(source)?;
        match others.remove(tag) {
            Some(Value::String(text)) => Ok(Tagged { tag: text, others }),
            Some(_) => Err(D::Error::custom(format_args!("{tag} is not text"))),
            None => Err(D::Error::missing_field(tag)),
        }
    }

    /// Takes a field out; what is absent reads as null, so that only optional ones may be.
    pub(crate) fn field<T: DeserializeOwned, E: Error>(
        &mut self,
        name: &'static str,
    ) -> Result<T, E> {
        take(&mut self.others, name)
    }

    /// Takes a field out that may be absent: then it is the type's default.
    pub(crate) fn optional<T: DeserializeOwned + Default, E: Error>(
        &mut self,
        name: &'static str,
    ) -> Result<T, E> {
        Ok(self.field::<Option<T>, E>(name)?.unwrap_or_default())
    }

    /// Reads all fields as one type.
    pub(crate) fn rest<T: DeserializeOwned, E: Error>(self) -> Result<T, E> {
        serde_json::from_value(Value::Object(self.others)).map_err(E::custom)
    }

    /// The refusal of a tag that no variant has.
    pub(crate) fn unknown<E: Error>(&self) -> E {
        E::custom(format_args!("nothing here is called {:?}", self.tag))
    }
}

/// Reads a map.
pub(crate) fn fields<'de, D: Deserializer<'de>>(source: D) -> Result<Map<String, Value>, D::Error> {
    match Value::deserialize(source)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(D::Error::custom("expected a map")),
    }
}

/// Takes a field out of a map; what is absent reads as null.
pub(crate) fn take<T: DeserializeOwned, E: Error>(
    fields: &mut Map<String, Value>,
    name: &'static str,
) -> Result<T, E> {
    let absent = !fields.contains_key(name);
    let value = fields.remove(name).unwrap_or(Value::Null);
    serde_json::from_value(value).map_err(|error| {
        if absent {
            E::missing_field(name)
        } else {
            E::custom(format_args!("{name}: {error}"))
        }
    })
}
