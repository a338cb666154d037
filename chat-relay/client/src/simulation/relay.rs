//! The simulated relay's side of one room: what it answers to whom.

use std::collections::BTreeMap;

use chat_relay_protocol::{
    Body, ChatFold, ChatMessage, ClientMessage, DeviceId, Direct, DirectOp, ErrorCode, Event,
    HeldOp, Hello, Member, MemberId, Op, OpId, Presence, Retry, Role, RoomChange, RoomId, Scene,
    SceneOp, Seq, ServerMessage, Settings, SnapshotPart, Welcome, WireError,
};

use super::authority::Books;

/// So many events go into one message.
const CHUNK: usize = 7;
/// So many messages go into a snapshot.
const RECENT: usize = 5;
/// So many annotations go into one part of a snapshot.
const PART: usize = 2;

/// For whom a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// One device.
    Device(DeviceId),
    /// All devices of a member.
    Member(MemberId),
    /// All devices of a member and of the owners.
    MemberAndOwners(MemberId),
    /// Everybody.
    All,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Log(Seq),
    Held,
    Inbox,
    Dropped,
}

/// See the module.
#[derive(Debug)]
pub struct Relay {
    /// All events.
    pub log: Vec<Event>,
    /// Counts up when the log gets another name.
    pub epoch: u32,
    /// One in this many ops is refused for the moment; 0 for none.
    pub refuse_one_in: u64,
    /// Ops that the relay saw, repeats too.
    pub ops_seen: usize,
    /// Who lacks more events than this gets a snapshot.
    pub snapshot_over: u64,
    /// The heartbeat interval that it tells.
    pub heartbeat_secs: u32,
    /// Heartbeat intervals that were wished for.
    pub wishes: Vec<u32>,
    /// How far each member has read.
    pub read: BTreeMap<MemberId, Seq>,
    /// The room's settings.
    pub settings: Settings,
    scene: Scene,
    chat: ChatFold,
    devices: BTreeMap<DeviceId, MemberId>,
    names: BTreeMap<MemberId, String>,
    places: BTreeMap<OpId, Place>,
    last_counters: BTreeMap<DeviceId, u64>,
    held: BTreeMap<OpId, HeldOp>,
    inboxes: BTreeMap<MemberId, Vec<Direct>>,
}

type Answers = Vec<(To, ServerMessage)>;

impl Relay {
    pub(super) fn new() -> Relay {
        Relay {
            log: Vec::new(),
            epoch: 1,
            refuse_one_in: 0,
            ops_seen: 0,
            snapshot_over: u64::MAX,
            heartbeat_secs: 30,
            wishes: Vec::new(),
            read: BTreeMap::new(),
            settings: Settings::default(),
            scene: Scene::default(),
            chat: ChatFold::default(),
            devices: BTreeMap::new(),
            names: BTreeMap::new(),
            places: BTreeMap::new(),
            last_counters: BTreeMap::new(),
            held: BTreeMap::new(),
            inboxes: BTreeMap::new(),
        }
    }

    pub(super) fn admit(&mut self, device: &DeviceId, member: &MemberId, role: Role) {
        self.devices.insert(device.clone(), member.clone());
        self.settings.admit(member, role);
        self.names
            .insert(member.clone(), format!("name of {member}"));
    }

    /// The log is found again under another name, as after a move to another store.
    pub fn new_epoch(&mut self) {
        self.epoch += 1;
    }

    /// The store is restored from a backup that was made after `seq`: what came later is lost, the epoch stays.
    pub fn restore_backup(&mut self, seq: Seq) {
        self.scene = Scene::default();
        self.chat = ChatFold::default();
        self.places.clear();
        self.last_counters.clear();
        let events = std::mem::take(&mut self.log);
        for event in events.into_iter().filter(|event| event.seq <= seq) {
            let OpId { device, counter } = event.op_id.clone();
            self.last_counters.insert(device, counter);
            self.keep(event);
        }
    }

    /// The last event.
    pub fn last_seq(&self) -> Seq {
        self.log.len() as Seq
    }

    /// What the log folds to.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What the log folds to.
    pub fn messages(&self) -> Vec<ChatMessage> {
        self.chat.messages().cloned().collect()
    }

    /// Whether a member is an owner.
    pub fn is_owner(&self, member: &MemberId) -> bool {
        self.settings.standing(member).role == Role::Owner
    }

    /// What waits for approval.
    pub fn held(&self) -> impl Iterator<Item = &HeldOp> {
        self.held.values()
    }

    /// What a device is told that said hello.
    pub(super) fn greet(&mut self, device: &DeviceId, hello: Hello) -> Vec<ServerMessage> {
        let member = self.devices[device].clone();
        if !hello.name.is_empty() {
            self.names.insert(member.clone(), hello.name);
        }
        let epoch = format!("e{}", self.epoch);
        let end = self.last_seq();
        let resumed = hello
            .resume
            .filter(|resume| resume.epoch == epoch && resume.seq <= end);
        let start = resumed.as_ref().map_or(0, |resume| resume.seq);
        let snapshot = end - start > self.snapshot_over;
        let inbox = self.inboxes.entry(member.clone()).or_default().clone();
        let read_seq = self.read.get(&member).copied().unwrap_or(0);
        let mut answers = vec![ServerMessage::Welcome(Welcome {
            room: RoomId::new("r").unwrap_or_else(|_| unreachable!("a letter is an id")),
            code: "ABC234".into(),
            epoch,
            seq: end,
            from_start: snapshot || resumed.is_none(),
            snapshot,
            you: self.member(device),
            members: self.devices.keys().map(|id| self.member(id)).collect(),
            past_members: Vec::new(),
            settings: self.settings.room(),
            inbox: inbox.len() as Seq,
            read_seq,
            unread: self.unread(&member, read_seq),
            heartbeat_secs: self.heartbeat_secs,
        })];
        if snapshot {
            answers.extend(self.snapshot().into_iter().map(ServerMessage::Snapshot));
        }
        let held: Vec<_> = self
            .held
            .values()
            .filter(|held| held.from == member || self.is_owner(&member))
            .cloned()
            .collect();
        if !held.is_empty() {
            answers.push(ServerMessage::Held { ops: held });
        }
        let start = if snapshot { end } else { start };
        let missed = &self.log[usize::try_from(start).unwrap_or(0)..];
        answers.extend(missed.chunks(CHUNK).map(|events| ServerMessage::Events {
            events: events.to_vec(),
        }));
        let inbox_start = resumed.map_or(0, |resume| resume.inbox.min(inbox.len() as Seq));
        let entries = inbox[usize::try_from(inbox_start).unwrap_or(0)..].to_vec();
        if !entries.is_empty() {
            answers.push(ServerMessage::Inbox { entries });
        }
        answers
    }

    /// What is told to whom when a device says something. `luck` decides on faults.
    pub(super) fn take(
        &mut self,
        device: &DeviceId,
        message: ClientMessage,
        at: i64,
        luck: u64,
    ) -> Answers {
        let answer = |message| vec![(To::Device(device.clone()), message)];
        match message {
            ClientMessage::Hello(_) => panic!("a second hello"),
            ClientMessage::Op(op) => self.op(device, op, at, luck),
            ClientMessage::Direct(op) => self.direct(device, op, at, luck),
            ClientMessage::Presence(_) => Vec::new(),
            ClientMessage::Ping { nonce } => answer(ServerMessage::Pong { nonce }),
            ClientMessage::Heartbeat { secs } => {
                self.wishes.push(secs);
                answer(ServerMessage::Heartbeat { secs: secs.max(5) })
            }
            ClientMessage::Read { seq } => {
                let member = self.devices[device].clone();
                let read = self.read.entry(member.clone()).or_insert(0);
                *read = seq.max(*read);
                let seq = *read;
                let unread = self.unread(&member, seq);
                vec![(To::Member(member), ServerMessage::Read { seq, unread })]
            }
            ClientMessage::History { before, limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                let older: Vec<_> = self
                    .chat
                    .messages()
                    .filter(|message| message.seq < before)
                    .cloned()
                    .collect();
                let skipped = older.len().saturating_sub(limit);
                answer(ServerMessage::History {
                    before,
                    messages: older[skipped..].to_vec(),
                    more: skipped > 0,
                })
            }
        }
    }

    fn op(&mut self, device: &DeviceId, op: Op, at: i64, luck: u64) -> Answers {
        assert_eq!(op.op_id.device, *device);
        assert_eq!(op.body.check(), Ok(()));
        if let Some(answers) = self.refused_or_known(&op.op_id, luck) {
            return answers;
        }
        let member = self.devices[device].clone();
        let books = Books {
            settings: &self.settings,
            scene: &self.scene,
            chat: &self.chat,
        };
        if let Err(code) = books.check(&member, &op.body, |id| self.held.contains_key(id)) {
            return refuse(op.op_id, code, Retry::Never);
        }
        self.last_counters.insert(device.clone(), op.op_id.counter);
        let shows = match &op.body {
            Body::Chat(_) | Body::ChatEdit { .. } | Body::Reaction { .. } => true,
            Body::Scene { op } => !matches!(op, SceneOp::Delete { .. }),
            _ => false,
        };
        if self.settings.approval && shows && !self.is_owner(&member) {
            let held = HeldOp {
                from: member.clone(),
                at,
                op,
            };
            self.places.insert(held.op.op_id.clone(), Place::Held);
            self.held.insert(held.op.op_id.clone(), held.clone());
            let message = ServerMessage::Held { ops: vec![held] };
            return vec![(To::MemberAndOwners(member), message)];
        }
        let body = op.body.clone();
        let mut events = vec![self.append(member, op, at)];
        if let Body::Room {
            change: RoomChange::Approve { op_id } | RoomChange::Reject { op_id },
        } = &body
            && let Some(held) = self.held.remove(op_id)
        {
            self.places.insert(op_id.clone(), Place::Dropped);
            if matches!(
                body,
                Body::Room {
                    change: RoomChange::Approve { .. }
                }
            ) {
                events.push(self.append(held.from, held.op, at));
            }
        }
        let mut answers = vec![(To::All, ServerMessage::Events { events })];
        if let Body::Room {
            change: RoomChange::SetRole { member, .. } | RoomChange::Mute { member, .. },
        } = &body
        {
            let devices = self.devices.iter().filter(|(_, of)| *of == member);
            let joined = devices.map(|(device, _)| ServerMessage::Joined {
                member: self.member(device),
            });
            answers.extend(joined.map(|message| (To::All, message)));
        }
        answers
    }

    fn direct(&mut self, device: &DeviceId, op: DirectOp, at: i64, luck: u64) -> Answers {
        assert_eq!(op.op_id.device, *device);
        assert_eq!(op.check(), Ok(()));
        if let Some(answers) = self.refused_or_known(&op.op_id, luck) {
            return answers;
        }
        let from = self.devices[device].clone();
        if op.to == from || !self.settings.knows(&op.to) {
            return refuse(op.op_id, ErrorCode::Gone, Retry::Never);
        }
        self.last_counters.insert(device.clone(), op.op_id.counter);
        self.places.insert(op.op_id.clone(), Place::Inbox);
        let (to, mut answers) = (op.to.clone(), Vec::new());
        for reader in [from.clone(), to] {
            let inbox = self.inboxes.entry(reader.clone()).or_default();
            let direct = Direct {
                seq: inbox.len() as Seq + 1,
                at,
                from: from.clone(),
                to: op.to.clone(),
                op_id: op.op_id.clone(),
                text: op.text.clone(),
            };
            inbox.push(direct.clone());
            let entries = vec![direct];
            answers.push((To::Member(reader), ServerMessage::Inbox { entries }));
        }
        answers
    }

    fn refused_or_known(&mut self, op_id: &OpId, luck: u64) -> Option<Answers> {
        self.ops_seen += 1;
        if luck.checked_rem(self.refuse_one_in) == Some(0) {
            let retry = Retry::Later { after_millis: 60 };
            return Some(refuse(op_id.clone(), ErrorCode::RateLimited, retry));
        }
        let last = self.last_counters.get(&op_id.device).copied().unwrap_or(0);
        if op_id.counter > last {
            return None;
        }
        let answer = |message| vec![(To::Device(op_id.device.clone()), message)];
        let ack = |seq| {
            let op_id = op_id.clone();
            answer(ServerMessage::Ack { op_id, seq })
        };
        Some(match self.places.get(op_id) {
            Some(Place::Log(seq)) => ack(*seq),
            Some(Place::Inbox) => ack(0),
            Some(Place::Held) => answer(ServerMessage::Held {
                ops: vec![self.held[op_id].clone()],
            }),
            // Also one that was refused for good, and is sent again by a device that was reloaded before it had saved
            // that.
            Some(Place::Dropped) | None => {
                refuse(op_id.clone(), ErrorCode::InvalidOp, Retry::Never)
            }
        })
    }

    fn append(&mut self, from: MemberId, op: Op, at: i64) -> Event {
        let event = Event {
            seq: self.last_seq() + 1,
            at,
            from,
            op_id: op.op_id,
            body: op.body,
        };
        self.keep(event.clone());
        event
    }

    fn keep(&mut self, event: Event) {
        self.places
            .insert(event.op_id.clone(), Place::Log(event.seq));
        self.scene.apply(&event);
        self.chat.apply(&event);
        self.settings.apply(&event);
        self.log.push(event);
    }

    fn snapshot(&self) -> Vec<SnapshotPart> {
        let seq = self.last_seq();
        let skipped = self.chat.len().saturating_sub(RECENT);
        let mut parts = vec![SnapshotPart {
            seq,
            messages: self.chat.messages().skip(skipped).cloned().collect(),
            more_messages: skipped > 0,
            second_spot_in_room: self.scene.second_spot_in_room(),
            ..SnapshotPart::default()
        }];
        let annotations: Vec<_> = self
            .scene
            .annotations()
            .filter_map(|(id, _)| self.scene.state(id))
            .collect();
        parts.extend(annotations.chunks(PART).map(|chunk| SnapshotPart {
            seq,
            annotations: chunk.to_vec(),
            ..SnapshotPart::default()
        }));
        if let Some(part) = parts.last_mut() {
            part.last = true;
        }
        parts
    }

    fn unread(&self, member: &MemberId, after: Seq) -> u32 {
        let unread = self
            .chat
            .messages()
            .filter(|message| message.seq > after && message.from != *member && !message.deleted)
            .count();
        u32::try_from(unread).unwrap_or(u32::MAX)
    }

    fn member(&self, device: &DeviceId) -> Member {
        let member = self.devices[device].clone();
        let standing = self.settings.standing(&member);
        Member {
            name: self.names[&member].clone(),
            device: device.clone(),
            member,
            hue: 3,
            role: standing.role,
            muted: standing.muted,
            presence: Presence::default(),
        }
    }
}

fn refuse(op_id: OpId, code: ErrorCode, retry: Retry) -> Answers {
    let to = To::Device(op_id.device.clone());
    let error = WireError {
        op_id: Some(op_id),
        ..WireError::new(code, "not so", retry)
    };
    vec![(to, ServerMessage::Error(error))]
}
