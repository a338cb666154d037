//! What the simulated relay refuses: the rules of the real one, as far as a client's tests need them.

use chat_relay_protocol::{
    Action, Body, ChatFold, ErrorCode, MemberId, OpId, Role, RoomChange, Scene, SceneOp, Settings,
};

/// The room that an op is checked against.
pub(super) struct Books<'a> {
    pub(super) settings: &'a Settings,
    pub(super) scene: &'a Scene,
    pub(super) chat: &'a ChatFold,
}

impl Books<'_> {
    /// Whether `member` may do this.
    pub(super) fn check(
        &self,
        member: &MemberId,
        body: &Body,
        is_held: impl Fn(&OpId) -> bool,
    ) -> Result<(), ErrorCode> {
        let action = self.action(member, body, is_held)?;
        if self.role(member).allows(action) {
            Ok(())
        } else if self.settings.standing(member).muted {
            Err(ErrorCode::Muted)
        } else {
            Err(ErrorCode::Forbidden)
        }
    }

    /// A muted member, and an editor of a locked room, may do what a viewer may.
    pub(super) fn role(&self, member: &MemberId) -> Role {
        let standing = self.settings.standing(member);
        if standing.muted || (self.settings.locked && standing.role != Role::Owner) {
            Role::Viewer
        } else {
            standing.role
        }
    }

    fn action(
        &self,
        member: &MemberId,
        body: &Body,
        is_held: impl Fn(&OpId) -> bool,
    ) -> Result<Action, ErrorCode> {
        let of_message = |seq| {
            let message = self.chat.get(seq).filter(|message| !message.deleted);
            message.map(|message| message.from == *member)
        };
        let own = |is_own: Option<bool>, otherwise| match is_own {
            None => Err(ErrorCode::Gone),
            Some(true) => Ok(Action::ChangeOwn),
            Some(false) => Ok(otherwise),
        };
        match body {
            Body::Chat(_) => Ok(Action::Write),
            Body::Reaction { message, .. } => own(of_message(*message), Action::Write),
            Body::ChatEdit { message, .. } => own(of_message(*message), Action::EditOthersMessage),
            Body::ChatDelete { message } => own(of_message(*message), Action::DeleteOthersMessage),
            Body::Scene { op } => {
                let id = op.id();
                match self.scene.get(id) {
                    Some(annotation) if annotation.from == *member => Ok(Action::ChangeOwn),
                    Some(_) if self.settings.is_locked(id) => Ok(Action::ChangeLocked),
                    Some(_) => Ok(Action::ChangeOthers),
                    None if self.scene.is_deleted(id) => Err(ErrorCode::Gone),
                    None if matches!(op, SceneOp::Put { .. }) => Ok(Action::Write),
                    None => Err(ErrorCode::Gone),
                }
            }
            Body::Room { change } => match change {
                RoomChange::DefineFrame { .. } => Ok(Action::Write),
                RoomChange::Approve { op_id } | RoomChange::Reject { op_id } if !is_held(op_id) => {
                    Err(ErrorCode::Gone)
                }
                _ => Ok(Action::Moderate),
            },
            _ => Err(ErrorCode::Forbidden),
        }
    }
}
