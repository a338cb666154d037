//! Random edits over a bad network, by seed.

use std::collections::BTreeMap;

use chat_relay_client::News;
use chat_relay_protocol::{
    AnnotationId, Body, Codec, DeviceId, Event, Role, RoomChange, SceneOp, Seq, ServerMessage,
};

use crate::{World, chat, member, put, relabel};

const SEEDS: u64 = 60;

/// What the devices tried to say, and whether a reload may have taken it.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    /// Texts that were not yet saved when the page was reloaded: they may be gone, but never twice.
    maybe: Vec<String>,
}

/// How often an undo changed something, and how often a later edit by somebody else stood against it.
#[derive(Default)]
struct Undone {
    applied: usize,
    prevented: usize,
}

#[test]
fn all_devices_agree_and_nothing_is_lost_or_doubled() {
    let mut resent = 0;
    let mut snapshots = 0;
    let mut undone = Undone::default();
    for seed in 0..SEEDS {
        let codec = Codec::ALL[usize::try_from(seed).unwrap() % Codec::ALL.len()];
        let members: &[usize] = if seed.is_multiple_of(4) {
            &[0, 1, 1]
        } else {
            &[0, 1, 2]
        };
        let mut world = World::of_members(members, codec, seed);
        let mut said = Said::default();
        if seed.is_multiple_of(3) {
            world.relay.refuse_one_in = 5;
        }
        if seed.is_multiple_of(2) {
            world.relay.snapshot_over = 8;
        }
        for round in 0..150 {
            disturb(&mut world, &mut said);
            edit(&mut world, &mut said, round);
            world.step();
        }
        world.settle(20_000);
        check_agreement(&world, seed);
        check_said(&world, &said, seed);
        count_undone(&world.relay.log, &mut undone, seed);
        resent += world.relay.ops_seen - world.relay.log.len();
        snapshots += world
            .devices
            .iter()
            .map(|device| check_news(&device.news))
            .sum::<usize>();
    }
    assert!(
        resent > 0,
        "no op was ever sent again: the network was too good"
    );
    assert!(snapshots > 0, "nobody ever got a snapshot");
    assert!(undone.applied > 0, "no undo ever changed anything");
    assert!(undone.prevented > 0, "no undo ever met a later edit");
}

#[test]
fn all_devices_agree_while_an_owner_locks_mutes_and_approves() {
    let (mut refused, mut held) = (0, 0);
    for seed in 1000..1000 + SEEDS {
        let mut world = World::new(3, seed);
        let mut said = Said::default();
        if seed.is_multiple_of(2) {
            world.relay.snapshot_over = 8;
        }
        for round in 0..150 {
            disturb(&mut world, &mut said);
            edit(&mut world, &mut said, round);
            moderate(&mut world);
            world.step();
        }
        held += world.relay.held().count();
        world.settle(20_000);
        for index in 0..world.devices.len() {
            // Nothing else may come after what is held: then the next message says that all of it was told.
            world.inject(index, &ServerMessage::Pong { nonce: 0 });
        }
        check_agreement(&world, seed);
        let news = world.devices.iter().flat_map(|device| &device.news);
        refused += news.filter(|news| matches!(news, News::Refused(_))).count();
    }
    assert!(refused > 0, "nothing was ever refused");
    assert!(held > 0, "nothing was ever held");
}

fn disturb(world: &mut World, said: &mut Said) {
    let index = usize::try_from(world.random_below(3)).unwrap();
    match world.random_below(60) {
        0..=2 => world.cut(index),
        3 => world.cut_all(),
        4 => {
            world.relay_up = false;
            world.cut_all();
        }
        5..=8 => world.relay_up = true,
        9 => {
            world.relay.new_epoch();
            world.cut_all();
        }
        10 | 11 => {
            let stored = world.devices[index].stored.clone().unwrap_or_default();
            // A text that is neither in the relay's log nor stored was not saved in time.
            let logged = format!("{:?}", world.relay.log);
            let mine = format!("from {index} ");
            let (keep, gone): (Vec<_>, Vec<_>) = said.texts.drain(..).partition(|text| {
                !text.starts_with(&mine)
                    || stored.contains(text.as_str())
                    || logged.contains(text.as_str())
            });
            said.texts = keep;
            said.maybe.extend(gone);
            world.reload(index);
        }
        12 => world.update(index, |client, now| client.network_changed(now)),
        _ => {}
    }
}

fn edit(world: &mut World, said: &mut Said, round: u32) {
    let index = usize::try_from(world.random_below(3)).unwrap();
    let what = world.random_below(14);
    let pick = world.random_bits();
    let ids: Vec<AnnotationId> = world
        .client(index)
        .scene()
        .annotations()
        .map(|(id, _)| id.clone())
        .collect();
    let own: Vec<Seq> = world
        .client(index)
        .chat_entries()
        .iter()
        .filter(|entry| entry.message.seq > 0 && !entry.message.deleted)
        .filter(|entry| entry.message.from == world.client(index).me().member)
        .map(|entry| entry.message.seq)
        .collect();
    let chosen = |count: usize| usize::try_from(pick % (count.max(1) as u64)).unwrap();
    let (id, message) = (
        ids.get(chosen(ids.len())),
        own.get(chosen(own.len())).copied(),
    );
    match (what, id, message) {
        (0 | 1, ..) => {
            let text = format!("from {index} in round {round}.");
            chat(world, index, &text);
            said.texts.push(text);
        }
        (2, ..) => {
            let label = format!("from {index} as pin {round}.");
            let op_id = world.client(index).next_op_id();
            let id = format!("{}-{}", op_id.device, op_id.counter);
            put(world, index, &id, &label);
            said.texts.push(label);
        }
        (3..=5, Some(id), _) => relabel(world, index, id, &format!("label {round} of {index}")),
        (6 | 7, ..) => {
            world.update(index, |client, now| client.undo(now)).unwrap();
        }
        (8, Some(id), _) if round.is_multiple_of(3) => {
            let op = SceneOp::Delete { id: id.clone() };
            world
                .update(index, |client, now| client.change_scene(op, now))
                .unwrap();
        }
        (9, _, Some(seq)) => {
            let text = format!("edited in {round}");
            world
                .update(index, |client, now| client.edit_message(seq, &text, now))
                .unwrap();
        }
        (10, _, Some(seq)) => {
            let on = !round.is_multiple_of(3);
            world
                .update(index, |client, now| client.react(seq, "\u{1f44d}", on, now))
                .unwrap();
        }
        (11, _, Some(seq)) if round.is_multiple_of(3) => {
            world
                .update(index, |client, now| client.delete_message(seq, now))
                .unwrap();
        }
        (12, ..) => {
            let to = if world.client(index).me().member == member("m0") {
                member("m1")
            } else {
                member("m0")
            };
            let text = format!("direct from {index} in round {round}.");
            world
                .update(index, |client, now| client.direct(to, &text, now))
                .unwrap();
        }
        (13, ..) => {
            let seq = world.client(index).last_seq();
            world.update(index, |client, now| client.mark_read(seq, now));
            world.update(index, |client, now| client.fetch_older_messages(now));
        }
        _ => {}
    }
}

fn moderate(world: &mut World) {
    let subject = member(&format!("m{}", 1 + world.random_below(2)));
    let yes = world.random_below(2) == 0;
    let what = world.random_below(30);
    let op_id = world
        .client(0)
        .held()
        .first()
        .map(|held| held.op.op_id.clone());
    let change = match (what, op_id) {
        (0, _) => RoomChange::Lock { locked: yes },
        (1, _) => RoomChange::Mute {
            member: subject,
            muted: yes,
        },
        (2, _) => RoomChange::SetRole {
            member: subject,
            role: if yes { Role::Editor } else { Role::Viewer },
        },
        (3, _) => RoomChange::SetApproval { required: yes },
        (4..=7, Some(op_id)) if yes => RoomChange::Approve { op_id },
        (4..=7, Some(op_id)) => RoomChange::Reject { op_id },
        _ => return,
    };
    world
        .update(0, |client, now| client.change_room(change, now))
        .unwrap();
}

fn check_agreement(world: &World, seed: u64) {
    let relay = &world.relay;
    let messages = relay.messages();
    for (index, device) in world.devices.iter().enumerate() {
        let client = world.client(index);
        let whose = format!("seed {seed}, {}", device.id);
        assert_eq!(client.last_seq(), relay.last_seq(), "{whose}");
        let annotations: Vec<_> = client.confirmed_scene().annotations().collect();
        assert_eq!(
            annotations,
            relay.scene().annotations().collect::<Vec<_>>(),
            "{whose}"
        );
        let entries = client.chat_entries();
        let logged: Vec<_> = entries
            .iter()
            .filter(|entry| !entry.held)
            .map(|entry| (*entry.message).clone())
            .filter(|message| message.seq > 0)
            .collect();
        // Changes that are held change what their maker sees.
        if entries.iter().all(|entry| !entry.held) {
            let skipped = messages.len() - logged.len();
            assert_eq!(logged, messages[skipped..], "{whose}");
            assert_eq!(client.has_older_messages(), skipped > 0, "{whose}");
        }
        assert_eq!(client.settings(), relay.settings.room(), "{whose}");
        for (member, standing) in relay.settings.standings() {
            assert_eq!(client.standing(member), *standing, "{whose}");
        }
        let is_owner = relay.is_owner(&device.member);
        let held: Vec<_> = relay
            .held()
            .filter(|held| is_owner || held.from == device.member)
            .map(|held| &held.op.op_id)
            .collect();
        let mut known: Vec<_> = client.held().iter().map(|held| &held.op.op_id).collect();
        known.sort();
        assert_eq!(known, held, "{whose}");
    }
}

/// Each event once, in order, without gaps but for snapshots and new beginnings. Gives the snapshots.
fn check_news(news: &[News]) -> usize {
    let (mut last, mut snapshots) = (None, 0);
    for news in news {
        match news {
            News::Event(event) => {
                let expected = last.map_or(event.seq, |last: Seq| last + 1);
                // A log of another epoch begins anew.
                assert!(
                    event.seq == expected || event.seq == 1,
                    "{} after {last:?}",
                    event.seq
                );
                last = Some(event.seq);
            }
            News::Snapshot { seq } => {
                last = Some(*seq);
                snapshots += 1;
            }
            _ => {}
        }
    }
    snapshots
}

fn check_said(world: &World, said: &Said, seed: u64) {
    let log = &world.relay.log;
    let times = |text: &String| {
        log.iter()
            .filter(|event| match &event.body {
                Body::Chat(chat) => chat.text == *text,
                Body::Scene {
                    op: SceneOp::Put { fields, .. },
                } => fields.get("label").and_then(|v| v.as_str()) == Some(text),
                _ => false,
            })
            .count()
    };
    for text in &said.texts {
        assert_eq!(times(text), 1, "seed {seed}: {text:?}");
    }
    for text in &said.maybe {
        assert!(times(text) <= 1, "seed {seed}: {text:?}");
    }
}

/// An undo changes a field only where its device was the last to change it.
fn count_undone(log: &[Event], undone: &mut Undone, seed: u64) {
    let mut last_changed: BTreeMap<(AnnotationId, String), (Seq, DeviceId)> = BTreeMap::new();
    let mut scene = chat_relay_protocol::Scene::default();
    for event in log {
        let device = &event.op_id.device;
        if let Body::Scene {
            op: SceneOp::Patch {
                id, only_if_seq, ..
            },
        } = &event.body
            && let Some(before) = scene.get(id).cloned()
        {
            scene.apply(event);
            for name in only_if_seq.keys() {
                if scene.get(id).unwrap().field_seq(name) == before.field_seq(name) {
                    undone.prevented += 1;
                    continue;
                }
                undone.applied += 1;
                let (_, by) = &last_changed[&(id.clone(), name.clone())];
                assert_eq!(
                    by, device,
                    "seed {seed}: event {} takes another's edit back",
                    event.seq
                );
            }
        } else {
            scene.apply(event);
        }
        for (id, annotation) in scene.annotations() {
            for name in ["label", "kind"] {
                if annotation.field_seq(name) == Some(event.seq) {
                    let key = (id.clone(), name.to_owned());
                    last_changed.insert(key, (event.seq, device.clone()));
                }
            }
        }
    }
}
