//! The built page over HTTP, and HTTPS with the relay's own authority.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::{
    fs::{self, File},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use chat_relay_protocol::{SUBPROTOCOL_JSON, ServerMessage};
use client::{call, create_room, get, hello, start, start_with};
use futures_util::{SinkExt, StreamExt};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

#[tokio::test]
async fn files_have_types_tags_and_compressed_forms() {
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    fs::create_dir_all(web.join("wasm")).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    for (name, content) in [
        ("index.html", "<p>page"),
        ("wasm/view.wasm", "plain wasm"),
        ("wasm/view.wasm.br", "br wasm"),
        ("wasm/view.wasm.gz", "gz wasm"),
        ("app.js", "newer than its br"),
        ("app.js.br", "stale"),
    ] {
        fs::write(web.join(name), content).unwrap();
    }
    let later = SystemTime::now() + Duration::from_secs(60);
    File::options()
        .write(true)
        .open(web.join("app.js"))
        .and_then(|file| file.set_modified(later))
        .unwrap();
    let relay = start_with(&folder.path().join("data"), |config| config.web = Some(web)).await;
    let address = relay.http_address();

    let page = get(address, "/").await;
    assert_eq!((page.status, page.text().as_str()), (200, "<p>page"));
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("Cache-Control"), Some("no-cache"));
    assert_eq!(page.header("X-Content-Type-Options"), Some("nosniff"));
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(policy.contains(&format!("ws://{address}")), "{policy}");

    for (accept, expected, coding) in [
        ("Accept-Encoding: gzip, br", "br wasm", Some("br")),
        ("Accept-Encoding: gzip", "gz wasm", Some("gzip")),
        ("Accept-Encoding: identity", "plain wasm", None),
    ] {
        let answer = call(address, "GET", "/wasm/view.wasm", &[accept], "").await;
        assert_eq!(answer.text(), expected);
        assert_eq!(answer.header("Content-Encoding"), coding);
        let raw_bytes = coding.map(|_| "10");
        assert_eq!(answer.header("X-Content-Length-Raw"), raw_bytes);
        assert_eq!(answer.header("Content-Type"), Some("application/wasm"));
        assert_eq!(answer.header("Vary"), Some("Accept-Encoding"));
        let tag = format!("If-None-Match: {}", answer.header("ETag").unwrap());
        let again = call(address, "GET", "/wasm/view.wasm", &[accept, &tag], "").await;
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
    let stale = call(address, "GET", "/app.js", &["Accept-Encoding: br"], "").await;
    assert_eq!(stale.text(), "newer than its br");
    let head = call(address, "HEAD", "/", &[], "").await;
    assert_eq!(
        (head.status, head.header("Content-Length")),
        (200, Some("7"))
    );
    for path in ["/../secret.txt", "/%2e%2e/secret.txt", "/missing", "/wasm"] {
        assert_eq!(get(address, path).await.status, 404, "{path}");
    }
    relay.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_does_not_lead_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    fs::create_dir(&web).unwrap();
    fs::write(web.join("index.html"), "page").unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), web.join("link")).unwrap();
    let relay = start_with(&folder.path().join("data"), |config| config.web = Some(web)).await;
    assert_eq!(get(relay.http_address(), "/link").await.status, 404);
    relay.shutdown().await;
}

/// A TLS connection to `name` that trusts `authority` alone.
async fn connect(
    address: SocketAddr,
    authority: Vec<u8>,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn https_and_its_sockets_work_for_who_trusts_the_authority() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.lan = true).await;
    let http = relay.http_address();
    let https = relay.https_address().unwrap();
    assert!(https.ip().is_loopback());
    let authority = get(http, "/trust/sightline-ca.crt").await.body;
    for (name, trusted) in [
        ("127.0.0.1", true),
        ("localhost", true),
        ("example.org", false),
    ] {
        let connected = connect(https, authority.clone(), name).await;
        assert_eq!(connected.is_ok(), trusted, "{name}");
    }

    let joined = create_room(http, "Ada").await;
    let mut request = format!("wss://{https}/v1/ws?room={}", joined.room)
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL_JSON.parse().unwrap());
    headers.insert("Origin", format!("https://{https}").parse().unwrap());
    let stream = connect(https, authority.clone(), "127.0.0.1")
        .await
        .unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let first = hello(&joined.token, None).to_json();
    socket.send(Message::Text(first.into())).await.unwrap();
    let Some(Ok(Message::Text(text))) = socket.next().await else {
        panic!("no welcome");
    };
    let welcome = ServerMessage::from_json(&text).unwrap();
    assert!(matches!(welcome, ServerMessage::Welcome(_)));
    relay.shutdown().await;

    // The authority outlives the process: nobody has to trust it again.
    let relay = start_with(data.path(), |config| config.lan = true).await;
    let again = get(relay.http_address(), "/trust/sightline-ca.crt")
        .await
        .body;
    assert_eq!(again, authority);
    connect(relay.https_address().unwrap(), authority, "127.0.0.1")
        .await
        .unwrap();
    relay.shutdown().await;
}

#[tokio::test]
async fn without_a_page_the_relay_says_how_to_give_one() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let answer = get(relay.http_address(), "/").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("--web"));
    relay.shutdown().await;
}
