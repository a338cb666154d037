//! A running relay: what its parts share, its start, and its end.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use chat_relay_protocol::rest::Info;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};

use crate::{
    config::Config,
    error::Error,
    http::{
        self,
        listener::{self, Service},
        origin::Origins,
        page::Page,
    },
    rate_limit::RateLimit,
    rooms::{Hub, RoomSettings},
    shutdown::Shutdown,
    store::Store,
};

/// What the parts of a relay share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) hub: Hub,
    pub(crate) origins: Origins,
    pub(crate) join_limit: RateLimit,
    pub(crate) page: Option<Page>,
    pub(crate) info: Info,
    pub(crate) shutdown: Shutdown,
}

/// A running relay. Dropping it stops it without waiting; [`Relay::shutdown`] waits.
#[derive(Debug)]
pub struct Relay {
    app: Arc<App>,
    http_address: SocketAddr,
    https_address: Option<SocketAddr>,
    listeners: Vec<JoinHandle<()>>,
}

impl Relay {
    /// Opens the store, listens, and serves in the background of the current tokio runtime.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let page = config.web.as_deref().map(Page::open).transpose()?;
        let origins = Origins::new(&config.allow_origins)?;
        let bind = if config.lan {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        } else {
            config.bind
        };
        let plain = bind_to(SocketAddr::new(bind, config.port), "--port").await?;
        let http_address = address_of(&plain, "--port")?;
        let limits = &config.limits;
        let hub = Hub::new(RoomSettings {
            members: limits.members_per_room,
            presence_interval: limits.presence_interval,
        });
        let store = Store::open(&config.data, limits, Box::new(hub.on_commit()))?;
        let app = Arc::new(App {
            store,
            hub,
            origins,
            join_limit: RateLimit::new(limits.join_burst, limits.join_refill_per_sec),
            page,
            info: Info {
                version: env!("CARGO_PKG_VERSION").into(),
                lan_urls: Vec::new(),
                trust_url: None,
            },
            shutdown: Shutdown::new(),
            config,
        });
        let open = Arc::new(Semaphore::new(app.config.limits.connections));
        let router = http::router(&app);
        let service = Service {
            local: router.clone(),
            remote: router,
            tls: None,
        };
        let listeners = vec![tokio::spawn(listener::listen(
            Arc::clone(&app),
            plain,
            service,
            open,
        ))];
        Ok(Self {
            app,
            http_address,
            https_address: None,
            listeners,
        })
    }

    /// Where plain HTTP is listened on.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where HTTPS is listened on.
    pub fn https_address(&self) -> Option<SocketAddr> {
        self.https_address
    }

    /// Stops taking connections, tells those that are open, commits what was taken, and ends.
    pub async fn shutdown(mut self) {
        self.app.shutdown.begin();
        for listener in std::mem::take(&mut self.listeners) {
            let _ = listener.await;
        }
        self.app
            .shutdown
            .wait(self.app.config.limits.shutdown_grace)
            .await;
        self.app.store.close().await;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.app.shutdown.begin();
    }
}

async fn bind_to(address: SocketAddr, flag: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            Error::PortInUse {
                port: address.port(),
                flag,
            }
        } else {
            Error::Listen {
                address,
                flag,
                source,
            }
        }
    })
}

fn address_of(listener: &TcpListener, flag: &'static str) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|source| Error::Listen {
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        flag,
        source,
    })
}
