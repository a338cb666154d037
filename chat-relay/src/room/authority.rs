//! Whether a member may do what an op asks for, in the room as it is. The table of roles is
//! [`Role::allows`](chat_relay_protocol::Role::allows); this file says which row an op stands in.

use chat_relay_protocol::{
    Action, AnnotationId, Body, ErrorCode, MemberId, OpId, Role, RoomChange, SceneOp, Value,
};

use super::state::RoomState;

/// So many different emojis a message may have as reactions.
const MAX_EMOJIS: usize = 20;
/// So many reactions a message may have in all.
const MAX_REACTIONS: usize = 2000;

/// How large a scene may grow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SceneLimits {
    pub(crate) annotations: usize,
    pub(crate) annotation_bytes: usize,
    pub(crate) scene_bytes: usize,
}

/// What waits for approval, as far as it decides what may be done.
pub(crate) trait Waiting {
    /// Who sent an op that waits.
    fn sender(&self, op_id: &OpId) -> Option<&MemberId>;

    /// The first op of `member` that waits to put an annotation there.
    fn puts(&self, member: &MemberId, id: &AnnotationId) -> Option<OpId>;
}

/// What is to become of an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes into the log.
    Append,
    /// It waits for an owner's approval.
    Hold,
    /// It takes back what waits itself.
    Withdraw,
}

/// Why an op is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) code: ErrorCode,
    pub(crate) message: &'static str,
}

const fn denial(code: ErrorCode, message: &'static str) -> Denial {
    Denial { code, message }
}

const REMOVED: Denial = denial(ErrorCode::Removed, "You were removed from this room.");
const MUTED: Denial = denial(ErrorCode::Muted, "You are muted in this room.");
const ROOM_LOCKED: Denial = denial(
    ErrorCode::Forbidden,
    "The room is locked: only its owners may write.",
);
const FORBIDDEN: Denial = denial(
    ErrorCode::Forbidden,
    "Your role in this room does not allow this.",
);
const LOCKED: Denial = denial(
    ErrorCode::Forbidden,
    "This annotation is locked: only who made it and owners may change it.",
);
const NO_ANNOTATION: Denial = denial(
    ErrorCode::Gone,
    "This annotation is not, or no longer, there.",
);
const HELD_TOO_LONG: Denial = denial(
    ErrorCode::Gone,
    "The annotation that this is about was deleted meanwhile: reject it.",
);
const HELD_BEFORE_ITS_ANNOTATION: Denial = denial(
    ErrorCode::Gone,
    "The annotation that this is about waits, too: approve that first.",
);
const TOO_MANY_REACTIONS: Denial = denial(
    ErrorCode::LimitReached,
    "This message holds no more reactions.",
);
const NO_MESSAGE: Denial = denial(ErrorCode::Gone, "This message is not, or no longer, there.");
pub(super) const NO_MEMBER: Denial = denial(ErrorCode::Gone, "Nobody in this room is called so.");
const NOT_HELD: Denial = denial(
    ErrorCode::Gone,
    "This op does not wait for approval, or no longer.",
);
const LAST_OWNER: Denial = denial(
    ErrorCode::Forbidden,
    "A room needs an owner: make somebody else an owner first.",
);
const FULL_SCENE: Denial = denial(
    ErrorCode::LimitReached,
    "The room holds no more annotations: remove some first.",
);
const LARGE_ANNOTATION: Denial = denial(
    ErrorCode::LimitReached,
    "This annotation would become too large: begin another one.",
);

/// Whether `member` may do what `body` asks for.
///
/// # Errors
/// [`Denial`] with the first reason against it.
pub(crate) fn check(
    state: &RoomState,
    member: &MemberId,
    body: &Body,
    limits: &SceneLimits,
    waiting: &impl Waiting,
) -> Result<Verdict, Denial> {
    let role = effective_role(state, member)?;
    let action = action(state, member, body, waiting)?;
    if !role.allows(action) {
        return Err(why(state, member, action));
    }
    check_growth(state, body, limits)?;
    check_reactions(state, body)?;
    if let Body::Scene {
        op: SceneOp::Delete { id },
    } = body
        && state.scene.get(id).is_none()
    {
        return Ok(Verdict::Withdraw);
    }
    let is_held = state.settings.approval && role != Role::Owner && shows(body);
    Ok(if is_held || lacks_its_annotation(state, body) {
        Verdict::Hold
    } else {
        Verdict::Append
    })
}

/// Whether an op changes an annotation that is not there: one that waits itself.
fn lacks_its_annotation(state: &RoomState, body: &Body) -> bool {
    match body {
        Body::Scene {
            op: SceneOp::Patch { id, .. } | SceneOp::Append { id, .. },
        } => state.scene.get(id).is_none(),
        _ => false,
    }
}

/// Whether a message has place for a reaction.
fn check_reactions(state: &RoomState, body: &Body) -> Result<(), Denial> {
    let Body::Reaction {
        message,
        emoji,
        on: true,
    } = body
    else {
        return Ok(());
    };
    let (emojis, all, known) = state.reactions(*message, emoji);
    if all >= MAX_REACTIONS || (!known && emojis >= MAX_EMOJIS) {
        return Err(TOO_MANY_REACTIONS);
    }
    Ok(())
}

/// Whether an op that was held can be shown. What its maker may do by now does not matter: an owner approves it. But a
/// deleted annotation stays deleted. A device that goes on from a snapshot does not know which those are, and goes by
/// what is in the log.
///
/// # Errors
/// [`Denial`] when its annotation is gone, or there is no place for it.
pub(crate) fn check_held(
    state: &RoomState,
    body: &Body,
    limits: &SceneLimits,
) -> Result<(), Denial> {
    if let Body::Scene { op } = body
        && state.scene.is_deleted(op.id())
    {
        return Err(HELD_TOO_LONG);
    }
    if lacks_its_annotation(state, body) {
        return Err(HELD_BEFORE_ITS_ANNOTATION);
    }
    check_growth(state, body, limits)
}

/// Whether `member` may send a direct message.
///
/// # Errors
/// [`Denial`] when it is muted, removed or only looks on, or `to` is nobody here.
pub(crate) fn check_direct(
    state: &RoomState,
    member: &MemberId,
    to: &MemberId,
) -> Result<(), Denial> {
    let role = effective_role(state, member)?;
    if !role.allows(Action::Write) {
        return Err(why(state, member, Action::Write));
    }
    if to == member || !state.settings.knows(to) || state.settings.standing(to).removed {
        return Err(NO_MEMBER);
    }
    Ok(())
}

/// A muted member, and an editor of a locked room, may do what a viewer may.
fn effective_role(state: &RoomState, member: &MemberId) -> Result<Role, Denial> {
    let standing = state.settings.standing(member);
    if standing.removed {
        return Err(REMOVED);
    }
    let silent = standing.muted || (state.settings.locked && standing.role != Role::Owner);
    Ok(if silent { Role::Viewer } else { standing.role })
}

fn action(
    state: &RoomState,
    member: &MemberId,
    body: &Body,
    waiting: &impl Waiting,
) -> Result<Action, Denial> {
    let own = |author: &MemberId, otherwise| {
        if author == member {
            Action::ChangeOwn
        } else {
            otherwise
        }
    };
    let author = |message| state.author(message).ok_or(NO_MESSAGE);
    Ok(match body {
        Body::Chat(_) => Action::Write,
        Body::Reaction { message, .. } => author(*message).map(|_| Action::Write)?,
        Body::ChatEdit { message, .. } => own(author(*message)?, Action::EditOthersMessage),
        Body::ChatDelete { message } => own(author(*message)?, Action::DeleteOthersMessage),
        Body::Scene { op } => scene_action(state, member, op, waiting)?,
        Body::Room { change } => change_action(state, member, change, waiting)?,
        _ => return Err(FORBIDDEN),
    })
}

fn scene_action(
    state: &RoomState,
    member: &MemberId,
    op: &SceneOp,
    waiting: &impl Waiting,
) -> Result<Action, Denial> {
    let id = op.id();
    if state.scene.is_deleted(id) {
        return Err(NO_ANNOTATION);
    }
    match state.scene.get(id) {
        Some(_) => annotation_action(state, member, id),
        None if matches!(op, SceneOp::Put { .. }) => Ok(Action::Write),
        // It is decided on after it, or takes it back.
        None if waiting.puts(member, id).is_some() => Ok(Action::ChangeOwn),
        None => Err(NO_ANNOTATION),
    }
}

fn annotation_action(
    state: &RoomState,
    member: &MemberId,
    id: &AnnotationId,
) -> Result<Action, Denial> {
    let annotation = state.scene.get(id).ok_or(NO_ANNOTATION)?;
    Ok(if annotation.from == *member {
        Action::ChangeOwn
    } else if state.settings.is_locked(id) {
        Action::ChangeLocked
    } else {
        Action::ChangeOthers
    })
}

fn change_action(
    state: &RoomState,
    member: &MemberId,
    change: &RoomChange,
    waiting: &impl Waiting,
) -> Result<Action, Denial> {
    let settings = &state.settings;
    let known = |subject: &MemberId| {
        if settings.knows(subject) {
            Ok(Action::Moderate)
        } else {
            Err(NO_MEMBER)
        }
    };
    match change {
        RoomChange::DefineFrame { .. } => Ok(Action::Write),
        RoomChange::SetRole {
            member: subject,
            role,
        } => {
            if *role != Role::Owner && is_last_owner(state, subject) {
                return Err(LAST_OWNER);
            }
            known(subject)
        }
        RoomChange::Remove { member: subject } => {
            if is_last_owner(state, subject) {
                return Err(LAST_OWNER);
            }
            known(subject)
        }
        RoomChange::Mute {
            member: subject,
            muted,
        } => {
            if *muted && is_last_owner(state, subject) {
                return Err(LAST_OWNER);
            }
            known(subject)
        }
        RoomChange::LockAnnotation { id, .. } => match annotation_action(state, member, id)? {
            Action::ChangeOwn => Ok(Action::ChangeOwn),
            _ => Ok(Action::ChangeLocked),
        },
        RoomChange::Approve { op_id } | RoomChange::Reject { op_id } => {
            let sender = waiting.sender(op_id).ok_or(NOT_HELD)?;
            let withdraws = matches!(change, RoomChange::Reject { .. }) && sender == member;
            Ok(if withdraws {
                Action::ChangeOwn
            } else {
                Action::Moderate
            })
        }
        RoomChange::Lock { .. } | RoomChange::SetApproval { .. } | RoomChange::SetOpen { .. } => {
            Ok(Action::Moderate)
        }
        RoomChange::Unknown => Err(FORBIDDEN),
    }
}

fn is_last_owner(state: &RoomState, subject: &MemberId) -> bool {
    let standing = state.settings.standing(subject);
    standing.role == Role::Owner && !standing.removed && !state.settings.has_other_owner(subject)
}

/// The reason that a person understands best.
fn why(state: &RoomState, member: &MemberId, action: Action) -> Denial {
    let standing = state.settings.standing(member);
    if standing.muted {
        MUTED
    } else if state.settings.locked && standing.role == Role::Editor {
        ROOM_LOCKED
    } else if action == Action::ChangeLocked && standing.role == Role::Editor {
        LOCKED
    } else {
        FORBIDDEN
    }
}

/// Whether others would see something new that nobody has approved.
fn shows(body: &Body) -> bool {
    match body {
        Body::Chat(_) | Body::ChatEdit { .. } | Body::Reaction { .. } => true,
        Body::Scene { op } => !matches!(op, SceneOp::Delete { .. }),
        _ => false,
    }
}

/// Whether the scene holds what `body` would add to it.
pub(super) fn check_growth(
    state: &RoomState,
    body: &Body,
    limits: &SceneLimits,
) -> Result<(), Denial> {
    let Body::Scene { op } = body else {
        return Ok(());
    };
    let present = state.scene.get(op.id());
    let list = |values: &[Value]| values.iter().map(Value::weight).sum::<usize>();
    let map = |fields: &chat_relay_protocol::Fields| {
        fields
            .iter()
            .map(|(name, value)| name.len() + value.weight())
            .sum::<usize>()
    };
    // An upper bound: what a patch replaces is not taken off.
    let (kept, added) = match op {
        SceneOp::Delete { .. } => return Ok(()),
        SceneOp::Put { fields, .. } => (0, map(fields)),
        SceneOp::Patch { fields, .. } => (present.map_or(0, |old| old.weight()), map(fields)),
        SceneOp::Append { field, values, .. } => {
            let length = present
                .and_then(|old| old.field(field))
                .map_or(0, |value| match value {
                    Value::List(items) => items.len(),
                    _ => 0,
                });
            if length + values.len() > chat_relay_protocol::bounds::MAX_LIST_ITEMS {
                return Err(LARGE_ANNOTATION);
            }
            (present.map_or(0, |old| old.weight()), list(values))
        }
    };
    if kept + added > limits.annotation_bytes {
        return Err(LARGE_ANNOTATION);
    }
    let is_new = present.is_none();
    if state.scene.weight() + added > limits.scene_bytes
        || (is_new && state.scene.len() >= limits.annotations)
    {
        return Err(FULL_SCENE);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
