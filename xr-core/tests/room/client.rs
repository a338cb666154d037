//! What the page is shown, and what it may do.

use chat_relay_protocol::{MemberId, Role, RoomChange};
use serde_json::Value;

use crate::simulated_relay::{World, device, seen, state};

#[test]
fn own_messages_show_at_once_and_are_marked_pending() {
    let mut world = World::new(1, 1);
    world.relay_up = false;
    world
        .update(0, |client, now| client.chat("  hello  ", now))
        .unwrap();
    let before = state(&world, 0);
    assert_eq!(before["chat"][0]["text"], "hello");
    assert_eq!(before["chat"][0]["pending"], true);
    assert_eq!(before["chat"][0]["seq"], Value::Null);
    assert_eq!(before["pending"], 1);
    world.settle(1000);
    let after = state(&world, 0);
    assert_eq!(after["chat"][0]["pending"], false);
    assert_eq!(after["chat"][0]["seq"], 1);
    assert_eq!(after["chat"][0]["key"], before["chat"][0]["key"]);
    assert_eq!(after["connection"], "online");
    assert_eq!(after["self"]["name"], "name of m0");
    assert_eq!(after["self"]["role"], "owner");
    assert_eq!(after["code"], "ABC234");
}

#[test]
fn a_second_device_of_a_member_calls_the_same_things_its_own() {
    let mut world = World::of_members(&[0, 0, 1], chat_relay_protocol::Codec::Json, 2);
    world.settle(1000);
    let (client, now) = device(&mut world, 0);
    client
        .place_pin_in_room(glam::DVec3::ZERO, "here", now)
        .unwrap();
    world
        .update(0, |client, now| client.chat("mine", now))
        .unwrap();
    world.settle(1000);
    for (index, mine) in [(0, true), (1, true), (2, false)] {
        let state = state(&world, index);
        assert_eq!(state["annotations"][0]["mine"], mine, "{index}");
        assert_eq!(state["chat"][0]["mine"], mine, "{index}");
        assert_eq!(state["annotations"][0]["member"], "m0");
        assert_eq!(state["members"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn what_became_of_a_message_is_shown() {
    let mut world = World::new(2, 3);
    let id = MemberId::new("m0").unwrap();
    world
        .update(0, |client, now| client.chat("first", now))
        .unwrap();
    world.settle(1000);
    world
        .update(1, |client, now| {
            client.reply(Some(1), "second", vec![id], now)
        })
        .unwrap();
    world
        .update(1, |client, now| client.react(1, "\u{1f44d}", true, now))
        .unwrap();
    world
        .update(0, |client, now| client.edit_message(1, "the first", now))
        .unwrap();
    world.settle(1000);
    let chat = state(&world, 1)["chat"].clone();
    assert_eq!(chat[0]["text"], "the first");
    assert_eq!(chat[0]["edited"], true);
    assert_eq!(chat[0]["reactions"]["\u{1f44d}"][0], "m1");
    assert_eq!(chat[1]["replyTo"], 1);
    assert_eq!(chat[1]["mentions"][0], "m0");
    world
        .update(0, |client, now| client.delete_message(1, now))
        .unwrap();
    world.settle(1000);
    let chat = state(&world, 1)["chat"].clone();
    assert_eq!(chat[0]["deleted"], true);
    assert_eq!(chat[0]["edited"], false);
    assert_eq!(chat[0]["text"], "");
}

#[test]
fn what_waits_for_approval_is_marked_and_shown_to_its_maker_alone() {
    let mut world = World::new(3, 4);
    world
        .update(0, |client, now| {
            client.change_room(RoomChange::SetApproval { required: true }, now)
        })
        .unwrap();
    world.settle(1000);
    let (client, now) = device(&mut world, 1);
    client
        .place_pin_in_room(glam::DVec3::ZERO, "perhaps", now)
        .unwrap();
    world.settle(1000);
    let annotations = |world: &World, index| state(world, index)["annotations"].clone();
    assert_eq!(annotations(&world, 1)[0]["held"], true);
    assert_eq!(annotations(&world, 1)[0]["pending"], false);
    assert_eq!(annotations(&world, 0), Value::Array(vec![]));
    assert_eq!(annotations(&world, 2), Value::Array(vec![]));
    let held = state(&world, 0)["held"].clone();
    assert_eq!(held[0]["kind"], "annotation");
    assert_eq!(held[0]["text"], "perhaps");
    assert_eq!(held[0]["mine"], false);
    let op_id = world.client(0).held()[0].op.op_id.clone();
    world
        .update(0, |client, now| {
            client.change_room(RoomChange::Approve { op_id }, now)
        })
        .unwrap();
    world.settle(1000);
    for index in 0..3 {
        assert_eq!(annotations(&world, index)[0]["held"], false, "{index}");
    }
}

#[test]
fn roles_muting_and_settings_are_shown() {
    let mut world = World::new(2, 5);
    world.settle(1000);
    let member = MemberId::new("m1").unwrap();
    for change in [
        RoomChange::SetRole {
            member: member.clone(),
            role: Role::Viewer,
        },
        RoomChange::Mute {
            member,
            muted: true,
        },
        RoomChange::Lock { locked: true },
    ] {
        world
            .update(0, |client, now| client.change_room(change, now))
            .unwrap();
    }
    world.settle(1000);
    let state = state(&world, 1);
    assert_eq!(state["self"]["role"], "viewer");
    assert_eq!(state["self"]["muted"], true);
    assert_eq!(state["members"][0]["role"], "viewer");
    assert_eq!(state["settings"]["locked"], true);
}

#[test]
fn a_pin_that_may_not_be_placed_goes_with_a_notice() {
    let mut world = World::new(2, 6);
    world
        .update(0, |client, now| {
            client.change_room(RoomChange::Lock { locked: true }, now)
        })
        .unwrap();
    world.settle(1000);
    let (client, now) = device(&mut world, 1);
    client
        .place_pin_in_room(glam::DVec3::ZERO, "nowhere", now)
        .unwrap();
    assert_eq!(state(&world, 1)["annotations"][0]["pending"], true);
    world.settle(1000);
    let state = state(&world, 1);
    assert_eq!(state["annotations"], Value::Array(vec![]));
    assert_eq!(state["notice"]["code"], "forbidden");
    assert_eq!(state["notice"]["number"], 1);
    assert_eq!(state["connection"], "online");
}

#[test]
fn direct_messages_are_shown_to_both_alone() {
    let mut world = World::new(3, 7);
    world.settle(1000);
    let to = MemberId::new("m1").unwrap();
    world
        .update(0, |client, now| client.direct(to, "psst", now))
        .unwrap();
    assert_eq!(state(&world, 0)["inbox"][0]["pending"], true);
    world.settle(1000);
    for _ in 0..50 {
        world.step();
    }
    assert_eq!(state(&world, 0)["inbox"][0]["pending"], false);
    assert_eq!(state(&world, 0)["inbox"][0]["mine"], true);
    assert_eq!(state(&world, 1)["inbox"][0]["text"], "psst");
    assert_eq!(state(&world, 1)["inbox"][0]["member"], "m0");
    assert_eq!(state(&world, 2)["inbox"], Value::Array(vec![]));
}

#[test]
fn names_of_the_gone_are_kept_over_a_reload() {
    let mut world = World::new(2, 8);
    world
        .update(1, |client, now| client.chat("hi", now))
        .unwrap();
    world.settle(1000);
    for _ in 0..300 {
        world.step();
    }
    world.relay_up = false;
    world.cut_all();
    world.reload(0);
    assert_eq!(state(&world, 0)["chat"][0]["name"], "name of m1");
}

#[test]
fn arguments_are_checked() {
    let mut world = World::new(1, 9);
    let (client, now) = device(&mut world, 0);
    let nowhere = glam::DVec3::new(f64::NAN, 0.0, 0.0);
    let code = |result: Result<(), xr_core::error::Error>| result.unwrap_err().code();
    assert_eq!(
        code(client.place_pin_in_room(nowhere, "", now).map(drop)),
        "bad-argument"
    );
    assert_eq!(code(client.relabel("d0-1", "x", now)), "no-such-annotation");
    assert_eq!(code(client.remove("not an id", now)), "no-such-annotation");
    let from_relay = |result: Result<_, chat_relay_client::Error>| {
        xr_core::error::Error::from(result.map(drop).unwrap_err()).code()
    };
    let relay = |world: &mut World, text: &str| {
        from_relay(world.update(0, |client, now| client.chat(text, now)))
    };
    assert_eq!(relay(&mut world, "   "), "bad-argument");
    assert_eq!(relay(&mut world, &"x".repeat(4001)), "bad-argument");
    let edit = world.update(0, |client, now| client.edit_message(3, "x", now));
    assert_eq!(from_relay(edit), "no-such-message");
    assert_eq!(seen(&world, 0).relay().pending_count(), 0);
}
