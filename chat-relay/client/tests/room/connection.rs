//! Coming, going, coming back, and what the relay refuses.

use chat_relay_client::{Client, ConnectionState, Effect, Moment, News};
use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, ErrorCode, Event, OpId, Retry, SceneOp, ServerMessage,
    WireError,
};

use crate::{World, chat, member, put, relabel, texts};

fn refusal(code: ErrorCode, retry: Retry, op_id: Option<OpId>) -> ServerMessage {
    ServerMessage::Error(WireError {
        op_id,
        ..WireError::new(code, "no", retry)
    })
}

/// Saves what the client asks to save, until it sends its op.
fn sent_op(client: &mut Client, now: Moment) -> OpId {
    loop {
        match client.take_effect().expect("the op is sent") {
            Effect::Persist { revision, .. } => client.saved(revision, now),
            Effect::Send { bytes, codec, .. } => {
                if let Ok(ClientMessage::Op(op)) = codec.decode_client(&bytes) {
                    return op.op_id;
                }
            }
            _ => {}
        }
    }
}

/// Whether what the client asks for now has an op in it.
fn sends_op(client: &mut Client, _now: Moment) -> bool {
    let is_op = |effect: &Effect| match effect {
        Effect::Send { bytes, codec, .. } => {
            matches!(codec.decode_client(bytes), Ok(ClientMessage::Op(_)))
        }
        _ => false,
    };
    let ops = std::iter::from_fn(|| client.take_effect()).filter(is_op);
    ops.count() > 0
}

#[test]
fn a_reload_while_the_relay_is_down_keeps_what_was_not_sent() {
    let mut world = World::new(2, 2);
    world.settle(1000);
    world.relay_up = false;
    world.cut_all();
    chat(&mut world, 0, "kept");
    let to = member("m1");
    world
        .update(0, |client, now| client.direct(to, "kept too", now))
        .unwrap();
    world.save_all(0);
    world.reload(0);
    assert_eq!(texts(&world, 0), ["kept"]);
    assert_eq!(world.client(0).pending_count(), 2);
    world.settle(5000);
    assert_eq!(world.relay.log.len(), 1);
    assert_eq!(world.relay.ops_seen, 2);
    assert_eq!(texts(&world, 1), ["kept"]);
    assert_eq!(world.client(1).inbox()[0].direct.text, "kept too");
}

#[test]
fn counters_rise_though_the_storage_was_wiped() {
    let mut world = World::new(1, 3);
    chat(&mut world, 0, "one");
    world.settle(1000);
    world.devices[0].stored = None;
    world.reload(0);
    chat(&mut world, 0, "two");
    world.settle(1000);
    let counters: Vec<_> = world
        .relay
        .log
        .iter()
        .map(|event| event.op_id.counter)
        .collect();
    assert_eq!(counters.len(), 2);
    assert!(counters[1] > counters[0]);
}

#[test]
fn a_refusal_for_good_drops_the_op_with_a_notice() {
    for code in [
        ErrorCode::InvalidOp,
        ErrorCode::Forbidden,
        ErrorCode::Muted,
        ErrorCode::LimitReached,
        ErrorCode::Gone,
    ] {
        let mut world = World::new(1, 4);
        world.settle(1000);
        chat(&mut world, 0, "not so");
        let op_id = world.update(0, sent_op);
        world.inject(0, &refusal(code, Retry::Never, Some(op_id)));
        assert_eq!(world.client(0).pending_count(), 0);
        assert_eq!(texts(&world, 0), Vec::<String>::new());
        let problem = &world.client(0).notice().unwrap().problem;
        assert_eq!(
            (problem.code.as_str(), problem.message.as_str()),
            (code.name(), "no")
        );
        assert_eq!(world.client(0).connection(), ConnectionState::Online);
    }
}

/// A device in a room with an annotation and a message.
fn furnished(seed: u64) -> World {
    let mut world = World::new(1, seed);
    put(&mut world, 0, "p", "first");
    chat(&mut world, 0, "a message");
    world.settle(1000);
    world
}

/// All that is pending is refused as gone. Gives how many notices that makes, and the last one's sentence.
fn refuse_all_as_gone(world: &mut World) -> (u64, String) {
    while world.client(0).pending_count() > 0 {
        let op_id = world.update(0, sent_op);
        world.inject(0, &refusal(ErrorCode::Gone, Retry::Never, Some(op_id)));
    }
    world
        .client(0)
        .notice()
        .map_or_else(Default::default, |notice| {
            (notice.number, notice.problem.message.clone())
        })
}

#[test]
fn a_change_of_what_is_gone_is_told_once() {
    let told = (1, "What you changed is no longer there.".to_owned());
    let id = AnnotationId::new("p").unwrap();
    let mut world = furnished(15);
    for label in ["second", "third", "fourth"] {
        relabel(&mut world, 0, &id, label);
    }
    assert_eq!(refuse_all_as_gone(&mut world), told);

    let mut world = furnished(16);
    world
        .update(0, |client, now| client.edit_message(2, "changed", now))
        .unwrap();
    world
        .update(0, |client, now| client.react(2, "\u{1f44d}", true, now))
        .unwrap();
    assert_eq!(refuse_all_as_gone(&mut world), told);
}

#[test]
fn with_what_is_gone_an_undo_and_a_deletion_lose_nothing() {
    let id = AnnotationId::new("p").unwrap();
    let mut world = furnished(17);
    relabel(&mut world, 0, &id, "second");
    world.settle(1000);
    assert_eq!(world.update(0, Client::undo), Ok(true));
    assert_eq!(refuse_all_as_gone(&mut world).0, 0);

    let mut world = furnished(18);
    let delete = SceneOp::Delete { id };
    world
        .update(0, |client, now| client.change_scene(delete, now))
        .unwrap();
    world
        .update(0, |client, now| client.delete_message(2, now))
        .unwrap();
    assert_eq!(refuse_all_as_gone(&mut world).0, 0);
}

#[test]
fn an_op_whose_fate_the_relay_cannot_tell_is_sent_again_when_it_says() {
    for code in [ErrorCode::Storage, ErrorCode::RateLimited] {
        let mut world = World::new(1, 19);
        world.settle(1000);
        chat(&mut world, 0, "sent twice");
        let op_id = world.update(0, sent_op);
        let later = Retry::Later {
            after_millis: 2_000,
        };
        world.inject(0, &refusal(code, later, None));
        assert_eq!(world.client(0).connection(), ConnectionState::Online);
        let due = world.now_millis + 2_000;
        assert!(world.client(0).next_wake_millis().unwrap() <= due);
        world.now_millis = due - 1;
        world.update(0, Client::tick);
        assert!(!world.update(0, sends_op));
        world.now_millis = due;
        world.update(0, Client::tick);
        assert_eq!(world.update(0, sent_op), op_id);
    }
}

#[test]
fn what_cannot_be_mended_ends_the_room() {
    for (code, retry) in [
        (ErrorCode::Unauthorized, Retry::Rejoin),
        (ErrorCode::Replaced, Retry::Never),
        (ErrorCode::RoomNotFound, Retry::Rejoin),
        (ErrorCode::Removed, Retry::Never),
        (ErrorCode::RoomExpired, Retry::Never),
        (ErrorCode::RoomClosed, Retry::Never),
        (ErrorCode::TokenExpired, Retry::Renew),
    ] {
        let mut world = World::new(1, 5);
        world.settle(1000);
        world.inject(0, &refusal(code, retry, None));
        assert!(
            world
                .update(0, |client, now| client.chat("late", now))
                .is_err()
        );
        world.update(0, |client, _| while client.take_effect().is_some() {});
        world.now_millis += 1_000_000;
        world.update(0, Client::tick);
        let connects = world.update(0, |client, _| {
            std::iter::from_fn(|| client.take_effect())
                .filter(|effect| matches!(effect, Effect::Connect { .. }))
                .count()
        });
        assert_eq!(connects, 0);
        assert_eq!(world.client(0).connection(), ConnectionState::Closed);
        let problem = world.client(0).problem().expect("a reason");
        assert_eq!((problem.code.as_str(), problem.retry), (code.name(), false));
    }
}

#[test]
fn who_lagged_comes_back_without_a_word() {
    let mut world = World::new(1, 6);
    world.settle(1000);
    world.inject(
        0,
        &refusal(ErrorCode::Lagged, Retry::Later { after_millis: 100 }, None),
    );
    assert_eq!(world.client(0).problem(), None);
    world.settle(1000);
    assert_eq!(world.client(0).connection(), ConnectionState::Online);
}

#[test]
fn a_relay_that_shuts_down_says_when_to_come_back() {
    let mut world = World::new(1, 7);
    world.settle(1000);
    let later = Retry::Later {
        after_millis: 20_000,
    };
    world.inject(0, &refusal(ErrorCode::ShuttingDown, later, None));
    let (now, client) = (world.now(), world.client(0));
    assert!(client.retry_in_millis(now).unwrap() >= 20_000);
    assert_eq!(client.problem().unwrap().code, "shutting_down");
}

#[test]
fn a_gap_in_the_log_leads_to_a_new_connection_and_is_closed() {
    let mut world = World::new(2, 8);
    world.settle(1000);
    chat(&mut world, 1, "first");
    world.settle(1000);
    let stray = Event {
        seq: 9,
        at: 0,
        from: member("m1"),
        op_id: OpId {
            device: world.devices[1].id.clone(),
            counter: 99,
        },
        body: Body::chat("stray"),
    };
    let again = world.relay.log[0].clone();
    let events = vec![again, stray];
    world.inject(0, &ServerMessage::Events { events });
    assert_eq!(world.client(0).connection(), ConnectionState::Reconnecting);
    world.carry_out(0);
    for told in [News::Duplicate { seq: 1 }, News::Gap { after: 1, seq: 9 }] {
        assert!(world.devices[0].news.contains(&told), "{told:?}");
    }
    world.settle(5000);
    assert_eq!(texts(&world, 0), ["first"]);
}

#[test]
fn what_comes_late_is_said_and_the_log_counts_as_incomplete_until_then() {
    let mut world = World::new(1, 9);
    chat(&mut world, 0, "one");
    world.settle(1000);
    world.inject(0, &ServerMessage::Missed { after: 1, last: 2 });
    assert!(!world.client(0).is_synced());
    world.carry_out(0);
    let missed = News::Missed { after: 1, last: 2 };
    assert!(world.devices[0].news.contains(&missed));
    let mut event = world.relay.log[0].clone();
    event.seq = 2;
    event.op_id.counter += 1;
    world.inject(
        0,
        &ServerMessage::Events {
            events: vec![event],
        },
    );
    assert!(world.client(0).is_synced());
}

#[test]
fn a_silent_relay_is_noticed_after_two_intervals() {
    let mut world = World::new(1, 10);
    world.settle(1000);
    world.now_millis += 27_000;
    world.update(0, Client::tick);
    world.now_millis += 29_999;
    world.update(0, Client::tick);
    assert_eq!(world.client(0).connection(), ConnectionState::Online);
    world.now_millis += 1;
    world.update(0, Client::tick);
    assert_eq!(world.client(0).connection(), ConnectionState::Reconnecting);
    assert_eq!(world.client(0).problem().unwrap().code, "unreachable");
}

#[test]
fn a_quiet_connection_is_kept_by_heartbeats() {
    let mut world = World::new(1, 11);
    world.relay.heartbeat_secs = 1;
    world.settle(1000);
    let connection = world.devices[0].connection;
    let end = world.now_millis + 60_000;
    while world.now_millis < end {
        world.step();
    }
    assert_eq!(world.devices[0].connection, connection, "it was given up");
}

#[test]
fn after_a_change_of_the_network_the_shortest_interval_is_asked_for() {
    let mut world = World::new(1, 12);
    world.settle(1000);
    world.update(0, |client, now| client.set_online(true, now));
    for _ in 0..30 {
        world.step();
    }
    assert_eq!(world.relay.wishes, [1]);
    // The simulated relay allows five seconds.
    let due = world.client(0).next_wake_millis().expect("a heartbeat");
    assert!(due <= world.now_millis + 5_000);
    assert_eq!(world.client(0).connection(), ConnectionState::Online);
}

#[test]
fn without_a_network_an_answer_is_not_waited_for_long() {
    let mut world = World::new(1, 13);
    world.settle(1000);
    world.update(0, |client, now| client.set_online(false, now));
    world.now_millis += 3_000;
    world.update(0, Client::tick);
    assert_eq!(world.client(0).connection(), ConnectionState::Offline);
}

#[test]
fn presence_goes_out_as_often_as_it_may_and_the_latest_wins() {
    let mut world = World::new(1, 14);
    world.settle(1000);
    world.update(0, |client, _| while client.take_effect().is_some() {});
    world.now_millis += 1_000;
    let mut sent = Vec::new();
    for step in 0..100_u32 {
        world.now_millis += 10;
        let head = chat_relay_protocol::Value::Number(f64::from(step));
        world.update(0, |client, now| {
            let mut presence = client.presence().clone();
            presence.room_from_head = Some(head);
            client.set_presence(presence, now);
            while let Some(effect) = client.take_effect() {
                if let Effect::Send { bytes, codec, .. } = effect
                    && let Ok(ClientMessage::Presence(presence)) = codec.decode_client(&bytes)
                {
                    sent.push(presence.room_from_head);
                }
            }
        });
    }
    assert_eq!(sent.len(), 10, "{sent:?}");
}
