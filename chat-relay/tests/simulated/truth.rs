//! What the history holds at the end: the log and what follows from it.

use std::{collections::BTreeMap, sync::Arc};

use chat_relay::history::{FoundRoom, History, MemoryHistory, RoomRecord};
use chat_relay_protocol::{
    ChatFold, Direct, Event, MemberId, OpId, Role, Scene, Seq, Settings, read_json,
};

use crate::phone::Phone;

/// See the [module](self).
pub(crate) struct Truth {
    /// From 1 on.
    pub(crate) log: Vec<Event>,
    pub(crate) scene: Scene,
    pub(crate) chat: ChatFold,
    pub(crate) settings: Settings,
    pub(crate) held: Vec<(MemberId, OpId)>,
    pub(crate) inboxes: BTreeMap<MemberId, Vec<Direct>>,
}

impl Truth {
    /// Reads it all.
    pub(crate) fn read(history: &MemoryHistory, phones: &[Arc<Phone>]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let room = record(history, phones);
            let load = history.load_room(room.key).await.unwrap();
            let mut truth = Self {
                log: log(history, &room, load.last_seq),
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

    /// Where the log ends.
    pub(crate) fn last_seq(history: &MemoryHistory, phones: &[Arc<Phone>]) -> Seq {
        log(history, &record(history, phones), Seq::MAX)
            .last()
            .map_or(0, |event| event.seq)
    }
}

fn record(history: &MemoryHistory, phones: &[Arc<Phone>]) -> RoomRecord {
    let id = phones[0].joined().unwrap().room;
    match now(history.room_by_id(id)) {
        FoundRoom::Live(record) => record,
        other => panic!("the room is gone: {other:?}"),
    }
}

fn log(history: &MemoryHistory, room: &RoomRecord, last_seq: Seq) -> Vec<Event> {
    let events = now(history.events(room.key, 0, last_seq, usize::MAX));
    assert_eq!(events.pruned_seq, 0);
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
