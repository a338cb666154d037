//! Whose pages may use this relay: those it serves itself, and those that the operator allows. A program that
//! is no browser sends no origin and may.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use chat_relay_protocol::{ErrorCode, Retry, WireError};

use super::refusal::Refusal;
use crate::error::Error;

/// The origins beside the relay's own.
#[derive(Debug)]
pub(crate) struct Origins {
    allowed: Vec<String>,
}

impl Origins {
    /// # Errors
    /// [`Error::Origin`] when one is not `http://` or `https://`, a host, and perhaps a port.
    pub(crate) fn new(allowed: &[String]) -> Result<Self, Error> {
        let allowed = allowed
            .iter()
            .map(|origin| {
                normalized(origin).ok_or_else(|| Error::Origin {
                    origin: origin.clone(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { allowed })
    }

    /// Refuses a request of a foreign page.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Ok(());
        };
        if self.allows(origin) || is_own(origin, headers.get(header::HOST)) {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            WireError::new(
                ErrorCode::Origin,
                "This page may not use this relay. Its operator can allow it with --allow-origin.",
                Retry::Never,
            ),
        ))
    }

    pub(super) fn allows(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().ok().and_then(normalized);
        origin.is_some_and(|origin| self.allowed.contains(&origin))
    }
}

/// Whether a page of `origin` was served by the host that it asks. Ports are compared as the origin's scheme
/// completes them; the scheme itself is not, as a proxy may have ended TLS.
fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let origin = origin.to_str().ok().and_then(parts);
    let (Some((scheme, origin)), Some(host)) = (origin, host.and_then(|host| host.to_str().ok()))
    else {
        return false;
    };
    with_port(&scheme, &origin) == with_port(&scheme, &host.to_ascii_lowercase())
}

/// An origin in lower case, without a default port.
fn normalized(origin: &str) -> Option<String> {
    let (scheme, authority) = parts(origin)?;
    let default = format!(":{}", default_port(&scheme));
    let authority = authority.strip_suffix(&default).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

fn parts(origin: &str) -> Option<(String, String)> {
    let uri: Uri = origin.trim_end_matches('/').parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?.as_str().to_ascii_lowercase();
    let plain = uri.path() == "/" && uri.query().is_none() && !authority.contains('@');
    (plain && matches!(scheme.as_str(), "http" | "https")).then_some((scheme, authority))
}

fn with_port(scheme: &str, authority: &str) -> String {
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()));
    if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:{}", default_port(scheme))
    }
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &Origins, origin: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        origins.check(&headers).is_ok()
    }

    #[test]
    fn own_and_allowed_pages_may_ask() {
        let origins = Origins::new(&["https://School.example:443/".into()]).unwrap();
        for (origin, host, expected) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://127.0.0.1:8081", "127.0.0.1:8080", false),
            ("https://relay.example", "relay.example", true),
            ("https://relay.example", "relay.example:443", true),
            ("http://relay.example", "relay.example:443", false),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]", "[::1]:80", true),
            ("https://school.example", "127.0.0.1:8080", true),
            ("http://school.example", "127.0.0.1:8080", false),
            ("https://evil.example", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
            ("file://", "127.0.0.1:8080", false),
        ] {
            assert_eq!(allowed(&origins, origin, host), expected, "{origin} {host}");
        }
        assert!(origins.check(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn what_is_no_origin_is_refused_at_the_start() {
        for origin in [
            "school.example",
            "https://a.example/page",
            "ftp://a.example",
            "*",
            "",
        ] {
            assert!(Origins::new(&[origin.into()]).is_err(), "{origin}");
        }
    }
}
