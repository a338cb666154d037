//! The room's settings as a fold, and what a role allows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod strategies;

use chat_relay_protocol::{
    Action, AnnotationId, Body, DeviceId, Event, MemberId, OpId, Role, RoomChange, SceneOp, Seq,
    Settings,
};
use proptest::{collection, prelude::*};

fn member(name: &str) -> MemberId {
    MemberId::new(name).unwrap()
}

fn annotation(name: &str) -> AnnotationId {
    AnnotationId::new(name).unwrap()
}

fn event(seq: Seq, body: Body) -> Event {
    Event {
        seq,
        at: 0,
        from: member("ann"),
        op_id: OpId {
            device: DeviceId::new("d").unwrap(),
            counter: seq,
        },
        body,
    }
}

fn changed(settings: &mut Settings, change: RoomChange) {
    settings.apply(&event(1, Body::Room { change }));
}

/// Changes of two members and two annotations, so that they meet.
fn change() -> impl Strategy<Value = RoomChange> {
    let who = || prop_oneof![Just("ann"), Just("bob")].prop_map(member);
    let which = prop_oneof![Just("a"), Just("b")].prop_map(annotation);
    prop_oneof![
        (who(), strategies::role()).prop_map(|(member, role)| RoomChange::SetRole { member, role }),
        (who(), any::<bool>()).prop_map(|(member, muted)| RoomChange::Mute { member, muted }),
        who().prop_map(|member| RoomChange::Remove { member }),
        (which, any::<bool>()).prop_map(|(id, locked)| RoomChange::LockAnnotation { id, locked }),
        any::<bool>().prop_map(|locked| RoomChange::Lock { locked }),
        any::<bool>().prop_map(|required| RoomChange::SetApproval { required }),
        any::<bool>().prop_map(|open| RoomChange::SetOpen { open }),
        Just(RoomChange::Unknown),
    ]
}

/// The last of the changes that `pick` knows.
fn last<T>(changes: &[RoomChange], pick: impl Fn(&RoomChange) -> Option<T>) -> Option<T> {
    changes.iter().rev().find_map(pick)
}

proptest! {
    #[test]
    fn the_last_change_of_each_thing_holds(changes in collection::vec(change(), 0..30)) {
        let mut settings = Settings::default();
        settings.admit(&member("ann"), Role::Owner);
        changes.iter().for_each(|change| {
            settings.apply(&event(1, Body::Room { change: change.clone() }));
        });
        for (name, joined_as) in [("ann", Role::Owner), ("bob", Role::Viewer)] {
            let who = member(name);
            let standing = settings.standing(&who);
            let role = last(&changes, |change| match change {
                RoomChange::SetRole { member, role } if *member == who => Some(*role),
                _ => None,
            });
            prop_assert_eq!(standing.role, role.unwrap_or(joined_as));
            let muted = last(&changes, |change| match change {
                RoomChange::Mute { member, muted } if *member == who => Some(*muted),
                _ => None,
            });
            prop_assert_eq!(standing.muted, muted.unwrap_or(false));
            prop_assert_eq!(standing.removed, changes.contains(&RoomChange::Remove { member: who }));
        }
        let locked = last(&changes, |change| match change {
            RoomChange::Lock { locked } => Some(*locked),
            _ => None,
        });
        prop_assert_eq!(settings.locked, locked.unwrap_or(false));
        let open = last(&changes, |change| match change {
            RoomChange::SetOpen { open } => Some(*open),
            _ => None,
        });
        prop_assert_eq!(settings.closed, !open.unwrap_or(true));
        let locked = last(&changes, |change| match change {
            RoomChange::LockAnnotation { id, locked } if id == &annotation("a") => Some(*locked),
            _ => None,
        });
        prop_assert_eq!(settings.is_locked(&annotation("a")), locked.unwrap_or(false));
    }

    #[test]
    fn what_is_kept_and_what_follows_it_is_the_whole_log(
        changes in collection::vec(change(), 0..30), kept_at in 0..30_usize,
    ) {
        let mut whole = Settings::default();
        let mut resumed = Settings::default();
        for (index, change) in changes.into_iter().enumerate() {
            if index == kept_at {
                resumed = serde_json::from_str(&serde_json::to_string(&resumed).unwrap()).unwrap();
            }
            changed(&mut whole, change.clone());
            changed(&mut resumed, change);
        }
        let mut over_the_wire = Settings::default();
        over_the_wire.set_room(&whole.room());
        prop_assert_eq!(over_the_wire.room(), whole.room());
        prop_assert_eq!(resumed, whole);
    }
}

#[test]
fn who_was_admitted_keeps_what_an_owner_made_of_them() {
    let mut settings = Settings::default();
    assert!(!settings.knows(&member("bob")));
    settings.admit(&member("bob"), Role::Editor);
    changed(
        &mut settings,
        RoomChange::SetRole {
            member: member("bob"),
            role: Role::Viewer,
        },
    );
    settings.admit(&member("bob"), Role::Editor);
    assert_eq!(settings.standing(&member("bob")).role, Role::Viewer);
}

#[test]
fn a_removed_owner_is_no_owner_to_count_on() {
    let mut settings = Settings::default();
    settings.admit(&member("ann"), Role::Owner);
    settings.admit(&member("bob"), Role::Owner);
    assert!(settings.has_other_owner(&member("ann")));
    changed(
        &mut settings,
        RoomChange::Remove {
            member: member("bob"),
        },
    );
    assert!(!settings.has_other_owner(&member("ann")));
    assert!(settings.has_other_owner(&member("bob")));
}

#[test]
fn a_lock_goes_with_its_annotation() {
    let mut settings = Settings::default();
    let id = annotation("a");
    changed(
        &mut settings,
        RoomChange::LockAnnotation {
            id: id.clone(),
            locked: true,
        },
    );
    assert!(settings.is_locked(&id));
    let op = SceneOp::Delete { id: id.clone() };
    settings.apply(&event(2, Body::Scene { op }));
    assert!(!settings.is_locked(&id));
}

#[test]
fn roles_allow_what_the_table_says() {
    let table = [
        (Action::Write, [true, true, false]),
        (Action::ChangeOwn, [true, true, false]),
        (Action::ChangeOthers, [true, true, false]),
        (Action::ChangeLocked, [true, false, false]),
        (Action::EditOthersMessage, [false, false, false]),
        (Action::DeleteOthersMessage, [true, false, false]),
        (Action::Moderate, [true, false, false]),
    ];
    for (action, expected) in table {
        let allowed = [Role::Owner, Role::Editor, Role::Viewer].map(|role| role.allows(action));
        assert_eq!(allowed, expected, "{action:?}");
    }
}
