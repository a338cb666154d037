//! A running relay: its start and its end.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use chat_relay_protocol::rest::Info;
use time::OffsetDateTime;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use crate::{
    app::App,
    certificates::{Authority, addresses, tls},
    config::Config,
    error::Error,
    http::{
        listener::{self, Service},
        origin::Origins,
        page::Page,
    },
    rate_limit::RateLimit,
    rooms::{Hub, RoomSettings},
    routes,
    shutdown::Shutdown,
    store::Store,
    trust::{self, Trust},
};

/// A running relay. Dropping it stops it without waiting; [`Relay::shutdown`] waits.
#[derive(Debug)]
pub struct Relay {
    app: Arc<App>,
    http_address: SocketAddr,
    https_address: Option<SocketAddr>,
    fingerprint: Option<String>,
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
        let at = SocketAddr::new(config.bind, config.port);
        let (plain, http_address) = bind_to(at, "--port").await?;
        let limits = &config.limits;
        let hub = Hub::new(RoomSettings {
            members: limits.members_per_room,
            presence_interval: limits.presence_interval,
        });
        let store = Store::open(&config.data, limits, Box::new(hub.on_commit()))?;
        let secure = Secure::open(&config).await?;
        let app = Arc::new(App {
            store,
            hub,
            origins,
            join_limit: RateLimit::new(limits.join_burst, limits.join_refill_per_sec),
            page,
            info: info(&config, http_address, secure.as_ref()),
            shutdown: Shutdown::new(),
            config,
        });
        let (listeners, https_address, fingerprint) = serve(&app, plain, secure);
        Ok(Self {
            app,
            http_address,
            https_address,
            fingerprint,
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

/// HTTPS before it serves.
struct Secure {
    listener: TcpListener,
    address: SocketAddr,
    tls: TlsAcceptor,
    /// The relay's own, unless the operator gave a certificate.
    authority: Option<Authority>,
    /// This machine's addresses for others that the certificate may stand for.
    addresses: Vec<IpAddr>,
}

impl Secure {
    /// HTTPS where `config` asks for it.
    async fn open(config: &Config) -> Result<Option<Self>, Error> {
        if !config.lan && config.tls.is_none() {
            return Ok(None);
        }
        let mut addresses = if config.lan {
            addresses::of_this_machine()
        } else {
            Vec::new()
        };
        let (tls, authority) = match &config.tls {
            Some(files) => (tls::of_files(files)?, None),
            None => {
                addresses.retain(|address| addresses::is_local(*address));
                let folder = config.data.join("certificates");
                let authority = Authority::open(&folder, &addresses, OffsetDateTime::now_utc())?;
                (tls::of_authority(&authority, &folder)?, Some(authority))
            }
        };
        let at = SocketAddr::new(config.bind, config.https_port);
        let (listener, address) = bind_to(at, "--https-port").await?;
        Ok(Some(Self {
            listener,
            address,
            tls,
            authority,
            addresses,
        }))
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
    plain: TcpListener,
    secure: Option<Secure>,
) -> (Vec<JoinHandle<()>>, Option<SocketAddr>, Option<String>) {
    let open = Arc::new(Semaphore::new(app.config.limits.connections));
    let listen = |listener, service| {
        tokio::spawn(listener::listen(
            Arc::clone(app),
            listener,
            service,
            Arc::clone(&open),
        ))
    };
    let router = routes::router(app);
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

async fn bind_to(
    address: SocketAddr,
    flag: &'static str,
) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source: io::Error| {
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
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
