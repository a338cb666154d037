//! The Protobuf codec. The types of `proto/sightline/v1/room.proto` stand between bytes and the crate's own types and
//! are named nowhere else; each file here converts one subject both ways.
//!
//! What is read is checked while it is converted: identities, missing messages, finite numbers, depth. prost itself
//! reserves nothing for lengths that a message only claims.

mod bodies;
mod client;
mod log;
mod people;
mod refusals;
mod server;
mod values;

/// The types that prost makes of the `.proto`.
#[allow(
    unreachable_pub,
    clippy::all,
    reason = "generated, public for the files beside this one"
)]
mod wire {
    include!(concat!(env!("OUT_DIR"), "/sightline.v1.rs"));
}

use prost::Message;

use crate::{
    error::DecodeError,
    ids::{IdError, OpId},
    message::{ClientMessage, ServerMessage},
};

pub(super) fn encode_client(message: &ClientMessage, out: &mut Vec<u8>) {
    append(&wire::ClientMessage::from(message), out);
}

pub(super) fn encode_server(message: &ServerMessage, out: &mut Vec<u8>) {
    append(&wire::ServerMessage::from(message), out);
}

pub(super) fn decode_client(body: &[u8]) -> Result<ClientMessage, DecodeError> {
    parsed::<wire::ClientMessage>(body)?.try_into()
}

pub(super) fn decode_server(body: &[u8]) -> Result<ServerMessage, DecodeError> {
    parsed::<wire::ServerMessage>(body)?.try_into()
}

/// The op's name in a `ClientMessage`; its body is passed over, whatever it is.
pub(super) fn op_id(body: &[u8]) -> Option<OpId> {
    /// A `ClientMessage` that knows ops only.
    #[derive(Clone, PartialEq, Message)]
    struct OnlyOp {
        #[prost(message, optional, tag = "2")]
        op: Option<OnlyOpId>,
    }

    /// An `Op` without its body.
    #[derive(Clone, PartialEq, Message)]
    struct OnlyOpId {
        #[prost(message, optional, tag = "1")]
        op_id: Option<wire::OpId>,
    }

    parsed::<OnlyOp>(body).ok()?.op?.op_id?.try_into().ok()
}

fn append<M: Message>(message: &M, out: &mut Vec<u8>) {
    #[allow(
        clippy::expect_used,
        reason = "only a buffer that cannot grow refuses a message"
    )]
    message.encode(out).expect("a message encodes");
}

fn parsed<M: Message + Default>(body: &[u8]) -> Result<M, DecodeError> {
    M::decode(body).map_err(|error| DecodeError::Protobuf {
        reason: error.to_string(),
    })
}

/// What is missing or out of place.
fn shape(reason: impl Into<String>) -> DecodeError {
    DecodeError::Shape {
        reason: reason.into(),
    }
}

/// An identity in the field `name`.
fn id<T: TryFrom<String, Error = IdError>>(
    text: String,
    name: &'static str,
) -> Result<T, DecodeError> {
    T::try_from(text).map_err(|error| shape(format!("{name}: {error}")))
}

/// Identities in the field `name`.
fn ids<T: TryFrom<String, Error = IdError>, C: FromIterator<T>>(
    texts: Vec<String>,
    name: &'static str,
) -> Result<C, DecodeError> {
    texts.into_iter().map(|text| id(text, name)).collect()
}

/// The message in the field `name`, which has to be there.
fn needed<W, T: TryFrom<W, Error = DecodeError>>(
    field: Option<W>,
    name: &'static str,
) -> Result<T, DecodeError> {
    field
        .ok_or_else(|| shape(format!("{name} is missing")))?
        .try_into()
}

/// All messages of a repeated field.
fn all<W, T: TryFrom<W, Error = DecodeError>>(items: Vec<W>) -> Result<Vec<T>, DecodeError> {
    items.into_iter().map(T::try_from).collect()
}

/// Every item as its message.
fn each<'a, T: 'a, W: From<&'a T>>(items: impl IntoIterator<Item = &'a T>) -> Vec<W> {
    items.into_iter().map(W::from).collect()
}

/// Every identity as text.
fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
