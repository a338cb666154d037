//! Members, what they are, and what their devices do just now.

use super::{
    id, ids, needed, texts,
    values::{fields, written},
    wire,
};
use crate::{
    error::DecodeError,
    message::{Member, MemberPresence, Person, Presence, RoomSettings, Tracking, ViewMode},
    role::Role,
    value::Value,
};

/// Names that `more` cannot have: in the other codecs they stand beside those in it.
const OWN_FIELDS: [&str; 6] = [
    "type",
    "mode",
    "tracking",
    "aligned",
    "room_from_head",
    "typing",
];

impl From<Role> for wire::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => wire::Role::Owner,
            Role::Editor => wire::Role::Editor,
            Role::Viewer => wire::Role::Viewer,
        }
    }
}

impl From<wire::Role> for Role {
    fn from(role: wire::Role) -> Self {
        match role {
            wire::Role::Owner => Role::Owner,
            wire::Role::Editor => Role::Editor,
            wire::Role::Viewer => Role::Viewer,
        }
    }
}

impl From<ViewMode> for wire::ViewMode {
    fn from(mode: ViewMode) -> Self {
        match mode {
            ViewMode::Page => wire::ViewMode::Page,
            ViewMode::Camera => wire::ViewMode::Camera,
            ViewMode::Ar => wire::ViewMode::Ar,
            ViewMode::Room3d => wire::ViewMode::Room3d,
        }
    }
}

impl From<wire::ViewMode> for ViewMode {
    fn from(mode: wire::ViewMode) -> Self {
        match mode {
            wire::ViewMode::Page => ViewMode::Page,
            wire::ViewMode::Camera => ViewMode::Camera,
            wire::ViewMode::Ar => ViewMode::Ar,
            wire::ViewMode::Room3d => ViewMode::Room3d,
        }
    }
}

impl From<Tracking> for wire::Tracking {
    fn from(tracking: Tracking) -> Self {
        match tracking {
            Tracking::None => wire::Tracking::None,
            Tracking::Limited => wire::Tracking::Limited,
            Tracking::Good => wire::Tracking::Good,
        }
    }
}

impl From<wire::Tracking> for Tracking {
    fn from(tracking: wire::Tracking) -> Self {
        match tracking {
            wire::Tracking::None => Tracking::None,
            wire::Tracking::Limited => Tracking::Limited,
            wire::Tracking::Good => Tracking::Good,
        }
    }
}

impl From<&Presence> for wire::Presence {
    fn from(presence: &Presence) -> Self {
        wire::Presence {
            mode: wire::ViewMode::from(presence.mode).into(),
            tracking: wire::Tracking::from(presence.tracking).into(),
            aligned: presence.aligned,
            typing: presence.typing,
            room_from_head: presence.room_from_head.as_ref().map(Into::into),
            more: written(&presence.more),
        }
    }
}

impl TryFrom<wire::Presence> for Presence {
    type Error = DecodeError;

    fn try_from(presence: wire::Presence) -> Result<Self, DecodeError> {
        let (mode, tracking) = (presence.mode().into(), presence.tracking().into());
        let head = presence.room_from_head.map(Value::try_from).transpose()?;
        let mut more = fields(presence.more)?;
        more.retain(|name, _| !OWN_FIELDS.contains(&name.as_str()));
        Ok(Presence {
            mode,
            tracking,
            aligned: presence.aligned,
            // Nothing and no head are the same, as in the other codecs.
            room_from_head: head.filter(|head| *head != Value::Null),
            typing: presence.typing,
            more,
        })
    }
}

impl From<&MemberPresence> for wire::MemberPresence {
    fn from(member: &MemberPresence) -> Self {
        wire::MemberPresence {
            device: member.device.to_string(),
            presence: Some((&member.presence).into()),
        }
    }
}

impl TryFrom<wire::MemberPresence> for MemberPresence {
    type Error = DecodeError;

    fn try_from(member: wire::MemberPresence) -> Result<Self, DecodeError> {
        Ok(MemberPresence {
            device: id(member.device, "members.device")?,
            presence: needed(member.presence, "members.presence")?,
        })
    }
}

fn hue(hue: u32) -> Result<u8, DecodeError> {
    u8::try_from(hue).map_err(|_| super::shape(format!("hue: 0 to 7, not {hue}")))
}

impl From<&Person> for wire::Person {
    fn from(person: &Person) -> Self {
        wire::Person {
            member: person.member.to_string(),
            name: person.name.clone(),
            hue: person.hue.into(),
            role: wire::Role::from(person.role).into(),
        }
    }
}

impl TryFrom<wire::Person> for Person {
    type Error = DecodeError;

    fn try_from(person: wire::Person) -> Result<Self, DecodeError> {
        Ok(Person {
            role: person.role().into(),
            member: id(person.member, "person.member")?,
            name: person.name,
            hue: hue(person.hue)?,
        })
    }
}

impl From<&Member> for wire::Member {
    fn from(member: &Member) -> Self {
        wire::Member {
            member: member.member.to_string(),
            device: member.device.to_string(),
            name: member.name.clone(),
            hue: member.hue.into(),
            role: wire::Role::from(member.role).into(),
            muted: member.muted,
            presence: Some((&member.presence).into()),
        }
    }
}

impl TryFrom<wire::Member> for Member {
    type Error = DecodeError;

    fn try_from(member: wire::Member) -> Result<Self, DecodeError> {
        Ok(Member {
            role: member.role().into(),
            member: id(member.member, "member.member")?,
            device: id(member.device, "member.device")?,
            name: member.name,
            hue: hue(member.hue)?,
            muted: member.muted,
            presence: member.presence.unwrap_or_default().try_into()?,
        })
    }
}

impl From<&RoomSettings> for wire::RoomSettings {
    fn from(settings: &RoomSettings) -> Self {
        wire::RoomSettings {
            locked: settings.locked,
            approval: settings.approval,
            closed: settings.closed,
            locked_annotations: texts(&settings.locked_annotations),
        }
    }
}

impl TryFrom<wire::RoomSettings> for RoomSettings {
    type Error = DecodeError;

    fn try_from(settings: wire::RoomSettings) -> Result<Self, DecodeError> {
        Ok(RoomSettings {
            locked: settings.locked,
            approval: settings.approval,
            closed: settings.closed,
            locked_annotations: ids(settings.locked_annotations, "settings.locked_annotations")?,
        })
    }
}
