//! Who is in the room, and the names of those who were. What they may do is in the log's settings.

use std::collections::BTreeMap;

use chat_relay_protocol::{DeviceId, Member, MemberId, MemberPresence, Person};
use serde::{Deserialize, Serialize};

/// What is remembered of a member, to name the author of an old message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) hue: u8,
}

/// Connected devices, and every member whose name was ever heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    connected: BTreeMap<DeviceId, Member>,
    known: BTreeMap<MemberId, Known>,
}

impl Members {
    pub(crate) fn restored(known: BTreeMap<MemberId, Known>) -> Members {
        Members {
            connected: BTreeMap::new(),
            known,
        }
    }

    /// Replaces the list of connected devices, and learns the names of those who are gone.
    pub(crate) fn welcome(&mut self, connected: Vec<Member>, past: &[Person]) {
        for person in past {
            self.remember(&person.member, &person.name, person.hue);
        }
        self.connected.clear();
        for member in connected {
            self.joined(member);
        }
    }

    pub(crate) fn joined(&mut self, member: Member) {
        self.remember(&member.member, &member.name, member.hue);
        self.connected.insert(member.device.clone(), member);
    }

    pub(crate) fn remember(&mut self, member: &MemberId, name: &str, hue: u8) {
        let known = Known {
            name: name.into(),
            hue,
        };
        self.known.insert(member.clone(), known);
    }

    pub(crate) fn left(&mut self, device: &DeviceId) {
        self.connected.remove(device);
    }

    /// Takes presence in; `true` when something changed that people see in a list (heads move without a word).
    pub(crate) fn presence(&mut self, changes: Vec<MemberPresence>) -> bool {
        let mut shown = false;
        for change in changes {
            let Some(member) = self.connected.get_mut(&change.device) else {
                continue;
            };
            let (old, new) = (&member.presence, &change.presence);
            shown |= old.mode != new.mode
                || old.tracking != new.tracking
                || old.aligned != new.aligned
                || old.typing != new.typing;
            member.presence = change.presence;
        }
        shown
    }

    pub(crate) fn connected(&self) -> impl Iterator<Item = &Member> {
        self.connected.values()
    }

    pub(crate) fn known(&self) -> &BTreeMap<MemberId, Known> {
        &self.known
    }

    /// The name and hue of a member; one that was never met has no name and a hue made from its id.
    pub(crate) fn name_and_hue(&self, member: &MemberId) -> (&str, u8) {
        self.known.get(member).map_or_else(
            || ("", hue_of_stranger(member)),
            |known| (known.name.as_str(), known.hue),
        )
    }
}

/// FNV-1a over the id, to one of the eight hues.
fn hue_of_stranger(member: &MemberId) -> u8 {
    let hash = member.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 29) as u8
}
