//! The first message, and whom it admits.

use chat_relay_protocol::{ClientMessage, Hello, MAX_HELLO_BYTES, PROTOCOL_VERSION, RoomId};
use futures_util::{Stream, StreamExt};
use tokio_tungstenite::tungstenite::{self, Message};

use super::inbound::closing_of;
use crate::{
    outbox::Closing,
    secrets::token_hash,
    store::{Admission, Readers},
};

/// Reads the first message, which has to be a hello.
pub(super) async fn read<S>(socket: &mut S) -> Result<Hello, Closing>
where
    S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    loop {
        return match socket.next().await {
            None => Err(Closing::Gone),
            Some(Err(error)) => Err(closing_of(&error)),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Ok(Message::Close(_))) => Err(Closing::Gone),
            Some(Ok(Message::Binary(_))) => Err(Closing::binary()),
            Some(Ok(Message::Text(text))) => parse(&text),
        };
    }
}

fn parse(text: &str) -> Result<Hello, Closing> {
    if text.len() > MAX_HELLO_BYTES {
        return Err(Closing::large_hello());
    }
    match ClientMessage::from_json(text) {
        Ok(ClientMessage::Hello(hello)) if hello.version == PROTOCOL_VERSION => Ok(hello),
        Ok(ClientMessage::Hello(hello)) => Err(Closing::version(hello.version)),
        Ok(_) => Err(Closing::no_hello()),
        Err(error) => Err(Closing::bad_hello(&error.to_string())),
    }
}

/// Whom `token` admits to `room`, the id that the socket's address named.
pub(super) async fn admit(
    readers: &Readers,
    room: &str,
    token: &str,
) -> Result<Admission, Closing> {
    let failed = |error| {
        tracing::error!(%error, "a token cannot be looked up");
        Closing::storage()
    };
    let admission = readers.admission(token_hash(token)).await.map_err(failed)?;
    if let Some(admission) = admission.filter(|admission| admission.room.id.as_str() == room) {
        return Ok(admission);
    }
    let exists = match RoomId::new(room) {
        Ok(id) => readers.has_room(id).await.map_err(failed)?,
        Err(_) => false,
    };
    Err(if exists {
        Closing::unauthorized()
    } else {
        Closing::room_not_found()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hello_of_this_version_is_taken() {
        let hello = r#"{"type":"hello","version":1,"token":"t"}"#;
        assert_eq!(parse(hello).unwrap().token, "t");
        let other = hello.replace(":1,", ":2,");
        assert_eq!(parse(&other), Err(Closing::version(2)));
        assert_eq!(
            parse(r#"{"type":"ping","nonce":1}"#),
            Err(Closing::no_hello())
        );
        let long = hello.replace("\"t\"", &format!("{:?}", "t".repeat(MAX_HELLO_BYTES)));
        assert_eq!(parse(&long), Err(Closing::large_hello()));
        assert!(matches!(parse("{"), Err(Closing::Told { code: 1008, .. })));
    }
}
