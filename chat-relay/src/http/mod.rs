//! Everything over HTTP: the routes here; [`rest`] makes and joins rooms; [`page`] serves the built page;
//! [`origin`] says whose pages may ask; [`security`] adds headers; [`listener`] takes connections.

pub(crate) mod listener;
mod media_type;
pub(crate) mod origin;
pub(crate) mod page;
mod refusal;
mod rest;
mod security;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

pub(crate) use refusal::Refusal;
use tokio::sync::OwnedSemaphorePermit;

use crate::{gateway, relay::App};

/// Who is at the other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The connection's part of what may be open at a time; a WebSocket takes it along.
    pub(crate) permit: Arc<OwnedSemaphorePermit>,
}

/// All routes of the relay's own origin.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/v1/ws", get(gateway::upgrade))
        .route("/v1/rooms", post(rest::create_room))
        .route("/v1/rooms/join", post(rest::join_room))
        .route("/v1/info", get(rest::info))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(rest::ready))
        .route("/v1/{*path}", get(rest::unknown).post(rest::unknown))
        .fallback(serve_page)
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            origin::cross_origin,
        ))
        .layer(middleware::from_fn(security::headers))
        .with_state(Arc::clone(app))
}

async fn serve_page(State(app): State<Arc<App>>, request: Request) -> Response {
    match &app.page {
        Some(page) => page.serve(&request.into_parts().0).await,
        None => (
            StatusCode::NOT_FOUND,
            "This relay was started without a page. Name the folder of the built page with --web.\n",
        )
            .into_response(),
    }
}

/// The first value of `name` in an address's query, decoded.
pub(crate) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| {
            percent_encoding::percent_decode_str(value)
                .decode_utf8_lossy()
                .into_owned()
        })
    })
}
