//! The built page, revalidated by the browser at each use, and served compressed where the build left a `.br` or `.gz`
//! beside a file. It is a folder, or, in a program built with the feature `embedded-page`, part of the program.

use std::{
    fs::Metadata,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

#[cfg(feature = "embedded-page")]
use super::embedded_page;
use super::{
    media_type,
    page_file::{Coding, Content, Found},
};
use crate::error::Error;

/// How many bytes come out of a coded answer: a page that shows the progress of a download counts those.
const CONTENT_LENGTH_RAW: &str = "x-content-length-raw";

/// The built page.
#[derive(Debug)]
pub(crate) struct Page(Source);

#[derive(Debug)]
enum Source {
    /// A folder, by its canonical name.
    Folder(PathBuf),
    /// Part of the program.
    #[cfg(feature = "embedded-page")]
    Program(embedded_page::Files),
}

impl Page {
    /// The page in `folder`; without one, the page that is part of the program, if any is.
    ///
    /// # Errors
    /// [`Error::NoPage`] when `folder` has no `index.html`.
    pub(crate) fn of(folder: Option<&Path>) -> Result<Option<Self>, Error> {
        match folder {
            Some(folder) => Self::open(folder).map(Some),
            #[cfg(feature = "embedded-page")]
            None => Ok(Some(Self(Source::Program(
                embedded_page::Files::of_program(),
            )))),
            #[cfg(not(feature = "embedded-page"))]
            None => Ok(None),
        }
    }

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
        Ok(Self(Source::Folder(root)))
    }

    /// Answers with the file that the request names.
    pub(crate) async fn serve(&self, request: &Parts) -> Response {
        if request.method != Method::GET && request.method != Method::HEAD {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let Some(name) = file_name(request.uri.path()) else {
            return not_found();
        };
        let found = match &self.0 {
            Source::Folder(root) => find(root, &name, &request.headers).await,
            #[cfg(feature = "embedded-page")]
            Source::Program(files) => files.find(&name, |coding| accepts(&request.headers, coding)),
        };
        match found {
            Some(found) => respond(request, &name, found).await,
            None => not_found(),
        }
    }
}

/// The file, if it lies in the folder, whatever links there are; or its compressed form.
async fn find(root: &Path, name: &str, headers: &HeaderMap) -> Option<Found> {
    let path = tokio::fs::canonicalize(root.join(name)).await.ok()?;
    let metadata = tokio::fs::metadata(&path).await.ok()?;
    if !path.starts_with(root) || !metadata.is_file() {
        return None;
    }
    if let Some((path, coded, coding)) = find_coded(&path, &metadata, headers).await {
        return Some(Found {
            content: Content::File(path),
            bytes: coded.len(),
            tag: entity_tag(&coded, Some(coding)),
            coding: Some((coding, metadata.len())),
        });
    }
    Some(Found {
        content: Content::File(path),
        bytes: metadata.len(),
        tag: entity_tag(&metadata, None),
        coding: None,
    })
}

/// The file's compressed form, if the browser takes it and it is not older than the file.
async fn find_coded(
    path: &Path,
    metadata: &Metadata,
    headers: &HeaderMap,
) -> Option<(PathBuf, Metadata, Coding)> {
    for coding in Coding::ALL {
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

async fn respond(request: &Parts, name: &str, found: Found) -> Response {
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, media_type::of(name))
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::VARY, "Accept-Encoding")
        .header(header::ETAG, &found.tag);
    if let Some((coding, raw_bytes)) = found.coding {
        response = response
            .header(header::CONTENT_ENCODING, coding.name())
            .header(CONTENT_LENGTH_RAW, raw_bytes);
    }
    let response = if matches(&request.headers, &found.tag) {
        response
            .status(StatusCode::NOT_MODIFIED)
            .body(Body::empty())
    } else if request.method == Method::HEAD {
        response
            .header(header::CONTENT_LENGTH, found.bytes)
            .body(Body::empty())
    } else {
        match found.content {
            Content::Bytes(bytes) => response.body(Body::from(Bytes::from_static(bytes))),
            Content::File(path) => match tokio::fs::read(&path).await {
                Ok(bytes) => response.body(Body::from(bytes)),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "a file of the page cannot be read");
                    return not_found();
                }
            },
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
