//! An HTTP answer that says no, with the same body as an error on the socket.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chat_relay_protocol::{ErrorCode, Retry, WireError};

use crate::{metrics::Metrics, outbox::Closing};

/// A status, an error, and perhaps a header that belongs to the status.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: Box<WireError>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: WireError) -> Self {
        let header = match error.retry {
            Retry::Later { after_millis } => Some((
                header::RETRY_AFTER,
                HeaderValue::from(after_millis.div_ceil(1000)),
            )),
            Retry::Never | Retry::Rejoin | Retry::Renew => None,
        };
        Self {
            status,
            error: Box::new(error),
            header,
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let refused = Refused(self.error.code);
        let mut response = (self.status, axum::Json(*self.error)).into_response();
        response.extensions_mut().insert(refused);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The code of a refusal, as an extension of its answer: who refuses has no metrics at hand.
#[derive(Debug, Clone, Copy)]
struct Refused(ErrorCode);

/// Counts the refusals among the answers.
pub(crate) async fn count(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if let Some(Refused(code)) = response.extensions().get() {
        metrics.refused.count(code.name());
    }
    response
}

/// A reason for which a connection would end, as an HTTP answer.
pub(crate) fn closed(reason: Closing) -> Refusal {
    let error = match reason {
        Closing::Told { error, .. } => error,
        Closing::Gone | Closing::Silent => {
            WireError::new(ErrorCode::BadMessage, "The connection ended.", Retry::Never)
        }
    };
    let status = match error.code {
        ErrorCode::Unauthorized | ErrorCode::TokenExpired => StatusCode::UNAUTHORIZED,
        ErrorCode::Removed => StatusCode::FORBIDDEN,
        ErrorCode::RoomNotFound => StatusCode::NOT_FOUND,
        ErrorCode::RoomExpired => StatusCode::GONE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Storage | ErrorCode::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    Refusal::new(status, error)
}
