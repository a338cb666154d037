//! The chat as a fold: edits, deletions and reactions, over a whole log and after a snapshot.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

use chat_relay_protocol::{Body, Chat, ChatFold, DeviceId, Event, MemberId, OpId, Seq};
use proptest::{collection, prelude::*};

fn member(name: &str) -> MemberId {
    MemberId::new(name).unwrap()
}

fn event(seq: Seq, from: &str, body: Body) -> Event {
    Event {
        seq,
        at: i64::try_from(seq).unwrap() * 1000,
        from: member(from),
        op_id: OpId {
            device: DeviceId::new("d").unwrap(),
            counter: seq,
        },
        body,
    }
}

fn edit(message: Seq, text: &str) -> Body {
    Body::ChatEdit {
        message,
        text: text.into(),
        mentions: vec![],
    }
}

fn react(message: Seq, emoji: &str, on: bool) -> Body {
    Body::Reaction {
        message,
        emoji: emoji.into(),
        on,
    }
}

fn folded(events: impl IntoIterator<Item = Event>) -> ChatFold {
    let mut fold = ChatFold::default();
    events.into_iter().for_each(|event| fold.apply(&event));
    fold
}

/// Events about the first dozen messages, so that they meet.
fn log() -> impl Strategy<Value = Vec<Event>> {
    let about = || 1..12_u64;
    let body = prop_oneof![
        2 => "[a-z]{1,3}".prop_map(Body::chat),
        1 => (about(), "[a-z]{1,3}").prop_map(|(message, text)| edit(message, &text)),
        1 => about().prop_map(|message| Body::ChatDelete { message }),
        3 => (about(), prop_oneof![Just("👍"), Just("🎉")], any::<bool>())
            .prop_map(|(message, emoji, on)| react(message, emoji, on)),
        1 => Just(Body::Unknown),
    ];
    let from = prop_oneof![Just("ann"), Just("bob"), Just("cy")];
    collection::vec((from, body), 0..30).prop_map(|entries| {
        let numbered = entries.into_iter().zip(1..);
        numbered
            .map(|((from, body), seq)| event(seq, from, body))
            .collect()
    })
}

proptest! {
    #[test]
    fn a_snapshot_and_what_follows_it_is_the_whole_log(log in log(), snapshot_at in 0..30_usize) {
        let (before, after) = log.split_at(snapshot_at.min(log.len()));
        let mut resumed = ChatFold::default();
        for message in folded(before.to_vec()).messages() {
            resumed.restore(message.clone());
        }
        after.iter().for_each(|event| resumed.apply(event));
        prop_assert_eq!(resumed, folded(log));
    }

    #[test]
    fn a_reaction_is_there_if_its_member_set_it_last(log in log()) {
        let fold = folded(log.clone());
        for message in fold.messages() {
            let deleted = log.iter().any(|event| {
                event.seq > message.seq && event.body == Body::ChatDelete { message: message.seq }
            });
            prop_assert_eq!(message.deleted, deleted);
            for (emoji, from) in [("👍", "ann"), ("👍", "bob"), ("🎉", "ann"), ("🎉", "cy")] {
                let last = log.iter().rev().find_map(|event| match &event.body {
                    Body::Reaction { message: about, emoji: with, on }
                        if (*about, with.as_str(), event.from.as_str()) == (message.seq, emoji, from)
                            && event.seq > message.seq => Some(*on),
                    _ => None,
                });
                let there = message.reactions.get(emoji).is_some_and(|who| who.contains(&member(from)));
                prop_assert_eq!(there, last == Some(true) && !deleted, "{} {}", emoji, from);
            }
            prop_assert!(message.reactions.values().all(|who| !who.is_empty()));
        }
    }
}

#[test]
fn an_edit_replaces_the_text_and_says_when() {
    let fold = folded([
        event(
            1,
            "ann",
            Body::Chat(Chat {
                text: "helo".into(),
                reply_to: None,
                mentions: vec![member("bob")],
            }),
        ),
        event(2, "ann", edit(1, "hello")),
    ]);
    let message = fold.get(1).unwrap();
    assert_eq!(message.text, "hello");
    assert_eq!((message.at, message.edited_at), (1000, Some(2000)));
    assert!(message.mentions.is_empty());
    assert_eq!(fold.len(), 1);
}

#[test]
fn nothing_of_a_deleted_message_is_left() {
    let fold = folded([
        event(1, "ann", Body::chat("secret")),
        event(2, "bob", react(1, "👍", true)),
        event(3, "ann", Body::ChatDelete { message: 1 }),
        event(4, "ann", edit(1, "again")),
        event(5, "bob", react(1, "👍", true)),
    ]);
    let message = fold.get(1).unwrap();
    assert!(message.deleted && message.text.is_empty() && message.reactions.is_empty());
    assert_eq!((message.seq, message.edited_at), (1, None));
}

#[test]
fn what_is_about_a_message_that_is_not_held_changes_nothing() {
    let mut fold = folded([
        event(1, "ann", Body::chat("a")),
        event(2, "bob", Body::chat("b")),
    ]);
    assert_eq!(fold.forget_oldest().unwrap().seq, 1);
    let before = fold.clone();
    fold.apply(&event(3, "ann", edit(1, "x")));
    fold.apply(&event(4, "bob", react(1, "👍", true)));
    fold.apply(&event(5, "ann", Body::ChatDelete { message: 1 }));
    assert_eq!(fold, before);
}
