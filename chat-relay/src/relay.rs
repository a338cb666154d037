//! A running relay: its start and its end.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::Router;
use chat_relay_protocol::rest::Info;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
    task::JoinHandle,
};

use crate::{
    address_limits::AddressLimits,
    app::App,
    clock::Clock,
    config::Config,
    drain::drain,
    error::Error,
    gateway::sessions::Sessions,
    history::{History, OnGroup, SqliteConfig, SqliteHistory},
    http::{
        client_address::Proxies,
        listener::{self, Service},
        origin::Origins,
        page::Page,
    },
    metrics::Metrics,
    rate_limit::RateLimit,
    room::Surroundings,
    routes,
    secure::{Secure, bind_to},
    shard::Shards,
    shutdown::Shutdown,
    tokens::Tokens,
    trust::{self, Trust},
    upkeep::upkeep,
};

/// So many connections ask for metrics at a time, where they have an address of their own.
const METRICS_CONNECTIONS: usize = 16;
/// So many sockets an address may have beside as many connections as it may have: for the page, calls, handshakes.
const SOCKETS_BESIDE: usize = 64;
/// What a device may spend on hellos at once, and regains in a second: each may have its room loaded.
const HELLO_BURST: u32 = 30;
const HELLO_REFILL_PER_SEC: f64 = 0.5;
/// Where the address for metrics is chosen: there is no flag for it.
const METRICS_BIND: &str = "the key metrics_bind";

/// A running relay. Dropping it stops it without waiting; [`Relay::shutdown`] waits.
pub struct Relay {
    app: Arc<App>,
    router: Router,
    http_address: SocketAddr,
    https_address: Option<SocketAddr>,
    fingerprint: Option<String>,
    listeners: Vec<JoinHandle<()>>,
}

impl Relay {
    /// Opens the history, listens, and serves in the background of the current tokio runtime, and on further threads
    /// as [`Config::workers`] says.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let metrics = Metrics::new();
        let history = open_history(&config, &metrics)?;
        Self::start_with(config, history, Clock::system(), metrics).await
    }

    /// The same with another history and clock, as tests and simulations have them.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub async fn start_with(
        config: Config,
        history: Arc<dyn History>,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Self, Error> {
        let at = SocketAddr::new(config.bind, config.port);
        let (plain, http_address) = bind_to(at, "--port")?;
        let secure = Secure::open(&config).await?;
        let info = info(&config, http_address, secure.as_ref());
        let app = Arc::new(assemble(config, info, history, clock, metrics)?);
        let router = routes::router(&app);
        let (mut listeners, https_address, fingerprint) = serve(&app, &router, plain, secure);
        if let Some(at) = app.config.metrics_bind {
            let (listener, _) = bind_to(at, METRICS_BIND)?;
            let router = routes::metrics_only(&app);
            let open = Arc::new(Semaphore::new(METRICS_CONNECTIONS));
            let service = Service {
                local: router.clone(),
                remote: router,
                tls: None,
            };
            listeners.push(tokio::spawn(listener::listen(
                Arc::clone(&app),
                listener,
                service,
                open,
            )));
        }
        listeners.push(tokio::spawn(upkeep(Arc::clone(&app))));
        Ok(Self {
            app,
            router,
            http_address,
            https_address,
            fingerprint,
            listeners,
        })
    }

    /// A relay that listens nowhere and is handed its connections by [`Relay::serve`]: for a network of another kind,
    /// as a simulated one. With [`Config::workers`] at 1 all of it runs on the tokio runtime that this is called on,
    /// and by that runtime's time.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub fn without_listener(
        config: Config,
        history: Arc<dyn History>,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Self, Error> {
        let http_address = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let info = info(&config, http_address, None);
        let app = Arc::new(assemble(config, info, history, clock, metrics)?);
        Ok(Self {
            router: routes::router(&app),
            http_address,
            https_address: None,
            fingerprint: None,
            listeners: vec![tokio::spawn(upkeep(Arc::clone(&app)))],
            app,
        })
    }

    /// Serves plain HTTP, and the WebSocket that it may become, on a stream that somebody else accepted. Ends with the
    /// HTTP; a WebSocket goes on in the background. Waits first while there are as many connections as
    /// [`Limits::connections`](crate::Limits::connections) allows.
    pub fn serve<S>(
        &self,
        stream: S,
        peer_address: SocketAddr,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = Service {
            local: self.router.clone(),
            remote: self.router.clone(),
            tls: None,
        };
        listener::serve_one(Arc::clone(&self.app), stream, peer_address, service)
    }

    /// Where plain HTTP is listened on; port 0 where nothing is.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where HTTPS is listened on.
    pub fn https_address(&self) -> Option<SocketAddr> {
        self.https_address
    }

    /// What to open on this machine.
    pub fn url(&self) -> String {
        let mut address = self.http_address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}/")
    }

    /// What to open on other machines of the network, the best first.
    pub fn lan_urls(&self) -> &[String] {
        &self.app.info.lan_urls
    }

    /// Where other devices learn to trust the relay's own authority, if it uses one.
    pub fn trust_url(&self) -> Option<&str> {
        self.app.info.trust_url.as_deref()
    }

    /// SHA-256 of the certificate of the relay's own authority, if it uses one.
    pub fn authority_fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Stops taking connections, tells those that are open, a few at a time, commits what was taken, and ends.
    pub async fn shutdown(mut self) {
        self.app.shutdown.begin();
        let listeners = std::mem::take(&mut self.listeners);
        drain(&self.app).await;
        for listener in listeners {
            let _ = listener.await;
        }
        self.app
            .shutdown
            .wait(self.app.config.limits.shutdown_grace)
            .await;
        if let Err(error) = self.app.around.history.close().await {
            tracing::error!(%error, "the history did not close");
        }
    }
}

/// What the parts share, with the threads that rooms live on started.
fn assemble(
    config: Config,
    info: Info,
    history: Arc<dyn History>,
    clock: Clock,
    metrics: Metrics,
) -> Result<App, Error> {
    let limits = &config.limits;
    let page = Page::of(config.web.as_deref())?;
    let origins = Origins::new(&config.allow_origins)?;
    let tokens = Tokens::open(&config.data, limits.token_lifetime, &config.token_keys)?;
    let addresses = AddressLimits::new(limits.connections_per_address, &limits.address_allowances);
    let around = Surroundings {
        history,
        limits: Arc::new(limits.clone()),
        clock,
        metrics,
    };
    Ok(App {
        shards: Shards::start(other_workers(&config), &around)?,
        tokens,
        origins,
        proxies: Proxies::new(&config.trusted_proxies),
        sockets: addresses.with_spare(SOCKETS_BESIDE),
        addresses,
        join_limit: RateLimit::new(limits.join_burst, limits.join_refill_per_sec),
        hello_limit: RateLimit::new(HELLO_BURST, HELLO_REFILL_PER_SEC),
        open: Arc::new(Semaphore::new(limits.connections)),
        sessions: Sessions::default(),
        page,
        info,
        shutdown: Shutdown::new(),
        around,
        config,
    })
}

/// How many threads serve rooms beside the one that this runs on.
fn other_workers(config: &Config) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if config.workers == 0 {
        cores
    } else {
        config.workers
    };
    workers - 1
}

fn open_history(config: &Config, metrics: &Metrics) -> Result<Arc<dyn History>, Error> {
    let metrics = metrics.clone();
    let on_group: OnGroup = Box::new(move |report| {
        metrics.commit_seconds.observe_duration(report.duration);
        metrics.commit_batch.observe(report.requests as u64);
    });
    let limits = &config.limits;
    let sqlite = SqliteConfig {
        group_entries: limits.commit_batch,
        max_bytes: limits.store_bytes,
        busy_timeout: limits.store_busy_timeout,
        ..SqliteConfig::default()
    };
    Ok(Arc::new(SqliteHistory::open(
        &config.data,
        &sqlite,
        on_group,
    )?))
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.app.shutdown.begin();
    }
}

fn info(config: &Config, http_address: SocketAddr, secure: Option<&Secure>) -> Info {
    let mut info = Info {
        version: env!("CARGO_PKG_VERSION").into(),
        lan_urls: Vec::new(),
        trust_url: None,
    };
    if let Some(url) = &config.public_url {
        info.lan_urls.push(url.clone());
    } else if let Some(secure) = secure {
        let url = |address: &IpAddr| {
            format!(
                "https://{}/",
                SocketAddr::new(*address, secure.address.port())
            )
        };
        info.lan_urls = secure.addresses.iter().map(url).collect();
        let first = secure
            .addresses
            .first()
            .filter(|_| secure.authority.is_some());
        info.trust_url = first.map(|address| {
            format!(
                "http://{}/trust",
                SocketAddr::new(*address, http_address.port())
            )
        });
    }
    info
}

/// Starts the listeners. Without HTTPS, plain HTTP serves everybody that can reach it; with it, this machine
/// only, and others are shown the way.
#[allow(
    clippy::type_complexity,
    reason = "taken apart at once by its one caller"
)]
fn serve(
    app: &Arc<App>,
    router: &Router,
    plain: TcpListener,
    secure: Option<Secure>,
) -> (Vec<JoinHandle<()>>, Option<SocketAddr>, Option<String>) {
    let listen = |listener, service| {
        tokio::spawn(listener::listen(
            Arc::clone(app),
            listener,
            service,
            Arc::clone(&app.open),
        ))
    };
    let router = router.clone();
    let Some(secure) = secure else {
        let service = Service {
            local: router.clone(),
            remote: router,
            tls: None,
        };
        return (vec![listen(plain, service)], None, None);
    };
    let https_port = secure.address.port();
    let (local, remote, fingerprint) = match &secure.authority {
        Some(authority) => {
            let page = Arc::new(Trust::new(authority, https_port));
            (
                router.clone().merge(trust::router(Arc::clone(&page))),
                trust::only(page),
                Some(authority.fingerprint()),
            )
        }
        None => (router.clone(), trust::to_https(https_port), None),
    };
    let plain_service = Service {
        local,
        remote,
        tls: None,
    };
    let tls_service = Service {
        local: router.clone(),
        remote: router,
        tls: Some(secure.tls),
    };
    let listeners = vec![
        listen(plain, plain_service),
        listen(secure.listener, tls_service),
    ];
    (listeners, Some(secure.address), fingerprint)
}
