//! Values of fields and spots in the room.

use std::collections::BTreeMap;

use super::wire::{self, value::Kind};
use crate::{body::Fields, error::DecodeError, value::Value};

/// How deep lists and maps may stand in each other within a value.
const MAX_VALUE_DEPTH: usize = 24;

impl From<&Value> for wire::Value {
    fn from(value: &Value) -> Self {
        let kind = match value {
            Value::Null => None,
            Value::Bool(flag) => Some(Kind::Flag(*flag)),
            Value::Integer(whole) => Some(Kind::Integer(*whole)),
            Value::Number(number) => Some(Kind::Number(*number)),
            Value::Text(text) => Some(Kind::Text(text.clone())),
            Value::List(items) => Some(Kind::List(wire::ValueList::from(items.as_slice()))),
            Value::Map(entries) => Some(Kind::Map(wire::ValueMap {
                entries: written(entries),
            })),
        };
        wire::Value { kind }
    }
}

impl From<&[Value]> for wire::ValueList {
    fn from(items: &[Value]) -> Self {
        let number = |item: &Value| match item {
            Value::Number(number) => Some(*number),
            _ => None,
        };
        match items.iter().map(number).collect() {
            Some(numbers) => wire::ValueList {
                items: Vec::new(),
                numbers,
            },
            None => wire::ValueList {
                items: super::each(items),
                numbers: Vec::new(),
            },
        }
    }
}

impl TryFrom<wire::Value> for Value {
    type Error = DecodeError;

    fn try_from(value: wire::Value) -> Result<Self, DecodeError> {
        read(value, MAX_VALUE_DEPTH)
    }
}

impl TryFrom<wire::ValueList> for Vec<Value> {
    type Error = DecodeError;

    fn try_from(list: wire::ValueList) -> Result<Self, DecodeError> {
        items(list, MAX_VALUE_DEPTH)
    }
}

pub(super) fn written(fields: &Fields) -> BTreeMap<String, wire::Value> {
    let entry = |(name, value): (&String, &Value)| (name.clone(), value.into());
    fields.iter().map(entry).collect()
}

pub(super) fn fields(entries: BTreeMap<String, wire::Value>) -> Result<Fields, DecodeError> {
    let entry = |(name, value)| Ok((name, Value::try_from(value)?));
    entries.into_iter().map(entry).collect()
}

pub(super) fn spot(
    spot: Option<wire::Vector3>,
    name: &'static str,
) -> Result<[f64; 3], DecodeError> {
    let spot = spot.ok_or_else(|| super::shape(format!("{name} is missing")))?;
    Ok([finite(spot.x)?, finite(spot.y)?, finite(spot.z)?])
}

impl From<[f64; 3]> for wire::Vector3 {
    fn from([x, y, z]: [f64; 3]) -> Self {
        wire::Vector3 { x, y, z }
    }
}

fn finite(number: f64) -> Result<f64, DecodeError> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(DecodeError::NotFinite)
    }
}

fn read(value: wire::Value, levels_left: usize) -> Result<Value, DecodeError> {
    let inside = || {
        levels_left.checked_sub(1).ok_or(DecodeError::TooDeep {
            limit: MAX_VALUE_DEPTH,
        })
    };
    Ok(match value.kind {
        None => Value::Null,
        Some(Kind::Flag(flag)) => Value::Bool(flag),
        Some(Kind::Integer(whole)) => Value::Integer(whole),
        Some(Kind::Number(number)) => Value::Number(finite(number)?),
        Some(Kind::Text(text)) => Value::Text(text),
        Some(Kind::List(list)) => Value::List(items(list, inside()?)?),
        Some(Kind::Map(map)) => {
            let inside = inside()?;
            let entry = |(name, value)| Ok((name, read(value, inside)?));
            Value::Map(
                map.entries
                    .into_iter()
                    .map(entry)
                    .collect::<Result<_, _>>()?,
            )
        }
    })
}

/// Items whose own lists and maps stand at most `levels_left` deep.
fn items(list: wire::ValueList, levels_left: usize) -> Result<Vec<Value>, DecodeError> {
    let items = list.items.into_iter().map(|item| read(item, levels_left));
    let numbers = list
        .numbers
        .into_iter()
        .map(|number| finite(number).map(Value::Number));
    items.chain(numbers).collect()
}
