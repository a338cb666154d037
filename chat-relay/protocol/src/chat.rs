//! The chat of a room: a fold over its events to messages, with edits, deletions and reactions applied.
//!
//! In: events in order of `seq`, and messages as a snapshot or a page of history brings them. Out: messages by the
//! event that brought them. An edit, a deletion or a reaction for a message that is not held here changes nothing:
//! whoever asks for that message gets it from the relay as it is then.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    body::{Body, Chat},
    event::Event,
    from_map,
    ids::{MemberId, OpId, Seq},
    json::by_tree,
};

from_map!(ChatMessage { seq, at, from, op_id, text, reply_to, edited_at; or mentions, deleted, reactions });
by_tree!(ChatMessage);

/// A message as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChatMessage {
    /// The event that brought it: its name from then on.
    pub seq: Seq,
    /// When the relay took it, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who wrote it.
    pub from: MemberId,
    /// The op it came from.
    pub op_id: OpId,
    /// What it says now; empty once it is deleted.
    pub text: String,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// Who is mentioned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<MemberId>,
    /// When it was last edited, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Whether it was taken back, or away.
    pub deleted: bool,
    /// Who reacted, by emoji.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reactions: BTreeMap<String, BTreeSet<MemberId>>,
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatFold {
    messages: BTreeMap<Seq, ChatMessage>,
}

impl ChatFold {
    /// Folds one event in.
    pub fn apply(&mut self, event: &Event) {
        match &event.body {
            Body::Chat(chat) => {
                self.messages
                    .insert(event.seq, ChatMessage::new(event, chat));
            }
            Body::ChatEdit { message, .. }
            | Body::ChatDelete { message }
            | Body::Reaction { message, .. } => {
                if let Some(message) = self.messages.get_mut(message) {
                    message.amend(event);
                }
            }
            _ => {}
        }
    }

    /// Puts a message of a snapshot or of a page of history in its place.
    pub fn restore(&mut self, message: ChatMessage) {
        self.messages.insert(message.seq, message);
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.messages.values()
    }

    /// One message.
    pub fn get(&self, seq: Seq) -> Option<&ChatMessage> {
        self.messages.get(&seq)
    }

    /// How many messages are held.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether no message is held.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Takes the oldest message out.
    pub fn forget_oldest(&mut self) -> Option<ChatMessage> {
        self.messages.pop_first().map(|(_, message)| message)
    }
}

impl ChatMessage {
    /// The message of an event.
    pub fn new(event: &Event, chat: &Chat) -> Self {
        Self {
            seq: event.seq,
            at: event.at,
            from: event.from.clone(),
            op_id: event.op_id.clone(),
            text: chat.text.clone(),
            reply_to: chat.reply_to,
            mentions: chat.mentions.clone(),
            edited_at: None,
            deleted: false,
            reactions: BTreeMap::new(),
        }
    }

    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        let id = |member: &MemberId| member.as_str().len() + 8;
        let mentions = self.mentions.iter().map(id);
        let reactions = self.reactions.iter().flat_map(|(emoji, members)| {
            std::iter::once(emoji.len() + 8).chain(members.iter().map(id))
        });
        160 + self.text.len() + mentions.chain(reactions).sum::<usize>()
    }

    /// Applies a later event about this message; a deleted one stays as it is.
    pub fn amend(&mut self, event: &Event) {
        if self.deleted {
            return;
        }
        match &event.body {
            Body::ChatEdit { text, mentions, .. } => {
                self.text.clone_from(text);
                self.mentions.clone_from(mentions);
                self.edited_at = Some(event.at);
            }
            Body::ChatDelete { .. } => {
                self.text.clear();
                self.mentions.clear();
                self.reactions.clear();
                self.deleted = true;
            }
            Body::Reaction { emoji, on, .. } => {
                if *on {
                    self.reactions
                        .entry(emoji.clone())
                        .or_default()
                        .insert(event.from.clone());
                } else if let Some(members) = self.reactions.get_mut(emoji) {
                    members.remove(&event.from);
                    if members.is_empty() {
                        self.reactions.remove(emoji);
                    }
                }
            }
            _ => {}
        }
    }
}
