//! What a member is in a room, and the table of what each may do: the one place where that is decided.

use serde::Serialize;

use crate::json::{by_tree, from_names};

/// What a member is in a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the room: the teacher.
    Owner,
    /// Writes and places things.
    Editor,
    /// Looks on; also what a later version says.
    #[default]
    Viewer,
}

from_names!(Role: "owner" => Owner, "editor" => Editor; else Viewer);
by_tree!(Role);

/// What somebody is about to do, as far as roles matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A message, a reaction, a new annotation, the room's frame, a direct message.
    Write,
    /// A change of an own message or annotation.
    ChangeOwn,
    /// A change of somebody else's annotation that is not locked.
    ChangeOthers,
    /// A change of somebody else's annotation that is locked, or of its lock.
    ChangeLocked,
    /// Another text for somebody else's message.
    EditOthersMessage,
    /// Taking somebody else's message away.
    DeleteOthersMessage,
    /// Roles, muting, removing, locking the room, approval, admission.
    Moderate,
}

impl Role {
    /// The role as it stands on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Editor => "editor",
            Role::Viewer => "viewer",
        }
    }

    /// Whether the role allows the action in a room that is not locked. A muted member, and an editor of a locked
    /// room, may do what a viewer may.
    ///
    /// | | owner | editor | viewer |
    /// |---|---|---|---|
    /// | write, change own | yes | yes | no |
    /// | change others' annotations | yes | yes | no |
    /// | change locked annotations | yes | no | no |
    /// | edit others' messages | no | no | no |
    /// | delete others' messages | yes | no | no |
    /// | moderate | yes | no | no |
    pub fn allows(self, action: Action) -> bool {
        match action {
            Action::Write | Action::ChangeOwn | Action::ChangeOthers => {
                matches!(self, Role::Owner | Role::Editor)
            }
            Action::ChangeLocked | Action::DeleteOthersMessage | Action::Moderate => {
                self == Role::Owner
            }
            Action::EditOthersMessage => false,
        }
    }
}
