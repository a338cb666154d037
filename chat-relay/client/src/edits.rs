//! What a person does, as ops: shown at once, saved, then sent.

use chat_relay_protocol::{
    AnnotationId, Body, Chat, ClientMessage, Fields, MAX_MESSAGE_BYTES, MemberId, OpId, RoomChange,
    SceneOp, Seq,
};

use crate::{client::Client, error::Error, link::Link, moment::Moment, outbox::Request};

/// So many older messages are asked for at a time.
const PAGE_MESSAGES: u32 = 50;

/// An own op is followed by its frame and by what the relay adds.
const ROOM_FOR_A_MESSAGE_BYTES: usize = 512;

impl Client {
    /// Asks for anything that a log can hold.
    ///
    /// # Errors
    /// [`Error::Bounds`], [`Error::TooLong`], [`Error::Closed`].
    pub fn send(&mut self, body: Body, now: Moment) -> Result<OpId, Error> {
        body.check()?;
        self.request(Request::Append(body), now)
    }

    /// Writes a chat message.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn chat(&mut self, text: &str, now: Moment) -> Result<OpId, Error> {
        self.send(Body::chat(typed(text)), now)
    }

    /// Answers a message, and makes members notice.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`]; as [`Client::send`].
    pub fn reply(
        &mut self,
        reply_to: Option<Seq>,
        text: &str,
        mentions: Vec<MemberId>,
        now: Moment,
    ) -> Result<OpId, Error> {
        reply_to.map_or(Ok(()), |message| self.check_message(message))?;
        let chat = Chat {
            text: typed(text),
            reply_to,
            mentions,
        };
        self.send(Body::Chat(chat), now)
    }

    /// Gives an own message another text; who was mentioned still is.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`]; as [`Client::send`].
    pub fn edit_message(&mut self, message: Seq, text: &str, now: Moment) -> Result<OpId, Error> {
        self.check_message(message)?;
        let mentions = self
            .log
            .chat
            .get(message)
            .map_or_else(Vec::new, |message| message.mentions.clone());
        let text = typed(text);
        self.send(
            Body::ChatEdit {
                message,
                text,
                mentions,
            },
            now,
        )
    }

    /// Takes a message back; an owner may take anybody's away.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`]; as [`Client::send`].
    pub fn delete_message(&mut self, message: Seq, now: Moment) -> Result<OpId, Error> {
        self.check_message(message)?;
        self.send(Body::ChatDelete { message }, now)
    }

    /// Reacts to a message with an emoji, or no longer.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`]; as [`Client::send`].
    pub fn react(
        &mut self,
        message: Seq,
        emoji: &str,
        on: bool,
        now: Moment,
    ) -> Result<OpId, Error> {
        self.check_message(message)?;
        let emoji = emoji.into();
        self.send(Body::Reaction { message, emoji, on }, now)
    }

    /// Changes the scene.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn change_scene(&mut self, op: SceneOp, now: Moment) -> Result<OpId, Error> {
        self.send(Body::Scene { op }, now)
    }

    /// Sets fields of an annotation, so that [`Client::undo`] can take it back.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn patch_undoably(
        &mut self,
        id: AnnotationId,
        fields: Fields,
        now: Moment,
    ) -> Result<OpId, Error> {
        let op = SceneOp::Patch {
            id,
            fields,
            only_if_seq: std::collections::BTreeMap::new(),
        };
        let op_id = self.change_scene(op, now)?;
        self.undo.awaits(op_id.counter);
        Ok(op_id)
    }

    /// Takes the last own patch back that is in the log, as far as nobody has changed the same fields since. `false`
    /// when there is none.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn undo(&mut self, now: Moment) -> Result<bool, Error> {
        let Some(op) = self.undo.take(&self.log.scene) else {
            return Ok(false);
        };
        self.change_scene(op, now)?;
        Ok(true)
    }

    /// Changes the room: roles, locks, approval and the like.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn change_room(&mut self, change: RoomChange, now: Moment) -> Result<OpId, Error> {
        self.send(Body::Room { change }, now)
    }

    /// Writes to one member alone.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn direct(&mut self, to: MemberId, text: &str, now: Moment) -> Result<OpId, Error> {
        let text = typed(text);
        // A direct message has the bounds of a chat message.
        Body::chat(text.as_str()).check()?;
        self.request(Request::Direct { to, text }, now)
    }

    /// The person has read the chat up to an event.
    pub fn mark_read(&mut self, seq: Seq, now: Moment) {
        if self.reading.read(seq.min(self.log.last_seq())) {
            self.save_soon(now);
            self.changed();
            self.flush(now);
        }
    }

    /// Asks for a page of messages older than those here. `false` when there is none, one is on its way, or the relay
    /// is not there.
    pub fn fetch_older_messages(&mut self, now: Moment) -> bool {
        if !matches!(self.link, Link::Joined(_)) || self.incoming.is_some() {
            return false;
        }
        let Some(before) = self.log.begin_fetching() else {
            return false;
        };
        let limit = PAGE_MESSAGES;
        self.transmit(&ClientMessage::History { before, limit }, now);
        self.changed();
        true
    }

    fn check_message(&self, seq: Seq) -> Result<(), Error> {
        match self.log.chat.get(seq) {
            Some(message) if !message.deleted => Ok(()),
            _ => Err(Error::NoSuchMessage { seq }),
        }
    }

    fn request(&mut self, request: Request, now: Moment) -> Result<OpId, Error> {
        if self.link == Link::Closed {
            return Err(Error::Closed);
        }
        let message = request.to_message(self.outbox.next_op_id());
        let (actual_bytes, limit_bytes) = (
            message.to_json().len(),
            MAX_MESSAGE_BYTES - ROOM_FOR_A_MESSAGE_BYTES,
        );
        if actual_bytes > limit_bytes {
            return Err(Error::TooLong {
                actual_bytes,
                limit_bytes,
            });
        }
        let op_id = self
            .outbox
            .push(request, now.unix_millis, self.next_revision());
        self.save();
        self.rebased();
        self.flush(now);
        Ok(op_id)
    }
}

/// What somebody typed or pasted, without space around it and without control characters, which nobody sees and the
/// relay refuses: below U+0020, but for tabs and ends of lines.
fn typed(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_loses_its_control_characters() {
        assert_eq!(typed(" \u{0}\ta\u{1b}[0m\r\n\tb\u{1f} "), "a[0m\r\n\tb");
        assert_eq!(typed("\u{7}"), "");
        assert_eq!(typed("\u{7f}\u{1f44d}"), "\u{7f}\u{1f44d}");
    }
}
