//! Which address is answered by what.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    app::App,
    gateway,
    http::{client_address::Proxies, cross_origin, peer::Peer, refusal, rest, security},
    metrics::CONTENT_TYPE,
};

/// All routes of the relay's own origin.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/v1/ws", get(gateway::upgrade))
        .route("/v1/rooms", post(rest::create_room))
        .route("/v1/rooms/join", post(rest::join_room))
        .route("/v1/devices", post(rest::add_device))
        .route("/v1/token", post(rest::renew))
        .route("/v1/logout", post(rest::log_out))
        .route("/v1/stream", post(gateway::stream::open))
        .route("/v1/stream/{session}", post(gateway::stream::send))
        .route("/v1/info", get(rest::info))
        .route("/metrics", get(local_metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(rest::ready))
        .route("/v1/{*path}", get(rest::unknown).post(rest::unknown))
        .fallback(serve_page)
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            cross_origin::cross_origin,
        ))
        .layer(middleware::from_fn_with_state(
            app.around.metrics.clone(),
            refusal::count,
        ))
        .layer(middleware::from_fn(security::headers))
        .with_state(Arc::clone(app))
}

/// The metrics alone, for an address of their own.
pub(crate) fn metrics_only(app: &Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(app))
}

/// `GET /metrics` for this machine, where they have no address of their own. What a proxy on this machine passes on is
/// somebody else's, whatever the headers say of whom.
async fn local_metrics(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let is_local =
        peer.address.ip().to_canonical().is_loopback() && !Proxies::is_forwarded(&headers);
    if app.config.metrics_bind.is_some() || !is_local {
        return rest::unknown().await.into_response();
    }
    metrics(State(app)).await
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let metrics = &app.around.metrics;
    let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let queued = app
        .shards
        .iter()
        .map(|shard| shard.pulse.queued_bytes())
        .sum();
    metrics.send_queue_bytes.set(gauge(queued));
    metrics
        .store_queue
        .set(gauge(app.around.history.queued_entries()));
    metrics
        .rooms_open
        .set(gauge(app.shards.iter().map(|shard| shard.rooms()).sum()));
    metrics.members_connected.set(gauge(
        app.shards.iter().map(|shard| shard.pulse.len()).sum(),
    ));
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.encode()).into_response()
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
