//! Making and joining rooms, and what the relay says of itself. The bodies are
//! [`chat_relay_protocol::rest`]'s.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Json,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chat_relay_protocol::{
    DeviceId, ErrorCode, Retry, WireError,
    rest::{CreateRoom, Info, JoinRoom, Joined},
};
use serde::de::DeserializeOwned;

use super::{refusal::Refusal, request::Peer};
use crate::{app::App, names::normalized_name, secrets, store::StoreError};

/// The largest body that is read.
const MAX_BODY_BYTES: usize = 4096;
/// What joining, making a room and a wrong code cost of an address's budget.
const JOIN_COST: u32 = 1;
const CREATE_COST: u32 = 5;
const WRONG_CODE_COST: u32 = 9;
/// How long the store may take to show that it takes writes.
const READY_PATIENCE: Duration = Duration::from_secs(3);
/// Who gives no name.
const GUEST: &str = "Guest";

/// `POST /v1/rooms`.
pub(crate) async fn create_room(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    app.origins.check(&headers)?;
    spend(&app, &peer, CREATE_COST)?;
    let CreateRoom { name } = parse(body).await?;
    let (device, token) = new_device()?;
    let room = app
        .store
        .create_room(device.clone(), named(&name), secrets::token_hash(&token))
        .await
        .map_err(storage)?;
    let joined = Joined {
        room: room.id,
        code: room.code,
        device,
        token,
    };
    Ok((StatusCode::CREATED, Json(joined)).into_response())
}

/// `POST /v1/rooms/join`.
pub(crate) async fn join_room(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Joined>, Refusal> {
    app.origins.check(&headers)?;
    spend(&app, &peer, JOIN_COST)?;
    let JoinRoom { code, name } = parse(body).await?;
    let found = match secrets::normalized_code(&code) {
        Some(code) => app
            .store
            .readers()
            .room_by_code(code)
            .await
            .map_err(storage)?,
        None => None,
    };
    let Some(room) = found else {
        // Only what is left is spent, so that this answer is the same until the budget is gone.
        let _ = app
            .join_limit
            .spend(peer.address.ip(), WRONG_CODE_COST, Instant::now());
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            WireError::new(
                ErrorCode::RoomNotFound,
                "No room has this code. Check its six characters.",
                Retry::Never,
            ),
        ));
    };
    let (device, token) = new_device()?;
    app.store
        .add_device(
            room.key,
            device.clone(),
            named(&name),
            secrets::token_hash(&token),
        )
        .await
        .map_err(storage)?;
    Ok(Json(Joined {
        room: room.id,
        code: room.code,
        device,
        token,
    }))
}

/// `GET /v1/info`.
pub(crate) async fn info(State(app): State<Arc<App>>) -> Json<Info> {
    Json(app.info.clone())
}

/// `GET /readyz`.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    if app.store.is_ready(READY_PATIENCE).await {
        Ok("ok\n")
    } else {
        Err(storage(StoreError::new("it took no probe")))
    }
}

/// Everything else under `/v1/`.
pub(crate) async fn unknown() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        WireError::new(
            ErrorCode::BadMessage,
            "This relay has no such call.",
            Retry::Never,
        ),
    )
}

fn named(name: &str) -> String {
    normalized_name(name).unwrap_or_else(|| GUEST.into())
}

fn new_device() -> Result<(DeviceId, String), Refusal> {
    let failed = |reason: String| storage(StoreError::new(reason));
    let id = secrets::id('d').map_err(|error| failed(error.to_string()))?;
    let id = DeviceId::new(id).map_err(|error| failed(error.to_string()))?;
    let token = secrets::token().map_err(|error| failed(error.to_string()))?;
    Ok((id, token))
}

fn spend(app: &App, peer: &Peer, cost: u32) -> Result<(), Refusal> {
    app.join_limit
        .spend(peer.address.ip(), cost, Instant::now())
        .map_err(|wait| {
            let after_millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                WireError::new(
                    ErrorCode::RateLimited,
                    format!("Too many tries. Wait {} s.", after_millis.div_ceil(1000)),
                    Retry::Later { after_millis },
                ),
            )
        })
}

async fn parse<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            WireError::new(
                ErrorCode::TooLarge,
                format!("The body may have {MAX_BODY_BYTES} bytes."),
                Retry::Never,
            ),
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            WireError::new(
                ErrorCode::BadMessage,
                format!("The body cannot be read: {error}."),
                Retry::Never,
            ),
        )
    })
}

fn storage(error: StoreError) -> Refusal {
    tracing::warn!(%error, "a request found no store");
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        WireError::new(
            ErrorCode::Storage,
            "The relay cannot store anything just now.",
            Retry::Later { after_millis: 2000 },
        ),
    )
}
