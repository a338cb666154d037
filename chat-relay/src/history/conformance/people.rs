//! Rooms, members, devices.

use chat_relay_protocol::{DeviceId, Role, RoomId};

use super::{
    bench::{Writing, device, member, room},
    on_every_history,
};
use crate::history::{Change, FoundRoom, History, HistoryError, MemberKey, RoomKey};

on_every_history!(
    a_room_is_made_found_and_admits,
    nothing_is_given_twice,
    a_member_with_two_devices_is_one_member,
    a_removed_device_is_admitted_no_more,
    standings_and_names_are_kept,
    read_positions_never_go_back,
    a_new_code_frees_the_old_one,
    what_is_not_there_is_said_so,
);

async fn a_room_is_made_found_and_admits(history: &dyn History) {
    let made = history.create_room(room("a")).await.unwrap();
    assert_eq!(
        (made.room.id.as_str(), made.room.code.as_str()),
        ("ra", "CODEa")
    );
    assert_eq!(
        (made.room.epoch.as_str(), made.room.created_at),
        ("e1", 1000)
    );
    assert_eq!((made.member.role, made.member.hue), (Role::Owner, 3));
    let live = FoundRoom::Live(made.room.clone());
    assert_eq!(
        history.room_by_id(made.room.id.clone()).await.unwrap(),
        live
    );
    assert_eq!(history.room_by_code("CODEa".into()).await.unwrap(), live);
    let secret = room("a").owner.device.secret;
    assert_eq!(
        history.admission_by_secret(secret).await.unwrap(),
        Some(made.clone())
    );
    assert_eq!(
        history
            .admission_by_device(made.device.id.clone())
            .await
            .unwrap(),
        Some(made.clone())
    );
    let load = history.load_room(made.room.key).await.unwrap();
    assert_eq!(load.record, made.room);
    assert_eq!(load.members, [made.member]);
    assert_eq!((load.last_seq, load.last_at), (0, 1000));
    assert!(load.snapshot.is_none() && load.held.is_empty());
    history.probe().await.unwrap();
}

async fn nothing_is_given_twice(history: &dyn History) {
    let made = history.create_room(room("a")).await.unwrap();
    assert_eq!(
        history.create_room(room("a")).await,
        Err(HistoryError::CodeTaken)
    );
    let mut same_id = room("b");
    same_id.id = RoomId::new("ra").unwrap();
    let refused = history.create_room(same_id).await;
    assert!(matches!(refused, Err(HistoryError::IdTaken { id }) if id == "ra"));
    let mut same_device = room("b");
    same_device.owner.device = room("a").owner.device;
    assert!(matches!(
        history.create_room(same_device).await,
        Err(HistoryError::IdTaken { .. })
    ));
    // Nothing of what was refused is there.
    assert_eq!(
        history.room_by_code("CODEb".into()).await.unwrap(),
        FoundRoom::Absent
    );

    let same_member = member("a-owner", Role::Editor);
    assert!(matches!(
        history.add_member(made.room.key, same_member).await,
        Err(HistoryError::IdTaken { .. })
    ));
    let mut same_secret = device("dnew");
    same_secret.secret = room("a").owner.device.secret;
    assert!(matches!(
        history.add_device(made.member.key, same_secret).await,
        Err(HistoryError::IdTaken { .. })
    ));
    history.create_room(room("b")).await.unwrap();
}

async fn a_member_with_two_devices_is_one_member(history: &dyn History) {
    let made = history.create_room(room("a")).await.unwrap();
    let second = history
        .add_device(made.member.key, device("dphone"))
        .await
        .unwrap();
    assert_eq!(second.member, made.member.key);
    let admission = history
        .admission_by_secret(device("dphone").secret)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&admission.member, &admission.device),
        (&made.member, &second)
    );
    assert_eq!(
        history
            .load_room(made.room.key)
            .await
            .unwrap()
            .members
            .len(),
        1
    );
}

async fn a_removed_device_is_admitted_no_more(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(2).await;
    history.remove_device(ada.device).await.unwrap();
    let id = ada.admission.device.id.clone();
    assert_eq!(
        history
            .admission_by_secret(room("a").owner.device.secret)
            .await
            .unwrap(),
        None
    );
    assert_eq!(history.admission_by_device(id).await.unwrap(), None);
    // Its events still bear its name.
    assert_eq!(
        ada.events(1, 2, 1).await.rows[0].device,
        ada.admission.device.id
    );
}

async fn standings_and_names_are_kept(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let bob = history
        .add_member(ada.room, member("bob", Role::Editor))
        .await
        .unwrap();
    history
        .keep_member(bob.member.key, "Robert".into(), 6)
        .await
        .unwrap();
    ada.change(Change::Standing {
        member: bob.member.key,
        role: Role::Viewer,
        muted: true,
        removed: true,
    })
    .await;
    let kept = ada.load().await.members[1].clone();
    assert_eq!(
        (kept.name.as_str(), kept.hue, kept.role),
        ("Robert", 6, Role::Viewer)
    );
    assert!(kept.muted && kept.removed);
    let admission = history
        .admission_by_device(bob.device.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(admission.member, kept);
}

async fn read_positions_never_go_back(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    for seq in [3, 8, 5] {
        history.keep_read(ada.member, seq);
    }
    assert_eq!(ada.load().await.members[0].read_seq, 8);
    history.keep_read(ada.member, 2);
    assert_eq!(ada.load().await.members[0].read_seq, 8);
}

async fn a_new_code_frees_the_old_one(history: &dyn History) {
    let made = history.create_room(room("a")).await.unwrap();
    history.create_room(room("b")).await.unwrap();
    assert_eq!(
        history.set_code(made.room.key, "CODEb".into()).await,
        Err(HistoryError::CodeTaken)
    );
    history
        .set_code(made.room.key, "CODEa".into())
        .await
        .unwrap();
    history.set_code(made.room.key, "NEW".into()).await.unwrap();
    assert_eq!(
        history.room_by_code("CODEa".into()).await.unwrap(),
        FoundRoom::Absent
    );
    let found = history.room_by_code("NEW".into()).await.unwrap();
    assert!(matches!(found, FoundRoom::Live(found) if found.key == made.room.key));
    let mut heir = room("c");
    heir.code = "CODEa".into();
    history.create_room(heir).await.unwrap();
}

async fn what_is_not_there_is_said_so(history: &dyn History) {
    let nowhere = RoomKey(4711);
    assert_eq!(history.load_room(nowhere).await, Err(HistoryError::NoRoom));
    assert_eq!(
        history.add_member(nowhere, member("x", Role::Editor)).await,
        Err(HistoryError::NoRoom)
    );
    assert_eq!(
        history.set_code(nowhere, "X".into()).await,
        Err(HistoryError::NoRoom)
    );
    assert_eq!(
        history.save_snapshot(nowhere, 0, Vec::new()).await,
        Err(HistoryError::NoRoom)
    );
    assert_eq!(
        history.keep_member(MemberKey(4711), "x".into(), 0).await,
        Err(HistoryError::NoMember)
    );
    assert_eq!(
        history.add_device(MemberKey(4711), device("d1")).await,
        Err(HistoryError::NoMember)
    );
    assert_eq!(
        history
            .room_by_id(RoomId::new("r1").unwrap())
            .await
            .unwrap(),
        FoundRoom::Absent
    );
    assert_eq!(
        history
            .admission_by_device(DeviceId::new("d1").unwrap())
            .await
            .unwrap(),
        None
    );
    assert!(
        history
            .events(nowhere, 0, 9, 9)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}
