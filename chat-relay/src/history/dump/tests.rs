//! What goes out comes in again, and a file with a fault leaves nothing.

use std::path::Path;

use chat_relay_protocol::{Body, DeviceId, MemberId, Role, RoomId};
use tokio::sync::oneshot;

use super::{DumpError, Dumped, LineFault, export, import};
use crate::history::{
    Change, FoundRoom, HeldEntry, History, NewDevice, NewDirect, NewEntry, NewMember, NewRoom,
    OpPlace, RoomAppend, SqliteConfig, SqliteHistory,
};

fn open(folder: &Path) -> SqliteHistory {
    let config = SqliteConfig {
        journal_entries: 7,
        ..SqliteConfig::default()
    };
    SqliteHistory::open(folder, &config, Box::new(|_| {})).unwrap()
}

fn dump(folder: &Path, room: Option<&str>) -> Result<(Dumped, String), DumpError> {
    let room = room.map(|id| RoomId::new(id).unwrap());
    let mut out = Vec::new();
    let dumped = export(folder, room.as_ref(), &mut out)?;
    Ok((dumped, String::from_utf8(out).unwrap()))
}

/// A room with all there is in one.
async fn fill(history: &SqliteHistory, number: u8, code: &str) {
    let device = |letter: char| NewDevice {
        id: DeviceId::new(format!("d{letter}{number}")).unwrap(),
        secret: [number.wrapping_mul(7) ^ letter as u8; 32],
        created_at: 5,
    };
    let member = |letter: char, role| NewMember {
        id: MemberId::new(format!("m{letter}")).unwrap(),
        name: format!("{letter} \"quoted\" \u{1F600}"),
        hue: 4,
        role,
        created_at: 5,
        device: device(letter),
    };
    let made = history.create_room(NewRoom {
        id: RoomId::new(format!("r{number}")).unwrap(),
        code: code.into(),
        epoch: "e".into(),
        created_at: 5,
        owner: member('a', Role::Owner),
    });
    let ada = made.await.unwrap();
    let bob = history
        .add_member(ada.room.key, member('b', Role::Editor))
        .await
        .unwrap();
    history.remove_device(bob.device.key).await.unwrap();
    let lease = history.load_room(ada.room.key).await.unwrap().lease;
    let body = |counter: u64| -> Box<str> {
        let later = r#"{"kind":"dance","a":1.5}"#;
        let body = Body::Reaction {
            message: counter,
            emoji: "+".into(),
            on: true,
        };
        match counter % 3 {
            0 => later.into(),
            1 => serde_json::to_string(&body).unwrap().into(),
            _ => serde_json::to_string(&Body::chat("line \"1\"\n"))
                .unwrap()
                .into(),
        }
    };
    for counter in 1..=25 {
        let direct = Change::Direct(NewDirect {
            at: 9,
            from: ada.member.key,
            from_seq: counter,
            to: bob.member.key,
            to_seq: counter,
            device: ada.device.key,
            counter: 1000 + counter,
            text: "psst".into(),
        });
        let held = Change::Hold(HeldEntry {
            at: 9,
            member: bob.member.key,
            device: bob.device.key,
            counter,
            body_json: body(counter),
        });
        let (answer, answered) = oneshot::channel();
        history.append(RoomAppend {
            room: ada.room.key,
            lease,
            first_seq: counter,
            entries: vec![NewEntry {
                seq: counter,
                at: 10,
                member: ada.member.key,
                device: ada.device.key,
                counter,
                body_json: body(counter),
            }],
            changes: vec![direct, held],
            done: Box::new(move |result| drop(answer.send(result))),
        });
        answered.await.unwrap().unwrap();
    }
    history.keep_read(ada.member.key, 20);
    history.load_room(ada.room.key).await.unwrap();
    history
        .save_snapshot(ada.room.key, 8, vec![0, 255, 7])
        .await
        .unwrap();
    history.prune(ada.room.key, 6).await.unwrap();
}

#[tokio::test]
async fn what_goes_out_comes_in_again() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let history = open(from.path());
    fill(&history, 1, "CDFGHJ").await;
    fill(&history, 2, "CDFGHK").await;
    // While it runs.
    let (dumped, text) = dump(from.path(), None).unwrap();
    assert_eq!(dumped.rooms, 2);
    assert!(dumped.events >= 40, "{dumped:?}");
    history.close().await.unwrap();
    assert_eq!(dump(from.path(), None).unwrap().1, text);

    assert_eq!(import(to.path(), &mut text.as_bytes()).unwrap(), dumped);
    assert_eq!(dump(to.path(), None).unwrap(), (dumped, text.clone()));
    let one = dump(to.path(), Some("r2")).unwrap();
    assert_eq!(one.0.rooms, 1);
    assert!(text.ends_with(&one.1));

    let history = open(to.path());
    let FoundRoom::Live(room) = history.room_by_code("CDFGHK".into()).await.unwrap() else {
        panic!("it is not there");
    };
    let load = history.load_room(room.key).await.unwrap();
    assert_eq!((load.last_seq, load.last_at, load.held.len()), (25, 10, 25));
    assert_eq!(load.snapshot.unwrap().body, [0, 255, 7]);
    assert_eq!(load.members[0].read_seq, 20);
    assert_eq!(
        (load.members[0].inbox_seq, load.members[1].inbox_seq),
        (25, 25)
    );
    let ada = history
        .admission_by_device(DeviceId::new("da2").unwrap())
        .await
        .unwrap()
        .unwrap();
    let op = history.find_op(room.key, ada.device.key, 24).await.unwrap();
    assert_eq!(op, Some(OpPlace::Log { seq: 24 }));
    assert_eq!(
        history.chat_before(room.key, 100, 3).await.unwrap().len(),
        3
    );
    history.close().await.unwrap();
}

const ROOM: &str = r#"{"type":"room","id":"r1","code":"CDFGHJ","epoch":"e","created_at":0}"#;
const MEMBER: &str =
    r#"{"type":"member","room":"r1","id":"m1","name":"Ada","role":"owner","created_at":0}"#;
const DEVICE: &str = r#"{"type":"device","room":"r1","member":"m1","id":"d1","created_at":0}"#;

fn event(seq: u64, counter: u64, rest: &str) -> String {
    format!(
        r#"{{"type":"event","room":"r1","seq":{seq},"at":1,"from":"m1","op_id":{{"device":"d1","counter":{counter}}},{rest}}}"#
    )
}

#[test]
fn a_dump_is_written_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let chat = r#""body":{"text":"hello","kind":"chat"}"#;
    let text = [
        ROOM,
        MEMBER,
        "",
        DEVICE,
        &event(1, 1, chat),
        &event(2, 5, chat),
    ]
    .join("\n");
    let dumped = import(folder.path(), &mut text.as_bytes()).unwrap();
    assert_eq!((dumped.rooms, dumped.events), (1, 2));
    let text = dump(folder.path(), None).unwrap().1;
    assert!(text.contains(r#""text":"hello""#), "{text}");
}

#[test]
fn a_fault_names_its_line_and_leaves_nothing() {
    let chat = r#""body":{"kind":"chat","text":"x"}"#;
    let first = event(1, 1, chat);
    let bad_body = event(1, 1, r#""body":{"kind":"chat"}"#);
    let extra = event(1, 1, r#""body":{"kind":"chat","text":"x"},"extra":1"#);
    let gap = event(3, 3, chat);
    let again = event(2, 1, chat);
    let elsewhere = DEVICE.replace("m1", "m2");
    let direct =
        r#"{"type":"direct","room":"r1","at":1,"from":"m1","from_seq":2,"to":"m1","to_seq":2,
        "op_id":{"device":"d1","counter":9},"text":"x"}"#
            .replace('\n', "");
    let pruned = ROOM.replace(r#""created_at":0"#, r#""created_at":0,"pruned_seq":4"#);
    let secret = DEVICE.replace(r#""id":"d1""#, r#""id":"d2","secret_sha256":"zz""#);
    let cases: [(&[&str], u64); 15] = [
        (&[ROOM, "{"], 2),
        (&[ROOM, r#"{"type":"dance"}"#], 2),
        (&[MEMBER], 1),
        (&[ROOM, ROOM], 2),
        (&[ROOM, MEMBER, MEMBER], 3),
        (&[ROOM, MEMBER, &elsewhere], 3),
        (&[ROOM, MEMBER, DEVICE, &secret], 4),
        (&[ROOM, MEMBER, &first], 3),
        (&[ROOM, MEMBER, DEVICE, &bad_body], 4),
        (&[ROOM, MEMBER, DEVICE, &extra], 4),
        (&[ROOM, MEMBER, DEVICE, &first, &gap], 5),
        (&[ROOM, MEMBER, DEVICE, &first, &again], 5),
        (&[&ROOM.replace("CDFGHJ", "O0O0O0")], 1),
        (&[ROOM, MEMBER, DEVICE, &direct], 0),
        (&[&pruned, MEMBER], 0),
    ];
    for (lines, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let error = import(folder.path(), &mut lines.join("\n").as_bytes()).unwrap_err();
        match error {
            DumpError::Line { number, .. } => assert_eq!(number, expected, "{lines:?}"),
            DumpError::Room { .. } => assert_eq!(expected, 0, "{lines:?}"),
            other => panic!("{other} for {lines:?}"),
        }
        assert_eq!(dump(folder.path(), None).unwrap().1, "");
        // Nor does it stand in the way of the right one.
        import(
            folder.path(),
            &mut [ROOM, MEMBER, DEVICE].join("\n").as_bytes(),
        )
        .unwrap();
    }
}

#[tokio::test]
async fn what_is_there_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    fill(&history, 1, "CDFGHJ").await;
    let error = import(folder.path(), &mut ROOM.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("stop it"), "{error}");
    history.close().await.unwrap();
    let before = dump(folder.path(), None).unwrap();
    let other_id = ROOM.replace("r1", "r9");
    let device = [
        &other_id.replace("CDFGHJ", "CDFGHK"),
        &MEMBER.replace("r1", "r9"),
        &DEVICE.replace("r1", "r9").replace("d1", "da1"),
    ]
    .map(String::as_str)
    .join("\n");
    for (text, what) in [(ROOM, "room"), (&other_id, "code"), (&device, "device")] {
        let error = import(folder.path(), &mut text.as_bytes()).unwrap_err();
        let fault = matches!(&error, DumpError::Line { fault: LineFault::Taken { what: found, .. }, .. } if *found == what);
        assert!(fault, "{error}");
        assert_eq!(dump(folder.path(), None).unwrap(), before);
    }
    let missing = dump(folder.path(), Some("r4711")).unwrap_err();
    assert!(matches!(missing, DumpError::NoRoom { .. }));
    let nowhere = dump(&folder.path().join("nowhere"), None).unwrap_err();
    assert!(matches!(nowhere, DumpError::NoDatabase { .. }));
}

#[test]
fn a_large_import_that_fails_late_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = [ROOM, MEMBER, DEVICE].join("\n");
    for seq in 1..=5000 {
        text.push('\n');
        text.push_str(&event(seq, seq, r#""body":{"kind":"chat","text":"x"}"#));
    }
    let fine = text.clone();
    text.push_str("\n{}");
    let error = import(folder.path(), &mut text.as_bytes()).unwrap_err();
    assert!(
        matches!(error, DumpError::Line { number: 5004, .. }),
        "{error}"
    );
    assert_eq!(dump(folder.path(), None).unwrap().1, "");
    assert_eq!(
        import(folder.path(), &mut fine.as_bytes()).unwrap().events,
        5000
    );
}
