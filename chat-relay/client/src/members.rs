//! Who is in the room, and the names of those who were. What they may do is in the log's settings.

use std::collections::BTreeMap;

use chat_relay_protocol::{DeviceId, Member, MemberId, MemberPresence, Person};

/// Connected devices, and every member whose name was ever heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    /// In the order in which they came.
    connected: Vec<Member>,
    known: BTreeMap<MemberId, Person>,
}

impl Members {
    pub(crate) fn restored(known: Vec<Person>) -> Members {
        let mut members = Members::default();
        members.meet(known);
        members
    }

    /// Replaces the list of connected devices, and learns the names of those who are gone.
    pub(crate) fn welcome(&mut self, connected: Vec<Member>, past: Vec<Person>) {
        self.meet(past);
        self.connected.clear();
        for member in connected {
            self.joined(member);
        }
    }

    pub(crate) fn joined(&mut self, member: Member) {
        self.meet(vec![Person {
            member: member.member.clone(),
            name: member.name.clone(),
            hue: member.hue,
            role: member.role,
        }]);
        match self.place(&member.device) {
            Some(place) => self.connected[place] = member,
            None => self.connected.push(member),
        }
    }

    fn place(&self, device: &DeviceId) -> Option<usize> {
        let is_it = |member: &Member| member.device == *device;
        self.connected.iter().position(is_it)
    }

    fn meet(&mut self, people: Vec<Person>) {
        for person in people {
            self.known.insert(person.member.clone(), person);
        }
    }

    pub(crate) fn left(&mut self, device: &DeviceId) {
        self.connected.retain(|member| member.device != *device);
    }

    /// Takes presence in; `true` when something changed that people see in a list (heads move without a word).
    pub(crate) fn presence(&mut self, changes: Vec<MemberPresence>) -> bool {
        let mut shown = false;
        for change in changes {
            let Some(place) = self.place(&change.device) else {
                continue;
            };
            let member = &mut self.connected[place];
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
        self.connected.iter()
    }

    /// Everybody whose name was ever heard.
    pub(crate) fn known(&self) -> Vec<Person> {
        self.known.values().cloned().collect()
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
