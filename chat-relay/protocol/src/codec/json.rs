//! The JSON codec. What is written goes from types to text at once; what is read goes through a tree, see
//! [`crate::json`] for why.

use serde::{Serialize, de::DeserializeOwned};

use super::{MAX_CLIENT_DEPTH, tree};
use crate::{error::DecodeError, ids::OpId};

pub(super) fn encode<T: Serialize>(message: &T, out: &mut Vec<u8>) {
    #[allow(
        clippy::expect_used,
        reason = "keys are strings and writing to memory does not fail"
    )]
    serde_json::to_writer(out, message).expect("a message encodes");
}

pub(super) fn decode<T: DeserializeOwned>(text: &[u8], max_depth: usize) -> Result<T, DecodeError> {
    let broken = |reason| DecodeError::Json { reason };
    let mut source = serde_json::Deserializer::from_slice(text);
    let tree = tree::read(&mut source, max_depth, broken)?;
    source.end().map_err(|error| broken(error.to_string()))?;
    tree::typed(tree)
}

pub(super) fn op_id(text: &[u8]) -> Option<OpId> {
    tree::op_id(
        &mut serde_json::Deserializer::from_slice(text),
        MAX_CLIENT_DEPTH,
    )
}
