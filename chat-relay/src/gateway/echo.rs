//! `chat-relay echo`: sockets of the gateway's own kind that send back what they hear. For conformance tests of the
//! connection code; it speaks no protocol of rooms and is not part of `serve`.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use chat_relay_protocol::Codec;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::{
    link::{Buffered, Link, Plain},
    socket::{Payload, Socket, Step},
    upgrade::{Opened, check_handshake, opened, switching},
};
use crate::{
    http::write_deadline::{Lift, WriteDeadline},
    outbox::{Closing, Dialect, Outbox, dialect::close_frame},
};

/// The largest message, as large as conformance tests send.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// Listens and echoes until the future is dropped. `listening` is told the address.
///
/// # Errors
/// What the system said when the address cannot be listened on.
pub async fn serve(address: SocketAddr, listening: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        let stream = WriteDeadline::new(stream, Lift::default());
        let service = service_fn(|request: hyper::Request<Incoming>| async {
            Ok::<_, std::convert::Infallible>(upgrade(request.map(Body::new)))
        });
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::spawn(async move {
            // A client that goes has no use for the error.
            let _ = connection.await;
        });
    }
}

fn upgrade(mut request: Request) -> Response {
    let key = match check_handshake(&request) {
        Ok(key) => key,
        Err(refusal) => return refusal.into_response(),
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match opened(upgraded).await {
            Some(Opened::Plain(stream)) => echo(Plain(Arc::new(stream))).await,
            Some(Opened::Other(stream)) => echo(Buffered(stream)).await,
            Some(Opened::Ahead(stream, read)) => {
                let (input, output) = tokio::io::split(stream);
                let input = tokio::io::AsyncReadExt::chain(std::io::Cursor::new(read), input);
                echo(Buffered(tokio::io::join(input, output))).await;
            }
            None => {}
        }
    });
    switching(&key, None)
}

async fn echo<L: Link>(link: L) {
    // The codec chooses the kind of message only.
    let outbox = Outbox::new(
        Dialect::WebSocket(Codec::Json),
        MAX_MESSAGE_BYTES * 2,
        link.direct(),
        prometheus_client::metrics::counter::Counter::default(),
    );
    let mut socket = Socket::new(link, outbox.clone(), MAX_MESSAGE_BYTES);
    let reason = loop {
        match socket.next(|_| {}, || true).await {
            Step::Message(payload) => {
                let dialect = Dialect::WebSocket(match payload {
                    Payload::Text(_) => Codec::Json,
                    Payload::Binary(_) => Codec::MsgPack,
                });
                if outbox.push(dialect.frame(payload.bytes())).is_err() {
                    break Closing::lagged();
                }
            }
            Step::CatchUp => {}
            Step::End(reason) => break reason,
        }
    };
    // Nobody here speaks the protocol of rooms: a close frame alone says why.
    socket.end(&close_frame(&reason)).await;
}
