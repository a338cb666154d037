//! The entries of a room's log.

use serde::Serialize;

use crate::{
    body::Body,
    ids::{MemberId, OpId, Seq},
    json::{Fields, FromTree, ShapeError, Tree, by_tree},
};

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Its place: gapless from 1.
    pub seq: Seq,
    /// When the relay took it, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who sent it.
    pub from: MemberId,
    /// The op it came from, which names the device.
    pub op_id: OpId,
    /// What it says; [`Body::Unknown`] when a later version says something that this one cannot read, so that
    /// the entries around it still arrive.
    pub body: Body,
}

impl FromTree for Event {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = Fields::read(tree)?;
        Ok(Event {
            seq: fields.take("seq")?,
            at: fields.take("at")?,
            from: fields.take("from")?,
            op_id: fields.take("op_id")?,
            body: Body::from_tree(fields.take("body")?).unwrap_or(Body::Unknown),
        })
    }
}

by_tree!(Event);
