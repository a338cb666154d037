//! What a relay that has much to do tells after a hello: a snapshot that is ahead of its welcome, what is held in parts,
//! and messages that are broken, lost or late. All of it is injected, in exactly this order.

use chat_relay_client::{Client, ConnectionState, News};
use chat_relay_protocol::{
    Body, ChatMessage, Direct, Event, HeldOp, Member, Op, OpId, Presence, Role, RoomChange, RoomId,
    RoomSettings, Seq, ServerMessage, SnapshotPart, Welcome,
};

use crate::{World, chat, member, texts};

/// One device that has said hello; the relay is the test.
fn greeting(seed: u64) -> World {
    let mut world = World::new(1, seed);
    say_hello(&mut world);
    world
}

fn say_hello(world: &mut World) {
    world.carry_out(0);
    let connection = world.devices[0].connection;
    world.update(0, |client, now| client.socket_opened(connection, now));
    world.carry_out(0);
}

/// The connection breaks, and the next one has said hello.
fn come_again(world: &mut World) {
    world.cut(0);
    say_hello_when_due(world);
}

fn say_hello_when_due(world: &mut World) {
    world.now_millis += world.client(0).retry_in_millis(world.now()).unwrap();
    world.update(0, Client::tick);
    say_hello(world);
}

fn welcome(world: &World, seq: Seq, snapshot: bool) -> Welcome {
    let you = Member {
        member: world.devices[0].member.clone(),
        device: world.devices[0].id.clone(),
        name: "Ada".into(),
        hue: 1,
        role: Role::Owner,
        muted: false,
        presence: Presence::default(),
    };
    Welcome {
        room: RoomId::new("r").unwrap(),
        code: "ABC234".into(),
        epoch: "e".into(),
        seq,
        from_start: snapshot,
        snapshot,
        members: vec![you.clone()],
        you,
        past_members: Vec::new(),
        settings: RoomSettings::default(),
        inbox: 0,
        read_seq: 0,
        unread: 0,
        heartbeat_secs: 30,
    }
}

fn tell_welcome(world: &mut World, seq: Seq, snapshot: bool) {
    let welcome = welcome(world, seq, snapshot);
    world.inject(0, &ServerMessage::Welcome(welcome));
}

fn op_id(counter: u64) -> OpId {
    OpId {
        device: chat_relay_protocol::DeviceId::new("other").unwrap(),
        counter,
    }
}

/// An event by somebody else.
fn event(seq: Seq, body: Body) -> Event {
    Event {
        seq,
        at: 0,
        from: member("m1"),
        op_id: op_id(seq),
        body,
    }
}

fn chat_event(seq: Seq) -> Event {
    event(seq, Body::chat(format!("message {seq}")))
}

fn message(event: &Event) -> ChatMessage {
    let Body::Chat(chat) = &event.body else {
        panic!("not a message");
    };
    ChatMessage::new(event, chat)
}

fn tell_events(world: &mut World, events: Vec<Event>) {
    world.inject(0, &ServerMessage::Events { events });
}

/// A part of a snapshot at an event, with messages, older than which there are more.
fn part(seq: Seq, messages: Vec<ChatMessage>, last: bool) -> ServerMessage {
    ServerMessage::Snapshot(SnapshotPart {
        seq,
        messages,
        more_messages: true,
        last,
        ..SnapshotPart::default()
    })
}

/// A snapshot at an event, in two parts, with the last four messages.
fn tell_snapshot(world: &mut World, seq: Seq) {
    let messages = (seq - 3..=seq).map(|seq| message(&chat_event(seq)));
    world.inject(0, &part(seq, messages.collect(), false));
    world.inject(0, &part(seq, Vec::new(), true));
}

/// An own op that waits for approval.
fn held(world: &World, counter: u64) -> HeldOp {
    let op_id = OpId {
        device: world.devices[0].id.clone(),
        counter,
    };
    let body = Body::chat(format!("held {counter}"));
    HeldOp {
        from: world.devices[0].member.clone(),
        at: 0,
        op: Op { op_id, body },
    }
}

fn tell_held(world: &mut World, counters: &[u64]) {
    let ops = counters.iter().map(|counter| held(world, *counter));
    let ops = ops.collect();
    world.inject(0, &ServerMessage::Held { ops });
}

fn held_counters(world: &World) -> Vec<u64> {
    let held = world.client(0).held();
    held.iter().map(|held| held.op.op_id.counter).collect()
}

fn tell_nonsense(world: &mut World) {
    let connection = world.devices[0].connection;
    world.update(0, |client, now| {
        client.socket_message(connection, b"{\"type\":", now);
    });
}

#[test]
fn a_snapshot_may_be_ahead_of_its_welcome_and_held_ops_come_in_parts_before_what_was_missed() {
    let mut world = greeting(1);
    tell_welcome(&mut world, 0, false);
    tell_held(&mut world, &[1, 2]);
    tell_held(&mut world, &[3]);
    come_again(&mut world);
    let unread = Welcome {
        unread: 12,
        ..welcome(&world, 12, true)
    };
    world.inject(0, &ServerMessage::Welcome(unread));
    assert!(!world.client(0).is_synced());
    assert_eq!(world.client(0).unread(), 12);
    tell_snapshot(&mut world, 14);
    assert!(world.client(0).is_synced());
    assert_eq!(world.client(0).last_seq(), 14);
    // Two came after the relay had counted.
    assert_eq!(world.client(0).unread(), 14);
    // What waits is there all the time.
    assert_eq!(held_counters(&world), [1, 2, 3]);
    tell_held(&mut world, &[1]);
    assert_eq!(held_counters(&world), [1, 2, 3]);
    // The second was rejected before it was its turn, the first one afterwards.
    tell_held(&mut world, &[3, 4]);
    let reject = |counter| RoomChange::Reject {
        op_id: held(&world, counter).op.op_id,
    };
    let rejected: Vec<_> = [reject(2), reject(1)]
        .into_iter()
        .map(|change| Body::Room { change })
        .collect();
    let mut missed = vec![chat_event(15)];
    missed.extend((16..).zip(rejected).map(|(seq, body)| event(seq, body)));
    tell_events(&mut world, missed);
    tell_events(&mut world, vec![chat_event(18)]);
    assert_eq!(held_counters(&world), [3, 4]);
    assert_eq!(world.client(0).notice().unwrap().number, 2);
    assert_eq!(world.client(0).unread(), 16);
    assert_eq!(
        texts(&world, 0),
        ["11", "12", "13", "14", "15", "18"]
            .map(|number| format!("message {number}"))
            .into_iter()
            .chain(["held 3".into(), "held 4".into()])
            .collect::<Vec<_>>()
    );
}

#[test]
fn what_is_not_told_as_held_any_more_was_decided() {
    let mut world = greeting(2);
    tell_welcome(&mut world, 0, false);
    tell_held(&mut world, &[1, 2]);
    come_again(&mut world);
    tell_welcome(&mut world, 12, true);
    tell_snapshot(&mut world, 14);
    tell_held(&mut world, &[2]);
    world.inject(0, &ServerMessage::Pong { nonce: 1 });
    assert_eq!(held_counters(&world), [2]);
}

#[test]
fn messages_are_counted_once_though_they_are_read_while_the_snapshot_is_on_its_way() {
    let mut world = greeting(3);
    tell_welcome(&mut world, 12, true);
    // Another device of the member has read up to 2; the relay counts as far as its log goes, which is 14.
    let read = ServerMessage::Read { seq: 2, unread: 12 };
    world.inject(0, &read);
    assert_eq!(world.client(0).unread(), 12);
    tell_snapshot(&mut world, 14);
    assert_eq!(world.client(0).unread(), 12);
    tell_events(&mut world, vec![chat_event(15)]);
    assert_eq!(world.client(0).unread(), 13);
    // The next ones come late, and are counted before they are here.
    let (after, last) = (15, 17);
    world.inject(0, &ServerMessage::Missed { after, last });
    let read = ServerMessage::Read { seq: 3, unread: 14 };
    world.inject(0, &read);
    tell_events(&mut world, vec![chat_event(16), chat_event(17)]);
    assert_eq!(world.client(0).unread(), 14);
}

#[test]
fn an_own_message_in_the_snapshot_does_not_show_twice() {
    let mut world = greeting(4);
    chat(&mut world, 0, "mine");
    let op_id = OpId {
        counter: world.client(0).next_op_id().counter - 1,
        device: world.devices[0].id.clone(),
    };
    tell_welcome(&mut world, 12, true);
    assert_eq!(texts(&world, 0), ["mine"]);
    let mine = Event {
        from: world.devices[0].member.clone(),
        op_id,
        ..event(13, Body::chat("mine"))
    };
    world.inject(0, &part(13, vec![message(&mine)], true));
    assert_eq!(texts(&world, 0), ["mine"]);
    assert_eq!(world.client(0).pending_count(), 0);
}

#[test]
fn a_broken_message_within_a_snapshot_leads_to_another_connection_after_longer_and_longer() {
    let mut world = greeting(5);
    let mut waits = Vec::new();
    for _ in 0..6 {
        tell_welcome(&mut world, 4, true);
        world.inject(0, &part(4, vec![message(&chat_event(3))], false));
        tell_nonsense(&mut world);
        assert_eq!(world.client(0).connection(), ConnectionState::Reconnecting);
        assert_eq!(world.client(0).problem().unwrap().code, "unreachable");
        waits.push(world.client(0).retry_in_millis(world.now()).unwrap());
        say_hello_when_due(&mut world);
    }
    assert!(
        waits[0] <= 400 && waits[5] >= 6_400,
        "the waits are {waits:?}"
    );
    // What came of the broken ones is not mixed in.
    tell_welcome(&mut world, 9, true);
    tell_snapshot(&mut world, 9);
    assert!(world.client(0).is_synced());
    assert_eq!(texts(&world, 0).len(), 4);
    world.cut(0);
    assert!(world.client(0).retry_in_millis(world.now()).unwrap() <= 400);
}

#[test]
fn a_broken_message_leads_to_another_connection_only_while_something_is_awaited() {
    let mut world = greeting(6);
    tell_welcome(&mut world, 2, false);
    tell_events(&mut world, vec![chat_event(1), chat_event(2)]);
    tell_nonsense(&mut world);
    assert_eq!(world.client(0).connection(), ConnectionState::Online);
    let (after, last) = (2, 3);
    world.inject(0, &ServerMessage::Missed { after, last });
    tell_nonsense(&mut world);
    assert_eq!(world.client(0).connection(), ConnectionState::Reconnecting);
}

#[test]
fn parts_of_two_snapshots_are_not_put_together() {
    let mut world = greeting(7);
    tell_welcome(&mut world, 4, true);
    world.inject(0, &part(4, vec![message(&chat_event(4))], false));
    world.inject(0, &part(5, vec![message(&chat_event(5))], true));
    assert_eq!(world.client(0).connection(), ConnectionState::Reconnecting);
    assert_eq!(world.client(0).last_seq(), 0);
    say_hello_when_due(&mut world);
    tell_welcome(&mut world, 8, true);
    tell_snapshot(&mut world, 8);
    assert_eq!(texts(&world, 0).len(), 4);
    let is_snapshot = |news: &&News| matches!(news, News::Snapshot { .. });
    world.carry_out(0);
    assert_eq!(world.devices[0].news.iter().filter(is_snapshot).count(), 1);
}

#[test]
fn nothing_goes_on_from_a_log_that_the_relay_has_lost() {
    let mut world = greeting(8);
    tell_welcome(&mut world, 3, false);
    tell_events(&mut world, (1..=3).map(chat_event).collect());
    come_again(&mut world);
    tell_welcome(&mut world, 2, true);
    // The connection breaks before the snapshot is here, and the relay's log grows meanwhile.
    come_again(&mut world);
    assert_eq!(world.client(0).last_seq(), 0);
}

#[test]
fn an_op_whose_place_the_relay_has_forgotten_is_settled_without_a_word() {
    let mut world = greeting(9);
    tell_welcome(&mut world, 12, true);
    tell_snapshot(&mut world, 14);
    let op_id = world.update(0, |client, now| client.chat("long ago", now));
    let op_id = op_id.unwrap();
    // Before what is here already, and then before what is on its way.
    let ack = |op_id: &OpId, seq| ServerMessage::Ack {
        op_id: op_id.clone(),
        seq,
    };
    world.inject(0, &ack(&op_id, 9));
    assert_eq!(world.client(0).pending_count(), 0);
    let op_id = world.update(0, |client, now| client.chat("not so long ago", now));
    world.inject(0, &ack(&op_id.unwrap(), 15));
    assert_eq!(world.client(0).pending_count(), 1);
    tell_events(&mut world, vec![chat_event(15)]);
    assert_eq!(world.client(0).pending_count(), 0);
    assert_eq!(world.client(0).notice(), None);
}

#[test]
fn a_direct_message_whose_place_the_relay_has_forgotten_waits_for_the_inbox_at_most() {
    let mut world = greeting(10);
    let to = member("m1");
    let op_id = world.update(0, |client, now| client.direct(to, "long ago", now));
    let op_id = op_id.unwrap();
    let behind = Welcome {
        inbox: 1,
        ..welcome(&world, 0, false)
    };
    world.inject(0, &ServerMessage::Welcome(behind));
    world.inject(0, &ServerMessage::Ack { op_id, seq: 0 });
    assert_eq!(world.client(0).pending_count(), 1);
    let entries = vec![Direct {
        seq: 1,
        at: 0,
        from: member("m1"),
        to: world.devices[0].member.clone(),
        op_id: self::op_id(1),
        text: "another".into(),
    }];
    world.inject(0, &ServerMessage::Inbox { entries });
    assert_eq!(world.client(0).pending_count(), 0);
    assert_eq!(world.client(0).inbox().len(), 1);
}
