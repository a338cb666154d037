//! What is read off a request.

use axum::{
    body::{Body, to_bytes},
    http::{StatusCode, Uri},
};
use bytes::Bytes;
use chat_relay_protocol::{ErrorCode, Retry, WireError};
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::app::App;

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

/// A body of at most `most` bytes, which has to come as fast as a hello.
///
/// # Errors
/// [`Refusal`] where it is longer, or late.
pub(crate) async fn read_body(app: &App, body: Body, most: usize) -> Result<Bytes, Refusal> {
    let late = |_| {
        Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            WireError::new(
                ErrorCode::BadMessage,
                "The body did not come in time. Send it again.",
                Retry::Later { after_millis: 1000 },
            ),
        )
    };
    let read = timeout(app.config.limits.hello_timeout, to_bytes(body, most));
    read.await.map_err(late)?.map_err(|_| {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            WireError::new(
                ErrorCode::TooLarge,
                format!("The body may have {most} bytes."),
                Retry::Never,
            ),
        )
    })
}
