//! A snapshot under way: parts in, the whole out, and nothing when one is missing.

use chat_relay_protocol::SnapshotPart;

use crate::log::Gap;

/// A snapshot of which not all parts are here yet.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    epoch: String,
    parts: Option<SnapshotPart>,
}

impl Incoming {
    /// A snapshot of the log of `epoch` is announced.
    pub(crate) fn new(epoch: String) -> Incoming {
        Incoming { epoch, parts: None }
    }

    /// The epoch of the log that the snapshot is of.
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Takes a part in; gives the whole with the last one. Parts stand for the same event: one that does not is of
    /// another snapshot, whose first parts are not here.
    pub(crate) fn push(&mut self, part: SnapshotPart) -> Result<Option<SnapshotPart>, Gap> {
        let is_last = part.last;
        match &mut self.parts {
            None => self.parts = Some(part),
            Some(parts) if parts.seq != part.seq => return Err(Gap),
            Some(parts) => {
                parts.annotations.extend(part.annotations);
                parts.messages.extend(part.messages);
                parts.more_messages |= part.more_messages;
                parts.second_spot_in_room = parts.second_spot_in_room.or(part.second_spot_in_room);
            }
        }
        Ok(if is_last { self.parts.take() } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(seq: u64, last: bool) -> SnapshotPart {
        SnapshotPart {
            seq,
            last,
            more_messages: !last,
            ..SnapshotPart::default()
        }
    }

    #[test]
    fn the_last_part_makes_it_whole() {
        let mut incoming = Incoming::new("e".into());
        assert_eq!(incoming.push(part(4, false)), Ok(None));
        let whole = incoming.push(part(4, true));
        assert!(whole.is_ok_and(|whole| whole.is_some_and(|whole| whole.more_messages)));
    }

    #[test]
    fn parts_of_two_snapshots_make_none() {
        let mut incoming = Incoming::new("e".into());
        assert_eq!(incoming.push(part(4, false)), Ok(None));
        assert_eq!(incoming.push(part(5, true)), Err(Gap));
    }
}
