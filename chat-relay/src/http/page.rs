//! The built page: files of one folder, revalidated by the browser at each use, and served compressed where
//! the build left a `.br` or `.gz` beside them.

use std::{
    fs::Metadata,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::media_type;
use crate::error::Error;

/// How many bytes come out of a coded answer: a page that shows the progress of a download counts those.
const CONTENT_LENGTH_RAW: &str = "x-content-length-raw";

/// The folder of the built page.
#[derive(Debug)]
pub(crate) struct Page {
    root: PathBuf,
}

/// A coding of the content, and what its files end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Coding::Brotli => ".br",
            Coding::Gzip => ".gz",
        }
    }
}

impl Page {
    /// # Errors
    /// [`Error::NoPage`] when `folder` has no `index.html`.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let no_page = || Error::NoPage {
            path: folder.to_path_buf(),
        };
        let root = folder.canonicalize().map_err(|_| no_page())?;
        if !root.join("index.html").is_file() {
            return Err(no_page());
        }
        Ok(Self { root })
    }

    /// Answers with the file that the request names.
    pub(crate) async fn serve(&self, request: &Parts) -> Response {
        if request.method != Method::GET && request.method != Method::HEAD {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let Some(name) = file_name(request.uri.path()) else {
            return not_found();
        };
        let Some((path, metadata)) = self.find(&name).await else {
            return not_found();
        };
        let coded = self.coded(&path, &metadata, &request.headers).await;
        let raw_bytes = metadata.len();
        let (path, metadata, coding) = match coded {
            Some((path, metadata, coding)) => (path, metadata, Some((coding, raw_bytes))),
            None => (path, metadata, None),
        };
        respond(request, &name, &path, &metadata, coding).await
    }

    /// The file, if it lies in the folder, whatever links there are.
    async fn find(&self, name: &str) -> Option<(PathBuf, Metadata)> {
        let path = tokio::fs::canonicalize(self.root.join(name)).await.ok()?;
        let metadata = tokio::fs::metadata(&path).await.ok()?;
        (path.starts_with(&self.root) && metadata.is_file()).then_some((path, metadata))
    }

    /// The file's compressed form, if the browser takes it and it is not older than the file.
    async fn coded(
        &self,
        path: &Path,
        metadata: &Metadata,
        headers: &HeaderMap,
    ) -> Option<(PathBuf, Metadata, Coding)> {
        for coding in [Coding::Brotli, Coding::Gzip] {
            if !accepts(headers, coding.name()) {
                continue;
            }
            let mut coded = path.as_os_str().to_owned();
            coded.push(coding.suffix());
            let coded = PathBuf::from(coded);
            if let Ok(found) = tokio::fs::metadata(&coded).await
                && found.is_file()
                && found.modified().ok() >= metadata.modified().ok()
            {
                return Some((coded, found, coding));
            }
        }
        None
    }
}

async fn respond(
    request: &Parts,
    name: &str,
    path: &Path,
    metadata: &Metadata,
    coding: Option<(Coding, u64)>,
) -> Response {
    let tag = entity_tag(metadata, coding.map(|(coding, _)| coding));
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, media_type::of(name))
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::VARY, "Accept-Encoding")
        .header(header::ETAG, &tag);
    if let Some((coding, raw_bytes)) = coding {
        response = response
            .header(header::CONTENT_ENCODING, coding.name())
            .header(CONTENT_LENGTH_RAW, raw_bytes);
    }
    let response = if matches(&request.headers, &tag) {
        response
            .status(StatusCode::NOT_MODIFIED)
            .body(Body::empty())
    } else if request.method == Method::HEAD {
        response
            .header(header::CONTENT_LENGTH, metadata.len())
            .body(Body::empty())
    } else {
        match tokio::fs::read(path).await {
            Ok(bytes) => response.body(Body::from(bytes)),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a file of the page cannot be read");
                return not_found();
            }
        }
    };
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page here.\n").into_response()
}

/// The file that an address's path names, relative to the folder; `None` for one that leaves it, is hidden, or
/// cannot be a name.
fn file_name(path: &str) -> Option<String> {
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    let path = path.strip_prefix('/')?;
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    if path.contains(['\\', '\0', ':']) {
        return None;
    }
    if path.is_empty() {
        return Some("index.html".into());
    }
    match path.strip_suffix('/') {
        Some(folder) if folder.split('/').all(plain) => Some(format!("{folder}/index.html")),
        None if path.split('/').all(plain) => Some(path.to_owned()),
        _ => None,
    }
}

fn entity_tag(metadata: &Metadata, coding: Option<Coding>) -> String {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    let coding = coding.map_or("", Coding::name);
    format!("\"{:x}-{modified:x}{coding}\"", metadata.len())
}

fn matches(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let item = item.trim();
            item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag
        })
}

/// Whether the browser takes `coding` (RFC 9110, section 12.5.3); a weight of 0 means that it does not.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_folder() {
        for (path, expected) in [
            ("/", Some("index.html")),
            ("/wasm/a%20b.wasm", Some("wasm/a b.wasm")),
            ("/docs/", Some("docs/index.html")),
            ("/../secret", None),
            ("/a/%2e%2e/secret", None),
            ("/.git/config", None),
            ("/a//b", None),
            ("/a\\..\\b", None),
            ("/C:/x", None),
            ("/%ff", None),
            ("/a%00", None),
        ] {
            assert_eq!(file_name(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn weights_are_heeded() {
        let accept = |value: &str, coding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts(&headers, coding)
        };
        assert!(accept("gzip, deflate, br", "br"));
        assert!(accept("br;q=0.5", "br"));
        assert!(!accept("br;q=0, gzip", "br"));
        assert!(!accept("brotli", "br"));
    }
}
