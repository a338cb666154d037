//! The table of who may do what, row by row, on a room with something in it.

use chat_relay_protocol::{DeviceId, Event, Fields, Seq, Settings};

use super::*;

const LIMITS: SceneLimits = SceneLimits {
    annotations: 3,
    annotation_bytes: 600,
    scene_bytes: 4000,
};

fn member(name: &str) -> MemberId {
    MemberId::new(name).unwrap()
}

fn id(name: &str) -> AnnotationId {
    AnnotationId::new(name).unwrap()
}

fn put(name: &str) -> Body {
    let fields = Fields::from([("kind".into(), Value::from("pin"))]);
    Body::Scene {
        op: SceneOp::Put {
            id: id(name),
            fields,
        },
    }
}

fn patch(name: &str) -> Body {
    Body::Scene {
        op: SceneOp::Patch {
            id: id(name),
            fields: Fields::from([("label".into(), Value::from("x"))]),
            only_if_seq: std::collections::BTreeMap::new(),
        },
    }
}

fn room(change: RoomChange) -> Body {
    Body::Room { change }
}

fn edit(message: Seq) -> Body {
    Body::ChatEdit {
        message,
        text: "new".into(),
        mentions: Vec::new(),
    }
}

/// Members owner, editor, other (an editor) and viewer. Events: 1 a message of editor, 2 a pin of editor, 3 a pin of
/// editor that is locked.
fn lively() -> RoomState {
    let mut state = RoomState::default();
    admit(&mut state.settings);
    apply(&mut state, "editor", Body::chat("hello"));
    apply(&mut state, "editor", put("pin"));
    apply(&mut state, "editor", put("locked"));
    apply(
        &mut state,
        "editor",
        room(RoomChange::LockAnnotation {
            id: id("locked"),
            locked: true,
        }),
    );
    state
}

fn admit(settings: &mut Settings) {
    for (name, role) in [
        ("owner", Role::Owner),
        ("editor", Role::Editor),
        ("other", Role::Editor),
        ("viewer", Role::Viewer),
    ] {
        settings.admit(&member(name), role);
    }
}

fn apply(state: &mut RoomState, from: &str, body: Body) {
    let seq = 1 + state.authors_and_annotations();
    state.apply(&Event {
        seq,
        at: 0,
        from: member(from),
        op_id: OpId {
            device: DeviceId::new("d").unwrap(),
            counter: seq,
        },
        body,
    });
}

impl RoomState {
    /// A number that rises with each event of these tests.
    fn authors_and_annotations(&self) -> Seq {
        let messages = self.recent().count();
        let deleted = self.scene.deleted().count();
        (messages + self.scene.len() + deleted) as Seq
    }
}

/// One op that waits, of one member, which puts the annotation `waiting` there.
struct Held(OpId, MemberId);

impl Waiting for Held {
    fn sender(&self, op_id: &OpId) -> Option<&MemberId> {
        (*op_id == self.0).then_some(&self.1)
    }

    fn puts(&self, member: &MemberId, annotation: &AnnotationId) -> Option<OpId> {
        (*member == self.1 && *annotation == id("waiting")).then(|| self.0.clone())
    }
}

fn verdict(state: &RoomState, from: &str, body: &Body) -> Result<Verdict, ErrorCode> {
    let held = OpId {
        device: DeviceId::new("held").unwrap(),
        counter: 1,
    };
    let waiting = Held(held, member("other"));
    check(state, &member(from), body, &LIMITS, &waiting).map_err(|denial| denial.code)
}

const YES: Result<Verdict, ErrorCode> = Ok(Verdict::Append);
const NO: Result<Verdict, ErrorCode> = Err(ErrorCode::Forbidden);

#[test]
fn roles_decide_what_may_be_done() {
    let state = lively();
    let table: [(Body, [Result<Verdict, ErrorCode>; 4]); 11] = [
        // In the order owner, editor (who made everything), other, viewer.
        (Body::chat("hi"), [YES, YES, YES, NO]),
        (put("new"), [YES, YES, YES, NO]),
        (patch("pin"), [YES, YES, YES, NO]),
        (patch("locked"), [YES, YES, NO, NO]),
        (
            room(RoomChange::LockAnnotation {
                id: id("pin"),
                locked: true,
            }),
            [YES, YES, NO, NO],
        ),
        (edit(1), [NO, YES, NO, NO]),
        (Body::ChatDelete { message: 1 }, [YES, YES, NO, NO]),
        (
            Body::Reaction {
                message: 1,
                emoji: "👍".into(),
                on: true,
            },
            [YES, YES, YES, NO],
        ),
        (room(RoomChange::Lock { locked: true }), [YES, NO, NO, NO]),
        (
            room(RoomChange::SetRole {
                member: member("viewer"),
                role: Role::Editor,
            }),
            [YES, NO, NO, NO],
        ),
        (
            room(RoomChange::DefineFrame {
                second_spot_in_room: [1.0, 0.0, 0.0],
            }),
            [YES, YES, YES, NO],
        ),
    ];
    for (body, expected) in table {
        let got = ["owner", "editor", "other", "viewer"].map(|from| verdict(&state, from, &body));
        assert_eq!(got, expected, "{body:?}");
    }
}

#[test]
fn the_muted_and_the_removed_are_told_so() {
    let mut state = lively();
    apply(
        &mut state,
        "owner",
        room(RoomChange::Mute {
            member: member("editor"),
            muted: true,
        }),
    );
    assert_eq!(
        verdict(&state, "editor", &Body::chat("hi")),
        Err(ErrorCode::Muted)
    );
    assert_eq!(
        verdict(&state, "editor", &patch("pin")),
        Err(ErrorCode::Muted)
    );
    apply(
        &mut state,
        "owner",
        room(RoomChange::Remove {
            member: member("other"),
        }),
    );
    assert_eq!(
        verdict(&state, "other", &Body::chat("hi")),
        Err(ErrorCode::Removed)
    );
    assert_eq!(
        check_direct(&state, &member("owner"), &member("other")),
        Err(NO_MEMBER)
    );
    assert_eq!(
        check_direct(&state, &member("owner"), &member("editor")),
        Ok(())
    );
    assert!(check_direct(&state, &member("editor"), &member("owner")).is_err());
    assert!(check_direct(&state, &member("viewer"), &member("owner")).is_err());
}

#[test]
fn a_locked_room_takes_only_what_owners_write() {
    let mut state = lively();
    apply(&mut state, "owner", room(RoomChange::Lock { locked: true }));
    assert_eq!(verdict(&state, "editor", &Body::chat("hi")), NO);
    assert_eq!(verdict(&state, "owner", &Body::chat("hi")), YES);
}

#[test]
fn with_approval_what_shows_is_held_unless_an_owner_writes_it() {
    let mut state = lively();
    apply(
        &mut state,
        "owner",
        room(RoomChange::SetApproval { required: true }),
    );
    assert_eq!(
        verdict(&state, "editor", &Body::chat("hi")),
        Ok(Verdict::Hold)
    );
    assert_eq!(verdict(&state, "editor", &patch("pin")), Ok(Verdict::Hold));
    assert_eq!(
        verdict(&state, "editor", &Body::ChatDelete { message: 1 }),
        YES
    );
    assert_eq!(verdict(&state, "owner", &Body::chat("hi")), YES);
}

#[test]
fn what_was_held_is_not_shown_once_its_annotation_is_deleted() {
    let mut state = lively();
    assert_eq!(check_held(&state, &put("pin"), &LIMITS), Ok(()));
    let delete = SceneOp::Delete { id: id("pin") };
    apply(&mut state, "editor", Body::Scene { op: delete });
    for body in [put("pin"), patch("pin")] {
        let code = check_held(&state, &body, &LIMITS).map_err(|denial| denial.code);
        assert_eq!(code, Err(ErrorCode::Gone));
    }
    assert_eq!(check_held(&state, &put("other"), &LIMITS), Ok(()));
}

#[test]
fn who_waits_for_approval_may_change_it_and_take_it_back() {
    let mut state = lively();
    let op_id = OpId {
        device: DeviceId::new("held").unwrap(),
        counter: 1,
    };
    let approve = room(RoomChange::Approve {
        op_id: op_id.clone(),
    });
    let reject = room(RoomChange::Reject { op_id });
    // Also when approval is no longer asked for: it comes behind its annotation.
    assert_eq!(
        verdict(&state, "other", &patch("waiting")),
        Ok(Verdict::Hold)
    );
    let code = verdict(&state, "editor", &patch("waiting"));
    assert_eq!(code, Err(ErrorCode::Gone));
    assert_eq!(verdict(&state, "other", &reject), YES);
    let delete = Body::Scene {
        op: SceneOp::Delete { id: id("waiting") },
    };
    assert_eq!(verdict(&state, "other", &delete), Ok(Verdict::Withdraw));
    assert_eq!(verdict(&state, "editor", &delete), Err(ErrorCode::Gone));
    assert_eq!(verdict(&state, "other", &approve), NO);
    assert_eq!(verdict(&state, "editor", &reject), NO);
    assert_eq!(verdict(&state, "owner", &approve), YES);
    let early = check_held(&state, &patch("waiting"), &LIMITS);
    assert_eq!(early, Err(HELD_BEFORE_ITS_ANNOTATION));
    apply(&mut state, "other", put("waiting"));
    assert_eq!(check_held(&state, &patch("waiting"), &LIMITS), Ok(()));
}

#[test]
fn an_owner_who_can_act_stays() {
    let mut state = lively();
    let mute = |name| {
        room(RoomChange::Mute {
            member: member(name),
            muted: true,
        })
    };
    let step_down = room(RoomChange::SetRole {
        member: member("owner"),
        role: Role::Editor,
    });
    assert_eq!(verdict(&state, "owner", &mute("owner")), NO);
    let second = room(RoomChange::SetRole {
        member: member("other"),
        role: Role::Owner,
    });
    apply(&mut state, "owner", second);
    assert_eq!(verdict(&state, "owner", &step_down), YES);
    // A muted owner is none that could take over.
    apply(&mut state, "owner", mute("other"));
    assert_eq!(verdict(&state, "owner", &step_down), NO);
    assert_eq!(verdict(&state, "owner", &mute("owner")), NO);
}

#[test]
fn a_message_has_only_so_many_reactions() {
    let mut state = lively();
    let react = |emoji: String| Body::Reaction {
        message: 1,
        emoji,
        on: true,
    };
    let emoji = |n: usize| char::from_u32(0x1f600 + n as u32).unwrap().to_string();
    for n in 0..MAX_EMOJIS {
        assert_eq!(verdict(&state, "other", &react(emoji(n))), YES);
        apply(&mut state, "other", react(emoji(n)));
    }
    let full = Err(ErrorCode::LimitReached);
    assert_eq!(verdict(&state, "other", &react(emoji(99))), full);
    assert_eq!(verdict(&state, "editor", &react(emoji(3))), YES);
}

#[test]
fn what_is_not_there_is_gone() {
    let mut state = lively();
    apply(
        &mut state,
        "editor",
        Body::Scene {
            op: SceneOp::Delete { id: id("pin") },
        },
    );
    let gone = Err(ErrorCode::Gone);
    assert_eq!(verdict(&state, "owner", &patch("pin")), gone);
    assert_eq!(
        verdict(&state, "owner", &put("pin")),
        gone,
        "an id is used once"
    );
    assert_eq!(verdict(&state, "owner", &patch("nothing")), gone);
    assert_eq!(verdict(&state, "owner", &edit(99)), gone);
    let mute_nobody = RoomChange::Mute {
        member: member("nobody"),
        muted: true,
    };
    assert_eq!(verdict(&state, "owner", &room(mute_nobody)), gone);
    let op_id = |device: &str| OpId {
        device: DeviceId::new(device).unwrap(),
        counter: 1,
    };
    let approve = |device| {
        room(RoomChange::Approve {
            op_id: op_id(device),
        })
    };
    assert_eq!(verdict(&state, "owner", &approve("other")), gone);
    assert_eq!(verdict(&state, "owner", &approve("held")), YES);
    assert_eq!(verdict(&state, "editor", &approve("held")), NO);
}

#[test]
fn a_room_keeps_an_owner() {
    let mut state = lively();
    let demote = room(RoomChange::SetRole {
        member: member("owner"),
        role: Role::Editor,
    });
    let remove = room(RoomChange::Remove {
        member: member("owner"),
    });
    assert_eq!(verdict(&state, "owner", &demote), NO);
    assert_eq!(verdict(&state, "owner", &remove), NO);
    apply(
        &mut state,
        "owner",
        room(RoomChange::SetRole {
            member: member("editor"),
            role: Role::Owner,
        }),
    );
    assert_eq!(verdict(&state, "owner", &demote), YES);
    assert_eq!(verdict(&state, "owner", &remove), YES);
}

#[test]
fn a_scene_and_its_annotations_grow_so_far() {
    let mut state = lively();
    let full = Err(ErrorCode::LimitReached);
    let label = |name: &str, bytes: usize| Body::Scene {
        op: SceneOp::Patch {
            id: id(name),
            fields: Fields::from([("note".into(), Value::from("x".repeat(bytes).as_str()))]),
            only_if_seq: std::collections::BTreeMap::new(),
        },
    };
    assert_eq!(verdict(&state, "owner", &label("pin", 400)), YES);
    assert_eq!(verdict(&state, "owner", &label("pin", 700)), full);
    let points = |count: usize| Body::Scene {
        op: SceneOp::Append {
            id: id("pin"),
            field: "points".into(),
            values: vec![Value::from(1.0); count],
        },
    };
    assert_eq!(verdict(&state, "owner", &points(60)), YES);
    assert_eq!(verdict(&state, "owner", &points(80)), full);
    apply(&mut state, "owner", put("third"));
    assert_eq!(verdict(&state, "owner", &put("fourth")), full);
    assert_eq!(
        verdict(&state, "owner", &put("third")),
        YES,
        "replacing one adds none"
    );
}
