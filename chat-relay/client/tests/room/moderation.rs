//! Approval, roles and locks as the client tells them.

use chat_relay_protocol::{ErrorCode, Role, RoomChange, ServerMessage};

use crate::{World, chat, label, member, put, texts};

fn change(world: &mut World, change: RoomChange) {
    world
        .update(0, |client, now| client.change_room(change, now))
        .unwrap();
    world.settle(1000);
}

/// Two members, and what the second writes waits for the first.
fn approving(seed: u64) -> World {
    let mut world = World::of_members(&[0, 1, 1], chat_relay_protocol::Codec::Json, seed);
    change(&mut world, RoomChange::SetApproval { required: true });
    chat(&mut world, 1, "may I?");
    put(&mut world, 1, "d1-x", "here?");
    world.settle(1000);
    world
}

#[test]
fn what_is_held_leaves_the_outbox_and_stays_in_sight() {
    let world = approving(1);
    assert_eq!(world.client(1).pending_count(), 0);
    assert_eq!(world.relay.held().count(), 2);
    // Both devices of its maker see it, marked; the owner sees it in the list of what waits only.
    for index in [1, 2] {
        assert_eq!(texts(&world, index), ["may I?"]);
        assert!(world.client(index).chat_entries()[0].held);
        assert_eq!(label(&world, index, "d1-x").as_deref(), Some("here?"));
    }
    assert_eq!(texts(&world, 0), Vec::<String>::new());
    assert_eq!(label(&world, 0, "d1-x"), None);
    assert_eq!(world.client(0).held().len(), 2);
}

#[test]
fn approved_it_stands_in_the_log() {
    let mut world = approving(2);
    for held in world.relay.held().cloned().collect::<Vec<_>>() {
        change(
            &mut world,
            RoomChange::Approve {
                op_id: held.op.op_id,
            },
        );
    }
    for index in 0..3 {
        assert_eq!(texts(&world, index), ["may I?"]);
        assert!(!world.client(index).chat_entries()[0].held);
        assert_eq!(label(&world, index, "d1-x").as_deref(), Some("here?"));
        assert!(world.client(index).held().is_empty());
    }
    assert_eq!(world.client(1).notice(), None);
}

#[test]
fn rejected_it_goes_with_a_notice_to_the_device_that_made_it() {
    let mut world = approving(3);
    for held in world.relay.held().cloned().collect::<Vec<_>>() {
        change(
            &mut world,
            RoomChange::Reject {
                op_id: held.op.op_id,
            },
        );
    }
    for index in 0..3 {
        assert_eq!(texts(&world, index), Vec::<String>::new());
        assert_eq!(label(&world, index, "d1-x"), None);
        assert!(world.client(index).held().is_empty());
    }
    assert_eq!(world.client(1).notice().unwrap().problem.code, "rejected");
    assert_eq!(world.client(2).notice(), None);
}

#[test]
fn what_is_held_is_there_after_a_reload() {
    let mut world = approving(4);
    world.reload(1);
    world.settle(1000);
    assert_eq!(texts(&world, 1), ["may I?"]);
    assert!(world.client(1).chat_entries()[0].held);
}

#[test]
fn what_was_decided_while_away_does_not_wait_any_more() {
    for snapshot_over in [u64::MAX, 0] {
        let mut world = approving(5);
        world.relay.snapshot_over = snapshot_over;
        // The maker's devices are kept away until the decisions are in the log.
        let held: Vec<_> = world
            .relay
            .held()
            .map(|held| held.op.op_id.clone())
            .collect();
        for op_id in held {
            let reject = RoomChange::Reject { op_id };
            world
                .update(0, |client, now| client.change_room(reject, now))
                .unwrap();
        }
        while world.relay.held().count() > 0 {
            world.cut(1);
            world.cut(2);
            world.step();
        }
        world.settle(1000);
        for index in 0..3 {
            // With a snapshot nothing says so but that the next message is about something else.
            world.inject(index, &ServerMessage::Pong { nonce: 0 });
            assert!(world.client(index).held().is_empty());
            assert_eq!(texts(&world, index), Vec::<String>::new());
        }
    }
}

#[test]
fn muted_locked_out_or_only_looking_on_an_op_is_dropped() {
    let muted = RoomChange::Mute {
        member: member("m1"),
        muted: true,
    };
    let viewer = RoomChange::SetRole {
        member: member("m1"),
        role: Role::Viewer,
    };
    let locked = RoomChange::Lock { locked: true };
    for (change_of_room, code) in [
        (muted, ErrorCode::Muted),
        (viewer, ErrorCode::Forbidden),
        (locked, ErrorCode::Forbidden),
    ] {
        let mut world = World::new(2, 6);
        world.settle(1000);
        change(&mut world, change_of_room);
        chat(&mut world, 1, "hello?");
        world.settle(1000);
        assert_eq!(texts(&world, 1), Vec::<String>::new());
        assert_eq!(world.client(1).notice().unwrap().problem.code, code.name());
    }
}

#[test]
fn a_members_standing_is_known_to_all_its_devices() {
    let mut world = World::of_members(&[0, 1, 1], chat_relay_protocol::Codec::Json, 7);
    world.settle(1000);
    change(
        &mut world,
        RoomChange::Mute {
            member: member("m1"),
            muted: true,
        },
    );
    assert!(world.client(1).me().muted && world.client(2).me().muted);
    assert!(!world.client(0).me().muted);
    assert!(world.client(0).standing(&member("m1")).muted);
}
