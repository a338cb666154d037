//! What the tests write with.

use std::sync::{Arc, Mutex};

use chat_relay_protocol::{DeviceId, MemberId, Role, RoomId, Seq};
use tokio::sync::oneshot;

use crate::history::{
    Admission, Change, DeviceKey, Done, Events, History, HistoryError, Lease, MemberKey, NewDevice,
    NewEntry, NewMember, NewRoom, RoomAppend, RoomKey, RoomLoad, SqliteConfig, SqliteHistory,
};

/// A history in a folder of its own.
pub(in crate::history) struct Sqlite {
    pub(in crate::history) history: SqliteHistory,
    folder: tempfile::TempDir,
}

impl Sqlite {
    pub(in crate::history) fn open(config: SqliteConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = SqliteHistory::open(folder.path(), &config, Box::new(|_| {})).unwrap();
        Self { history, folder }
    }

    /// Closes it, and opens it again to see that all is well.
    pub(in crate::history) async fn close(self) {
        self.history.close().await.unwrap();
        let connection =
            rusqlite::Connection::open(self.folder.path().join("relay.sqlite")).unwrap();
        let fault: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(fault, "ok");
    }
}

pub(in crate::history) fn device(name: &str) -> NewDevice {
    let mut secret = [0; 32];
    secret[..name.len()].copy_from_slice(name.as_bytes());
    NewDevice {
        id: DeviceId::new(name).unwrap(),
        secret,
        created_at: 1000,
    }
}

pub(in crate::history) fn member(name: &str, role: Role) -> NewMember {
    NewMember {
        id: MemberId::new(format!("m{name}")).unwrap(),
        name: name.into(),
        hue: 3,
        role,
        created_at: 1000,
        device: device(&format!("d{name}")),
    }
}

pub(in crate::history) fn room(name: &str) -> NewRoom {
    NewRoom {
        id: RoomId::new(format!("r{name}")).unwrap(),
        code: format!("CODE{name}"),
        epoch: "e1".into(),
        created_at: 1000,
        owner: member(&format!("{name}-owner"), Role::Owner),
    }
}

pub(in crate::history) fn chat(text: &str) -> Box<str> {
    let body = chat_relay_protocol::Body::chat(text);
    serde_json::to_string(&body).unwrap().into()
}

/// A body that is no chat message.
pub(in crate::history) fn reaction(message: Seq) -> Box<str> {
    let body = chat_relay_protocol::Body::Reaction {
        message,
        emoji: "+".into(),
        on: true,
    };
    serde_json::to_string(&body).unwrap().into()
}

/// An open room and who writes in it.
pub(in crate::history) struct Writing<'a> {
    pub(in crate::history) history: &'a dyn History,
    pub(in crate::history) room: RoomKey,
    pub(in crate::history) member: MemberKey,
    pub(in crate::history) device: DeviceKey,
    pub(in crate::history) lease: Lease,
    pub(in crate::history) last_seq: Seq,
    pub(in crate::history) admission: Admission,
}

impl<'a> Writing<'a> {
    /// Makes a room and opens it.
    pub(in crate::history) async fn begin(history: &'a dyn History, name: &str) -> Self {
        let admission = history.create_room(room(name)).await.unwrap();
        let load = history.load_room(admission.room.key).await.unwrap();
        Self {
            history,
            room: admission.room.key,
            member: admission.member.key,
            device: admission.device.key,
            lease: load.lease,
            last_seq: load.last_seq,
            admission,
        }
    }

    /// The same room in another history that has it, to be loaded there.
    pub(in crate::history) fn on<'b>(&self, history: &'b dyn History) -> Writing<'b> {
        Writing {
            history,
            admission: self.admission.clone(),
            ..*self
        }
    }

    pub(in crate::history) async fn load(&mut self) -> RoomLoad {
        let load = self.history.load_room(self.room).await.unwrap();
        (self.lease, self.last_seq) = (load.lease, load.last_seq);
        load
    }

    pub(in crate::history) fn close(&self) {
        self.history.close_room(self.room, self.lease);
    }

    pub(in crate::history) fn entry(
        &self,
        seq: Seq,
        counter: u64,
        body_json: Box<str>,
    ) -> NewEntry {
        NewEntry {
            seq,
            at: 1000 + seq.cast_signed(),
            member: self.member,
            device: self.device,
            counter,
            body_json,
        }
    }

    /// Asks for whatever is given, and gives where the answer comes.
    pub(in crate::history) fn ask(
        &self,
        first_seq: Seq,
        entries: Vec<NewEntry>,
        changes: Vec<Change>,
    ) -> oneshot::Receiver<Result<(), HistoryError>> {
        let (answer, answered) = oneshot::channel();
        self.history.append(RoomAppend {
            room: self.room,
            lease: self.lease,
            first_seq,
            entries,
            changes,
            done: Box::new(move |result| drop(answer.send(result))),
        });
        answered
    }

    /// Appends bodies, each with its place as its op's counter.
    pub(in crate::history) async fn append(&mut self, bodies: Vec<Box<str>>) {
        let first_seq = self.last_seq + 1;
        let entries: Vec<_> = (first_seq..)
            .zip(bodies)
            .map(|(seq, body)| self.entry(seq, seq, body))
            .collect();
        self.last_seq += entries.len() as u64;
        self.ask(first_seq, entries, Vec::new())
            .await
            .unwrap()
            .unwrap();
    }

    /// Appends so many chat messages, each in a request of its own, all under way together.
    pub(in crate::history) async fn say(&mut self, count: u64) {
        let answers: Vec<_> = (self.last_seq + 1..=self.last_seq + count)
            .map(|seq| {
                let entry = self.entry(seq, seq, chat(&format!("line {seq}")));
                self.ask(seq, vec![entry], Vec::new())
            })
            .collect();
        self.last_seq += count;
        for answer in answers {
            answer.await.unwrap().unwrap();
        }
    }

    pub(in crate::history) async fn change(&self, change: Change) {
        self.ask(self.last_seq + 1, Vec::new(), vec![change])
            .await
            .unwrap()
            .unwrap();
    }

    pub(in crate::history) async fn events(
        &self,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Events {
        self.history
            .events(self.room, after, last, chunk_bytes)
            .await
            .unwrap()
    }

    pub(in crate::history) async fn seqs(&self) -> Vec<Seq> {
        let events = self.events(0, Seq::MAX, usize::MAX).await;
        events.rows.iter().map(|row| row.seq).collect()
    }
}

/// Notes what it is called with.
#[derive(Debug, Clone, Default)]
pub(in crate::history) struct Notes(Arc<Mutex<Vec<Note>>>);

type Note = (u64, Result<(), HistoryError>);

impl Notes {
    pub(in crate::history) fn done(&self, number: u64) -> Done {
        let notes = Arc::clone(&self.0);
        Box::new(move |result| notes.lock().unwrap().push((number, result)))
    }

    pub(in crate::history) fn take(&self) -> Vec<Note> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
