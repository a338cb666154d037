//! The scene as a fold: which write holds, what is gone for good, and where things are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod strategies;

use std::collections::BTreeMap;

use chat_relay_protocol::{
    AnnotationId, Body, DeviceId, Event, Fields, MemberId, OpId, Pose, RoomChange, Scene, SceneOp,
    Seq, Value,
    scene::{
        FIELD_KIND, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, KIND_ANCHOR, KIND_PIN, PARENT_ROOM,
    },
};
use proptest::{collection, prelude::*};

fn id(text: &str) -> AnnotationId {
    AnnotationId::new(text).unwrap()
}

fn event(seq: Seq, body: Body) -> Event {
    Event {
        seq,
        at: i64::try_from(seq).unwrap() * 1000,
        from: MemberId::new(format!("m{}", seq % 3)).unwrap(),
        op_id: OpId {
            device: DeviceId::new("d").unwrap(),
            counter: seq,
        },
        body,
    }
}

fn folded(ops: impl IntoIterator<Item = SceneOp>) -> Scene {
    let mut scene = Scene::default();
    for (op, seq) in ops.into_iter().zip(1..) {
        scene.apply(&event(seq, Body::Scene { op }));
    }
    scene
}

fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn patch(of: &str, pairs: Fields) -> SceneOp {
    SceneOp::Patch {
        id: id(of),
        fields: pairs,
        only_if_seq: BTreeMap::new(),
    }
}

fn put(of: &str, pairs: Fields) -> SceneOp {
    SceneOp::Put {
        id: id(of),
        fields: pairs,
    }
}

/// Ops on three annotations and three fields, so that they meet.
fn op() -> impl Strategy<Value = SceneOp> {
    let name = || prop_oneof![Just("a"), Just("b"), Just("c")];
    let some_fields = || {
        collection::btree_map(
            name().prop_map(str::to_owned),
            any::<i64>().prop_map(Value::Integer),
            0..3,
        )
    };
    let conditions = collection::btree_map(name().prop_map(str::to_owned), 1..20_u64, 0..2);
    prop_oneof![
        3 => (name(), some_fields()).prop_map(|(of, fields)| put(of, fields)),
        6 => (name(), some_fields(), conditions).prop_map(|(of, fields, only_if_seq)| {
            SceneOp::Patch { id: id(of), fields, only_if_seq }
        }),
        1 => name().prop_map(|of| SceneOp::Delete { id: id(of) }),
        2 => (name(), name(), any::<i64>()).prop_map(|(of, field, n)| SceneOp::Append {
            id: id(of),
            field: field.into(),
            values: vec![Value::Integer(n)],
        }),
    ]
}

/// Ops, and now and then a definition of the frame.
fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        10 => op().prop_map(|op| Body::Scene { op }),
        1 => strategies::spot().prop_map(|second_spot_in_room| Body::Room {
            change: RoomChange::DefineFrame { second_spot_in_room },
        }),
    ]
}

/// What a snapshot of `scene` says, put in place in an empty one.
fn restored(scene: &Scene) -> Scene {
    let mut copy = Scene::default();
    for (id, _) in scene.annotations() {
        copy.restore(scene.state(id).unwrap());
    }
    copy.restore_rest(scene.second_spot_in_room(), scene.deleted().cloned());
    copy
}

proptest! {
    #[test]
    fn a_snapshot_and_what_follows_it_is_the_whole_log(
        bodies in collection::vec(body(), 0..40), snapshot_at in 0..40_usize,
    ) {
        let mut whole = Scene::default();
        let mut resumed = Scene::default();
        for (index, (body, seq)) in bodies.into_iter().zip(1..).enumerate() {
            if index == snapshot_at {
                resumed = restored(&resumed);
            }
            let event = event(seq, body);
            whole.apply(&event);
            resumed.apply(&event);
        }
        prop_assert_eq!(&restored(&whole), &whole);
        prop_assert_eq!(resumed, whole);
    }

    #[test]
    fn the_weight_is_that_of_the_fields(ops in collection::vec(op(), 0..40)) {
        let scene = folded(ops);
        let weight = |id: &AnnotationId| -> usize {
            let fields = scene.state(id).unwrap().fields;
            fields.iter().map(|(name, field)| name.len() + field.value.weight()).sum()
        };
        for (id, annotation) in scene.annotations() {
            prop_assert_eq!(annotation.weight(), weight(id));
        }
        prop_assert_eq!(scene.weight(), scene.annotations().map(|(id, _)| weight(id)).sum::<usize>());
        prop_assert_eq!(scene.len(), scene.annotations().count());
    }

    #[test]
    fn what_was_deleted_stays_deleted(before in collection::vec(op(), 0..20), after in collection::vec(op(), 0..20)) {
        let ops = before.into_iter().chain([SceneOp::Delete { id: id("a") }]).chain(after);
        prop_assert!(folded(ops).get(&id("a")).is_none());
    }

    #[test]
    fn annotations_do_not_touch_each_other(ops in collection::vec(op(), 0..30)) {
        let whole = folded(ops.clone());
        for name in ["a", "b", "c"] {
            // The others' ops are left out, the places in the log stay.
            let mut alone = Scene::default();
            for (op, seq) in ops.iter().zip(1..) {
                if op.id() == &id(name) {
                    alone.apply(&event(seq, Body::Scene { op: op.clone() }));
                }
            }
            prop_assert_eq!(whole.get(&id(name)), alone.get(&id(name)));
        }
    }

    #[test]
    fn the_later_write_of_a_field_holds(writes in collection::vec(("[ab]", any::<i64>()), 1..20)) {
        let ops = [put("a", fields([(FIELD_KIND, "pin".into())]))].into_iter().chain(
            writes.iter().map(|(name, n)| patch("a", [(name.clone(), Value::Integer(*n))].into())),
        );
        let scene = folded(ops);
        let annotation = scene.get(&id("a")).unwrap();
        for name in ["a", "b"] {
            let last = writes.iter().zip(2_u64..).filter(|((written, _), _)| written == name).last();
            let expected = last.map(|((_, n), seq)| (Value::Integer(*n), seq));
            let found = annotation.field(name).cloned().zip(annotation.field_seq(name));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_conditional_patch_sets_exactly_what_nobody_has_changed(ops in collection::vec(op(), 0..20), seq in 1..25_u64) {
        let before = folded(ops.clone());
        let next = u64::try_from(ops.len()).unwrap() + 1;
        let undo = SceneOp::Patch {
            id: id("a"),
            fields: fields([("a", "undone".into()), ("b", "undone".into())]),
            only_if_seq: [("a".to_owned(), seq)].into(),
        };
        let mut after = before.clone();
        after.apply(&event(next, Body::Scene { op: undo }));
        let Some(was) = before.get(&id("a")) else {
            prop_assert_eq!(after, before);
            return Ok(());
        };
        let is = after.get(&id("a")).unwrap();
        prop_assert_eq!(is.text("b"), "undone");
        if was.field_seq("a") == Some(seq) {
            prop_assert_eq!(is.text("a"), "undone");
            prop_assert_eq!(is.field_seq("a"), Some(next));
        } else {
            prop_assert_eq!(is.field("a"), was.field("a"));
        }
    }

    #[test]
    fn places_are_found_along_any_graph_of_parents(parents in collection::vec(0..7_usize, 6)) {
        // Anchor i has anchor parents[i] as its parent; 6 stands for the room.
        let name = |i: usize| if i == 6 { PARENT_ROOM.to_owned() } else { format!("n{i}") };
        let scene = folded(parents.iter().enumerate().map(|(i, parent)| {
            put(&name(i), fields([
                (FIELD_KIND, KIND_ANCHOR.into()),
                (FIELD_PARENT, name(*parent).as_str().into()),
                (FIELD_PARENT_FROM_OBJECT, Pose::IDENTITY.to_value()),
            ]))
        }));
        for start in 0..6 {
            let mut at = start;
            let mut steps = 0;
            while at != 6 && steps <= 6 {
                at = parents[at];
                steps += 1;
            }
            let expected = (at == 6).then_some(steps);
            prop_assert_eq!(scene.poses_to_room(&id(&name(start))).map(|poses| poses.len()), expected);
        }
    }

    #[test]
    fn poses_come_back_normalised(position_m in [strategies::finite(), strategies::finite(), strategies::finite()],
                                  q in [-1.0..1.0_f64, -1.0..1.0, -1.0..1.0, 0.1..1.0]) {
        let pose = Pose { position_m, orientation_xyzw: q };
        let read = Pose::from_value(&pose.to_value()).unwrap();
        prop_assert_eq!(read.position_m, position_m);
        let length: f64 = read.orientation_xyzw.iter().map(|n| n * n).sum::<f64>().sqrt();
        prop_assert!((length - 1.0).abs() < 1e-12);
        for (read, given) in read.orientation_xyzw.iter().zip(q) {
            prop_assert!(read * given >= 0.0);
        }
    }
}

fn pin(parent: &str) -> SceneOp {
    put(
        "pin",
        fields([
            (FIELD_KIND, KIND_PIN.into()),
            (FIELD_PARENT, parent.into()),
            (FIELD_PARENT_FROM_OBJECT, Pose::IDENTITY.to_value()),
        ]),
    )
}

fn anchor(name: &str, parent: &str, pose: Value) -> SceneOp {
    put(
        name,
        fields([
            (FIELD_KIND, KIND_ANCHOR.into()),
            (FIELD_PARENT, parent.into()),
            (FIELD_PARENT_FROM_OBJECT, pose),
        ]),
    )
}

#[test]
fn a_pin_is_placed_when_its_anchor_is() {
    let unplaced = [
        put("origin", fields([(FIELD_KIND, KIND_ANCHOR.into())])),
        pin("origin"),
    ];
    let mut scene = folded(unplaced);
    assert_eq!(scene.poses_to_room(&id("pin")), None);
    let pose = Pose {
        position_m: [1.0, 0.0, 2.0],
        ..Pose::IDENTITY
    };
    let placed = patch(
        "origin",
        fields([
            (FIELD_PARENT, PARENT_ROOM.into()),
            (FIELD_PARENT_FROM_OBJECT, pose.to_value()),
        ]),
    );
    scene.apply(&event(3, Body::Scene { op: placed }));
    assert_eq!(
        scene.poses_to_room(&id("pin")),
        Some(vec![Pose::IDENTITY, pose])
    );
    scene.apply(&event(
        4,
        Body::Scene {
            op: SceneOp::Delete { id: id("origin") },
        },
    ));
    assert_eq!(scene.poses_to_room(&id("pin")), None);
}

#[test]
fn a_place_below_a_cycle_or_a_thing_that_is_no_anchor_is_unknown() {
    let here = Pose::IDENTITY.to_value();
    let cycle = [
        anchor("a", "b", here.clone()),
        anchor("b", "a", here.clone()),
        pin("a"),
    ];
    assert_eq!(folded(cycle).poses_to_room(&id("pin")), None);
    let own = [anchor("a", "a", here.clone()), pin("a")];
    assert_eq!(folded(own).poses_to_room(&id("pin")), None);
    let on_a_pin = [pin(PARENT_ROOM), anchor("a", "pin", here)];
    assert_eq!(folded(on_a_pin).poses_to_room(&id("a")), None);
    for bad in [
        Value::List(vec![Value::Number(0.0); 6]),
        Value::List(vec![Value::Number(0.0); 7]),
        Value::Text("here".into()),
    ] {
        let scene = folded([anchor("a", PARENT_ROOM, bad)]);
        assert_eq!(scene.poses_to_room(&id("a")), None);
    }
}

#[test]
fn the_first_definition_of_the_frame_holds() {
    let define = |x: f64| Body::Room {
        change: RoomChange::DefineFrame {
            second_spot_in_room: [x, 0.0, 0.0],
        },
    };
    let mut scene = Scene::default();
    scene.apply(&event(1, define(1.0)));
    scene.apply(&event(2, define(2.0)));
    assert_eq!(scene.second_spot_in_room(), Some([1.0, 0.0, 0.0]));
}

#[test]
fn a_put_replaces_all_fields_and_keeps_who_made_it() {
    let mut scene = folded([
        put(
            "a",
            fields([(FIELD_KIND, "pin".into()), ("label", "x".into())]),
        ),
        put("a", fields([(FIELD_KIND, "label".into())])),
    ]);
    let annotation = scene.get(&id("a")).unwrap();
    assert_eq!((annotation.kind(), annotation.text("label")), ("label", ""));
    assert_eq!(annotation.at, 1000);
    // Appending makes the list, adds to it, and leaves what is no list alone.
    for (field, seq) in [("points", 3), ("points", 4), (FIELD_KIND, 5)] {
        let op = SceneOp::Append {
            id: id("a"),
            field: field.into(),
            values: vec![Value::Integer(7)],
        };
        scene.apply(&event(seq, Body::Scene { op }));
    }
    let annotation = scene.get(&id("a")).unwrap();
    assert_eq!(
        annotation.field("points"),
        Some(&Value::List(vec![Value::Integer(7); 2]))
    );
    assert_eq!(annotation.field_seq("points"), Some(4));
    assert_eq!(annotation.kind(), "label");
}
