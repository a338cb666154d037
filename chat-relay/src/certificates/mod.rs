//! Certificates for HTTPS in the local network. A phone gives camera and AR to secure pages only, and no public
//! authority signs for `192.168.1.20`; so the relay has an authority of its own, which people install once.
//!
//! [`addresses`] finds what the machine is called; [`authority`] keeps the authority and the leaf that it signs;
//! [`tls`] makes a TLS configuration from either that leaf or the operator's own files; [`profile`] packs the
//! authority for Apple's devices.
//!
//! The authority can sign for addresses and names that exist in local networks only (name constraints): whoever
//! steals its key cannot pose as a site of the internet.

pub(crate) mod addresses;
pub(crate) mod authority;
pub(crate) mod profile;
pub(crate) mod tls;

pub(crate) use authority::Authority;
