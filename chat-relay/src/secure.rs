//! Taking a port, and HTTPS before it serves: the certificate of the operator, or one from the relay's own authority.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{
    certificates::{Authority, addresses, tls},
    config::Config,
    error::Error,
    http::bind,
};

/// HTTPS before it serves.
pub(crate) struct Secure {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) tls: TlsAcceptor,
    /// The relay's own, unless the operator gave a certificate.
    pub(crate) authority: Option<Authority>,
    /// This machine's addresses for others that the certificate may stand for.
    pub(crate) addresses: Vec<IpAddr>,
}

impl Secure {
    /// HTTPS where `config` asks for it.
    pub(crate) async fn open(config: &Config) -> Result<Option<Self>, Error> {
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
        let (listener, address) = bind_to(at, "--https-port")?;
        Ok(Some(Self {
            listener,
            address,
            tls,
            authority,
            addresses,
        }))
    }
}

/// Listens on an address; `flag` is the option, or the key, that chooses its port.
///
/// # Errors
/// [`Error::PortInUse`] or [`Error::Listen`].
pub(crate) fn bind_to(
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
    let listener = bind::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
