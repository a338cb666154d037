//! The second step of reading: a tree into types.
//!
//! In: a tree that a [codec](crate::codec) has read. Out: this crate's types, [`FromTree`]. It is plain code over one
//! kind of tree: readers that work with any source of serde's would be put into the browser's module once for each
//! source, and would rebuild the tree wherever a tag has to be looked at first. For those who read with serde all the
//! same, each type is [`serde::Deserialize`] by way of the tree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// A tree.
pub use serde_json::Value as Tree;

/// Why a tree is not of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ShapeError {
    reason: String,
}

impl ShapeError {
    /// A sentence about what is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// Something else stands where `what` was expected.
    pub fn expected(what: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "true or false".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => format!("{text:?}"),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a map".to_owned(),
        };
        Self::new(format!("expected {what}, not {found}"))
    }

    #[inline(never)]
    fn within(self, name: &str) -> Self {
        Self::new(format!("{name}: {}", self.reason))
    }
}

/// A type that can be read out of a tree.
pub trait FromTree: Sized {
    /// Reads it. Fields that it does not know are passed over.
    ///
    /// # Errors
    /// [`ShapeError`] when the tree is of another shape.
    fn from_tree(tree: Value) -> Result<Self, ShapeError>;

    /// What is read where a field is absent, if it may be.
    fn of_absent() -> Option<Self> {
        None
    }
}

/// The fields of a map, to be taken out one by one.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a map.
    ///
    /// # Errors
    /// [`ShapeError`] for anything else.
    pub fn read(tree: Value) -> Result<Fields, ShapeError> {
        match tree {
            Value::Object(fields) => Ok(Fields(fields)),
            other => Err(ShapeError::expected("a map", &other)),
        }
    }

    /// Takes a field out.
    ///
    /// # Errors
    /// [`ShapeError`] when it is of another shape, or absent and required.
    pub fn take<T: FromTree>(&mut self, name: &str) -> Result<T, ShapeError> {
        let read = match self.0.remove(name) {
            Some(tree) => T::from_tree(tree),
            None => match T::of_absent() {
                Some(absent) => return Ok(absent),
                None => return Err(missing(name)),
            },
        };
        read.map_err(|error| error.within(name))
    }

    /// Takes a field out that may be absent, or null: then it is the type's default.
    ///
    /// # Errors
    /// [`ShapeError`] when it is of another shape.
    pub fn optional<T: FromTree + Default>(&mut self, name: &str) -> Result<T, ShapeError> {
        Ok(self.take::<Option<T>>(name)?.unwrap_or_default())
    }

    /// Reads the fields that are left as one type.
    ///
    /// # Errors
    /// [`ShapeError`] when they are of another shape.
    pub fn rest<T: FromTree>(self) -> Result<T, ShapeError> {
        T::from_tree(Value::Object(self.0))
    }
}

#[inline(never)]
fn missing(name: &str) -> ShapeError {
    ShapeError::new(format!("missing field `{name}`"))
}

/// The refusal of a tag that no variant has.
pub(crate) fn unknown_tag(tag: &str) -> ShapeError {
    ShapeError::new(format!("nothing here is called {tag:?}"))
}

/// Reads a struct from the fields of a map: those before `or` are required, unless their type can be absent, those
/// after it have a default.
#[macro_export]
macro_rules! from_map {
    ($type:ident { $($required:ident $(= $name:literal)?),* $(,)? $(; or $($optional:ident $(= $other:literal)?),* $(,)?)? }) => {
        impl $crate::json::FromTree for $type {
            fn from_tree(
                tree: $crate::json::Tree,
            ) -> ::std::result::Result<Self, $crate::json::ShapeError> {
                let mut fields = $crate::json::Fields::read(tree)?;
                ::std::result::Result::Ok($type {
                    $($required: fields.take($crate::from_map!(@name $required $($name)?))?,)*
                    $($($optional: fields.optional($crate::from_map!(@name $optional $($other)?))?,)*)?
                })
            }
        }
    };
    (@name $field:ident $name:literal) => { $name };
    (@name $field:ident) => { stringify!($field) };
}

/// Reads an enum from one of its names; what has another one is the last variant, where there is one.
macro_rules! from_names {
    ($type:ident: $($name:literal => $variant:ident),* $(,)? ; else $other:ident) => {
        impl $crate::json::FromTree for $type {
            fn from_tree(tree: serde_json::Value) -> Result<Self, $crate::json::ShapeError> {
                match tree.as_str() {
                    $(Some($name) => Ok($type::$variant),)*
                    Some(_) => Ok($type::$other),
                    None => Err($crate::json::ShapeError::expected("a name", &tree)),
                }
            }
        }
    };
}
pub(crate) use from_names;

/// Lets serde read types by way of the tree.
macro_rules! by_tree {
    ($($type:ty),* $(,)?) => {
        $(impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let tree = <serde_json::Value as serde::Deserialize>::deserialize(source)?;
                <$type as $crate::json::FromTree>::from_tree(tree).map_err(serde::de::Error::custom)
            }
        })*
    };
}
pub(crate) use by_tree;

impl FromTree for Value {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        Ok(tree)
    }
}

impl FromTree for String {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        match tree {
            Value::String(text) => Ok(text),
            other => Err(ShapeError::expected("text", &other)),
        }
    }
}

impl FromTree for bool {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        tree.as_bool()
            .ok_or_else(|| ShapeError::expected("true or false", &tree))
    }
}

impl FromTree for f64 {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        tree.as_f64()
            .ok_or_else(|| ShapeError::expected("a number", &tree))
    }
}

impl FromTree for u64 {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        tree.as_u64()
            .ok_or_else(|| ShapeError::expected("a whole number that is not negative", &tree))
    }
}

impl FromTree for i64 {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        tree.as_i64()
            .ok_or_else(|| ShapeError::expected("a whole number", &tree))
    }
}

impl FromTree for u32 {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        let whole = tree.as_u64().and_then(|whole| whole.try_into().ok());
        whole.ok_or_else(|| ShapeError::expected("a whole number below 2^32", &tree))
    }
}

impl FromTree for u8 {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        let whole = tree.as_u64().and_then(|whole| whole.try_into().ok());
        whole.ok_or_else(|| ShapeError::expected("a whole number below 256", &tree))
    }
}

impl<T: FromTree> FromTree for Option<T> {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        match tree {
            Value::Null => Ok(None),
            tree => T::from_tree(tree).map(Some),
        }
    }

    fn of_absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromTree> FromTree for Vec<T> {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        // Room is made for what was read, not for what is still to be.
        let mut list = Vec::new();
        for item in items(tree)? {
            list.push(T::from_tree(item)?);
        }
        Ok(list)
    }
}

impl<T: FromTree + Ord> FromTree for BTreeSet<T> {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        let mut set = BTreeSet::new();
        for item in items(tree)? {
            set.insert(T::from_tree(item)?);
        }
        Ok(set)
    }
}

impl<T: FromTree> FromTree for BTreeMap<String, T> {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        let mut map = BTreeMap::new();
        for (name, tree) in Fields::read(tree)?.0 {
            let value = T::from_tree(tree).map_err(|error| error.within(&name))?;
            map.insert(name, value);
        }
        Ok(map)
    }
}

impl FromTree for [f64; 3] {
    fn from_tree(tree: Value) -> Result<Self, ShapeError> {
        let numbers = Vec::<f64>::from_tree(tree)?;
        numbers
            .try_into()
            .map_err(|_| ShapeError::new("expected three numbers"))
    }
}

fn items(tree: Value) -> Result<Vec<Value>, ShapeError> {
    match tree {
        Value::Array(items) => Ok(items),
        other => Err(ShapeError::expected("a list", &other)),
    }
}
