//! The MessagePack codec: the maps of the JSON codec with their field names, in binary. Binary and extension types
//! are refused: no message has them.

use rmp_serde::{Deserializer, Serializer};
use serde::Serialize;

use super::{limits::MAX_CLIENT_DEPTH, tree};
use crate::{error::DecodeError, ids::OpId, json::FromTree};

/// How deep the reader itself follows what is passed over.
const MAX_SKIPPED_DEPTH: usize = 128;

pub(super) fn encode<T: Serialize>(message: &T, out: &mut Vec<u8>) {
    #[allow(
        clippy::expect_used,
        reason = "every map has a length in the end and writing to memory does not fail"
    )]
    message
        .serialize(&mut Serializer::new(out).with_struct_map())
        .expect("a message encodes");
}

pub(super) fn decode<T: FromTree>(body: &[u8], max_depth: usize) -> Result<T, DecodeError> {
    let broken = |reason| DecodeError::MsgPack { reason };
    let mut source = reader(body);
    let tree = tree::read(&mut source, max_depth, broken)?;
    let left = source.get_ref().len();
    if left > 0 {
        return Err(broken(format!("{left} bytes follow the message")));
    }
    tree::typed(tree)
}

pub(super) fn op_id(body: &[u8]) -> Option<OpId> {
    tree::op_id(&mut reader(body), MAX_CLIENT_DEPTH)
}

fn reader(body: &[u8]) -> Deserializer<rmp_serde::decode::ReadReader<&[u8]>> {
    let mut reader = Deserializer::new(body);
    reader.set_max_depth(MAX_SKIPPED_DEPTH);
    reader
}
