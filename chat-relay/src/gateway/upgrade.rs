//! `GET /v1/ws?room=ID`: the opening handshake of RFC 6455, section 4.2, by hand, so that the WebSocket shares
//! its port, its router and its TLS with everything else.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat_relay_protocol::{ErrorCode, Retry, SUBPROTOCOL_JSON, WireError};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::connection;
use crate::{
    app::App,
    http::{
        refusal::Refusal,
        request::{Peer, query_value},
    },
};

/// Answers the opening handshake and starts the connection.
pub(crate) async fn upgrade(State(app): State<Arc<App>>, mut request: Request) -> Response {
    let key = match check(&app, &request) {
        Ok(key) => key,
        Err(refusal) => return refusal.into_response(),
    };
    let room = query_value(request.uri(), "room").unwrap_or_default();
    let upgraded = hyper::upgrade::on(&mut request);
    let permit = request
        .extensions()
        .get::<Peer>()
        .map(|peer| Arc::clone(&peer.permit));
    let alive = app.shutdown.alive();
    tokio::spawn(async move {
        // Held until the connection has ended: the shutdown waits for it, and it counts as open.
        let _held = (alive, permit);
        match upgraded.await {
            Ok(stream) => connection::serve(app, TokioIo::new(stream), room).await,
            Err(error) => tracing::debug!(%error, "an upgrade came to nothing"),
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(&key))
        .header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL_JSON)
        .body(Body::empty())
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The client's key, when everything is as it has to be.
fn check(app: &App, request: &Request) -> Result<Vec<u8>, Refusal> {
    let headers = request.headers();
    let bad = |status, message: &str| {
        Refusal::new(
            status,
            WireError::new(ErrorCode::BadMessage, message, Retry::Never),
        )
    };
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
    if headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .map(|v| v.as_bytes())
        != Some(b"13")
    {
        return Err(bad(
            StatusCode::UPGRADE_REQUIRED,
            "This relay speaks WebSocket version 13.",
        )
        .with_header(header::SEC_WEBSOCKET_VERSION, "13"));
    }
    app.origins.check(headers)?;
    if !has_token(headers, &header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL_JSON) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            WireError::new(
                ErrorCode::Version,
                format!("Ask for the subprotocol {SUBPROTOCOL_JSON}."),
                Retry::Never,
            ),
        ));
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

/// Whether a comma-separated header holds `token`, whatever its case.
fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
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
    fn a_key_is_sixteen_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key(b"dGhlIHNhbXBsZQ=="));
        assert!(!is_key(b"no base64"));
    }
}
