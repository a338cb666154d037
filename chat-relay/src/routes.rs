//! Which address is answered by what.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    app::App,
    gateway,
    http::{cross_origin, rest, security},
};

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
            cross_origin::cross_origin,
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
