//! The relay's HTTP calls, over any [`Connector`]: one request a connection, HTTP/1.1.

use std::{io, sync::Arc, time::Duration};

use chat_relay_protocol::{
    WireError,
    rest::{CreateRoom, JoinRoom, Joined},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::connector::{Connector, Tcp};

/// How long a call may take.
const WITHIN: Duration = Duration::from_secs(30);

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The relay cannot be reached, or broke off.
    #[error("the relay at {address} cannot be reached: {source}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What the network said.
        source: io::Error,
    },
    /// The relay refused.
    #[error("the relay refused: {}", error.message)]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        error: WireError,
    },
    /// The answer is none of the relay's.
    #[error("what answers at {address} is no relay, or one of another version: {reason}")]
    Answer {
        /// Where it came from.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The connector for plain TCP.
pub fn tcp() -> Arc<dyn Connector> {
    Arc::new(Tcp)
}

/// Makes a room of the relay at `address` (`host:port`) and joins it.
///
/// # Errors
/// [`CallError`].
pub async fn create_room(
    connector: &Arc<dyn Connector>,
    address: &str,
    name: &str,
) -> Result<Joined, CallError> {
    let body = CreateRoom { name: name.into() };
    post(connector, address, "/v1/rooms", None, Some(&body)).await
}

/// Joins a room by its code.
///
/// # Errors
/// [`CallError`].
pub async fn join_room(
    connector: &Arc<dyn Connector>,
    address: &str,
    code: &str,
    name: &str,
) -> Result<Joined, CallError> {
    let (code, name) = (code.into(), name.into());
    let body = JoinRoom { code, name };
    post(connector, address, "/v1/rooms/join", None, Some(&body)).await
}

/// A further device of the member that `secret` is of.
///
/// # Errors
/// [`CallError`].
pub async fn add_device(
    connector: &Arc<dyn Connector>,
    address: &str,
    secret: &str,
) -> Result<Joined, CallError> {
    post::<(), _>(connector, address, "/v1/devices", Some(secret), None).await
}

/// Calls the relay: `body` as JSON, `secret` as a bearer token.
///
/// # Errors
/// [`CallError`].
pub async fn post<B: Serialize, T: DeserializeOwned>(
    connector: &Arc<dyn Connector>,
    address: &str,
    path: &str,
    secret: Option<&str>,
    body: Option<&B>,
) -> Result<T, CallError> {
    let wrong = |reason: String| CallError::Answer {
        address: address.into(),
        reason,
    };
    let body = match body {
        Some(body) => serde_json::to_string(body).map_err(|error| wrong(error.to_string()))?,
        None => String::new(),
    };
    let bearer = secret.map_or_else(String::new, |secret| {
        format!("Authorization: Bearer {secret}\r\n")
    });
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{bearer}\r\n{body}",
        body.len()
    );
    let answer = timeout(WITHIN, exchange(connector.as_ref(), address, &request))
        .await
        .unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
        .map_err(|source| CallError::Unreachable {
            address: address.into(),
            source,
        })?;
    let (status, body) = parse(&answer).ok_or_else(|| wrong("it is no HTTP".into()))?;
    if (200..300).contains(&status) {
        return serde_json::from_slice(&body).map_err(|error| wrong(error.to_string()));
    }
    match serde_json::from_slice(&body) {
        Ok(error) => Err(CallError::Refused { status, error }),
        Err(_) => Err(wrong(format!("it has the status {status}"))),
    }
}

async fn exchange(connector: &dyn Connector, address: &str, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = connector.connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream
        .take(MAX_ANSWER_BYTES)
        .read_to_end(&mut answer)
        .await?;
    Ok(answer)
}

/// Status and body of an answer after which the connection ends.
fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let body = &answer[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |wanted: &str| {
        lines.clone().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return Some((status, unchunked(body)?));
    }
    let length = header("content-length").map_or(Some(body.len()), |value| value.parse().ok())?;
    Some((status, body.get(..length)?.to_vec()))
}

/// The body of an answer that comes in chunks.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&body[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        let chunk = body.get(end + 2..)?;
        whole.extend_from_slice(chunk.get(..size)?);
        body = chunk.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_cut_at_its_length() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX: y\r\n\r\n{}more";
        assert_eq!(parse(answer), Some((201, b"{}".to_vec())));
        assert_eq!(
            parse(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
            None
        );
        assert_eq!(parse(b"SSH-2.0"), None);
    }

    #[test]
    fn chunks_are_put_together() {
        let answer =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(answer), Some((200, b"abcde".to_vec())));
        assert_eq!(unchunked(b"3\r\nab"), None);
    }
}
