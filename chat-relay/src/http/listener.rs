//! Taking connections: plain or TLS, HTTP/1.1 on each until it ends or becomes a WebSocket.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::{
    peer::{Open, Peer},
    write_deadline::WriteDeadline,
};
use crate::app::App;

/// How long a client may take for a TLS handshake, and for a request's head.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long open requests may take to end at a shutdown.
const DRAIN: Duration = Duration::from_secs(1);
/// How long to wait after the system gave no connection, for lack of files for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const HTTP_BUFFER_BYTES: usize = 32 * 1024;

/// What a listener serves.
#[derive(Clone)]
pub(crate) struct Service {
    /// What this machine gets.
    pub(crate) local: Router,
    /// What other machines get.
    pub(crate) remote: Router,
    /// Set where the listener speaks TLS.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Takes connections until the shutdown begins. `open` bounds how many there are, over all listeners.
pub(crate) async fn listen(
    app: Arc<App>,
    listener: TcpListener,
    service: Service,
    open: Arc<Semaphore>,
) {
    let mut shutdown = app.shutdown.subscribe();
    let accept = async {
        loop {
            let Ok(permit) = Arc::clone(&open).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, address)) => {
                    // Nothing can be answered before TLS, and nothing needs to: no honest client gets here.
                    let Some(peer) = admit(&app, address, permit) else {
                        continue;
                    };
                    // Small messages are not to wait for each other.
                    let _ = stream.set_nodelay(true);
                    let (app, service) = (Arc::clone(&app), service.clone());
                    let alive = app.shutdown.alive();
                    tokio::spawn(async move {
                        let _alive = alive;
                        serve(&app, stream, peer, service).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accept => {}
        () = shutdown.begun() => {}
    }
}

/// Serves a stream that was not taken by [`listen`].
pub(crate) async fn serve_one<S>(app: Arc<App>, stream: S, address: SocketAddr, service: Service)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let Ok(permit) = Arc::clone(&app.open).acquire_owned().await else {
        return;
    };
    let Some(peer) = admit(&app, address, permit) else {
        return;
    };
    let _alive = app.shutdown.alive();
    serve(&app, stream, peer, service).await;
}

async fn serve<S>(app: &App, stream: S, peer: Peer, service: Service)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let address = peer.address;
    let is_local = address.ip().to_canonical().is_loopback();
    let router = if is_local {
        service.local
    } else {
        service.remote
    };
    // Under TLS, so that what counts is what the socket takes.
    let stream = WriteDeadline::new(stream, peer.deadline.clone());
    match service.tls {
        None => serve_http(app, stream, peer, router).await,
        Some(tls) => match timeout(PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_http(app, stream, peer, router).await,
            Ok(Err(error)) => tracing::debug!(%address, %error, "no TLS"),
            Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
        },
    }
}

async fn serve_http<S>(app: &App, stream: S, peer: Peer, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let hang_up = Arc::clone(&peer.hang_up);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HTTP_BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut shutdown = app.shutdown.subscribe();
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = hang_up.notified() => return,
        () = shutdown.begun() => {
            connection.as_mut().graceful_shutdown();
            // Event streams are told in their turn.
            match timeout(app.config.limits.drain + DRAIN, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended");
    }
}

/// The other end of a connection that `permit` counts; none where its address has all the sockets that it may have.
fn admit(app: &App, address: SocketAddr, permit: OwnedSemaphorePermit) -> Option<Peer> {
    let of_address = if app.proxies.trusts(address.ip()) {
        None
    } else {
        match app.sockets.admit(address.ip()) {
            Ok(guard) => Some(guard),
            Err(full) => {
                app.around.metrics.dropped.count("address");
                tracing::debug!(%address, limit = full.limit, "an address has too many sockets");
                return None;
            }
        }
    };
    Some(Peer::new(address, Open::new(permit, of_address)))
}
