//! Who is in the room, and the names of those who were.

use std::collections::BTreeMap;

use chat_relay_protocol::{DeviceId, Member, MemberPresence};
use serde::{Deserialize, Serialize};

/// What is remembered of a device, to name the author of an old message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) hue: u8,
}

/// Connected members, and everybody whose name was ever heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    connected: BTreeMap<DeviceId, Member>,
    known: BTreeMap<DeviceId, Known>,
}

impl Members {
    pub(crate) fn restored(known: BTreeMap<DeviceId, Known>) -> Members {
        Members {
            connected: BTreeMap::new(),
            known,
        }
    }

    /// Replaces the list of connected members, and learns the names of those who are gone.
    pub(crate) fn welcome(&mut self, connected: Vec<Member>, past: &[Member]) {
        for member in past {
            self.remember(member);
        }
        self.connected.clear();
        for member in connected {
            self.joined(member);
        }
    }

    pub(crate) fn joined(&mut self, member: Member) {
        self.remember(&member);
        self.connected.insert(member.device.clone(), member);
    }

    fn remember(&mut self, member: &Member) {
        let known = Known {
            name: member.name.clone(),
            hue: member.hue,
        };
        self.known.insert(member.device.clone(), known);
    }

    pub(crate) fn left(&mut self, device: &DeviceId) {
        self.connected.remove(device);
    }

    /// Takes presence in; `true` when something changed that the state shows (heads move without a word).
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

    pub(crate) fn known(&self) -> &BTreeMap<DeviceId, Known> {
        &self.known
    }

    /// The name and hue of a device; one that was never met has no name and a hue made from its id.
    pub(crate) fn name_and_hue(&self, device: &DeviceId) -> (&str, u8) {
        self.known.get(device).map_or_else(
            || ("", hue_of_stranger(device)),
            |known| (known.name.as_str(), known.hue),
        )
    }
}

/// FNV-1a over the id, to one of the eight hues.
fn hue_of_stranger(device: &DeviceId) -> u8 {
    let hash = device.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 29) as u8
}
