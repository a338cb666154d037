//! How a room is set and what its members are in it: a fold over its events.
//!
//! In: the roles that members joined with, then events in order. Out: role, muting and removal of each member, and
//! the room's own settings. What a role allows is the table in [`crate::role`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    body::{Body, RoomChange, SceneOp},
    event::Event,
    ids::{AnnotationId, MemberId},
    message::RoomSettings,
    role::Role,
};

/// One member's standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What the member is.
    pub role: Role,
    /// Whether it may not write.
    #[serde(default)]
    pub muted: bool,
    /// Whether it was put out.
    #[serde(default)]
    pub removed: bool,
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    standings: BTreeMap<MemberId, Standing>,
    /// Only owners may write.
    pub locked: bool,
    /// What others than owners write is held.
    pub approval: bool,
    /// The code admits nobody new.
    pub closed: bool,
    locked_annotations: BTreeSet<AnnotationId>,
}

impl Settings {
    /// Takes a new member in; one that is known keeps its standing.
    pub fn admit(&mut self, member: &MemberId, role: Role) {
        self.standings.entry(member.clone()).or_insert(Standing {
            role,
            ..Standing::default()
        });
    }

    /// A member's standing; who is not known looks on.
    pub fn standing(&self, member: &MemberId) -> Standing {
        self.standings.get(member).copied().unwrap_or_default()
    }

    /// Takes over what is said of a member's standing.
    pub fn set_standing(&mut self, member: &MemberId, standing: Standing) {
        self.standings.insert(member.clone(), standing);
    }

    /// Whether this is a member, removed or not.
    pub fn knows(&self, member: &MemberId) -> bool {
        self.standings.contains_key(member)
    }

    /// All members that were ever here.
    pub fn standings(&self) -> impl Iterator<Item = (&MemberId, &Standing)> {
        self.standings.iter()
    }

    /// Whether an annotation is locked.
    pub fn is_locked(&self, id: &AnnotationId) -> bool {
        self.locked_annotations.contains(id)
    }

    /// Whether somebody else than `member` is an owner who can act as one.
    pub fn has_other_owner(&self, member: &MemberId) -> bool {
        self.standings.iter().any(|(other, standing)| {
            let acts = !standing.removed && !standing.muted;
            other != member && standing.role == Role::Owner && acts
        })
    }

    /// The room's own settings as they go over the wire.
    pub fn room(&self) -> RoomSettings {
        RoomSettings {
            locked: self.locked,
            approval: self.approval,
            closed: self.closed,
            locked_annotations: self.locked_annotations.iter().cloned().collect(),
        }
    }

    /// Takes over the room's own settings from the wire.
    pub fn set_room(&mut self, room: &RoomSettings) {
        self.locked = room.locked;
        self.approval = room.approval;
        self.closed = room.closed;
        self.locked_annotations.clear();
        self.locked_annotations
            .extend(room.locked_annotations.iter().cloned());
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: &Event) {
        match &event.body {
            Body::Room { change } => self.change(change),
            Body::Scene {
                op: SceneOp::Delete { id },
            } => {
                self.locked_annotations.remove(id);
            }
            _ => {}
        }
    }

    fn change(&mut self, change: &RoomChange) {
        match change {
            RoomChange::SetRole { member, role } => self.of(member).role = *role,
            RoomChange::Mute { member, muted } => self.of(member).muted = *muted,
            RoomChange::Remove { member } => self.of(member).removed = true,
            RoomChange::Lock { locked } => self.locked = *locked,
            RoomChange::LockAnnotation { id, locked } => {
                if *locked {
                    self.locked_annotations.insert(id.clone());
                } else {
                    self.locked_annotations.remove(id);
                }
            }
            RoomChange::SetApproval { required } => self.approval = *required,
            RoomChange::SetOpen { open } => self.closed = !open,
            RoomChange::DefineFrame { .. }
            | RoomChange::Approve { .. }
            | RoomChange::Reject { .. }
            | RoomChange::Unknown => {}
        }
    }

    fn of(&mut self, member: &MemberId) -> &mut Standing {
        self.standings.entry(member.clone()).or_default()
    }
}
