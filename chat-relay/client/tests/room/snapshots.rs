//! Snapshots in place of a long log, and pages of older messages.

use chat_relay_client::Client;
use chat_relay_protocol::{AnnotationId, Body, ServerMessage};

use crate::{World, chat, label, put, relabel, texts};

/// A room with twenty messages and five annotations, and a newcomer who gets a snapshot of it.
fn with_newcomer(seed: u64) -> World {
    let mut world = World::new(2, seed);
    world.relay.snapshot_over = 10;
    for number in 1..=20 {
        chat(&mut world, 0, &format!("message {number}"));
    }
    for number in 1..=5 {
        put(
            &mut world,
            0,
            &format!("p{number}"),
            &format!("pin {number}"),
        );
    }
    world.settle(5000);
    world.devices[1].stored = None;
    world.reload(1);
    world.settle(5000);
    world
}

#[test]
fn a_snapshot_stands_for_the_log() {
    let world = with_newcomer(1);
    assert_eq!(world.client(1).last_seq(), 25);
    assert_eq!(world.client(1).scene().len(), 5);
    assert_eq!(texts(&world, 1).len(), 5);
    assert!(world.client(1).has_older_messages());
}

#[test]
fn events_go_on_after_a_snapshot() {
    let mut world = with_newcomer(2);
    chat(&mut world, 0, "message 21");
    let id = chat_relay_protocol::AnnotationId::new("p3").unwrap();
    relabel(&mut world, 1, &id, "another");
    world.settle(1000);
    assert_eq!(texts(&world, 1).last().unwrap(), "message 21");
    assert_eq!(label(&world, 0, "p3").as_deref(), Some("another"));
}

#[test]
fn a_connection_that_breaks_within_a_snapshot_keeps_what_was_there() {
    let mut world = with_newcomer(3);
    world.relay_up = false;
    world.cut(1);
    let before = world.client(1).scene().len();
    for number in 1..=30 {
        chat(&mut world, 0, &format!("later {number}"));
    }
    // The other one gets everything; this one is cut again and again.
    world.relay_up = true;
    while world.relay.last_seq() < 55 {
        world.cut(1);
        world.step();
    }
    for _ in 0..20 {
        world.step();
        assert_eq!(world.client(1).scene().len(), before);
        world.cut(1);
    }
    world.settle(5000);
    assert_eq!(texts(&world, 1).last().unwrap(), "later 30");
}

#[test]
fn older_messages_come_by_the_page_as_they_are_now() {
    let mut world = with_newcomer(4);
    assert!(world.update(1, Client::fetch_older_messages));
    assert!(
        !world.update(1, Client::fetch_older_messages),
        "one at a time"
    );
    // While the page is on its way one of its messages is edited, by which way ever that comes first.
    world
        .update(0, |client, now| client.edit_message(3, "edited", now))
        .unwrap();
    world.settle(1000);
    for _ in 0..50 {
        world.step();
    }
    assert!(!world.client(1).has_older_messages());
    assert!(!world.client(1).is_fetching_messages());
    assert_eq!(texts(&world, 1), texts(&world, 0));
    assert_eq!(texts(&world, 1)[2], "edited");
}

#[test]
fn a_change_that_overtakes_its_page_is_not_lost() {
    let mut world = with_newcomer(5);
    world.update(1, Client::fetch_older_messages);
    let before = world.client(1).chat_entries()[0].message.seq;
    let mut deletion = world.relay.log[24].clone();
    deletion.seq = 26;
    deletion.op_id.counter += 1;
    deletion.body = Body::ChatDelete { message: 3 };
    let events = vec![deletion];
    world.inject(1, &ServerMessage::Events { events });
    // What the relay wrote before, and what comes after it.
    let stale = ServerMessage::History {
        before,
        messages: world.relay.messages()[..15].to_vec(),
        more: false,
    };
    world.inject(1, &stale);
    assert_eq!(texts(&world, 1)[2], "");
    assert_eq!(texts(&world, 1)[3], "message 4");
}

#[test]
fn a_page_that_was_asked_for_before_a_snapshot_leaves_no_gap() {
    let mut world = with_newcomer(7);
    world.update(1, Client::fetch_older_messages);
    let page = ServerMessage::History {
        before: 3,
        messages: world.relay.messages()[..2].to_vec(),
        more: false,
    };
    world.inject(1, &page);
    assert_eq!(texts(&world, 1).len(), 5);
    assert!(world.client(1).has_older_messages());
}

#[test]
fn what_was_stored_goes_on_from_there() {
    let mut world = with_newcomer(6);
    world.now_millis += 3_000;
    world.update(1, Client::tick);
    world.save_all(1);
    world.reload(1);
    assert_eq!(world.client(1).last_seq(), 25);
    assert_eq!(world.client(1).scene().len(), 5);
    assert!(world.client(1).has_older_messages());
    world.settle(1000);
    let snapshots = world.devices[1]
        .news
        .iter()
        .filter(|news| matches!(news, chat_relay_client::News::Snapshot { .. }))
        .count();
    assert_eq!(snapshots, 0);
}

/// Two devices, the first of which has changed a label and can take that back: the events are the annotation, the
/// change, and a message.
fn with_a_change(seed: u64, snapshot_over: u64) -> World {
    let mut world = World::new(2, seed);
    put(&mut world, 0, "p", "first");
    world.settle(1000);
    relabel(&mut world, 0, &AnnotationId::new("p").unwrap(), "second");
    world.settle(1000);
    chat(&mut world, 0, "a message");
    world.settle(1000);
    world.relay.snapshot_over = snapshot_over;
    world
}

/// The first device is away until the second one has changed the label.
fn change_while_away(world: &mut World, last_seq: u64) {
    world.cut(0);
    relabel(world, 1, &AnnotationId::new("p").unwrap(), "theirs");
    while world.relay.last_seq() < last_seq {
        world.step();
        world.cut(0);
    }
    world.settle(1000);
}

#[test]
fn an_undo_knows_only_the_log_that_it_was_made_for() {
    for (snapshot_over, is_moved) in [(u64::MAX, false), (0, false), (u64::MAX, true), (0, true)] {
        let mut world = with_a_change(8, snapshot_over);
        world.relay.restore_backup(1);
        if is_moved {
            world.relay.new_epoch();
        }
        world.cut_all();
        world.settle(1000);
        assert_eq!(label(&world, 0, "p").as_deref(), Some("first"));
        // The event that was the first one's change is somebody else's now.
        change_while_away(&mut world, 2);
        assert_eq!(world.update(0, Client::undo), Ok(false));
        world.settle(1000);
        assert_eq!(label(&world, 1, "p").as_deref(), Some("theirs"));
    }
}

#[test]
fn an_undo_that_was_not_sent_is_dropped_with_the_log_that_it_was_made_for() {
    for snapshot_over in [u64::MAX, 0] {
        let mut world = with_a_change(9, snapshot_over);
        world.cut(0);
        assert_eq!(world.update(0, Client::undo), Ok(true));
        world.relay.restore_backup(1);
        world.cut(1);
        change_while_away(&mut world, 2);
        for index in 0..2 {
            assert_eq!(label(&world, index, "p").as_deref(), Some("theirs"));
        }
    }
}

#[test]
fn an_undo_is_kept_over_a_snapshot_that_goes_on_from_there() {
    let mut world = with_a_change(10, 0);
    world.cut(0);
    chat(&mut world, 1, "another");
    while world.relay.last_seq() < 4 {
        world.step();
        world.cut(0);
    }
    world.settle(1000);
    assert_eq!(world.update(0, Client::undo), Ok(true));
    world.settle(1000);
    assert_eq!(label(&world, 1, "p").as_deref(), Some("first"));
}

#[test]
fn what_was_read_of_another_log_is_not_read_of_this_one() {
    let mut world = with_a_change(11, u64::MAX);
    for text in ["one", "two"] {
        chat(&mut world, 0, text);
    }
    world.settle(1000);
    world.relay_up = false;
    world.cut_all();
    world.update(1, |client, now| client.mark_read(5, now));
    world.relay.restore_backup(1);
    world.settle(1000);
    for text in ["three", "four"] {
        chat(&mut world, 0, text);
    }
    world.settle(1000);
    assert_eq!(world.client(1).unread(), 2);
}
