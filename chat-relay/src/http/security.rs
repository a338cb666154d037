//! Headers that every answer bears: what the page may load and use, and no guessing of types.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Sensors and camera for the page itself, nothing for frames in it.
const PERMISSIONS: &str = "accelerometer=(self), camera=(self), gyroscope=(self), magnetometer=(self), \
                           microphone=(self), screen-wake-lock=(self), xr-spatial-tracking=(self)";

/// Adds the headers.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let policy = content_security_policy(request.headers().get(header::HOST));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(policy);
    }
    response
}

/// Scripts, workers and modules come from this origin only. The WebSocket's address is spelled out, as not
/// every browser counts it as `'self'`.
fn content_security_policy(host: Option<&HeaderValue>) -> String {
    let sockets = host
        .and_then(|host| host.to_str().ok())
        .filter(|host| host.bytes().all(is_host_char))
        .map_or(String::new(), |host| format!(" ws://{host} wss://{host}"));
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; media-src 'self' blob: mediastream:; font-src 'self'; \
         worker-src 'self' blob:; connect-src 'self' data: blob:{sockets}; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
}

fn is_host_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b':' | b'[' | b']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_none_does_not_get_into_the_policy() {
        let policy =
            |host: &str| content_security_policy(Some(&HeaderValue::from_str(host).unwrap()));
        assert!(policy("10.0.0.2:8443").contains(" wss://10.0.0.2:8443;"));
        assert!(!policy("x; script-src *").contains("script-src *"));
    }
}
