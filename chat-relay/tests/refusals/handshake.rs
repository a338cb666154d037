//! Before a socket is open.

use std::{net::SocketAddr, time::Duration};

use chat_relay_protocol::{Body, RoomChange, WireError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Error, http};

use super::{
    case::{Case, Setup},
    client::{Answer, PATIENCE, Socket, call, get, hello, post, request},
};

/// How the opening of a socket is refused.
async fn refused(case: &Case, request: http::Request<()>) -> Answer {
    match Socket::try_open(case.address, request).await {
        Err(Error::Http(response)) => {
            let headers = response.headers().iter();
            let lines =
                headers.map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap()));
            Answer {
                status: response.status().as_u16(),
                head: lines.collect(),
                body: response.body().clone().unwrap_or_default(),
            }
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the socket was opened"),
    }
}

pub(crate) async fn foreign_origin(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.allow_origins = vec!["https://school.example".into()])
        .await;
    let room = case.elsewhere().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://school.example.evil.example",
    ] {
        let mut request = request(case.address, room.room.as_str());
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse().unwrap());
        // The body of a refused upgrade is not always read by the client: the status and the calls below stand for it.
        let answer = refused(&case, request).await;
        assert_eq!(answer.status, 403, "{origin}");
        let origin = format!("Origin: {origin}");
        let json = "Content-Type: application/json";
        let hello = hello(&room.token, None).to_json();
        let stream = format!("/v1/stream?room={}", room.room);
        for (path, body) in [
            ("/v1/rooms", r#"{"name":"x"}"#),
            ("/v1/rooms/join", r#"{"code":"x","name":"x"}"#),
            (stream.as_str(), hello.as_str()),
        ] {
            let answer = call(case.address, "POST", path, &[&origin, json], body).await;
            case.answered(&answer);
        }
    }
    let own = format!("http://{}", case.address);
    for origin in ["https://school.example", &own] {
        let mut request = request(case.address, room.room.as_str());
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse().unwrap());
        assert!(Socket::try_open(case.address, request).await.is_ok());
    }
    let allowed = [
        "Origin: https://school.example",
        "Content-Type: application/json",
    ];
    let made = call(
        case.address,
        "POST",
        "/v1/rooms",
        &allowed,
        r#"{"name":"x"}"#,
    )
    .await;
    assert_eq!(made.status, 201);
    assert_eq!(
        made.header("Access-Control-Allow-Origin"),
        Some("https://school.example")
    );
    // When to try again is not for pages of the own origin alone.
    assert_eq!(
        made.header("Access-Control-Expose-Headers"),
        Some("Retry-After")
    );
    let preflight = [allowed[0], "Access-Control-Request-Method: POST"];
    let preflight = call(case.address, "OPTIONS", "/v1/rooms", &preflight, "").await;
    assert_eq!(preflight.status, 204);
    let allowed = preflight.header("Access-Control-Allow-Headers").unwrap();
    for header in ["authorization", "content-type"] {
        assert!(allowed.split(", ").any(|name| name == header), "{allowed}");
    }
    case
}

pub(crate) async fn other_subprotocol(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let room = case.elsewhere().await;
    for offered in [None, Some("sightline.v9.json"), Some("graphql-ws, mqtt")] {
        let mut request = request(case.address, room.room.as_str());
        let headers = request.headers_mut();
        headers.remove("Sec-WebSocket-Protocol");
        if let Some(offered) = offered {
            headers.insert("Sec-WebSocket-Protocol", offered.parse().unwrap());
        }
        let answer = refused(&case, request).await;
        assert_eq!(answer.status, 400);
        if !answer.body.is_empty() {
            case.answered(&answer);
        }
    }
    let lines = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    let path = format!("/v1/ws?room={}", room.room);
    case.answered(&call(case.address, "GET", &path, &lines, "").await);
    case
}

pub(crate) async fn no_websocket(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let answer = get(case.address, "/v1/ws").await;
    case.answered(&answer);
    assert_eq!(answer.header("Upgrade"), Some("websocket"));
    case
}

pub(crate) async fn too_many_of_an_address(setup: Setup) -> Case {
    // The owner and the two who talk have three.
    let case = setup
        .start(|config| config.limits.connections_per_address = 4)
        .await;
    let mut last = case.join().await;
    let one_more = case.admission().await;
    let path = format!("/v1/stream?room={}", one_more.room);
    let first = hello(&one_more.token, None).to_json();
    case.answered(&post(case.address, &path, &first).await);
    let answer = refused(&case, request(case.address, one_more.room.as_str())).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    last.say(Body::chat("still here")).await;
    // Who goes makes room.
    drop(last);
    loop {
        let answer = Socket::try_open(case.address, request(case.address, "x")).await;
        if answer.is_ok() {
            return case;
        }
    }
}

pub(crate) async fn too_many_sockets(setup: Setup) -> Case {
    // 64 more than connections; the owner and the two who talk have three.
    let mut case = setup
        .start(|config| config.limits.connections_per_address = 4)
        .await;
    let mut device = case.join().await;
    // What they joined with is gone once that many fit.
    let mut sockets: Vec<TcpStream> = Vec::new();
    while sockets.len() < 64 {
        let more = (sockets.len()..64).map(|_| kept(case.address));
        let more = futures_util::future::join_all(more).await;
        sockets.extend(more.into_iter().flatten());
    }
    assert!(kept(case.address).await.is_none());
    case.untold("dropped");
    // A WebSocket counts for as long as it is open.
    device.say(Body::chat("still here")).await;
    let gone = device.id().clone();
    drop(device);
    case.left(&gone).await;
    while kept(case.address).await.is_none() {}
    drop(sockets);
    let metrics = loop {
        if kept(case.address).await.is_some() {
            break get(case.address, "/metrics").await.text();
        }
    };
    assert!(metrics.contains("chat_relay_dropped_total{reason=\"address\"}"));
    assert!(!metrics.contains("chat_relay_dropped_total{reason=\"address\"} 0"));
    case
}

/// A new socket on which nothing is said, if the relay keeps it, as far as a moment shows.
async fn kept(address: SocketAddr) -> Option<TcpStream> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let end = timeout(Duration::from_millis(300), socket.read_u8()).await;
    end.is_err().then_some(socket)
}

pub(crate) async fn too_many_of_all(setup: Setup) -> Case {
    let case = setup.start(|config| config.limits.connections = 4).await;
    let last = case.join().await;
    let mut waiting = Box::pin(get(case.address, "/healthz"));
    let early = timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "one more connection was served");
    case.untold("waits");
    drop(last);
    assert_eq!(waiting.await.status, 200);
    case
}

pub(crate) async fn wrong_code(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for code in ["?", "", "ZZZZZZ", "xxx xxx"] {
        let body = format!(r#"{{"code":"{code}","name":"x"}}"#);
        case.answered(&post(case.address, "/v1/rooms/join", &body).await);
    }
    case
}

pub(crate) async fn guessed_codes(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.join_refill_per_sec = 0.01)
        .await;
    let body = r#"{"code":"ZZZZZZ","name":"x"}"#;
    let mut tries = 0;
    let answer = loop {
        let answer = post(case.address, "/v1/rooms/join", body).await;
        if answer.status != 404 {
            break answer;
        }
        tries += 1;
    };
    // Ten at a cost of ten, and what the rest of the budget lets through.
    assert!((9..=20).contains(&tries), "{tries}");
    case.answered(&answer);
    case
}

pub(crate) async fn closed_room(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let change = RoomChange::SetOpen { open: false };
    case.owner.say(Body::Room { change }).await;
    let body = format!(r#"{{"code":"{}","name":"Late"}}"#, case.code);
    case.answered(&post(case.address, "/v1/rooms/join", &body).await);
    case
}

pub(crate) async fn large_body(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(5000));
    for path in [
        "/v1/rooms",
        "/v1/rooms/join",
        "/v1/token",
        "/v1/stream?room=x",
    ] {
        case.answered(&post(case.address, path, &large).await);
    }
    case
}

pub(crate) async fn unreadable_body(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    for (path, body) in [
        ("/v1/rooms", "{"),
        ("/v1/rooms", r#"{"nome":"x"}"#),
        ("/v1/rooms/join", r#"["x"]"#),
        ("/v1/token", ""),
        ("/v1/stream?room=x", "garbage"),
    ] {
        case.answered(&post(case.address, path, body).await);
    }
    case
}

pub(crate) async fn half_a_body(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.hello_timeout = Duration::from_millis(1500))
        .await;
    let paths = ["/v1/stream?room=x", "/v1/rooms", "/v1/token"];
    let calls = paths.map(async |path| {
        let mut stream = TcpStream::connect(case.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n{{",
            case.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = timeout(PATIENCE, Answer::read(&mut stream)).await.unwrap();
        case.answered(&answer);
    });
    futures_util::future::join_all(calls).await;
    case
}

pub(crate) async fn unknown_session(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let ping = r#"{"type":"ping","nonce":1}"#;
    case.answered(&post(case.address, "/v1/stream/nobody", ping).await);
    // A device's token is no session.
    let path = format!("/v1/stream/{}", case.owner.joined.token);
    let answer = post(case.address, &path, ping).await;
    case.answered(&answer);
    let _: WireError = answer.json();
    case
}
