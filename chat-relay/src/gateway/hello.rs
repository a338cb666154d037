//! The first message, and whom it admits.

use std::time::Duration;

use chat_relay_protocol::{ClientMessage, Codec, DeviceId, Hello, PROTOCOL_VERSION, RoomId};
use tokio::time::Instant;

use super::{
    link::Link,
    socket::{Payload, Socket, Step},
};
use crate::{
    app::App,
    history::{Admission, FoundRoom, HistoryError},
    outbox::Closing,
    secrets::token_hash,
    tokens::TokenError,
};

/// Reads the first message, which has to be a hello.
pub(super) async fn read<L: Link>(socket: &mut Socket<L>, codec: Codec) -> Result<Hello, Closing> {
    match socket.next(|_| {}, || true).await {
        Step::Message(payload) => parse(&payload, codec),
        Step::CatchUp => Err(Closing::Gone),
        // The only limit on messages so far is that of a hello.
        Step::End(reason) if reason == Closing::too_large() => Err(Closing::large_hello()),
        Step::End(reason) => Err(reason),
    }
}

fn parse(payload: &Payload, codec: Codec) -> Result<Hello, Closing> {
    if payload.is_text() != codec.is_text() {
        return Err(Closing::wrong_kind());
    }
    of_message(codec.decode_client(payload.bytes()))
}

/// The hello in a decoded message.
pub(super) fn of_message(
    message: Result<ClientMessage, chat_relay_protocol::DecodeError>,
) -> Result<Hello, Closing> {
    match message {
        Ok(ClientMessage::Hello(hello)) if hello.version == PROTOCOL_VERSION => Ok(hello),
        Ok(ClientMessage::Hello(hello)) => Err(Closing::version(hello.version)),
        Ok(_) => Err(Closing::no_hello()),
        Err(error) => Err(Closing::bad_hello(&error.to_string())),
    }
}

/// Whom a token or a device's secret admits to `room`, the id that the connection's address named. What follows costs
/// a room's load, so that a device may not come as often as it likes.
pub(crate) async fn admit(app: &App, room: &str, token: &str) -> Result<Admission, Closing> {
    match find(app, token).await {
        Ok(Some(admission)) if admission.room.id.as_str() == room => {
            let admission = allowed(admission)?;
            app.hello_limit
                .spend(admission.device.key, 1, Instant::now())
                .map_err(too_often)?;
            Ok(admission)
        }
        Ok(_) => Err(why_not(app, room).await?),
        Err(reason) => Err(reason),
    }
}

/// Whom a token or a device's secret admits, to whichever room.
pub(crate) async fn admit_anywhere(app: &App, token: &str) -> Result<Admission, Closing> {
    match find(app, token).await? {
        Some(admission) => allowed(admission),
        None => Err(Closing::unauthorized()),
    }
}

fn too_often(wait: Duration) -> Closing {
    Closing::flooding(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
}

fn allowed(admission: Admission) -> Result<Admission, Closing> {
    if admission.member.removed {
        Err(Closing::removed())
    } else {
        Ok(admission)
    }
}

async fn find(app: &App, token: &str) -> Result<Option<Admission>, Closing> {
    let history = &app.around.history;
    // A token has two dots, a secret none.
    let found = if token.contains('.') {
        let Some(device) = claimed_device(app, token)? else {
            return Ok(None);
        };
        history.admission_by_device(device).await
    } else {
        history.admission_by_secret(token_hash(token)).await
    };
    found.map_err(failed)
}

/// Why nobody is admitted to `room` by what was shown.
async fn why_not(app: &App, room: &str) -> Result<Closing, Closing> {
    let found = match RoomId::new(room) {
        Ok(id) => app.around.history.room_by_id(id).await.map_err(failed)?,
        Err(_) => FoundRoom::Absent,
    };
    Ok(match found {
        FoundRoom::Live(_) => Closing::unauthorized(),
        FoundRoom::Expired => Closing::room_expired(),
        FoundRoom::Absent => Closing::room_not_found(),
    })
}

fn failed(error: HistoryError) -> Closing {
    tracing::error!(%error, "a token cannot be looked up");
    Closing::storage()
}

/// The device that a token names.
fn claimed_device(app: &App, token: &str) -> Result<Option<DeviceId>, Closing> {
    let now_secs = u64::try_from(app.around.clock.unix_secs()).unwrap_or(0);
    match app.tokens.verify(token, now_secs) {
        Ok(claims) => Ok(DeviceId::new(claims.device).ok()),
        Err(TokenError::Expired) => Err(Closing::token_expired()),
        Err(_) => Ok(None),
    }
}
