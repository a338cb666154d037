//! Logs, ops, inboxes, snapshots.

use chat_relay_protocol::{Role, Seq};

use super::{
    bench::{Notes, Writing, chat, member, reaction},
    on_every_history,
};
use crate::history::{Change, HeldEntry, History, HistoryError, NewDirect, OpPlace, RoomAppend};

on_every_history!(
    events_are_there_once_and_in_order,
    a_log_is_read_in_pieces,
    an_append_in_the_wrong_place_is_refused_and_ends_the_lease,
    loading_again_ends_the_lease_before,
    what_is_asked_before_a_load_is_in_it,
    answers_come_in_order_and_after_close_at_once,
    ops_are_recognised,
    an_op_is_held_and_shown_in_one_request,
    direct_messages_stand_in_two_inboxes,
    a_message_to_oneself_stands_there_once,
    chat_messages_are_found_among_others,
    chosen_events_are_read,
    a_snapshot_is_kept_and_never_goes_back,
);

async fn events_are_there_once_and_in_order(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let mut bob = Writing::begin(history, "b").await;
    for _ in 0..4 {
        ada.say(7).await;
        bob.say(2).await;
    }
    assert_eq!(ada.seqs().await, (1..=28).collect::<Vec<Seq>>());
    assert_eq!(bob.seqs().await, (1..=8).collect::<Vec<Seq>>());
    let event = &ada.events(27, 28, 1).await.rows[0];
    assert_eq!((event.seq, event.at, event.counter), (28, 1028, 28));
    assert_eq!(
        (event.member.as_str(), event.device.as_str()),
        ("ma-owner", "da-owner")
    );
    assert_eq!(event.body_json, chat("line 28"));
    assert_eq!(history.queued_entries(), 0);

    let load = ada.load().await;
    assert_eq!(
        (load.last_seq, load.last_at, load.pruned_seq),
        (28, 1028, 0)
    );
    ada.say(1).await;
    assert_eq!(ada.seqs().await, (1..=29).collect::<Vec<Seq>>());
}

async fn a_log_is_read_in_pieces(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(40).await;
    let mut seqs = Vec::new();
    let mut pieces = 0;
    while let after = seqs.last().copied().unwrap_or(0)
        && after < 38
    {
        let piece = ada.events(after, 38, 700).await;
        assert!((1..=7).contains(&piece.rows.len()), "{}", piece.rows.len());
        seqs.extend(piece.rows.iter().map(|row| row.seq));
        pieces += 1;
    }
    assert_eq!(seqs, (1..=38).collect::<Vec<Seq>>());
    assert!(pieces > 6, "{pieces}");
    // However small the piece, it goes on.
    assert_eq!(ada.events(3, 40, 0).await.rows[0].seq, 4);
    assert!(ada.events(40, Seq::MAX, 1000).await.rows.is_empty());
}

async fn an_append_in_the_wrong_place_is_refused_and_ends_the_lease(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(2).await;
    let gap = ada.ask(4, vec![ada.entry(4, 4, chat("gap"))], Vec::new());
    let right = ada.ask(3, vec![ada.entry(3, 3, chat("right"))], Vec::new());
    let expected = HistoryError::Conflict {
        first_seq: 4,
        last_seq: 2,
    };
    assert_eq!(gap.await.unwrap(), Err(expected));
    assert_eq!(right.await.unwrap(), Err(HistoryError::Superseded));
    assert_eq!(ada.load().await.last_seq, 2);

    let again = ada.ask(2, vec![ada.entry(2, 3, chat("again"))], Vec::new());
    assert!(matches!(
        again.await.unwrap(),
        Err(HistoryError::Conflict { .. })
    ));
    ada.load().await;
    let jumbled = vec![ada.entry(3, 3, chat("x")), ada.entry(5, 4, chat("y"))];
    let jumbled = ada.ask(3, jumbled, Vec::new());
    assert!(matches!(
        jumbled.await.unwrap(),
        Err(HistoryError::Conflict { .. })
    ));
    ada.load().await;
    // Without entries, too, the place has to be right.
    let change = Change::Counter {
        device: ada.device,
        counter: 9,
    };
    let late = ada.ask(2, Vec::new(), vec![change]);
    assert!(matches!(
        late.await.unwrap(),
        Err(HistoryError::Conflict { .. })
    ));
    ada.load().await;
    ada.say(1).await;
    assert_eq!(ada.seqs().await, [1, 2, 3]);
    assert_eq!(history.last_counter(ada.room, ada.device).await.unwrap(), 3);
}

async fn loading_again_ends_the_lease_before(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(1).await;
    let old = ada.lease;
    let new = ada.load().await.lease;
    assert!(new > old);
    ada.lease = old;
    let late = ada.ask(2, vec![ada.entry(2, 2, chat("late"))], Vec::new());
    assert_eq!(late.await.unwrap(), Err(HistoryError::Superseded));
    ada.lease = new;
    ada.say(1).await;

    // An old lease closes nothing.
    history.close_room(ada.room, old);
    ada.say(1).await;
    ada.close();
    let closed = ada.ask(4, vec![ada.entry(4, 4, chat("closed"))], Vec::new());
    assert_eq!(closed.await.unwrap(), Err(HistoryError::Superseded));
    assert_eq!(ada.load().await.last_seq, 3);
}

async fn what_is_asked_before_a_load_is_in_it(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let said = ada.ask(1, vec![ada.entry(1, 1, chat("first"))], Vec::new());
    history.keep_read(ada.member, 1);
    let load = ada.load().await;
    assert_eq!((load.last_seq, load.members[0].read_seq), (1, 1));
    assert_eq!(said.await.unwrap(), Ok(()));
}

async fn answers_come_in_order_and_after_close_at_once(history: &dyn History) {
    let ada = Writing::begin(history, "a").await;
    let notes = Notes::default();
    let append = |seq: Seq| RoomAppend {
        room: ada.room,
        lease: ada.lease,
        first_seq: seq,
        entries: vec![ada.entry(seq, seq, chat("x"))],
        changes: Vec::new(),
        done: notes.done(seq),
    };
    (1..=50).for_each(|seq| history.append(append(seq)));
    history.close().await.unwrap();
    assert_eq!(
        notes.take(),
        (1..=50).map(|seq| (seq, Ok(()))).collect::<Vec<_>>()
    );

    history.append(append(51));
    assert_eq!(notes.take(), [(51, Err(HistoryError::Closed))]);
    assert_eq!(history.load_room(ada.room).await, Err(HistoryError::Closed));
    assert_eq!(history.probe().await, Err(HistoryError::Closed));
}

async fn ops_are_recognised(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let other = history
        .add_member(ada.room, member("bob", Role::Editor))
        .await
        .unwrap();
    ada.ask(
        1,
        vec![ada.entry(1, 5, chat("5")), ada.entry(2, 9, chat("9"))],
        Vec::new(),
    )
    .await
    .unwrap()
    .unwrap();
    ada.last_seq = 2;
    ada.change(Change::Counter {
        device: ada.device,
        counter: 12,
    })
    .await;
    ada.change(Change::Counter {
        device: ada.device,
        counter: 11,
    })
    .await;
    let find = async |counter| {
        history
            .find_op(ada.room, ada.device, counter)
            .await
            .unwrap()
    };
    assert_eq!(find(5).await, Some(OpPlace::Log { seq: 1 }));
    assert_eq!(find(9).await, Some(OpPlace::Log { seq: 2 }));
    assert_eq!(find(7).await, Some(OpPlace::Passed));
    assert_eq!(find(12).await, Some(OpPlace::Passed));
    assert_eq!(find(13).await, None);
    assert_eq!(
        history.last_counter(ada.room, ada.device).await.unwrap(),
        12
    );
    assert_eq!(
        history
            .last_counter(ada.room, other.device.key)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        history
            .find_op(ada.room, other.device.key, 5)
            .await
            .unwrap(),
        None
    );
}

async fn an_op_is_held_and_shown_in_one_request(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let bob = history
        .add_member(ada.room, member("bob", Role::Editor))
        .await
        .unwrap();
    for counter in [1, 2] {
        ada.change(Change::Hold(HeldEntry {
            at: 1000,
            member: bob.member.key,
            device: bob.device.key,
            counter,
            body_json: chat("held"),
        }))
        .await;
    }
    let room = ada.room;
    let find = async |counter| {
        history
            .find_op(room, bob.device.key, counter)
            .await
            .unwrap()
    };
    assert_eq!(find(2).await, Some(OpPlace::Held));
    assert_eq!(
        history
            .last_counter(ada.room, bob.device.key)
            .await
            .unwrap(),
        2
    );
    let held = ada.load().await.held;
    assert_eq!(
        held.iter().map(|held| held.counter).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        (held[0].device_id.as_str(), held[0].member),
        ("dbob", bob.member.key)
    );

    // The second is approved, the first is rejected.
    let mut shown = ada.entry(1, 2, chat("held"));
    (shown.member, shown.device) = (bob.member.key, bob.device.key);
    let unhold = |counter| Change::Unhold {
        device: bob.device.key,
        counter,
    };
    ada.ask(1, vec![shown], vec![unhold(2)])
        .await
        .unwrap()
        .unwrap();
    ada.last_seq = 1;
    ada.change(unhold(1)).await;
    assert_eq!(find(2).await, Some(OpPlace::Log { seq: 1 }));
    assert_eq!(find(1).await, Some(OpPlace::Passed));
    assert_eq!(find(3).await, None);
    assert!(ada.load().await.held.is_empty());
    assert_eq!(ada.events(0, 1, 1).await.rows[0].member.as_str(), "mbob");
}

async fn direct_messages_stand_in_two_inboxes(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let bob = history
        .add_member(ada.room, member("bob", Role::Editor))
        .await
        .unwrap();
    let direct = |counter, from_seq, to_seq, text: &str| {
        Change::Direct(NewDirect {
            at: 1000,
            from: ada.member,
            from_seq,
            to: bob.member.key,
            to_seq,
            device: ada.device,
            counter,
            text: text.into(),
        })
    };
    ada.change(direct(1, 1, 1, "one")).await;
    ada.change(direct(2, 2, 2, "two")).await;
    let read = async |member, after, limit| {
        let rows = history.inbox(member, after, limit).await.unwrap();
        rows.iter()
            .map(|row| (row.seq, row.text.to_string()))
            .collect::<Vec<_>>()
    };
    let both = [(1, "one".to_owned()), (2, "two".to_owned())];
    assert_eq!(read(ada.member, 0, 10).await, both);
    assert_eq!(read(bob.member.key, 0, 10).await, both);
    assert_eq!(read(bob.member.key, 1, 10).await, both[1..]);
    assert_eq!(read(bob.member.key, 0, 1).await, both[..1]);
    let row = &history.inbox(bob.member.key, 1, 1).await.unwrap()[0];
    assert_eq!(
        (row.from.as_str(), row.to.as_str(), row.device.as_str()),
        ("ma-owner", "mbob", "da-owner")
    );
    assert_eq!((row.at, row.counter), (1000, 2));
    let place = history.find_op(ada.room, ada.device, 2).await.unwrap();
    assert_eq!(place, Some(OpPlace::Inbox { seq: 2 }));
    assert_eq!(history.last_counter(ada.room, ada.device).await.unwrap(), 2);
    let load = ada.load().await;
    assert_eq!(
        load.members
            .iter()
            .map(|member| member.inbox_seq)
            .collect::<Vec<_>>(),
        [2, 2]
    );
    assert_eq!(load.last_seq, 0);
}

async fn a_message_to_oneself_stands_there_once(history: &dyn History) {
    let ada = Writing::begin(history, "a").await;
    ada.change(Change::Direct(NewDirect {
        at: 1000,
        from: ada.member,
        from_seq: 1,
        to: ada.member,
        to_seq: 1,
        device: ada.device,
        counter: 1,
        text: "note".into(),
    }))
    .await;
    assert_eq!(history.inbox(ada.member, 0, 10).await.unwrap().len(), 1);
}

async fn chat_messages_are_found_among_others(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    let bob = history
        .add_member(ada.room, member("bob", Role::Editor))
        .await
        .unwrap();
    for _ in 0..5 {
        ada.append(vec![chat("x"), reaction(1), reaction(1)]).await;
    }
    let before = async |seq, limit| {
        let rows = history.chat_before(ada.room, seq, limit).await.unwrap();
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(before(Seq::MAX, 10).await, [1, 4, 7, 10, 13]);
    assert_eq!(before(13, 2).await, [7, 10]);
    assert_eq!(before(14, 1).await, [13]);
    assert!(before(1, 10).await.is_empty());
    let count = async |member, after, limit| {
        history
            .chat_count(ada.room, member, after, limit)
            .await
            .unwrap()
    };
    assert_eq!(count(bob.member.key, 0, 10).await, 5);
    assert_eq!(count(bob.member.key, 4, 10).await, 3);
    assert_eq!(count(bob.member.key, 0, 2).await, 2);
    assert_eq!(count(ada.member, 0, 10).await, 0);
}

async fn chosen_events_are_read(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(9).await;
    let rows = history
        .events_at(ada.room, vec![9, 2, 2, 30])
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [2, 9]);
    assert_eq!(rows[1].body_json, chat("line 9"));
}

async fn a_snapshot_is_kept_and_never_goes_back(history: &dyn History) {
    let mut ada = Writing::begin(history, "a").await;
    ada.say(5).await;
    assert_eq!(ada.load().await.snapshot, None);
    history
        .save_snapshot(ada.room, 3, b"three".to_vec())
        .await
        .unwrap();
    history
        .save_snapshot(ada.room, 5, b"five".to_vec())
        .await
        .unwrap();
    for wrong in [4, 6] {
        let refused = history.save_snapshot(ada.room, wrong, Vec::new()).await;
        assert!(
            matches!(refused, Err(HistoryError::Conflict { .. })),
            "{refused:?}"
        );
    }
    let snapshot = ada.load().await.snapshot.unwrap();
    assert_eq!((snapshot.seq, snapshot.body), (5, b"five".to_vec()));
    ada.say(1).await;
}
