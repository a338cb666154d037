//! Single behaviours of the client.

use chat_relay_protocol::{Body, ErrorCode, Event, OpId, Retry, ServerMessage, WireError};
use serde_json::Value;
use xr_core::room::{Client, Effect};

use crate::simulated_relay::World;

fn state(world: &World, index: usize) -> Value {
    serde_json::from_str(&world.devices[index].client.state_json(world.now())).unwrap()
}

#[test]
fn own_ops_show_at_once_and_are_marked_pending() {
    let mut world = World::new(1, 1);
    world.relay_up = false;
    let now = world.now();
    world.devices[0].client.chat("  hello  ", now).unwrap();
    let before = state(&world, 0);
    assert_eq!(before["chat"][0]["text"], "hello");
    assert_eq!(before["chat"][0]["pending"], true);
    assert_eq!(before["pending"], 1);
    world.settle(1000);
    let after = state(&world, 0);
    assert_eq!(after["chat"][0]["pending"], false);
    assert_eq!(after["chat"][0]["key"], before["chat"][0]["key"]);
    assert_eq!(after["connection"], "online");
    assert_eq!(after["self"]["name"], "name of d0");
    assert_eq!(after["code"], "ABC234");
}

#[test]
fn a_reload_while_the_relay_is_down_keeps_what_was_not_sent() {
    let mut world = World::new(2, 2);
    world.settle(1000);
    world.relay_up = false;
    world.cut_all();
    let now = world.now();
    world.devices[0].client.chat("kept", now).unwrap();
    for _ in 0..20 {
        world.step();
    }
    world.reload(0);
    assert_eq!(state(&world, 0)["chat"][0]["text"], "kept");
    assert_eq!(state(&world, 0)["pending"], 1);
    world.settle(5000);
    assert_eq!(world.relay.log.len(), 1);
    assert_eq!(world.relay.ops_seen, 1);
    assert_eq!(state(&world, 1)["chat"][0]["text"], "kept");
}

#[test]
fn counters_rise_though_the_storage_was_wiped() {
    let mut world = World::new(1, 3);
    let now = world.now();
    world.devices[0].client.chat("one", now).unwrap();
    world.settle(1000);
    world.devices[0].stored = None;
    world.reload(0);
    let now = world.now();
    world.devices[0].client.chat("two", now).unwrap();
    world.settle(1000);
    assert_eq!(world.relay.log.len(), 2);
    assert!(world.relay.log[1].op_id.counter > world.relay.log[0].op_id.counter);
}

#[test]
fn a_refusal_for_good_drops_the_op_with_a_notice() {
    let mut world = World::new(1, 4);
    world.settle(1000);
    let now = world.now();
    let client = &mut world.devices[0].client;
    client
        .place_pin_in_room(glam::DVec3::ZERO, "nowhere", now)
        .unwrap();
    let op_id = sent_op(client, now);
    let error = ServerMessage::Error(WireError {
        code: ErrorCode::InvalidOp,
        message: "no such parent".into(),
        retry: Retry::Never,
        op_id: Some(op_id),
    });
    let connection = xr_core::room::ConnectionId(1);
    client.socket_message(connection, &error.to_json(), now);
    assert_eq!(client.pending_count(), 0);
    let state = state(&world, 0);
    assert_eq!(state["annotations"], Value::Array(vec![]));
    assert_eq!(state["notice"]["code"], "invalid_op");
    assert_eq!(state["notice"]["number"], 1);
    assert_eq!(state["connection"], "online");
}

/// Saves what the client asks to save, until it sends its op.
fn sent_op(client: &mut Client, now: xr_core::room::Moment) -> OpId {
    loop {
        match client.take_effect().expect("the op is sent") {
            Effect::Persist { revision, .. } => client.saved(revision, now),
            Effect::Send { text, .. } => {
                if let Ok(chat_relay_protocol::ClientMessage::Op(op)) =
                    chat_relay_protocol::ClientMessage::from_json(&text)
                {
                    return op.op_id;
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_token_that_is_refused_ends_the_room() {
    for (code, retry) in [
        (ErrorCode::Unauthorized, Retry::Rejoin),
        (ErrorCode::Replaced, Retry::Never),
        (ErrorCode::RoomNotFound, Retry::Never),
    ] {
        let mut world = World::new(1, 5);
        world.settle(1000);
        let now = world.now();
        let error = ServerMessage::Error(WireError {
            code,
            message: "no".into(),
            retry,
            op_id: None,
        });
        let client = &mut world.devices[0].client;
        client.socket_message(xr_core::room::ConnectionId(1), &error.to_json(), now);
        assert!(client.chat("late", now).is_err());
        while client.take_effect().is_some() {}
        client.tick(xr_core::room::Moment {
            monotonic_millis: 1_000_000,
            unix_millis: 0,
        });
        let connects = std::iter::from_fn(|| client.take_effect())
            .filter(|effect| matches!(effect, Effect::Connect { .. }))
            .count();
        assert_eq!(connects, 0);
        let state = state(&world, 0);
        assert_eq!(state["connection"], "closed");
        assert_eq!(state["problem"]["retry"], false);
    }
}

#[test]
fn a_gap_in_the_log_leads_to_a_new_connection_and_is_closed() {
    let mut world = World::new(2, 6);
    world.settle(1000);
    let now = world.now();
    world.devices[1].client.chat("first", now).unwrap();
    world.settle(1000);
    let stray = Event {
        seq: 9,
        at: 0,
        from: world.devices[1].id.clone(),
        op_id: OpId {
            device: world.devices[1].id.clone(),
            counter: 99,
        },
        body: Body::Chat {
            text: "stray".into(),
        },
    };
    let now = world.now();
    let message = ServerMessage::Events {
        events: vec![stray],
    };
    world.devices[0]
        .client
        .socket_message(xr_core::room::ConnectionId(1), &message.to_json(), now);
    assert_eq!(state(&world, 0)["connection"], "reconnecting");
    world.settle(5000);
    assert_eq!(world.devices[0].client.events().len(), 1);
}

#[test]
fn names_of_the_gone_are_kept_over_a_reload() {
    let mut world = World::new(2, 7);
    let now = world.now();
    world.devices[1].client.chat("hi", now).unwrap();
    world.settle(1000);
    for _ in 0..300 {
        world.step();
    }
    world.relay_up = false;
    world.cut_all();
    world.reload(0);
    assert_eq!(state(&world, 0)["chat"][0]["name"], "name of d1");
}

#[test]
fn a_silent_relay_is_noticed() {
    let mut world = World::new(1, 8);
    world.settle(1000);
    let client = &mut world.devices[0].client;
    let mut now = xr_core::room::Moment {
        monotonic_millis: 100_000,
        unix_millis: 0,
    };
    client.tick(now);
    now.monotonic_millis += 31_000;
    client.tick(now);
    let state: Value = serde_json::from_str(&client.state_json(now)).unwrap();
    assert_eq!(state["connection"], "reconnecting");
    assert_eq!(state["problem"]["code"], "unreachable");
}

#[test]
fn arguments_are_checked() {
    let mut world = World::new(1, 9);
    let now = world.now();
    let client = &mut world.devices[0].client;
    assert_eq!(client.chat("   ", now).unwrap_err().code(), "bad-argument");
    assert_eq!(
        client.chat(&"x".repeat(4001), now).unwrap_err().code(),
        "bad-argument"
    );
    let nowhere = glam::DVec3::new(f64::NAN, 0.0, 0.0);
    assert_eq!(
        client
            .place_pin_in_room(nowhere, "", now)
            .unwrap_err()
            .code(),
        "bad-argument"
    );
    assert_eq!(
        client.relabel("d0-1", "x", now).unwrap_err().code(),
        "no-such-annotation"
    );
    assert_eq!(
        client.remove("not an id", now).unwrap_err().code(),
        "no-such-annotation"
    );
    assert_eq!(client.pending_count(), 0);
}
