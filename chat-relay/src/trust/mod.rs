//! The page on plain HTTP where a device learns to trust the relay's own authority: what to download, what to
//! tap, and a way on to the room once it works. Page, style and script are files beside this one.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority as UriAuthority},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::certificates::{Authority, profile};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What the page hands out.
#[derive(Debug)]
pub(crate) struct Trust {
    name: String,
    fingerprint: String,
    certificate: Vec<u8>,
    profile: String,
    https_port: u16,
}

impl Trust {
    /// The page for `authority`, whose leaf is used on `https_port`.
    pub(crate) fn new(authority: &Authority, https_port: u16) -> Self {
        Self {
            name: authority.name().into(),
            fingerprint: authority.fingerprint(),
            certificate: authority.certificate().to_vec(),
            profile: profile::mobileconfig(authority),
            https_port,
        }
    }
}

/// The page's routes.
pub(crate) fn router(trust: Arc<Trust>) -> Router {
    Router::new()
        .route("/trust", get(page))
        .route(
            "/trust/style.css",
            get(|| async { typed("text/css; charset=utf-8", STYLE) }),
        )
        .route(
            "/trust/script.js",
            get(|| async { typed("text/javascript; charset=utf-8", SCRIPT) }),
        )
        .route("/trust/sightline-ca.crt", get(certificate))
        .route("/trust/sightline-ca.mobileconfig", get(mobileconfig))
        .layer(Extension(trust))
}

/// What other machines get over plain HTTP: the page, and a way to it from everywhere else.
pub(crate) fn only(trust: Arc<Trust>) -> Router {
    router(trust).fallback(|| async { Redirect::to("/trust") })
}

/// What other machines get over plain HTTP when the operator's own certificate is used: the same address by
/// HTTPS.
pub(crate) fn to_https(https_port: u16) -> Router {
    Router::new().fallback(move |headers: HeaderMap, uri: Uri| async move {
        match host(&headers) {
            Some(host) => {
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                Redirect::temporary(&format!("https://{host}:{https_port}{path}")).into_response()
            }
            None => StatusCode::BAD_REQUEST.into_response(),
        }
    })
}

async fn page(Extension(trust): Extension<Arc<Trust>>, headers: HeaderMap) -> Response {
    // The host is checked to be one, so that nothing else gets into the page.
    let Some(host) = host(&headers) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let secure = format!("https://{host}:{}", trust.https_port);
    let page = PAGE
        .replace("{{name}}", &trust.name)
        .replace("{{fingerprint}}", &trust.fingerprint.replace(':', ":<wbr>"))
        .replace("{{secure}}", &secure);
    let mut response = typed("text/html; charset=utf-8", page);
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         connect-src {secure}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn certificate(Extension(trust): Extension<Arc<Trust>>) -> Response {
    let mut response = typed("application/x-x509-ca-cert", trust.certificate.clone());
    response.headers_mut().insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"sightline-ca.crt\""),
    );
    response
}

async fn mobileconfig(Extension(trust): Extension<Arc<Trust>>) -> Response {
    typed("application/x-apple-aspen-config", trust.profile.clone())
}

fn typed(media_type: &'static str, body: impl IntoResponse) -> Response {
    (
        [
            (header::CONTENT_TYPE, media_type),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        body,
    )
        .into_response()
}

/// The host that the client asked, without its port; `None` when it is none.
fn host(headers: &HeaderMap) -> Option<String> {
    let authority: UriAuthority = headers.get(header::HOST)?.to_str().ok()?.parse().ok()?;
    let host = authority.host();
    host.bytes()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b':' | b'[' | b']'))
        .then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request};
    use time::OffsetDateTime;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(router: Router, path: &str, host: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, host)
            .body(Body::empty())
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        (parts.status, parts.headers, text)
    }

    fn trust() -> (Arc<Trust>, String) {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let authority = Authority::open(folder.path(), &[], now).unwrap();
        (
            Arc::new(Trust::new(&authority, 8443)),
            authority.fingerprint(),
        )
    }

    #[tokio::test]
    async fn other_machines_get_this_page_and_the_way_to_it_only() {
        let (trust, fingerprint) = trust();
        for path in ["/", "/v1/rooms", "/v1/ws?room=r", "/index.html"] {
            let (status, headers, _) = ask(only(Arc::clone(&trust)), path, "10.0.0.2:8080").await;
            assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
            assert_eq!(headers[header::LOCATION], "/trust");
        }
        let (status, headers, page) =
            ask(only(Arc::clone(&trust)), "/trust", "10.0.0.2:8080").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("https://10.0.0.2:8443"));
        assert!(page.replace("<wbr>", "").contains(&fingerprint));
        assert!(!page.contains("{{"));
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("connect-src https://10.0.0.2:8443;"),
            "{policy}"
        );
        let (_, headers, _) = ask(only(Arc::clone(&trust)), "/trust/sightline-ca.crt", "x").await;
        assert_eq!(headers[header::CONTENT_TYPE], "application/x-x509-ca-cert");
        let (_, headers, profile) = ask(only(trust), "/trust/sightline-ca.mobileconfig", "x").await;
        assert_eq!(
            headers[header::CONTENT_TYPE],
            "application/x-apple-aspen-config"
        );
        assert!(profile.contains("com.apple.security.root"));
    }

    #[tokio::test]
    async fn a_host_that_is_none_gets_no_page() {
        let (trust, _) = trust();
        for host in ["\"><script>", "a b", "a/b"] {
            let (status, ..) = ask(only(Arc::clone(&trust)), "/trust", host).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{host}");
        }
    }

    #[tokio::test]
    async fn with_a_certificate_of_the_operator_http_leads_to_https() {
        let (status, headers, _) = ask(to_https(443), "/a?b=c", "relay.example:8080").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(headers[header::LOCATION], "https://relay.example:443/a?b=c");
    }
}
