//! Chat: edits, deletions, reactions, reading, direct messages.

use chat_relay_client::Error;
use chat_relay_protocol::Codec;

use crate::{World, chat, label, member, put, relabel, texts};

#[test]
fn changes_of_a_message_show_at_once_and_are_marked() {
    let mut world = World::new(2, 1);
    chat(&mut world, 0, "first");
    world.settle(1000);
    world.relay_up = false;
    world.cut_all();
    world
        .update(0, |client, now| client.edit_message(1, "second", now))
        .unwrap();
    world
        .update(0, |client, now| client.react(1, "\u{1f44d}", true, now))
        .unwrap();
    let entries = world.client(0).chat_entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].message.text, "second");
    assert_eq!(entries[0].message.reactions["\u{1f44d}"].len(), 1);
    assert!(entries[0].pending);
    drop(entries);
    world.settle(5000);
    for index in 0..2 {
        let entries = world.client(index).chat_entries();
        assert_eq!(entries[0].message.text, "second");
        assert!(!entries[0].pending);
        assert!(entries[0].message.edited_at.is_some());
    }
}

#[test]
fn control_characters_are_not_sent() {
    let mut world = World::new(2, 11);
    world.settle(1000);
    chat(&mut world, 0, "\u{0}one\u{1}");
    world.settle(1000);
    world
        .update(0, |client, now| {
            client.reply(Some(1), "two\u{8}", vec![], now)
        })
        .unwrap();
    world
        .update(0, |client, now| client.edit_message(1, "on\u{1b}e!", now))
        .unwrap();
    world
        .update(0, |client, now| {
            client.direct(member("m1"), "\u{b}three", now)
        })
        .unwrap();
    world.settle(1000);
    for _ in 0..50 {
        world.step();
    }
    assert_eq!(texts(&world, 1), ["one!", "two"]);
    assert_eq!(world.client(1).inbox()[0].direct.text, "three");
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let mut world = World::new(1, 2);
    chat(&mut world, 0, "gone soon");
    world.settle(1000);
    world
        .update(0, |client, now| client.delete_message(1, now))
        .unwrap();
    world.settle(1000);
    for seq in [1, 7] {
        let edit = world.update(0, |client, now| client.edit_message(seq, "x", now));
        assert_eq!(edit, Err(Error::NoSuchMessage { seq }));
        let reply = world.update(0, |client, now| client.reply(Some(seq), "x", vec![], now));
        assert_eq!(reply, Err(Error::NoSuchMessage { seq }));
    }
}

#[test]
fn an_op_too_long_for_a_message_is_not_made() {
    let mut world = World::new(1, 3);
    let values = vec![chat_relay_protocol::Value::Number(0.123_456_789_012_345_6); 4096];
    let op = chat_relay_protocol::SceneOp::Append {
        id: chat_relay_protocol::AnnotationId::new("stroke").unwrap(),
        field: "points".into(),
        values,
    };
    let made = world.update(0, |client, now| client.change_scene(op, now));
    assert!(matches!(made, Err(Error::TooLong { .. })), "{made:?}");
    assert_eq!(world.client(0).pending_count(), 0);
}

#[test]
fn reading_is_shared_by_the_devices_of_a_member() {
    let mut world = World::of_members(&[0, 1, 1], Codec::Json, 4);
    for number in 0..4 {
        chat(&mut world, 0, &format!("message {number}"));
    }
    chat(&mut world, 1, "mine");
    world.settle(2000);
    assert_eq!((world.client(1).unread(), world.client(2).unread()), (4, 4));
    let third = world.client(1).chat_entries()[2].message.seq;
    world.update(1, |client, now| client.mark_read(third, now));
    let unread = world.client(1).unread();
    assert!(unread < 4);
    for _ in 0..50 {
        world.step();
    }
    assert_eq!(world.client(2).unread(), unread);
    assert_eq!(world.client(2).read_seq(), third);
    assert_eq!(world.client(0).unread(), 1);
}

#[test]
fn what_is_read_without_a_connection_is_told_later() {
    let mut world = World::new(2, 5);
    chat(&mut world, 0, "read me");
    world.settle(1000);
    world.relay_up = false;
    world.cut_all();
    world.update(1, |client, now| client.mark_read(1, now));
    assert_eq!(world.client(1).unread(), 0);
    world.settle(5000);
    for _ in 0..50 {
        world.step();
    }
    assert_eq!(world.relay.read.get(&member("m1")), Some(&1));
    assert_eq!(world.client(1).unread(), 0);
}

#[test]
fn unread_messages_that_are_not_here_are_counted_too() {
    let mut world = World::new(2, 6);
    world.relay.snapshot_over = 10;
    world.settle(1000);
    for number in 0..20 {
        chat(&mut world, 0, &format!("message {number}"));
    }
    world.settle(5000);
    world.devices[1].stored = None;
    world.reload(1);
    world.settle(5000);
    assert_eq!(world.client(1).chat_entries().len(), 5);
    assert_eq!(world.client(1).unread(), 20);
    chat(&mut world, 0, "one more");
    world.settle(1000);
    assert_eq!(world.client(1).unread(), 21);
}

#[test]
fn direct_messages_reach_all_devices_of_both_and_nobody_else() {
    let mut world = World::of_members(&[0, 1, 1, 2], Codec::Json, 7);
    world.settle(1000);
    for text in ["one", "two"] {
        let to = member("m1");
        world
            .update(0, |client, now| client.direct(to, text, now))
            .unwrap();
    }
    world.settle(2000);
    for _ in 0..50 {
        world.step();
    }
    let inbox = |index: usize| -> Vec<String> {
        let entries = world.client(index).inbox();
        entries
            .iter()
            .map(|entry| entry.direct.text.clone())
            .collect()
    };
    for index in 0..3 {
        assert_eq!(inbox(index), ["one", "two"], "{index}");
    }
    assert!(inbox(3).is_empty());
    assert!(world.relay.log.is_empty());
}

#[test]
fn direct_messages_of_the_time_away_come_once() {
    let mut world = World::new(2, 8);
    world.settle(1000);
    let to = member("m1");
    world
        .update(0, |client, now| client.direct(to, "one", now))
        .unwrap();
    world.settle(1000);
    for _ in 0..50 {
        world.step();
    }
    world.now_millis += 3_000;
    world.update(1, chat_relay_client::Client::tick);
    world.save_all(1);
    let to = member("m1");
    world
        .update(0, |client, now| client.direct(to, "two", now))
        .unwrap();
    for _ in 0..50 {
        world.cut(1);
        world.step();
    }
    world.reload(1);
    world.settle(1000);
    for _ in 0..50 {
        world.step();
    }
    let entries = world.client(1).inbox();
    let texts: Vec<_> = entries
        .iter()
        .map(|entry| entry.direct.text.as_str())
        .collect();
    assert_eq!(texts, ["one", "two"]);
}

#[test]
fn an_undo_gives_back_what_was_there_before() {
    let mut world = World::new(2, 9);
    put(&mut world, 0, "p", "first");
    world.settle(1000);
    let id = chat_relay_protocol::AnnotationId::new("p").unwrap();
    relabel(&mut world, 0, &id, "second");
    world.settle(1000);
    assert_eq!(world.update(0, |client, now| client.undo(now)), Ok(true));
    world.settle(1000);
    assert_eq!(label(&world, 1, "p").as_deref(), Some("first"));
    assert_eq!(world.update(0, |client, now| client.undo(now)), Ok(false));
}

#[test]
fn an_undo_leaves_a_later_edit_by_another_alone_also_one_not_seen_yet() {
    let mut world = World::new(2, 10);
    put(&mut world, 0, "p", "first");
    world.settle(1000);
    let id = chat_relay_protocol::AnnotationId::new("p").unwrap();
    relabel(&mut world, 0, &id, "second");
    world.settle(1000);
    relabel(&mut world, 1, &id, "third");
    // The undoing device has heard nothing of it, and its op comes second.
    while world.relay.last_seq() < 3 {
        world.cut(0);
        world.step();
    }
    assert_eq!(world.update(0, |client, now| client.undo(now)), Ok(true));
    assert_eq!(label(&world, 0, "p").as_deref(), Some("first"));
    world.settle(5000);
    for index in 0..2 {
        assert_eq!(label(&world, index, "p").as_deref(), Some("third"));
    }
    assert_eq!(texts(&world, 0), Vec::<String>::new());
}
