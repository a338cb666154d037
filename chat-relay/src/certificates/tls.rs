//! TLS configurations, from the relay's own leaf or from the operator's files.

use std::{path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

use super::Authority;
use crate::{config::TlsFiles, error::Error};

/// TLS with the leaf of `authority`, whose files lie in `folder`.
///
/// # Errors
/// [`Error::Authority`] when certificate and key do not fit.
pub(crate) fn of_authority(authority: &Authority, folder: &Path) -> Result<TlsAcceptor, Error> {
    let (chain, key) = authority.chain_and_key();
    acceptor(chain, key).map_err(|error| Error::Authority {
        path: folder.to_path_buf(),
        reason: error.to_string(),
    })
}

/// TLS with the operator's certificate.
///
/// # Errors
/// [`Error::Certificate`] with the file that cannot be used.
pub(crate) fn of_files(files: &TlsFiles) -> Result<TlsAcceptor, Error> {
    let bad = |path: &Path, reason: String| Error::Certificate {
        path: path.to_path_buf(),
        reason,
    };
    let path = files.certificate.as_path();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| bad(path, error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(path, "it holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| bad(&files.key, error.to_string()))?;
    acceptor(chain, key).map_err(|error| bad(path, error.to_string()))
}

fn acceptor(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
