//! Making and joining rooms, tokens and devices, and what the relay says of itself. The bodies are
//! [`chat_relay_protocol::rest`]'s.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat_relay_protocol::{
    DeviceId, ErrorCode, MemberId, Retry, Role, RoomId, WireError,
    rest::{CreateRoom, Info, JoinRoom, Joined, Renew, Renewed},
};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{
    peer::Peer,
    refusal::{Refusal, closed},
    request::read_body,
};
use crate::{
    app::App,
    gateway::hello,
    history::{Admission, DeviceRecord, FoundRoom, HistoryError, NewDevice, NewMember, NewRoom},
    names::normalized_name,
    outbox::Closing,
    rate_limit::network,
    secrets,
    tokens::Claims,
};

/// The largest body that is read.
const MAX_BODY_BYTES: usize = 4096;
/// What joining, making a room and a wrong code cost of an address's budget.
const JOIN_COST: u32 = 1;
const CREATE_COST: u32 = 5;
const WRONG_CODE_COST: u32 = 9;
/// How often an id or a code is drawn again when it is taken.
const DRAWS: usize = 20;
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
    spend(&app, &peer, &headers, CREATE_COST)?;
    let CreateRoom { name } = parse(&app, body).await?;
    let now = app.around.clock.unix_millis();
    let (mut member, secret) = new_member(named(&name), Role::Owner, now)?;
    for _ in 0..DRAWS {
        let room = NewRoom {
            id: drawn(secrets::id('r'), RoomId::new)?,
            code: secrets::room_code().map_err(storage)?,
            epoch: secrets::id('e').map_err(storage)?,
            created_at: now,
            owner: member.clone(),
        };
        match app.around.history.create_room(room).await {
            Ok(admission) => {
                let joined = joined(&app, &admission, &admission.device, secret);
                return Ok((StatusCode::CREATED, Json(joined)).into_response());
            }
            Err(HistoryError::CodeTaken) => {}
            Err(HistoryError::IdTaken { .. }) => {
                member.id = drawn(secrets::id('m'), MemberId::new)?
            }
            Err(error) => return Err(storage(error)),
        }
    }
    Err(storage("no room code is free"))
}

/// `POST /v1/rooms/join`.
pub(crate) async fn join_room(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Joined>, Refusal> {
    app.origins.check(&headers)?;
    spend(&app, &peer, &headers, JOIN_COST)?;
    let JoinRoom { code, name } = parse(&app, body).await?;
    let history = &app.around.history;
    let found = match secrets::normalized_code(&code) {
        Some(code) => history.room_by_code(code).await.map_err(storage)?,
        None => FoundRoom::Absent,
    };
    let FoundRoom::Live(record) = found else {
        // Only what is left is spent, so that this answer is the same until the budget is gone.
        let address = app.proxies.client(peer.address.ip(), &headers);
        let _ = app
            .join_limit
            .spend(network(address), WRONG_CODE_COST, Instant::now());
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            WireError::new(
                ErrorCode::RoomNotFound,
                "No room has this code. Check its six characters.",
                Retry::Never,
            ),
        ));
    };
    let shard = app.shards.of(&record.id);
    let room = shard.room(&record).await.map_err(storage)?;
    let is_closed = room.is_closed();
    shard.let_go(&room);
    if is_closed {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            WireError::new(
                ErrorCode::RoomClosed,
                "This room takes nobody new just now. Ask who runs it.",
                Retry::Later {
                    after_millis: 10_000,
                },
            ),
        ));
    }
    let (member, secret) = new_member(named(&name), Role::Editor, app.around.clock.unix_millis())?;
    let admission = history
        .add_member(record.key, member)
        .await
        .map_err(storage)?;
    Ok(Json(joined(&app, &admission, &admission.device, secret)))
}

/// `POST /v1/devices`: a further device of the member whose token it is.
pub(crate) async fn add_device(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    app.origins.check(&headers)?;
    spend(&app, &peer, &headers, JOIN_COST)?;
    let admission = bearer(&app, &headers).await?;
    let (device, secret) = new_device(app.around.clock.unix_millis())?;
    let device = app
        .around
        .history
        .add_device(admission.member.key, device)
        .await
        .map_err(storage)?;
    let joined = joined(&app, &admission, &device, secret);
    Ok((StatusCode::CREATED, Json(joined)).into_response())
}

/// `POST /v1/token`: a new token for a device's secret.
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Renewed>, Refusal> {
    app.origins.check(&headers)?;
    let Renew { secret } = parse(&app, body).await?;
    let admission = app
        .around
        .history
        .admission_by_secret(secrets::token_hash(&secret))
        .await
        .map_err(storage)?
        .ok_or_else(unauthorized)?;
    if admission.member.removed {
        return Err(closed(Closing::removed()));
    }
    let (token, expires_at) = token(&app, &admission, &admission.device);
    Ok(Json(Renewed { token, expires_at }))
}

/// `POST /v1/logout`: the device is admitted no more, and its socket closes at once.
pub(crate) async fn log_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    app.origins.check(&headers)?;
    let admission = bearer(&app, &headers).await?;
    app.around
        .history
        .remove_device(admission.device.key)
        .await
        .map_err(storage)?;
    let shard = app.shards.of(&admission.room.id);
    shard.log_out(&admission.room.id, &admission.device.id);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/info`.
pub(crate) async fn info(State(app): State<Arc<App>>) -> Json<Info> {
    Json(app.info.clone())
}

/// `GET /readyz`.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    if app.shutdown.is_begun() {
        return Err(closed(Closing::shutting_down(1000)));
    }
    app.around.history.probe().await.map_err(storage)?;
    Ok("ok\n")
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

/// Whom the request's `Authorization: Bearer` admits.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<Admission, Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(unauthorized)?;
    hello::admit_anywhere(app, token.trim())
        .await
        .map_err(closed)
}

fn joined(app: &App, admission: &Admission, device: &DeviceRecord, secret: String) -> Joined {
    let (token, expires_at) = token(app, admission, device);
    Joined {
        room: admission.room.id.clone(),
        code: admission.room.code.clone(),
        member: admission.member.id.clone(),
        device: device.id.clone(),
        role: admission.member.role,
        token,
        expires_at,
        secret,
    }
}

fn token(app: &App, admission: &Admission, device: &DeviceRecord) -> (String, i64) {
    let now_secs = app.around.clock.unix_secs();
    let claims = Claims {
        room: admission.room.id.to_string(),
        member: admission.member.id.to_string(),
        device: device.id.to_string(),
        role: admission.member.role.name().into(),
    };
    let token = app
        .tokens
        .issue(&claims, u64::try_from(now_secs).unwrap_or(0));
    let lifetime = i64::try_from(app.tokens.lifetime_secs()).unwrap_or(i64::MAX);
    (token, now_secs.saturating_add(lifetime))
}

fn new_member(name: String, role: Role, now: i64) -> Result<(NewMember, String), Refusal> {
    let (device, secret) = new_device(now)?;
    let member = NewMember {
        id: drawn(secrets::id('m'), MemberId::new)?,
        name,
        hue: 0,
        role,
        created_at: now,
        device,
    };
    Ok((member, secret))
}

fn new_device(now: i64) -> Result<(NewDevice, String), Refusal> {
    let secret = secrets::token().map_err(storage)?;
    let device = NewDevice {
        id: drawn(secrets::id('d'), DeviceId::new)?,
        secret: secrets::token_hash(&secret),
        created_at: now,
    };
    Ok((device, secret))
}

fn drawn<T>(
    text: Result<String, crate::Error>,
    of: impl FnOnce(String) -> Result<T, chat_relay_protocol::IdError>,
) -> Result<T, Refusal> {
    of(text.map_err(storage)?).map_err(storage)
}

fn spend(app: &App, peer: &Peer, headers: &HeaderMap, cost: u32) -> Result<(), Refusal> {
    let address = app.proxies.client(peer.address.ip(), headers);
    app.join_limit
        .spend(network(address), cost, Instant::now())
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

async fn parse<T: DeserializeOwned>(app: &App, body: Body) -> Result<T, Refusal> {
    let bytes = read_body(app, body, MAX_BODY_BYTES).await?;
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

fn unauthorized() -> Refusal {
    closed(Closing::unauthorized())
}

fn storage(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "a request found no store");
    closed(Closing::storage())
}
