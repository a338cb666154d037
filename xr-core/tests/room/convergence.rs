//! Random edits over a bad network, by seed.

use chat_relay_protocol::Body;
use glam::DVec3;

use crate::simulated_relay::World;

const SEEDS: u64 = 50;

/// What the devices tried to say, and whether a reload may have taken it.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    /// Texts that were not yet saved when the page was reloaded: they may be gone, but never twice.
    maybe: Vec<String>,
}

#[test]
fn all_devices_agree_and_nothing_is_lost_or_doubled() {
    let mut resent = 0;
    for seed in 0..SEEDS {
        let mut world = World::new(3, seed);
        let mut said = Said::default();
        if seed.is_multiple_of(3) {
            world.relay.refuse_one_in = 5;
        }
        for round in 0..150 {
            disturb(&mut world, &mut said);
            edit(&mut world, &mut said, round);
            world.step();
        }
        world.settle(20_000);
        check(&world, &said, seed);
        resent += world.relay.ops_seen - world.relay.log.len();
    }
    assert!(
        resent > 0,
        "no op was ever sent again: the network was too good"
    );
}

fn disturb(world: &mut World, said: &mut Said) {
    let index = usize::try_from(world.random.below(3)).unwrap();
    match world.random.below(60) {
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
            let device = &world.devices[index];
            let stored = device.stored.clone().unwrap_or_default();
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
        _ => {}
    }
}

fn edit(world: &mut World, said: &mut Said, round: u32) {
    let now = world.now();
    let index = usize::try_from(world.random.below(3)).unwrap();
    let what = world.random.below(8);
    let pick = world.random.bits();
    let client = &mut world.devices[index].client;
    let ids: Vec<String> = client
        .scene()
        .annotations()
        .map(|(id, _)| id.as_str().to_owned())
        .collect();
    let chosen = usize::try_from(pick % (ids.len().max(1) as u64)).unwrap();
    match (what, ids.get(chosen)) {
        (0 | 1, _) => {
            let text = format!("from {index} in round {round}.");
            client.chat(&text, now).unwrap();
            said.texts.push(text);
        }
        (2, _) => {
            let point = DVec3::new(f64::from(round) * 0.1, 0.2, -0.7);
            let label = format!("from {index} as pin {round}.");
            client.place_pin_in_room(point, &label, now).unwrap();
            said.texts.push(label);
        }
        (3, Some(id)) => client.relabel(id, &format!("label {round}"), now).unwrap(),
        (4, Some(id)) if round.is_multiple_of(3) => client.remove(id, now).unwrap(),
        _ => {}
    }
}

fn check(world: &World, said: &Said, seed: u64) {
    let log = &world.relay.log;
    for device in &world.devices {
        assert_eq!(
            device.client.events(),
            &log[..],
            "seed {seed}, {}",
            device.id
        );
        assert_eq!(
            device.client.scene(),
            world.devices[0].client.scene(),
            "seed {seed}, {}",
            device.id
        );
        assert_eq!(device.client.pending_count(), 0);
    }
    for pair in log.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
    }
    let times = |text: &String| {
        log.iter()
            .filter(|event| match &event.body {
                Body::Chat { text: logged } => logged == text,
                body => matches!(body, Body::Scene { op: chat_relay_protocol::SceneOp::Put { fields, .. } }
                    if fields.get("label").and_then(|v| v.as_str()) == Some(text)),
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
