//! Ops on their way into the log: counted, checked against the room as it is, numbered, and given to the history.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use chat_relay_protocol::{
    AnnotationId, Body, DeviceId, Direct, DirectOp, ErrorCode, Event, HeldOp, MemberId, Op, OpId,
    Retry, Role, RoomChange, SceneOp, WireError, settings::Standing,
};
use tokio::time::Instant;

use super::{
    HeldEntry, Inner, Room,
    authority::{self, Denial, SceneLimits, Verdict, Waiting},
    encoding::EventText,
    seats::{Seat, SeatId},
    state::RoomState,
    told::Told,
};
use crate::{
    history::{Change, HeldEntry as StoredHeld, NewDirect, NewEntry, RoomAppend},
    outbox::closing::op_error,
};

/// What became of an op that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// It is on its way; its event, or word that it is held, is the answer.
    Taken,
    /// It is on its way already: it was sent twice.
    UnderWay,
    /// Its counter is not above those that were taken: the history knows what became of it.
    Passed,
}

/// What is asked of the history for one op, and told after its commit.
struct Plan {
    entries: Vec<NewEntry>,
    changes: Vec<Change>,
    told: Told,
}

impl Room {
    /// Takes an op of a connection.
    ///
    /// # Errors
    /// [`WireError`] when it is refused; nothing has changed then, and its counter is free.
    pub(crate) fn submit(
        self: &Arc<Self>,
        seat: SeatId,
        op: Op,
        now: Instant,
    ) -> Result<Submitted, WireError> {
        let op_id = op.op_id.clone();
        self.take(seat, &op_id, now, |room, inner, from| {
            room.plan_op(inner, from, op)
        })
    }

    /// Takes a direct message of a connection.
    ///
    /// # Errors
    /// As [`Room::submit`].
    pub(crate) fn submit_direct(
        self: &Arc<Self>,
        seat: SeatId,
        op: DirectOp,
        now: Instant,
    ) -> Result<Submitted, WireError> {
        let op_id = op.op_id.clone();
        self.take(seat, &op_id, now, |room, inner, from| {
            room.plan_direct(inner, from, op)
        })
    }

    fn take(
        self: &Arc<Self>,
        id: SeatId,
        op_id: &OpId,
        now: Instant,
        plan: impl FnOnce(&Self, &mut Inner, &Sender) -> Result<Plan, Denial>,
    ) -> Result<Submitted, WireError> {
        let mut guard = self.lock();
        let inner = &mut *guard;
        // A room that is over has closed its connections.
        let Some(seat) = inner.seats.get(id).filter(|_| !inner.over) else {
            return Ok(Submitted::UnderWay);
        };
        if op_id.device != seat.device {
            let message = format!("The op names the device {}, not this one.", op_id.device);
            let code = ErrorCode::NotYourDevice;
            return Err(op_error(code, message, Retry::Never, op_id.clone()));
        }
        if op_id.counter <= seat.counter {
            let under_way = inner.under_way.iter().any(|told| told.is_about(op_id));
            return Ok(if under_way {
                Submitted::UnderWay
            } else {
                Submitted::Passed
            });
        }
        let queued = self.around.history.queued_entries();
        if queued >= self.around.limits.store_queue {
            return Err(op_error(
                ErrorCode::RateLimited,
                "The relay has more to store than it can just now. Wait a moment.",
                Retry::Later {
                    after_millis: STORE_BUSY_MILLIS,
                },
                op_id.clone(),
            ));
        }
        inner
            .spend(id, now)
            .map_err(|(what, wait)| rate_limited(what, wait, op_id))?;
        let Some(seat) = inner.seats.get(id) else {
            return Ok(Submitted::UnderWay);
        };
        let sender = Sender::of(seat, op_id.counter);
        let plan = plan(self, inner, &sender)
            .map_err(|denial| op_error(denial.code, denial.message, Retry::Never, op_id.clone()))?;
        let bytes = plan.bytes();
        inner.bytes.charge(bytes);
        if let Some(seat) = inner.seats.get_mut(id) {
            seat.bytes.charge(bytes);
            seat.counter = op_id.counter;
            seat.in_flight.fetch_add(1, Ordering::Relaxed);
        }
        inner.counters.insert(op_id.device.clone(), op_id.counter);
        let first_seq = plan
            .entries
            .first()
            .map_or(inner.last_seq + 1, |entry| entry.seq);
        inner.under_way.push_back(plan.told.by(id, op_id, now));
        let room = Arc::clone(self);
        self.around.history.append(RoomAppend {
            room: self.record.key,
            lease: inner.lease,
            first_seq,
            entries: plan.entries,
            changes: plan.changes,
            done: Box::new(move |result| {
                let mailbox = room.mailbox.clone();
                mailbox.done(room, result);
            }),
        });
        Ok(Submitted::Taken)
    }

    fn plan_op(&self, inner: &mut Inner, from: &Sender, op: Op) -> Result<Plan, Denial> {
        let limits = &self.around.limits;
        let scene = SceneLimits {
            annotations: limits.annotations_per_room,
            annotation_bytes: limits.annotation_bytes,
            scene_bytes: limits.scene_bytes,
        };
        let verdict = authority::check(&inner.state, &from.member, &op.body, &scene, &inner.held)?;
        match verdict {
            Verdict::Append | Verdict::Withdraw => {
                let mut plan = Plan::new();
                let body = match verdict {
                    Verdict::Withdraw => inner.withdrawal(&from.member, op.body),
                    _ => op.body,
                };
                let decided = decision(&body);
                if let Some((op_id, true)) = &decided
                    && let Some(entry) = inner.held.get(op_id)
                {
                    authority::check_held(&inner.state, &entry.held.op.body, &scene)?;
                }
                let at = inner.time(self.around.clock.unix_millis());
                inner.append(&mut plan, from, at, body);
                if let Some((held, approved)) = decided
                    .and_then(|(op_id, approved)| Some((inner.held.remove(&op_id)?, approved)))
                {
                    plan.changes.push(held.unhold());
                    if approved {
                        inner.append_held(&mut plan, held, at);
                    } else {
                        inner.drop_what_hangs_on(&held, &mut plan);
                    }
                }
                Ok(plan)
            }
            Verdict::Hold => {
                if inner.held.len() >= limits.held_ops_per_room {
                    return Err(TOO_MANY_HELD);
                }
                Ok(inner.hold(from, op, self.around.clock.unix_millis()))
            }
        }
    }

    fn plan_direct(&self, inner: &mut Inner, from: &Sender, op: DirectOp) -> Result<Plan, Denial> {
        authority::check_direct(&inner.state, &from.member, &op.to)?;
        let at = inner.time(self.around.clock.unix_millis());
        let from_seq = inner.next_inbox(&from.member);
        let to_seq = inner.next_inbox(&op.to);
        let (Some((from_key, from_seq)), Some((to_key, to_seq))) = (from_seq, to_seq) else {
            return Err(authority::NO_MEMBER);
        };
        let direct = |seq| Direct {
            seq,
            at,
            from: from.member.clone(),
            to: op.to.clone(),
            op_id: op.op_id.clone(),
            text: op.text.clone(),
        };
        let mut plan = Plan::new();
        plan.changes.push(Change::Direct(NewDirect {
            at,
            from: from_key,
            from_seq,
            to: to_key,
            to_seq,
            device: from.device_key,
            counter: op.op_id.counter,
            text: op.text.clone().into(),
        }));
        plan.told = Told::direct(direct(from_seq), direct(to_seq));
        Ok(plan)
    }
}

/// How long to wait when the store has too much to do.
const STORE_BUSY_MILLIS: u64 = 200;

const TOO_MANY_HELD: Denial = Denial {
    code: ErrorCode::LimitReached,
    message: "Too much waits for approval in this room already.",
};

/// A refusal that says when to try again.
pub(crate) fn rate_limited(what: &str, wait: Duration, op_id: &OpId) -> WireError {
    let after_millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    op_error(
        ErrorCode::RateLimited,
        format!("{what} sends more than it may. Wait {after_millis} ms."),
        Retry::Later { after_millis },
        op_id.clone(),
    )
}

/// Who sent an op.
struct Sender {
    member: MemberId,
    member_key: crate::history::MemberKey,
    device: DeviceId,
    device_key: crate::history::DeviceKey,
    counter: u64,
}

impl Sender {
    fn of(seat: &Seat, counter: u64) -> Self {
        Self {
            member: seat.member.clone(),
            member_key: seat.member_key,
            device: seat.device.clone(),
            device_key: seat.device_key,
            counter,
        }
    }
}

impl Plan {
    fn new() -> Self {
        Self {
            entries: Vec::with_capacity(1),
            changes: Vec::new(),
            told: Told::default(),
        }
    }
}

impl Plan {
    /// How many bytes go into the history.
    fn bytes(&self) -> usize {
        let entries = self.entries.iter().map(|entry| entry.body_json.len());
        let changes = self.changes.iter().map(|change| match change {
            Change::Hold(held) => held.body_json.len(),
            Change::Direct(direct) => direct.text.len(),
            _ => 0,
        });
        entries.chain(changes).sum()
    }
}

impl Waiting for BTreeMap<OpId, HeldEntry> {
    fn sender(&self, op_id: &OpId) -> Option<&MemberId> {
        self.get(op_id).map(|entry| &entry.held.from)
    }

    fn puts(&self, member: &MemberId, id: &AnnotationId) -> Option<OpId> {
        let puts = |entry: &&HeldEntry| {
            let puts = matches!(
                &entry.held.op.body,
                Body::Scene { op: SceneOp::Put { id: put, .. } } if put == id
            );
            puts && entry.held.from == *member
        };
        self.values()
            .find(puts)
            .map(|entry| entry.held.op.op_id.clone())
    }
}

impl HeldEntry {
    fn unhold(&self) -> Change {
        Change::Unhold {
            device: self.device,
            counter: self.held.op.op_id.counter,
        }
    }
}

impl Inner {
    /// Spends one op of what the room and a seat may send.
    ///
    /// # Errors
    /// Whose budget is used up, and how long to wait.
    fn spend(&mut self, id: SeatId, now: Instant) -> Result<(), (&'static str, Duration)> {
        const ROOM: &str = "This room";
        if let Some(seat) = self.seats.get_mut(id) {
            seat.bytes
                .check(now)
                .map_err(|wait| ("This connection", wait))?;
        }
        self.bytes.check(now).map_err(|wait| (ROOM, wait))?;
        self.bucket.spend(now).map_err(|wait| (ROOM, wait))
    }

    /// A time that is not before the last event's.
    fn time(&mut self, now_millis: i64) -> i64 {
        self.last_at = self.last_at.max(now_millis);
        self.last_at
    }

    /// Numbers a body, folds it in, and plans its entry.
    fn append(&mut self, plan: &mut Plan, from: &Sender, at: i64, body: Body) {
        self.last_seq += 1;
        let seq = self.last_seq;
        // A body that was decoded encodes: keys are strings.
        let body_json: Box<str> = serde_json::to_string(&body).unwrap_or_default().into();
        let event = Event {
            seq,
            at,
            from: from.member.clone(),
            op_id: OpId {
                device: from.device.clone(),
                counter: from.counter,
            },
            body,
        };
        let subject = subject(&event.body);
        let standing = |state: &RoomState| {
            let of = |member| state.settings.standing(member);
            subject.as_ref().map(of)
        };
        let before = standing(&self.state);
        self.state.apply(&event);
        let after = standing(&self.state);
        plan.entries.push(NewEntry {
            seq,
            at,
            member: from.member_key,
            device: from.device_key,
            counter: from.counter,
            body_json: body_json.clone(),
        });
        plan.changes.extend(self.standing_change(&event.body));
        plan.told.event(
            EventText {
                seq,
                at,
                from: event.from,
                device: event.op_id.device,
                counter: event.op_id.counter,
                body_json,
            },
            // What changes nothing is nothing to be told.
            subject.filter(|_| before != after).map(|member| {
                let owns = |standing: Option<Standing>| {
                    standing.is_some_and(|standing| standing.role == Role::Owner)
                };
                (member, owns(after) && !owns(before))
            }),
        );
    }

    /// An op that was held, at its place behind the approval.
    fn append_held(&mut self, plan: &mut Plan, held: HeldEntry, at: i64) {
        let Some(member_key) = self.key_of(&held.held.from) else {
            return;
        };
        let sender = Sender {
            member: held.held.from,
            member_key,
            device: held.held.op.op_id.device,
            device_key: held.device,
            counter: held.held.op.op_id.counter,
        };
        self.append(plan, &sender, at, held.held.op.body);
    }

    /// What stands in the log for the deletion of an annotation that waits itself.
    fn withdrawal(&self, member: &MemberId, body: Body) -> Body {
        let id = match &body {
            Body::Scene { op } => op.id(),
            _ => return body,
        };
        match self.held.puts(member, id) {
            Some(op_id) => Body::Room {
                change: RoomChange::Reject { op_id },
            },
            None => body,
        }
    }

    /// With an annotation that was not approved, what its maker wanted to change of it goes, too.
    fn drop_what_hangs_on(&mut self, rejected: &HeldEntry, plan: &mut Plan) {
        let Body::Scene {
            op: SceneOp::Put { id, .. },
        } = &rejected.held.op.body
        else {
            return;
        };
        let from = &rejected.held.from;
        if self.state.scene.get(id).is_some() || self.held.puts(from, id).is_some() {
            return;
        }
        let hangs = |entry: &HeldEntry| {
            let about = matches!(&entry.held.op.body, Body::Scene { op } if op.id() == id);
            about && entry.held.from == *from
        };
        self.held.retain(|_, entry| {
            let hangs = hangs(entry);
            if hangs {
                plan.changes.push(entry.unhold());
            }
            !hangs
        });
    }

    fn hold(&mut self, from: &Sender, op: Op, now_millis: i64) -> Plan {
        let at = self.time(now_millis);
        let mut plan = Plan::new();
        plan.changes.push(Change::Hold(StoredHeld {
            at,
            member: from.member_key,
            device: from.device_key,
            counter: from.counter,
            body_json: serde_json::to_string(&op.body).unwrap_or_default().into(),
        }));
        let held = HeldOp {
            from: from.member.clone(),
            at,
            op,
        };
        plan.told = Told::held(held.clone());
        let entry = HeldEntry {
            device: from.device_key,
            held,
        };
        self.held.insert(entry.held.op.op_id.clone(), entry);
        plan
    }

    /// What the books of members keep of a change.
    fn standing_change(&self, body: &Body) -> Option<Change> {
        let member = subject(body)?;
        let standing = self.state.settings.standing(&member);
        Some(Change::Standing {
            member: self.key_of(&member)?,
            role: standing.role,
            muted: standing.muted,
            removed: standing.removed,
        })
    }

    fn next_inbox(&mut self, member: &MemberId) -> Option<(crate::history::MemberKey, u64)> {
        let entry = self.members.get_mut(member)?;
        entry.inbox_seq += 1;
        Some((entry.key, entry.inbox_seq))
    }
}

/// The member whose standing an op changes.
pub(super) fn subject(body: &Body) -> Option<MemberId> {
    match body {
        Body::Room {
            change:
                RoomChange::SetRole { member, .. }
                | RoomChange::Mute { member, .. }
                | RoomChange::Remove { member },
        } => Some(member.clone()),
        _ => None,
    }
}

/// The held op that an op decides on, and how.
fn decision(body: &Body) -> Option<(OpId, bool)> {
    match body {
        Body::Room {
            change: RoomChange::Approve { op_id },
        } => Some((op_id.clone(), true)),
        Body::Room {
            change: RoomChange::Reject { op_id },
        } => Some((op_id.clone(), false)),
        _ => None,
    }
}
