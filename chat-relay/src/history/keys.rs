//! Rows as numbers: short names for what has a long public id, handed out by the history and good for as long as
//! it is open. They never go over the wire.

/// SHA-256 of a device's secret: all that is kept of it.
pub type SecretHash = [u8; 32];

/// A room's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey(pub i64);

/// A member's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberKey(pub i64);

/// A device's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceKey(pub i64);

/// The right to write to an open room. Each load gives a higher one and ends the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease(pub u64);
