//! Identities: rooms, members, devices, operations, annotations. In: strings off the wire. Out: types that hold only
//! well-formed ones, so that nothing behind the decoder has to check again.

use std::fmt;

use serde::Serialize;

use crate::{
    from_map,
    json::{FromTree, ShapeError, Tree, by_tree},
};

/// A place in a room's log: 1 for the first event, without gaps, below 2^53 (exact in JavaScript).
pub type Seq = u64;

/// The most characters in an identity.
pub const MAX_ID_CHARS: usize = 64;

/// Why a string is no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Empty, or longer than [`MAX_ID_CHARS`].
    #[error("an id has 1 to {MAX_ID_CHARS} characters, this one has {actual}")]
    Length {
        /// Characters in the string.
        actual: usize,
    },
    /// A character outside `A-Z a-z 0-9 - _ .`.
    #[error("an id holds letters, digits, '-', '_' and '.' only, not {found:?}")]
    Character {
        /// The first offending character.
        found: char,
    },
}

fn check(text: &str) -> Result<(), IdError> {
    let actual = text.chars().count();
    if actual == 0 || actual > MAX_ID_CHARS {
        return Err(IdError::Length { actual });
    }
    match text
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
    {
        Some(found) => Err(IdError::Character { found }),
        None => Ok(()),
    }
}

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps `text`.
            ///
            /// # Errors
            /// [`IdError`] when `text` is empty, too long, or holds a character outside the alphabet.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The identity as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl FromTree for $name {
            fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
                Self::new(String::from_tree(tree)?).map_err(|error| ShapeError::new(error.to_string()))
            }
        }

        by_tree!($name);

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identity! {
    /// A room. Public: it stands in URLs; what admits to a room is its code or a token.
    RoomId
}
identity! {
    /// A person in a room, with one or more devices. Given by the relay at the first join.
    MemberId
}
identity! {
    /// A device of a member: one tab of one browser. Given by the relay when the device joins.
    DeviceId
}
identity! {
    /// An annotation, chosen by the device that makes it: `<device>-<counter>` keeps it unique.
    AnnotationId
}

/// Names an operation for as long as the room lives, so that a repeated one is recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OpId {
    /// The device that made the operation.
    pub device: DeviceId,
    /// Strictly increasing per device; gaps are allowed.
    pub counter: u64,
}

from_map!(OpId { device, counter });
by_tree!(OpId);
