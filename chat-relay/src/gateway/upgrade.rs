//! `GET /v1/ws?room=ID`: the opening handshake of RFC 6455, section 4.2, by hand, so that the WebSocket shares
//! its port, its router and its TLS with everything else.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat_relay_protocol::{
    Codec, ErrorCode, Retry, RoomId, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, SUBPROTOCOL_PROTOBUF,
    WireError,
};
use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    connection,
    link::{Buffered, Plain},
};
use crate::{
    app::App,
    http::{peer::Peer, refusal::Refusal, request::query_value, write_deadline::WriteDeadline},
};

/// Answers the opening handshake and starts the connection.
pub(crate) async fn upgrade(State(app): State<Arc<App>>, mut request: Request) -> Response {
    let (key, codec) = match check(&app, &request) {
        Ok(checked) => checked,
        Err(refusal) => return refusal.into_response(),
    };
    let room = query_value(request.uri(), "room").unwrap_or_default();
    let peer = request.extensions().get::<Peer>().cloned();
    let guard = match peer.as_ref().map(|peer| app.admit(peer, request.headers())) {
        Some(Err(refusal)) => return refusal.into_response(),
        Some(Ok(guard)) => Some(guard),
        None => None,
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let alive = app.shutdown.alive();
    tokio::spawn(async move {
        // Held until the connection has ended: the shutdown waits for it, and it counts as open.
        let (open, deadline) = peer.map(|peer| (peer.open, peer.deadline)).unzip();
        let held = (alive, guard, open);
        let opened = opened(upgraded).await;
        // Not before: the answer that opens the socket may wait as little as any other.
        if let Some(deadline) = deadline {
            deadline.lift();
        }
        match opened {
            Some(Opened::Plain(stream)) => serve_plain(app, stream, codec, room, held),
            Some(Opened::Ahead(stream, read)) => {
                let shard = Arc::clone(app.shards.of(&room_id(&room)));
                let (input, output) = tokio::io::split(stream);
                let input = tokio::io::AsyncReadExt::chain(std::io::Cursor::new(read), input);
                let link = Buffered(tokio::io::join(input, output));
                connection::serve(app, shard, link, codec, room).await;
                drop(held);
            }
            Some(Opened::Other(stream)) => {
                let shard = Arc::clone(app.shards.of(&room_id(&room)));
                let link = Buffered(stream);
                connection::serve(app, shard, link, codec, room).await;
                drop(held);
            }
            None => {}
        }
    });
    switching(&key, Some(codec))
}

/// A room's id, or one that no room has.
fn room_id(text: &str) -> RoomId {
    #[allow(clippy::expect_used, reason = "a constant of the id's alphabet")]
    RoomId::new(text).unwrap_or_else(|_| RoomId::new("none").expect("an id"))
}

/// Plain TCP moves to the thread of its room.
fn serve_plain(
    app: Arc<App>,
    stream: TcpStream,
    codec: Codec,
    room: String,
    held: impl Send + 'static,
) {
    let shard = Arc::clone(app.shards.of(&room_id(&room)));
    let moved = stream.into_std();
    let runtime = shard.runtime().clone();
    runtime.spawn(async move {
        match moved.and_then(TcpStream::from_std) {
            Ok(stream) => {
                let link = Plain(Arc::new(stream));
                connection::serve(app, shard, link, codec, room).await;
            }
            Err(error) => tracing::debug!(%error, "a socket could not be taken over"),
        }
        drop(held);
    });
}

/// What is under an upgraded connection.
pub(super) enum Opened {
    Plain(TcpStream),
    /// Plain TCP whose client did not wait for the answer: what it sent already comes first.
    Ahead(TcpStream, bytes::Bytes),
    Other(TokioIo<Upgraded>),
}

/// Waits for the upgrade.
pub(super) async fn opened(upgraded: OnUpgrade) -> Option<Opened> {
    match upgraded.await {
        Ok(upgraded) => Some(
            match upgraded.downcast::<TokioIo<WriteDeadline<TcpStream>>>() {
                Ok(Parts { io, read_buf, .. }) => {
                    let stream = io.into_inner().into_inner();
                    if read_buf.is_empty() {
                        Opened::Plain(stream)
                    } else {
                        Opened::Ahead(stream, read_buf)
                    }
                }
                Err(upgraded) => Opened::Other(TokioIo::new(upgraded)),
            },
        ),
        Err(error) => {
            tracing::debug!(%error, "an upgrade came to nothing");
            None
        }
    }
}

/// The answer that opens the socket.
pub(super) fn switching(key: &[u8], codec: Option<Codec>) -> Response {
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key));
    if let Some(codec) = codec {
        response = response.header(header::SEC_WEBSOCKET_PROTOCOL, codec.subprotocol());
    }
    response
        .body(Body::empty())
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn bad(status: StatusCode, message: &str) -> Refusal {
    Refusal::new(
        status,
        WireError::new(ErrorCode::BadMessage, message, Retry::Never),
    )
}

/// The client's key and the codec, when everything is as it has to be.
fn check(app: &App, request: &Request) -> Result<(Vec<u8>, Codec), Refusal> {
    let key = check_handshake(request)?;
    app.origins.check(request.headers())?;
    let codec = offered_codec(request.headers()).ok_or_else(|| {
        let message = format!(
            "Ask for one of the subprotocols {SUBPROTOCOL_JSON}, {SUBPROTOCOL_MSGPACK} and {SUBPROTOCOL_PROTOBUF}."
        );
        Refusal::new(
            StatusCode::BAD_REQUEST,
            WireError::new(ErrorCode::Version, message, Retry::Never),
        )
    })?;
    Ok((key, codec))
}

/// The client's key, when this is an opening handshake.
pub(super) fn check_handshake(request: &Request) -> Result<Vec<u8>, Refusal> {
    let headers = request.headers();
    if request.method() != Method::GET
        || !has_token(headers, &header::UPGRADE, "websocket")
        || !has_token(headers, &header::CONNECTION, "upgrade")
    {
        return Err(bad(
            StatusCode::UPGRADE_REQUIRED,
            "This address speaks WebSocket only.",
        )
        .with_header(header::UPGRADE, "websocket"));
    }
    let version = headers.get(header::SEC_WEBSOCKET_VERSION);
    if version.map(|version| version.as_bytes()) != Some(b"13") {
        return Err(bad(
            StatusCode::UPGRADE_REQUIRED,
            "This relay speaks WebSocket version 13.",
        )
        .with_header(header::SEC_WEBSOCKET_VERSION, "13"));
    }
    headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(|key| key.as_bytes().trim_ascii().to_vec())
        .filter(|key| is_key(key))
        .ok_or_else(|| {
            bad(
                StatusCode::BAD_REQUEST,
                "The Sec-WebSocket-Key is not 16 bytes in base64.",
            )
        })
}

fn is_key(key: &[u8]) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

/// The items of a comma-separated header.
fn items<'a>(
    headers: &'a HeaderMap,
    name: &header::HeaderName,
) -> impl Iterator<Item = &'a str> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// The first codec that the client offers and the relay speaks: the order is the client's wish.
fn offered_codec(headers: &HeaderMap) -> Option<Codec> {
    items(headers, &header::SEC_WEBSOCKET_PROTOCOL).find_map(Codec::from_subprotocol)
}

/// Whether a comma-separated header holds `token`, whatever its case.
fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    items(headers, name).any(|item| item.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_lists_whatever_their_case() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, "keep-alive, Upgrade".parse().unwrap());
        assert!(has_token(&headers, &header::CONNECTION, "upgrade"));
        assert!(!has_token(&headers, &header::CONNECTION, "up"));
    }

    #[test]
    fn the_first_codec_that_both_know_is_taken() {
        let offered = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.append(header::SEC_WEBSOCKET_PROTOCOL, value.parse().unwrap());
            offered_codec(&headers)
        };
        assert_eq!(offered("x, sightline.v1.json"), Some(Codec::Json));
        assert_eq!(
            offered("sightline.v1.protobuf, sightline.v1.json"),
            Some(Codec::Protobuf)
        );
        assert_eq!(offered("sightline.v2.json"), None);
    }

    #[test]
    fn a_key_is_sixteen_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key(b"dGhlIHNhbXBsZQ=="));
        assert!(!is_key(b"no base64"));
    }
}
