//! What the history holds at the end, and what of it was dropped before: the log and what follows from it.

use std::{collections::BTreeMap, sync::Arc};

use chat_relay::history::{FoundRoom, History, MemoryHistory, RoomRecord};
use chat_relay_protocol::{
    ChatFold, Direct, Event, MemberId, OpId, Role, Scene, Seq, Settings, read_json,
};

use crate::phone::Phone;

/// The start of the log, which the history no longer holds.
#[derive(Debug, Default)]
pub(crate) struct Archive(Vec<Event>);

/// See the [module](self).
pub(crate) struct Truth {
    /// From 1 on.
    pub(crate) log: Vec<Event>,
    /// Events up to this one are gone from the history.
    pub(crate) pruned_seq: Seq,
    pub(crate) scene: Scene,
    pub(crate) chat: ChatFold,
    pub(crate) settings: Settings,
    pub(crate) held: Vec<(MemberId, OpId)>,
    pub(crate) inboxes: BTreeMap<MemberId, Vec<Direct>>,
}

impl Truth {
    /// Reads it all.
    pub(crate) fn read(history: &MemoryHistory, archive: &Archive, phones: &[Arc<Phone>]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let room = record(history, phones);
            let load = history.load_room(room.key).await.unwrap();
            let mut truth = Self {
                log: archive.log(history, &room, load.last_seq),
                pruned_seq: load.pruned_seq,
                scene: Scene::default(),
                chat: ChatFold::default(),
                settings: Settings::default(),
                held: Vec::new(),
                inboxes: BTreeMap::new(),
            };
            for phone in phones {
                // What a member is at first: whoever joins by the code is an editor.
                let joined = phone.joined().unwrap();
                let role = if joined.role == Role::Owner {
                    Role::Owner
                } else {
                    Role::Editor
                };
                truth.settings.admit(&joined.member, role);
            }
            for event in &truth.log {
                truth.scene.apply(event);
                truth.chat.apply(event);
                truth.settings.apply(event);
            }
            for member in &load.members {
                let rows = history.inbox(member.key, 0, usize::MAX).await.unwrap();
                let entries = rows.into_iter().map(|row| Direct {
                    seq: row.seq,
                    at: row.at,
                    from: row.from,
                    to: row.to,
                    op_id: OpId {
                        device: row.device,
                        counter: row.counter,
                    },
                    text: row.text.into(),
                });
                truth.inboxes.insert(member.id.clone(), entries.collect());
            }
            truth.held = load
                .held
                .into_iter()
                .map(|row| {
                    let member = load.members.iter().find(|member| member.key == row.member);
                    let op_id = OpId {
                        device: row.device_id,
                        counter: row.counter,
                    };
                    (member.unwrap().id.clone(), op_id)
                })
                .collect();
            truth
        })
    }
}

impl Archive {
    /// The whole log up to an event.
    fn log(&self, history: &MemoryHistory, room: &RoomRecord, last_seq: Seq) -> Vec<Event> {
        let pruned_seq = self.0.len() as Seq;
        let mut log = self.0.clone();
        log.extend(events(history, room, pruned_seq, last_seq));
        log
    }

    /// Where the log ends.
    pub(crate) fn last_seq(&self, history: &MemoryHistory, phones: &[Arc<Phone>]) -> Seq {
        let left = events(
            history,
            &record(history, phones),
            self.0.len() as Seq,
            Seq::MAX,
        );
        (self.0.len() + left.len()) as Seq
    }

    /// Keeps what the history holds, and has it drop what it may; how many events those are.
    pub(crate) fn prune(&mut self, history: &MemoryHistory, phones: &[Arc<Phone>]) -> usize {
        let room = record(history, phones);
        let before = self.0.len();
        self.0
            .extend(events(history, &room, before as Seq, Seq::MAX));
        let pruned_seq = history.prune_now(room.key);
        self.0.truncate(usize::try_from(pruned_seq).unwrap());
        self.0.len() - before
    }
}

fn record(history: &MemoryHistory, phones: &[Arc<Phone>]) -> RoomRecord {
    let id = phones[0].joined().unwrap().room;
    match now(history.room_by_id(id)) {
        FoundRoom::Live(record) => record,
        other => panic!("the room is gone: {other:?}"),
    }
}

/// Events after those that the history does not hold any more.
fn events(
    history: &MemoryHistory,
    room: &RoomRecord,
    pruned_seq: Seq,
    last_seq: Seq,
) -> Vec<Event> {
    let events = now(history.events(room.key, pruned_seq, last_seq, usize::MAX));
    assert_eq!(events.pruned_seq, pruned_seq);
    let rows = events.rows.into_iter().map(|row| Event {
        seq: row.seq,
        at: row.at,
        from: row.member,
        op_id: OpId {
            device: row.device,
            counter: row.counter,
        },
        body: read_json(&row.body_json).unwrap(),
    });
    rows.collect()
}

/// Reading in memory does not wait.
fn now<T>(answer: chat_relay::history::Answer<'_, T>) -> T {
    futures_util::FutureExt::now_or_never(answer)
        .unwrap()
        .unwrap()
}
