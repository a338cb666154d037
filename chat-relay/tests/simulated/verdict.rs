//! What has to hold once the weather has cleared and all has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use chat_relay_client::{Client, News};
use chat_relay_protocol::{
    AnnotationId, AnnotationState, Body, ChatMessage, DeviceId, Direct, Event, MemberId, OpId,
    Presence, Role, RoomChange, RoomSettings, Scene, SceneOp, Seq, settings::Standing,
};

use crate::{phone::Phone, truth::Truth, weather::WeatherTally, world::World};

/// Why an op may be refused for good here.
const REASONS: [&str; 4] = ["forbidden", "muted", "gone", "limit_reached"];

/// A run that ended well.
pub(crate) struct Run {
    /// Which phone each event came from, which op it was, and when.
    pub(crate) fingerprint: Vec<(usize, u64, i64)>,
    pub(crate) tally: Tally,
}

/// How often what was seen: a run in which nothing happens proves nothing.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    events: usize,
    refused: usize,
    held: usize,
    directs: usize,
    snapshots: usize,
    missed: usize,
    connections: usize,
    undone: usize,
    undos_prevented: usize,
    weather: WeatherTally,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.refused += other.refused;
        self.held += other.held;
        self.directs += other.directs;
        self.snapshots += other.snapshots;
        self.missed += other.missed;
        self.connections += other.connections;
        self.undone += other.undone;
        self.undos_prevented += other.undos_prevented;
        self.weather.cuts += other.weather.cuts;
        self.weather.holds += other.weather.holds;
        self.weather.kills += other.weather.kills;
        self.weather.reloads += other.weather.reloads;
        self.weather.disk_failures += other.weather.disk_failures;
        self.weather.pruned += other.weather.pruned;
    }

    pub(crate) fn check_that_all_was_tried(&self) {
        let weather = &self.weather;
        let counts = [
            self.events,
            self.refused,
            self.held,
            self.directs,
            self.snapshots,
            self.missed,
            self.connections,
            self.undone,
            self.undos_prevented,
            weather.cuts,
            weather.holds,
            weather.kills,
            weather.reloads,
            weather.disk_failures,
            weather.pruned,
        ];
        assert!(
            counts.iter().all(|count| *count > 0),
            "something never happened: {self:#?}"
        );
    }
}

/// What a device shows at the end.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    last_seq: Seq,
    annotations: Vec<AnnotationState>,
    messages: Vec<ChatMessage>,
    has_older_messages: bool,
    /// An own change of a message waits for approval, and shows to its maker.
    waits: bool,
    settings: RoomSettings,
    standings: BTreeMap<MemberId, Standing>,
    held: BTreeSet<OpId>,
    inbox: Vec<Direct>,
    presences: BTreeMap<DeviceId, Presence>,
    own_presence: Presence,
}

/// Checks everything.
pub(crate) fn judge(mut world: World) -> Run {
    let members: Vec<MemberId> = world
        .phones
        .iter()
        .map(|phone| phone.joined().unwrap().member)
        .collect();
    let shown = world.look(move |client| Shown::of(client, &members));
    let truth = Truth::read(&world.history, &world.archive, &world.phones);
    let mut tally = Tally {
        events: truth.log.len(),
        held: truth.held.len(),
        directs: truth.inboxes.values().map(Vec::len).sum(),
        weather: world.weather.tally,
        ..Tally::default()
    };
    check_log(&truth.log, world.seed);
    check_undo(&truth.log, &mut tally, world.seed);
    let shown: Vec<Shown> = shown.into_iter().map(Option::unwrap).collect();
    for (phone, device) in world.phones.iter().zip(&shown) {
        let whose = format!("seed {}, {}", world.seed, phone.host);
        check_shown(phone, device, &truth, &whose);
        check_asked(phone, &truth, &mut tally, &whose);
        check_heard(phone, &truth, &mut tally, &whose);
        check_presences(phone, device, &world, &shown, &whose);
    }
    let index = |device: &DeviceId| {
        let is_it = |phone: &std::sync::Arc<Phone>| phone.joined().unwrap().device == *device;
        world.phones.iter().position(is_it).unwrap()
    };
    let fingerprint = truth.log.iter().map(|event| {
        let OpId { device, counter } = &event.op_id;
        (index(device), *counter, event.at)
    });
    Run {
        fingerprint: fingerprint.collect(),
        tally,
    }
}

impl Shown {
    fn of(client: &Client, members: &[MemberId]) -> Self {
        let scene = client.confirmed_scene();
        let entries = client.chat_entries();
        let logged = entries.iter().filter(|entry| entry.message.seq > 0);
        Self {
            last_seq: client.last_seq(),
            annotations: states(scene),
            messages: logged
                .map(|entry| entry.message.clone().into_owned())
                .collect(),
            has_older_messages: client.has_older_messages(),
            waits: entries.iter().any(|entry| entry.held),
            settings: client.settings(),
            standings: members
                .iter()
                .map(|member| (member.clone(), client.standing(member)))
                .collect(),
            held: client
                .held()
                .into_iter()
                .map(|held| held.op.op_id.clone())
                .collect(),
            inbox: client
                .inbox()
                .into_iter()
                .map(|entry| entry.direct.into_owned())
                .collect(),
            presences: client
                .others()
                .map(|member| (member.device.clone(), member.presence.clone()))
                .collect(),
            own_presence: client.presence().clone(),
        }
    }
}

fn states(scene: &Scene) -> Vec<AnnotationState> {
    let annotations = scene.annotations();
    annotations.filter_map(|(id, _)| scene.state(id)).collect()
}

/// The log has every op once, its numbers have no gaps, and its times do not go back.
fn check_log(log: &[Event], seed: u64) {
    let mut ops = BTreeSet::new();
    for (event, seq) in log.iter().zip(1..) {
        assert_eq!(event.seq, seq, "seed {seed}: a gap in the log");
        assert!(
            ops.insert(&event.op_id),
            "seed {seed}: event {seq} is there twice"
        );
    }
    assert!(
        log.is_sorted_by_key(|event| event.at),
        "seed {seed}: the log goes back in time"
    );
}

/// The device shows what the relay's log says.
fn check_shown(phone: &Phone, shown: &Shown, truth: &Truth, whose: &str) {
    assert_eq!(shown.last_seq, truth.log.len() as Seq, "{whose}");
    assert_eq!(shown.annotations, states(&truth.scene), "{whose}");
    if !shown.waits {
        let messages: Vec<_> = truth.chat.messages().cloned().collect();
        let skipped = messages.len() - shown.messages.len();
        assert_eq!(shown.messages, messages[skipped..], "{whose}");
        let gone = |message: &ChatMessage| message.seq <= truth.pruned_seq;
        if messages[..skipped].iter().all(gone) {
            // A device that came before they were dropped may still ask for them.
            assert!(skipped > 0 || !shown.has_older_messages, "{whose}");
        } else {
            assert!(shown.has_older_messages, "{whose}");
        }
    }
    assert_eq!(shown.settings, truth.settings.room(), "{whose}");
    for (member, standing) in &shown.standings {
        assert_eq!(
            *standing,
            truth.settings.standing(member),
            "{whose}: {member}"
        );
    }
    let member = phone.joined().unwrap().member;
    let is_owner = truth.settings.standing(&member).role == Role::Owner;
    let held = truth
        .held
        .iter()
        .filter(|(from, _)| is_owner || *from == member);
    let held: BTreeSet<_> = held.map(|(_, op_id)| op_id.clone()).collect();
    assert_eq!(shown.held, held, "{whose}");
    assert_eq!(shown.inbox, truth.inboxes[&member], "{whose}");
}

/// Every op that the device was asked for is in its place, once, or was refused for a reason.
fn check_asked(phone: &Phone, truth: &Truth, tally: &mut Tally, whose: &str) {
    let joined = phone.joined().unwrap();
    let logged: BTreeSet<_> = truth.log.iter().map(|event| &event.op_id).collect();
    let held: BTreeSet<_> = truth.held.iter().map(|(_, op_id)| op_id).collect();
    let directs: Vec<_> = truth.inboxes[&joined.member]
        .iter()
        .map(|direct| &direct.op_id)
        .collect();
    let rejected: BTreeSet<_> = truth
        .log
        .iter()
        .filter_map(|event| match &event.body {
            Body::Room {
                change: RoomChange::Reject { op_id },
            } => Some(op_id),
            _ => None,
        })
        .collect();
    let refused = phone.refused();
    for counter in phone.asked() {
        let op_id = OpId {
            device: joined.device.clone(),
            counter,
        };
        let direct = directs.iter().filter(|direct| ***direct == op_id).count();
        let places = usize::from(logged.contains(&op_id))
            + usize::from(held.contains(&op_id))
            + usize::from(rejected.contains(&op_id))
            + direct;
        assert!(
            places <= 1,
            "{whose}: {op_id:?} stands in {places} places at once"
        );
        // With an annotation that was not approved goes what its maker wanted to change of it.
        let went_along = phone.hangs(counter) && !rejected.is_empty();
        if places == 0 && !went_along {
            let reasons = refused.get(&counter).cloned().unwrap_or_default();
            assert!(
                reasons.iter().any(|reason| REASONS.contains(reason)),
                "{whose}: {op_id:?} is nowhere, and was refused for {reasons:?}"
            );
            tally.refused += 1;
        }
    }
}

/// Every event that the device was ever told is in the log, as it was told, in order and without gaps.
fn check_heard(phone: &Phone, truth: &Truth, tally: &mut Tally, whose: &str) {
    for load in phone.heard() {
        let mut last: Option<Seq> = None;
        for news in &load {
            match news {
                News::Event(event) => {
                    let place = usize::try_from(event.seq - 1).unwrap();
                    assert_eq!(
                        truth.log.get(place),
                        Some(&**event),
                        "{whose} was told what is not so"
                    );
                    assert!(
                        last.is_none_or(|last| event.seq == last + 1),
                        "{whose} was told {} after {last:?}",
                        event.seq
                    );
                    last = Some(event.seq);
                }
                News::Snapshot { seq } => {
                    assert!(
                        last.is_none_or(|last| last <= *seq) && *seq <= truth.log.len() as Seq,
                        "{whose} got a snapshot of {seq} after {last:?}"
                    );
                    last = Some(*seq);
                    tally.snapshots += 1;
                }
                News::Missed { .. } => tally.missed += 1,
                News::Welcome => tally.connections += 1,
                _ => {}
            }
        }
    }
}

/// Who is there is known, and what they do just now.
fn check_presences(phone: &Phone, device: &Shown, world: &World, all: &[Shown], whose: &str) {
    let mut expected = BTreeMap::new();
    for (other, shown) in world.phones.iter().zip(all) {
        if other.index != phone.index {
            let mut presence = shown.own_presence.clone();
            // Nobody types for so long.
            presence.typing = false;
            expected.insert(other.joined().unwrap().device, presence);
        }
    }
    let mut presences = device.presences.clone();
    for presence in presences.values_mut() {
        presence.typing = false;
    }
    assert_eq!(presences, expected, "{whose}");
}

/// Every op that takes something back changes only what its own device changed last.
fn check_undo(log: &[Event], tally: &mut Tally, seed: u64) {
    let mut scene = Scene::default();
    let mut last_set: BTreeMap<(AnnotationId, String), (MemberId, DeviceId)> = BTreeMap::new();
    for event in log {
        let before = match &event.body {
            Body::Scene { op } => scene.state(op.id()),
            _ => None,
        };
        scene.apply(event);
        let Body::Scene { op } = &event.body else {
            continue;
        };
        let after = scene
            .state(op.id())
            .map_or_else(BTreeMap::new, |state| state.fields);
        let by = (event.from.clone(), event.op_id.device.clone());
        if let SceneOp::Patch {
            id,
            fields,
            only_if_seq,
        } = op
            && !only_if_seq.is_empty()
        {
            assert!(
                fields.keys().all(|name| only_if_seq.contains_key(name)),
                "seed {seed}: event {} takes back without a condition",
                event.seq
            );
            let before = before.map_or_else(BTreeMap::new, |state| state.fields);
            for (name, field) in &after {
                if before.get(name) == Some(field) {
                    continue;
                }
                let former = last_set.get(&(id.clone(), name.clone()));
                assert_eq!(
                    former,
                    Some(&by),
                    "seed {seed}: event {} takes back what another set: {name} of {id}",
                    event.seq
                );
                tally.undone += 1;
            }
            let prevented = |name: &&String| after.get(*name).map(|f| f.seq) != Some(event.seq);
            tally.undos_prevented += fields.keys().filter(prevented).count();
        }
        for (name, field) in after {
            if field.seq == event.seq {
                last_set.insert((op.id().clone(), name), by.clone());
            }
        }
    }
}
