//! Pruning and expiry.

use std::time::Duration;

use chat_relay_protocol::{RoomId, Seq};

use super::{
    bench::{Writing, room},
    on_every_history,
};
use crate::history::{FoundRoom, History, HistoryError, OpPlace, Retention, Swept};

on_every_history!(
    pruning_stops_at_the_snapshot_and_ops_stay_recognised,
    a_log_that_is_all_pruned_goes_on,
    a_sweep_prunes_by_count,
    a_sweep_prunes_by_age,
    an_unused_room_expires_with_all_it_has,
    a_room_in_use_does_not_expire,
    an_expired_room_is_forgotten_in_the_end,
);

/// Has everything of the room's journal moved, where there is one: only that is pruned. Nothing else brings it about
/// but further events, in whichever room.
async fn fill(history: &dyn History, rooms: u64) {
    for number in 0..rooms {
        Writing::begin(history, &format!("fill{number}"))
            .await
            .say(1)
            .await;
    }
}

async fn pruning_stops_at_the_snapshot_and_ops_stay_recognised(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(20).await;
    assert_eq!(
        history.prune(ada.room, 15).await.unwrap(),
        0,
        "no snapshot stands for them"
    );
    history
        .save_snapshot(ada.room, 10, b"ten".to_vec())
        .await
        .unwrap();
    fill(history, 20).await;
    let gone = history.prune(ada.room, 15).await.unwrap();
    assert!(gone <= 10, "{gone}");
    let events = ada.events(0, Seq::MAX, usize::MAX).await;
    assert_eq!(events.pruned_seq, gone);
    assert_eq!(ada.seqs().await, (gone + 1..=20).collect::<Vec<Seq>>());
    assert_eq!(ada.load().await.pruned_seq, gone);
    for counter in 1..=20 {
        let place = history
            .find_op(ada.room, ada.device, counter)
            .await
            .unwrap();
        let expected = if counter <= gone {
            OpPlace::Passed
        } else {
            OpPlace::Log { seq: counter }
        };
        assert_eq!(place, Some(expected));
    }
    assert_eq!(
        history.last_counter(ada.room, ada.device).await.unwrap(),
        20
    );
    ada.say(1).await;
    assert_eq!(
        history.prune(ada.room, 5).await.unwrap(),
        gone,
        "it never goes back"
    );
}

async fn a_log_that_is_all_pruned_goes_on(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(6).await;
    history
        .save_snapshot(ada.room, 6, b"six".to_vec())
        .await
        .unwrap();
    fill(history, 20).await;
    let gone = history.prune(ada.room, Seq::MAX).await.unwrap();
    ada.close();
    let load = ada.load().await;
    assert_eq!((load.last_seq, load.pruned_seq), (6, gone));
    assert_eq!(history.last_counter(ada.room, ada.device).await.unwrap(), 6);
    ada.say(1).await;
    assert_eq!(ada.seqs().await.last(), Some(&7));
}

async fn a_sweep_prunes_by_count(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(20).await;
    history
        .save_snapshot(ada.room, 20, Vec::new())
        .await
        .unwrap();
    fill(history, 20).await;
    let retention = Retention {
        events_per_room: Some(5),
        ..Retention::default()
    };
    let swept = history.sweep(retention, 0).await.unwrap();
    let left = ada.seqs().await;
    assert!(left.len() >= 5 && left.last() == Some(&20), "{left:?}");
    assert_eq!(swept.events_pruned, 20 - left.len() as u64);
    assert_eq!(swept.rooms_expired, 0);
}

async fn a_sweep_prunes_by_age(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(20).await;
    history
        .save_snapshot(ada.room, 18, Vec::new())
        .await
        .unwrap();
    fill(history, 20).await;
    let retention = Retention {
        event_age: Some(Duration::from_millis(100)),
        ..Retention::default()
    };
    // Events are at 1000 and their place: up to 11 are older.
    history.sweep(retention, 1112).await.unwrap();
    let left = ada.seqs().await;
    assert!(left.contains(&12) && left.last() == Some(&20), "{left:?}");
    history.sweep(retention, 5000).await.unwrap();
    let left = ada.seqs().await;
    assert!(
        left.contains(&19),
        "the snapshot does not stand for it: {left:?}"
    );
}

fn unused(millis: u64) -> Retention {
    Retention {
        room_unused: Some(Duration::from_millis(millis)),
        ..Retention::default()
    }
}

async fn an_unused_room_expires_with_all_it_has(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(10).await;
    let id = RoomId::new("ra").unwrap();
    let expired = Swept {
        rooms_expired: 1,
        events_pruned: 0,
    };
    assert_eq!(
        history.sweep(unused(100), 9000).await.unwrap(),
        Swept::default(),
        "it is open"
    );
    ada.close();
    assert_eq!(
        history.sweep(unused(100), 1110).await.unwrap(),
        Swept::default(),
        "its last event is at 1010"
    );
    assert_eq!(history.sweep(unused(100), 1111).await.unwrap(), expired);
    assert_eq!(
        history.room_by_id(id.clone()).await.unwrap(),
        FoundRoom::Expired
    );
    assert_eq!(
        history.room_by_code("CODEa".into()).await.unwrap(),
        FoundRoom::Absent
    );
    assert_eq!(
        history
            .admission_by_secret(room("a").owner.device.secret)
            .await
            .unwrap(),
        None
    );
    assert_eq!(history.load_room(ada.room).await, Err(HistoryError::NoRoom));
    let late = ada.ask(11, vec![ada.entry(11, 11, "{}".into())], Vec::new());
    assert_eq!(late.await.unwrap(), Err(HistoryError::Superseded));

    // Its code and its devices' names are free, its id is not.
    let mut heir = room("b");
    heir.code = "CODEa".into();
    heir.owner.device = room("a").owner.device;
    history.create_room(heir).await.unwrap();
    let mut same = room("c");
    same.id = id;
    assert!(matches!(
        history.create_room(same).await,
        Err(HistoryError::IdTaken { .. })
    ));
    fill(history, 10).await;
    assert!(ada.seqs().await.is_empty());
}

async fn a_room_in_use_does_not_expire(history: &dyn History) {
    let ada = Writing::begin(history, "a").await;
    let bob = Writing::begin(history, "b").await;
    history.touch_room(ada.room, 3000);
    ada.close();
    bob.close();
    // What is kept without haste is there with the next load.
    bob.history.load_room(ada.room).await.unwrap();
    history.close_room(ada.room, history.load_room(ada.room).await.unwrap().lease);
    let swept = history.sweep(unused(100), 3050).await.unwrap();
    assert_eq!(swept.rooms_expired, 1);
    let found = history
        .room_by_id(RoomId::new("ra").unwrap())
        .await
        .unwrap();
    assert!(matches!(found, FoundRoom::Live(_)));
}

async fn an_expired_room_is_forgotten_in_the_end(history: &dyn History) {
    let ada = Writing::begin(history, "a").await;
    ada.close();
    let retention = Retention {
        expired_known: Some(Duration::from_secs(1)),
        ..unused(100)
    };
    let id = RoomId::new("ra").unwrap();
    history.sweep(retention, 2000).await.unwrap();
    history.sweep(retention, 3000).await.unwrap();
    assert_eq!(
        history.room_by_id(id.clone()).await.unwrap(),
        FoundRoom::Expired
    );
    history.sweep(retention, 3001).await.unwrap();
    assert_eq!(history.room_by_id(id).await.unwrap(), FoundRoom::Absent);
}
