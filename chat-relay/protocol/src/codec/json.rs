//! The JSON codec. What is written goes from types to text at once; what is read goes through a tree, see
//! [`crate::json`] for why.

use serde::Serialize;
use serde_json::Value;

use super::{
    limits::{MAX_CLIENT_DEPTH, MAX_JSON_DEPTH},
    tree,
};
use crate::{
    error::DecodeError,
    ids::OpId,
    json::FromTree,
    message::{ClientMessage, ServerMessage},
};

pub(super) fn encode<T: Serialize>(message: &T, out: &mut Vec<u8>) {
    #[allow(
        clippy::expect_used,
        reason = "keys are strings and writing to memory does not fail"
    )]
    serde_json::to_writer(out, message).expect("a message encodes");
}

pub(super) fn decode<T: FromTree>(text: &[u8], max_depth: usize) -> Result<T, DecodeError> {
    tree::typed(read(text, max_depth)?)
}

/// The part that is the same for all types.
fn read(text: &[u8], max_depth: usize) -> Result<Value, DecodeError> {
    let broken = |reason| DecodeError::Json { reason };
    let mut source = serde_json::Deserializer::from_slice(text);
    let tree = tree::read(&mut source, max_depth, broken)?;
    source.end().map_err(|error| broken(error.to_string()))?;
    Ok(tree)
}

pub(super) fn op_id(text: &[u8]) -> Option<OpId> {
    tree::op_id(
        &mut serde_json::Deserializer::from_slice(text),
        MAX_CLIENT_DEPTH,
    )
}

macro_rules! by_json {
    ($name:ident) => {
        impl $name {
            /// Encodes for the subprotocol [`crate::SUBPROTOCOL_JSON`].
            pub fn to_json(&self) -> String {
                #[allow(
                    clippy::expect_used,
                    reason = "keys are strings and writing to memory does not fail"
                )]
                serde_json::to_string(self).expect("a message encodes")
            }

            /// Decodes what [`Self::to_json`] wrote. Unknown fields are passed over.
            ///
            /// # Errors
            /// [`DecodeError`] when `text` is no message of this protocol.
            pub fn from_json(text: &str) -> Result<Self, DecodeError> {
                decode(text.as_bytes(), MAX_JSON_DEPTH)
            }
        }
    };
}
by_json!(ClientMessage);
by_json!(ServerMessage);
